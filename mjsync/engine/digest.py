"""Digests: what was reviewed, as hashes that any machine makes the same."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mjsync.engine.plan import Change, FieldChange

_MARK = 24
"""Hexadecimal digits of a mark: 96 bits, as many as a change of one field in one step needs."""


def with_digest(change: Change, account: int | None) -> Change:
    """The change with the digest of its step and the marks of its fields."""
    return replace(change, digest=step_digest(change, account), field_digests=_field_digests(change))


def step_digest(change: Change, account: int | None) -> str:
    """SHA-256 over account, address, action, object id and each field's before and after.

    Values enter as they compare (order where it does not count, line ends, blanks), references as the manifest writes
    them, secrets as their tag; runtime fields, notes and the order of steps do not enter.
    """
    return _digest(
        {
            "account": account,
            "address": str(change.address),
            "action": change.action.value,
            "id": change.live.id if change.live else None,
            "fields": [[field.path, *_sides(change, field)] for field in _by_path(change)],
        }
    )


def plan_digest(steps: Iterable[str]) -> str:
    """SHA-256 over the sorted digests of the steps."""
    return _digest(sorted(steps))


def _field_digests(change: Change) -> dict[str, tuple[str, str]]:
    return {
        field.path: (value_mark(before), value_mark(after))
        for field in _by_path(change)
        for before, after in [_sides(change, field)]
    }


def _by_path(change: Change) -> list[FieldChange]:
    return sorted(change.fields, key=lambda field: field.path)


def _sides(change: Change, field: FieldChange) -> tuple[Any, Any]:
    if field.secret:
        return field.before_tag, field.after_tag
    after = field.after if field.stated is None else field.stated
    spec = change.kind.spec(field.path)
    return spec.normalized(field.before), spec.normalized(after)


def value_mark(value: Any) -> str:
    """Return a short hash of one normalized value; equal marks mean equal values."""
    return _digest(value).partition(":")[2][:_MARK]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
