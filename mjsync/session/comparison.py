"""Read two accounts side by side, as `mjsync diff` compares them, and ask each key whose it is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from mjsync.api.pacing import Limits
from mjsync.engine.compare_accounts import Side
from mjsync.engine.match import match
from mjsync.engine.read import check_account_pin, map_concurrently, read, read_account
from mjsync.errors import Finding, MjsyncError
from mjsync.manifest.writing.export import export_entry
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.live import Live
from mjsync.session.environments import MAX_PARALLEL
from mjsync.session.project import Project
from mjsync.session.session import Session

LONGEST_SHOWN_WHOLE = 15
"""Characters of a key of which eight are too many to show; Mailjet's have 32."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Which account the keys of an environment are of; `error` is why that is not known, or not the pinned one."""

    environment: str
    key: str | None = None
    base_url: str | None = None
    account: int | None = None
    error: MjsyncError | None = None


def find_key_owners(project: Project, names: Sequence[str]) -> list[KeyOwner]:
    """Return the masked key and the account of each environment; an error of one is part of its result."""
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        return list(pool.map(lambda name: _key_owner(Session.of(project, name)), names))


def _key_owner(session: Session) -> KeyOwner:
    found = KeyOwner(session.name)
    try:
        found = replace(found, key=_masked(session.keys()[0]))
        found = replace(found, base_url=session.base_url())
        scope = replace(session.scope(), concurrency=2)
        with session.reader(Limits(in_flight=2, retry_budget=5.0)) as client:
            account = read([next(iter(SECTIONS.values())).name], client, scope)
        found = replace(found, account=account.id)
        check_account_pin(account, scope)
    except MjsyncError as error:
        return replace(found, error=error)
    return found


def _masked(key: str) -> str:
    """Return enough of a public key to tell it from others."""
    return f"{key[:4]}…{key[-4:]}" if len(key) > LONGEST_SHOWN_WHOLE else f"{key[:2]}…"


def read_sides(project: Project, names: Sequence[str]) -> list[Side]:
    """Return each account with its objects in manifest words. Raises MjsyncError where a kind cannot be read."""
    sessions = [Session.of(project, name) for name in names]
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        return list(pool.map(_side, sessions))


def _side(session: Session) -> Side:
    desired = session.load()
    scope = session.scope()
    with session.reader() as client:
        account = read_account([kind.name for kind in SECTIONS.values()], client, scope)
        for kind, reason in account.refused.items():
            message = f"{kind} of {session.name} cannot be compared: {reason.message}"
            raise MjsyncError(message, reason.way_out)

        def complete(live: Live) -> Live:
            return KINDS[live.kind].with_content(client, live)

        everything = list(map_concurrently(complete, list(account.objects), scope, ""))
    named = {(live.kind, live.id): address for address, live in match(desired, account.live).pairs.items()}
    values = {}
    for live in everything:
        address = named.get((live.kind, live.id), Address(live.kind, live.key))
        exported = export_entry(live, address.handle, {})
        values[address] = live.fields if isinstance(exported, Finding) else exported.values
    return Side(session.name, values, desired)
