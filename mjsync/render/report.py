"""The report that every format writes: a plan, and the results of its steps once it was applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from mjsync.engine.plan import Change, Guard, Plan, Result
from mjsync.errors import Finding
from mjsync.redaction import redact_texts
from mjsync.render.mail import is_mail
from mjsync.render.wording import affected_people, apply_outcome


@dataclass(frozen=True)
class Report:
    """A plan, its results if it was applied, and the path of the receipt.

    `nothing_to_do`: this is the report of an apply without a step, which has neither results nor a receipt.
    """

    plan: Plan
    results: tuple[Result, ...] = ()
    receipt: str | None = None
    version: str = ""
    nothing_to_do: bool = False

    @property
    def is_applied(self) -> bool:
        """Whether this is the report of an apply."""
        return bool(self.results) or self.nothing_to_do

    def result(self, change: Change) -> Result | None:
        """Return the result of a step; None if nothing was applied."""
        return self._ended.get(str(change.address))

    @cached_property
    def _ended(self) -> Mapping[str, Result]:
        return {str(result.change.address): result for result in self.results}

    def redacted(self, redact: Callable[[str], str]) -> "Report":
        """Copy the report with every text it shows redacted; entries and live fields stay as they are."""
        plan: Plan = redact_texts(self.plan, redact)
        results: tuple[Result, ...] = redact_texts(self.results, redact)
        changes = tuple(_with_live_name(change, redact) for change in plan.changes)
        ended = tuple(replace(result, change=_with_live_name(result.change, redact)) for result in results)
        return replace(self, plan=replace(plan, changes=changes), results=ended)

    @property
    def standing(self) -> tuple[Guard, ...]:
        """The guards that refuse the plan."""
        return tuple(guard for guard in self.plan.guards if not guard.lifted)

    @property
    def approved(self) -> tuple[Guard, ...]:
        """The guards that an approval lifts."""
        return tuple(guard for guard in self.plan.guards if guard.lifted)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The warnings of the plan, and those of its steps."""
        return (*self.plan.warnings, *(warning for result in self.results for warning in result.warnings))

    def by_urgency(self) -> list[Change]:
        """Return the changes: refused, failed, irreversible, with contacts, others; mails first, Mailjet's own last."""
        refused = {guard.address for guard in self.standing}

        def urgency(change: Change) -> tuple[bool, int, bool, int]:
            result = self.result(change)
            reasons = (
                str(change.address) in refused,
                result is not None and result.error is not None,
                change.risk == "irreversible",
                bool(affected_people(change)),
            )
            place = next((place for place, reason in enumerate(reasons) if reason), len(reasons))
            return change.origin == "theirs", place, not is_mail(change), change.step

        return sorted(self.plan.changes, key=urgency)

    def consequences(self) -> list[tuple[str, str]]:
        """Address and consequence of each change that cannot be undone or touches people and that no guard refuses."""
        refused = {guard.address for guard in self.standing}
        found = []
        for change in self.plan.changes:
            people = affected_people(change)
            reasons = [f"touches {people}"] if people else []
            reasons += ["cannot be undone"] if change.risk == "irreversible" else []
            if reasons and str(change.address) not in refused:
                found.append((str(change.address), f"{change.action.value}: {' and '.join(reasons)}"))
        return found

    @property
    def title(self) -> str:
        """The title of the report: `mjsync plan: staging`."""
        command = "apply" if self.is_applied else "drift" if self.plan.is_drift else "plan"
        return f"mjsync {command}: {self.plan.environment}"

    @property
    def status(self) -> str:
        """The state at a glance: `good`, `open` or `bad`."""
        if self.results:
            return "good" if all(result.status == "applied" for result in self.results) else "bad"
        return "bad" if self.standing else "open" if self.plan.changes else "good"

    @property
    def end(self) -> str:
        """How a plan that could be made, or an apply without failures, ended, in a word or two."""
        if self.results:
            return "applied"
        if self.standing:
            return "refused"
        return ("drifted" if self.plan.is_drift else "planned") if self.plan.changes else "in sync"

    @property
    def summary(self) -> str:
        """The state in a word or two."""
        if self.results:
            return apply_outcome(self.results)
        if self.standing:
            return "Refused"
        pending = "Drift" if self.plan.is_drift else "Changes pending"
        return pending if self.plan.changes else "In sync"


def _with_live_name(change: Change, redact: Callable[[str], str]) -> Change:
    return replace(change, live=change.live and replace(change.live, name=redact(change.live.name)))
