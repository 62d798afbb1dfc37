"""Values that a read-only kind should vouch for: a plan warns where it does not, and writes nothing there."""

from collections.abc import Iterator, Mapping

from mjsync.engine.read import Account
from mjsync.errors import Finding
from mjsync.resources import KINDS, READ_ONLY_KINDS
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.field_roles import VerifiedBy


def kinds_to_verify(desired: Desired) -> frozenset[str]:
    """The read-only kinds that stated values refer to."""
    return frozenset(kind for _, _, kind in _values(desired))


def unverified_values(desired: Desired, account: Account) -> Iterator[Finding]:
    """A warning for each stated value that nothing vouches for, and for each read-only kind that could not be read."""
    for name in sorted(READ_ONLY_KINDS.keys() & account.refused.keys()):
        reason = account.refused[name]
        message = f"{name}s could not be read, so that what names them is not checked: {reason.message}"
        yield Finding(f"unread-{name}", message, reason.way_out, "warning")
    for entry, value, name in _values(desired):
        kind = KINDS[name]
        if name in account.live and not kind.verifies(value, account.live[name]):
            message, way_out = kind.unverified_message(value)
            yield Finding(f"unknown-{name}", message, way_out, "warning", str(entry.address), entry.location)


def _values(desired: Desired) -> Iterator[tuple[Entry, str, str]]:
    for entry in desired.entries.values():
        for word, spec in entry.kind.specs().items():
            role, value = spec.role(VerifiedBy), entry.values.get(word)
            if role and isinstance(value, Mapping):
                value = value.get(role.part)
            if role and isinstance(value, str) and value:
                yield entry, value, role.kind
