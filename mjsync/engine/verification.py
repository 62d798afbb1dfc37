"""Warn of stated values that another kind of the account does not confirm, as a sender confirms an address."""

from collections.abc import Iterator, Mapping

from mjsync.engine.read import Account
from mjsync.errors import Finding
from mjsync.resources import KINDS
from mjsync.resources.base import VerifyingKind
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.field_roles import VerifiedBy


def kinds_to_verify(desired: Desired) -> frozenset[str]:
    """The kinds that confirm stated values."""
    return frozenset(kind for _, _, kind in _values(desired))


def unverified_values(desired: Desired, account: Account) -> Iterator[Finding]:
    """A warning for each stated value that is not confirmed, and for each kind that could not be read for that."""
    for name in sorted((kinds_to_verify(desired) - desired.kinds_named) & account.refused.keys()):
        reason = account.refused[name]
        message = f"{name}s could not be read, so that values that refer to them are not checked: {reason.message}"
        yield Finding(f"unread-{name}", message, reason.way_out, "warning")
    for entry, value, name in _values(desired):
        kind = KINDS[name]
        if isinstance(kind, VerifyingKind) and name in account.live and not kind.verifies(value, account.live[name]):
            message, way_out = kind.unverified_message(value)
            address = str(entry.address)
            yield Finding(f"unknown-{name}", message, way_out, "warning", address, entry.location, f"{name}:{value}")


def _values(desired: Desired) -> Iterator[tuple[Entry, str, str]]:
    for entry in desired.entries.values():
        for word, spec in entry.kind.specs().items():
            role, value = spec.role(VerifiedBy), entry.values.get(word)
            if role and isinstance(value, Mapping):
                value = value.get(role.part)
            if role and isinstance(value, str) and value:
                yield entry, value, role.kind
