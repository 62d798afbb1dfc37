"""Approvals in manifests: which of them count, and the guards that they lift."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mjsync.engine.plan import Change, Guard, Plan
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


def lift(guards: Sequence[Guard], changes: Sequence[Change], approvals: Sequence[ManifestApproval]) -> Iterator[Guard]:
    """Yield each guard, those that an approval allows as lifted, with the reason."""
    by_address = {str(change.address): change for change in changes}
    for guard in guards:
        allowed = (each for each in approvals if _allows(each, guard, by_address.get(guard.address)))
        approval = None if guard.lifted else next(allowed, None)
        if approval is None:
            yield guard
        else:
            end = f" until {approval.until}" if approval.until else ""
            message = f"{guard.message}; approved in {approval.location}{end}: {approval.reason}"
            yield replace(guard, message=message, lifted=True)


def unmatched_approvals(scope: Scope, plan: Plan) -> Iterator[Finding]:
    """Yield a warning for each approval of an address that nothing in the whole plan is about."""
    known = {str(change.address) for change in plan.changes} | {warning.address for warning in plan.warnings}
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
