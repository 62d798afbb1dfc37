"""A plan as it may leave the machine: every text in it passed through what masks secrets, before any escaping."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mjsync.engine.plan import Change, FieldChange, Guard, Plan, Result, UnreadableKind
from mjsync.errors import Finding

Mask = Callable[[str], str]
"""A text without the secrets in it."""


def redact_plan(plan: Plan, mask: Mask) -> Plan:
    """The plan with every text it shows masked; what steps are made from stays, and is not to be shown."""
    return replace(
        plan,
        changes=tuple(_change(change, mask) for change in plan.changes),
        guards=tuple(_guard(guard, mask) for guard in plan.guards),
        warnings=tuple(redact_finding(finding, mask) for finding in plan.warnings),
        unreadable=tuple(_unreadable(kind, mask) for kind in plan.unreadable),
    )


def redact_results(results: tuple[Result, ...], mask: Mask) -> tuple[Result, ...]:
    """The same for how steps ended."""
    return tuple(
        replace(
            result,
            change=_change(result.change, mask),
            error=result.error and redact_finding(result.error, mask),
            warnings=tuple(redact_finding(warning, mask) for warning in result.warnings),
        )
        for result in results
    )


def redact_finding(finding: Finding, mask: Mask) -> Finding:
    """The same for one finding."""
    address = finding.address and mask(finding.address)
    return replace(finding, message=mask(finding.message), way_out=mask(finding.way_out), address=address)


def _change(change: Change, mask: Mask) -> Change:
    return replace(
        change,
        name=mask(change.name),
        address=replace(change.address, handle=mask(change.address.handle)),
        fields=tuple(_field(field, mask) for field in change.fields),
        notes=tuple(mask(note) for note in change.notes),
        live=change.live and replace(change.live, name=mask(change.live.name)),
    )


def _field(field: FieldChange, mask: Mask) -> FieldChange:
    return replace(field, path=mask(field.path), before=_value(field.before, mask), after=_value(field.after, mask))


def _value(value: Any, mask: Mask) -> Any:
    if isinstance(value, list):
        return [_value(item, mask) for item in value]
    return mask(value) if isinstance(value, str) else value


def _guard(guard: Guard, mask: Mask) -> Guard:
    return replace(guard, address=mask(guard.address), message=mask(guard.message), allow=mask(guard.allow))


def _unreadable(kind: UnreadableKind, mask: Mask) -> UnreadableKind:
    return replace(kind, reason=redact_finding(kind.reason, mask))
