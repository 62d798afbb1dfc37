"""Read two accounts side by side, compare them, and ask each key whose it is."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from mjsync.engine.diff import differing_fields
from mjsync.engine.match import match
from mjsync.engine.read import check_account_pin, map_concurrently, read_account
from mjsync.errors import Finding, MjsyncError
from mjsync.manifest.writing.export import export_entry
from mjsync.redaction import redact_field
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired
from mjsync.resources.live import Values, value_at
from mjsync.session.environments import MAX_PARALLEL
from mjsync.session.options import PlanOptions
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


@dataclass(frozen=True, slots=True)
class Side:
    """One account: what could be stated of each live object, by address, and what its own manifests state."""

    name: str
    values: Mapping[Address, Values]
    desired: Desired


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, named as in manifests; with an empty path, an object that only `only` has."""

    address: Address
    path: str = ""
    left: Any = None
    right: Any = None
    only: str = ""


def find_key_owners(project: Project, names: Sequence[str]) -> list[KeyOwner]:
    """Return the masked key and the account of each environment; an error of one is part of its result."""
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        return list(pool.map(lambda name: _key_owner(Session.of(project, name)), names))


def _key_owner(session: Session) -> KeyOwner:
    found = KeyOwner(session.name)
    try:
        found = replace(found, key=_masked(session.keys()[0]))
        found = replace(found, base_url=session.base_url())
        scope = session.scope()
        with session.reader(PlanOptions(concurrency=2, retry_budget=5.0)) as client:
            any_account = replace(scope, concurrency=2, account_pin=None)
            account = read_account([next(iter(SECTIONS.values())).name], client, any_account)
        found = replace(found, account=account.id)
        check_account_pin(account.id, scope)
    except MjsyncError as error:
        return replace(found, error=error)
    return found


def _masked(key: str) -> str:
    """Return enough of a public key to tell it from others."""
    return f"{key[:4]}…{key[-4:]}" if len(key) > LONGEST_SHOWN_WHOLE else f"{key[:2]}…"


def read_sides(project: Project, names: Sequence[str]) -> list[Side]:
    """Return each account with its objects as in manifests. Raises MjsyncError where a kind cannot be read."""
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
        complete = lambda live: KINDS[live.kind].with_content(client, live)  # noqa: E731
        everything = list(map_concurrently(complete, list(account.objects), scope, ""))
    named = {(live.kind, live.id): address for address, live in match(desired, account.live).pairs.items()}
    values = {}
    for live in everything:
        address = named.get((live.kind, live.id), Address(live.kind, live.key))
        exported = export_entry(live, address.handle, {})
        values[address] = live.fields if isinstance(exported, Finding) else exported.values
    return Side(session.name, values, desired)


def compare_accounts(left: Side, right: Side) -> tuple[list[Difference], int]:
    """Compare two accounts by handle: return every difference, and how many values the manifests bind to an account."""
    differences: list[Difference] = []
    aside = 0
    for address in sorted({*left.values, *right.values}):
        if address not in left.values or address not in right.values:
            only = left.name if address in left.values else right.name
            differences.append(Difference(address, only=only))
            continue
        ours, theirs = left.values[address], right.values[address]
        bound = _bound(address, left.desired, right.desired)
        kind = KINDS[address.kind]
        # in both directions: those included that only one side states
        for path in dict.fromkeys((*differing_fields(kind, ours, theirs), *differing_fields(kind, theirs, ours))):
            if path.partition(".")[0] in bound:
                aside += 1
            else:
                differences.append(Difference(address, path, *(_shown(address, side, path) for side in (ours, theirs))))
    return differences, aside


def _bound(address: Address, left: Desired, right: Desired) -> set[str]:
    """Return the fields that two environments' manifests state differently, or by a variable or a remote id."""
    ours, theirs = left.entries.get(address), right.entries.get(address)
    if ours is None or theirs is None:
        return set()
    secret = {path.partition(".")[0] for path in ours.secrets | theirs.secrets}
    both = (
        (field, read_bodies(ours.values.get(field)), read_bodies(theirs.values.get(field)))
        for field in {**ours.values, **theirs.values}
    )
    return {field for field, mine, other in both if mine != other or field in secret or next(references(mine), None)}


def _shown(address: Address, values: Values, path: str) -> Any:
    """Return the value at a path, without the credentials of a URL that is called."""
    return redact_field(value_at(values, path), path, is_url=KINDS[address.kind].has_credentials(path))
