"""What a format shows: a plan, and how its steps ended once it was applied."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from mjsync.engine.plan import Change, Guard, Plan, Result
from mjsync.render.redact import Mask, redact_plan, redact_results
from mjsync.render.to_text import verdict


@dataclass(frozen=True)
class Report:
    """A plan, its results where it was applied, and where the receipt lies."""

    plan: Plan
    results: tuple[Result, ...] = ()
    receipt: str | None = None
    version: str = ""

    def result(self, change: Change) -> Result | None:
        """How a step ended; None where nothing was applied."""
        return self._ended.get(str(change.address))

    @cached_property
    def _ended(self) -> Mapping[str, Result]:
        return {str(result.change.address): result for result in self.results}

    def redacted(self, mask: Mask) -> "Report":
        """The report with every text in it masked."""
        return replace(self, plan=redact_plan(self.plan, mask), results=redact_results(self.results, mask))

    @property
    def standing(self) -> tuple[Guard, ...]:
        """The guards that refuse the plan."""
        return tuple(guard for guard in self.plan.guards if not guard.lifted)

    @property
    def title(self) -> str:
        """What this is a report of: `mjsync plan: staging`."""
        return f"mjsync {'apply' if self.results else 'plan'}: {self.plan.environment}"

    @property
    def status(self) -> str:
        """How it stands for a reader at a glance: `good`, `open` or `bad`."""
        if self.results:
            return "good" if all(result.status == "applied" for result in self.results) else "bad"
        return "bad" if self.standing else "open" if self.plan.changes else "good"

    @property
    def summary(self) -> str:
        """How it stands, in a word or two."""
        if self.results:
            return verdict(self.results)
        if self.standing:
            return "Refused"
        return "Changes pending" if self.plan.changes else "In sync"
