"""Approvals: of single changes, in manifests and by options, and of a whole plan, by the digest of the reviewed one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mjsync.engine.plan import Action, Change, Guard, Plan, plan_digest
from mjsync.engine.scope import Scope
from mjsync.errors import Finding
from mjsync.resources.desired import Desired, ManifestApproval

_LIFTS: Mapping[str, frozenset[str]] = {
    "delete": frozenset({"people", "lookalike", "conflict", "drift"}),
    "replace": frozenset({"people", "replace"}),
    "overwrite": frozenset({"conflict", "drift", "editor"}),
    "ratio": frozenset({"ratio"}),
}
"""The codes of the guards that each sort of approval lifts."""


def with_manifest_approvals(scope: Scope, desired: Desired) -> Scope:
    """Return the settings of a plan with the approvals that count, and a warning for each that does not."""
    reasons = [(approval, _why_not(approval, scope)) for approval in desired.approvals]
    valid = tuple(approval for approval, why_not in reasons if not why_not)
    decisions = {each.target: each.action for each in valid if each.action in ("adopt", "overwrite")}
    return replace(
        scope,
        manifest_approvals=valid,
        decisions={**scope.decisions, **decisions},
        warnings=(*scope.warnings, *(_unused(approval, why_not) for approval, why_not in reasons if why_not)),
    )


def lift(guards: Iterable[Guard], changes: Iterable[Change], scope: Scope) -> Iterator[Guard]:
    """Yield each guard, those that an option or a manifest allows as lifted, with the reason of the manifest."""
    by_address = {str(change.address): change for change in changes}
    for guard in guards:
        is_named = guard.code != "ratio" and guard.address in scope.approvals
        allowed = (each for each in scope.manifest_approvals if _allows(each, guard, by_address.get(guard.address)))
        if guard.code != "protected" and (is_named or f"{guard.code}:{guard.address}" in scope.approvals):
            yield replace(guard, lifted=True)
        elif approval := next(allowed, None):
            end = f" until {approval.until}" if approval.until else ""
            message = f"{guard.message}; approved in {approval.location}{end}: {approval.reason}"
            yield replace(guard, message=message, lifted=True)
        else:
            yield guard


def unmatched_approvals(scope: Scope, changes: Iterable[Change], warnings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield a warning for each approval of an address that nothing in the whole plan is about."""
    known = {str(change.address) for change in changes} | {warning.address for warning in warnings}
    for approval in scope.manifest_approvals if not scope.targets else ():
        if approval.action != "ratio" and approval.target not in known:
            yield _unused(approval, "matches nothing in this plan")


def _allows(approval: ManifestApproval, guard: Guard, change: Change | None) -> bool:
    if guard.address != approval.target or guard.code not in _LIFTS.get(approval.action, ()):
        return False
    if approval.action in ("delete", "replace") and (change is None or change.action.value != approval.action):
        return False
    if approval.action == "overwrite" and (change is None or change.action.deletes):
        return False
    if guard.code != "people" or change is None or change.affected_contacts is None:
        return True
    count = change.affected_contacts
    return count.exact and count.number is not None and count.number <= (approval.people or 0)


def _why_not(approval: ManifestApproval, scope: Scope) -> str:
    if approval.until is not None and (scope.today or date.today()) > approval.until:  # noqa: DTZ011 - a day of the user
        return f"has ended on {approval.until}"
    if scope.deployed is None:
        return "does not count: no deployed commit is known, and an approval must be newer than that"
    if approval in scope.deployed.desired.approvals:
        return f"does not count any more: it is part of {scope.deployed.name} already"
    return ""


def _unused(approval: ManifestApproval, why_not: str) -> Finding:
    message = f"the approval to {approval.action} {approval.target} {why_not}"
    return Finding("approval-unused", message, "Remove it.", "warning", location=approval.location)


@dataclass(frozen=True, slots=True)
class ApprovedStep:
    """One step of a reviewed plan; `id` is the object's, None for a create."""

    address: str
    action: Action
    id: int | None
    digest: str
    marks: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved.

    `digest` is the reviewed plan's. `steps` are those that are known: all of them where the plan itself is at hand
    (`is_whole`), else those a receipt of a run so approved tells as begun. `done` are digests of its applied steps.
    """

    digest: str
    account: int | None
    steps: tuple[ApprovedStep, ...] = ()
    done: frozenset[str] = frozenset()
    is_whole: bool = False


def unapproved(plan: Plan, approval: Approval) -> tuple[Guard, ...]:
    """Return a guard for each step that was not approved; nothing on the command line lifts it."""
    steps = {step.address: step for step in approval.steps}
    changes, message = list(plan.changes), ""
    if not approval.is_whole:
        covered = [_covered(change, steps) for change in changes]
        digests = {step.digest if step else change.digest for step, change in zip(covered, changes, strict=True)}
        if not changes or approval.digest in (plan.digest, plan_digest(digests | approval.done)):
            return ()
        message = f"the plan is {plan.digest} now, {approval.digest} was approved"
    elif approval.account != plan.account:
        message = f"the reviewed plan is for account {approval.account}, this key's is {plan.account}"
    else:
        digests = {step.digest for step in approval.steps}
        changes = [each for each in changes if each.digest not in digests and not _covered(each, steps)]
    allow = f"review the plan as it is now, then use --digest {plan.digest}"
    return tuple(
        Guard("digest", str(change.address), message or _what_moved(change, steps.get(str(change.address))), allow)
        for change in changes
    )


def _covered(change: Change, steps: Mapping[str, ApprovedStep]) -> ApprovedStep | None:
    """Return the approved step that contains a change: the same object, each field with the same before and after."""
    step = steps.get(str(change.address))
    if step is None or change.action.deletes or not change.field_digests.items() <= step.marks.items():
        return None
    is_same = change.action is not Action.CREATE and change.live and change.live.id == step.id
    return step if is_same or step.action in (Action.CREATE, Action.REPLACE) else None


def _what_moved(change: Change, step: ApprovedStep | None) -> str:
    """Return how a change differs from the step of its address that was reviewed."""
    if step is None:
        return "is not part of the reviewed plan"
    number, marks, found = change.live.id if change.live else None, change.field_digests, list[str]()
    if change.action is not step.action:
        found.append(f"the review saw {step.action.value}, now it is {change.action.value}")
    if number != step.id:
        then, now = ("no such object" if each is None else f"id {each}" for each in (step.id, number))
        found.append(f"the review saw {then}, now there is {now}")
    if moved := [path for path, (before, _) in marks.items() if step.marks.get(path, (before,))[0] != before]:
        found.append(f"changed on the account since the review: {', '.join(moved)}")
    if desired := [path for path, (_, after) in marks.items() if step.marks.get(path, ("", after))[1] != after]:
        found.append(f"the manifests changed since the review: {', '.join(desired)}")
    if more := [path for path in marks if path not in step.marks]:
        found.append(f"differs now, and did not in the review: {', '.join(more)}")
    return "; ".join(found) or "differs from the reviewed plan"
