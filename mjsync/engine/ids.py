"""Handle to remote id, for the code that sends."""

from mjsync.engine.match import match
from mjsync.engine.read import check_pin, read
from mjsync.engine.scope import Scope
from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader


def ids_of(desired: Desired, reader: Reader, scope: Scope) -> tuple[dict[Address, int], tuple[Finding, ...]]:
    """Address to remote id of each declared object that is live, and a warning for each that is not."""
    account = read(desired.kinds, reader, scope)
    check_pin(account, scope)
    pairs = match(desired, account.live).pairs
    missing = tuple(
        Finding("not-live", "is not on the account yet", "Run `mjsync apply`.", "warning", str(address), entry.place)
        for address, entry in sorted(desired.entries.items())
        if address not in pairs
    )
    return {address: live.id for address, live in pairs.items()}, missing
