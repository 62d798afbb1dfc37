"""Digests: what was reviewed, as a hash that any machine makes the same."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from mjsync.engine.plan import Change, FieldChange


def step_digest(change: Change, account: int | None) -> str:
    """SHA-256 over account, address, action, object id and each field's before and after.

    References enter as the manifest writes them, secrets as their tag; runtime fields, notes and the order do not.
    """
    return _digest(
        {
            "account": account,
            "address": str(change.address),
            "action": change.action.value,
            "id": change.live.id if change.live else None,
            "fields": [_field(field) for field in sorted(change.fields, key=lambda field: field.path)],
        }
    )


def plan_digest(steps: Iterable[str]) -> str:
    """SHA-256 over the sorted digests of the steps."""
    return _digest(sorted(steps))


def _field(change: FieldChange) -> dict[str, Any]:
    if change.secret:
        return {"path": change.path, "before": change.before_tag, "after": change.after_tag}
    after = change.after if change.stated is None else change.stated
    return {"path": change.path, "before": change.before, "after": after}


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
