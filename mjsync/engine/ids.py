"""Handle to remote id, for the code that sends."""

from dataclasses import replace

from mjsync.engine.match import match
from mjsync.engine.read import Account, check_account_pin, read
from mjsync.engine.scope import Scope
from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Reader


def ids_of(desired: Desired, reader: Reader, scope: Scope) -> tuple[dict[Address, int], tuple[Finding, ...]]:
    """Address to remote id of each declared object that is live, and a warning for each that is not."""
    account = read(desired.kinds, reader, scope)
    check_account_pin(account, scope)
    pairs = match(desired, account.live).pairs
    missing = tuple(
        _missing(account, entry) for address, entry in sorted(desired.entries.items()) if address not in pairs
    )
    return {address: live.id for address, live in pairs.items()}, missing


def _missing(account: Account, entry: Entry) -> Finding:
    """Why an entry has no id: its object is not there, or its kind could not be read."""
    reason = account.refused.get(entry.address.kind)
    if reason:
        return replace(reason, severity="warning", address=str(entry.address), location=entry.location)
    address = str(entry.address)
    return Finding("not-live", "is not on the account yet", "Run `mjsync apply`.", "warning", address, entry.location)
