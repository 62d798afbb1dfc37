"""Read the account: the listings of the kinds in scope, all at once, and the id of the key."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from mjsync.engine.scope import Scope
from mjsync.errors import AuthFailed, Finding, Forbidden, NotFound, PlanError, Refused, Rejected
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired
from mjsync.resources.live import Live, Reader, Row

PREFETCHED = 4
"""Contents that are fetched for each request in flight before all listings are read: that takes a few round trips."""

Filters = tuple[tuple[str, str], ...]

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Account:
    """The live objects of the kinds that were read, in reading order, and the numeric id of the key.

    `refused` holds the kinds that this key may not read, with the reason.
    """

    id: int | None
    live: Mapping[str, Sequence[Live]]
    refused: Mapping[str, Finding] = field(default_factory=dict)

    @property
    def objects(self) -> Iterator[Live]:
        """Every live object that was read."""
        return (live for objects in self.live.values() for live in objects)


def read_account(kinds: Collection[str], reader: Reader, scope: Scope) -> Account:
    """Return the listings of these kinds. Raises ApiError where one fails: what cannot be read is never absent.

    Only a kind this key may not use, beside others that it may, is set apart. Raises Refused for another account than
    the one that the scope names, and PlanError where nobody can say which objects are this key's.
    """
    in_order = [kind for kind in KINDS if kind in kinds]
    scope.on_progress("account", 0, len(in_order))
    with ThreadPoolExecutor(scope.concurrency) as pool:
        owner = pool.submit(_key_id, reader, scope.api_key)
        listings = {kind: pool.submit(_listing, reader, kind) for kind in in_order}
        live: dict[str, list[Live]] = {}
        refused: dict[str, AuthFailed | Forbidden] = {}
        for done, (kind, listing) in enumerate(listings.items(), 1):
            try:
                live[kind] = listing.result()
            except (AuthFailed, Forbidden) as error:
                refused[kind] = error
            scope.on_progress("account", done, len(in_order))
        account = owner.result()
    if refused and not live:
        raise next(iter(refused.values()))
    account = account if account is not None else _owner_of_objects(live)
    own = {
        kind: [live_object for live_object in objects if live_object.owner in (None, account)]
        for kind, objects in live.items()
    }
    check_account_pin(account, scope)
    return Account(account, own, {kind: error.findings[0] for kind, error in refused.items()})


def check_account_pin(account: int | None, scope: Scope) -> None:
    """Refuse any account but the pinned one. Raises Refused."""
    if scope.account_pin in (None, account):
        return
    is_which = "is not known" if account is None else f"is {account}"
    message = f"environment {scope.environment} is pinned to account {scope.account_pin}, and this key's id {is_which}"
    way_out = "Use the keys of that account, or correct `account:` in mjsync.yaml."
    raise Refused([Finding("wrong-account", message, way_out)])


def unknown_account_warning(account: Account) -> Iterator[Finding]:
    """Yield a warning where the id of the account is not known: then no pin can be checked."""
    if account.id is None:
        message = "the numeric id of this API key could not be read: it is not known which account this is"
        yield Finding("account-unknown", message, "Use a key that may read its own row (apikey).", "warning")


@contextmanager
def prefetching(reader: Reader, desired: Desired, scope: Scope) -> Iterator[Reader]:
    """Yield a reader that fetches contents of declared objects as soon as their row is read, the first few of them."""
    if scope.targets:
        yield reader
        return
    with ThreadPoolExecutor(scope.concurrency) as pool:
        try:
            yield _Prefetching(reader, desired, pool, scope.concurrency * PREFETCHED)
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(slots=True)
class _Prefetching:
    """A Reader; its `left` bounds what is held in memory until it is compared."""

    reader: Reader
    desired: Desired
    pool: ThreadPoolExecutor
    left: int
    _started: dict[str, Future[Row]] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Yield each object of a collection."""
        kinds = (kind for kind in KINDS.values() if kind.content_path and kind.rename_field)
        kind = next((kind for kind in kinds if kind.endpoint == endpoint), None)
        declared = {entry.key for entry in self.desired.of_kind(kind.name)} if kind else ()
        for row in self.reader.rows(endpoint, filters):
            if kind and self.left and kind.is_live(row) and kind.from_wire(row).key in declared:
                self.left -= 1
                path = kind.content_path.format(id=row["ID"])
                self._started[path] = self.pool.submit(self.reader.get, path)
            yield row

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        started = self._started.pop(path, None)
        return started.result() if started else self.reader.get(path)


def map_concurrently(work: Callable[[Item], Made], items: Sequence[Item], scope: Scope, what: str) -> Iterator[Made]:
    """Do the work on each item, and yield the results in the order of the items while it goes on.

    It is done in threads, unless only one request may be in flight.
    """
    if not items:
        return
    with ThreadPoolExecutor(scope.concurrency) as pool:
        results = pool.map(work, items) if scope.concurrency > 1 else map(work, items)
        for done, result in enumerate(results, 1):
            scope.on_progress(what, done, len(items))
            yield result


def _listing(reader: Reader, kind: str) -> list[Live]:
    return list(KINDS[kind].list_live(reader))


def _key_id(reader: Reader, api_key: str) -> int | None:
    """Return the numeric id of the key; everything else in that row is dropped at once, since it holds the secret key.

    Source: mjsync/docs/mailjet-api.md, sections 16.1 and 18.
    """
    if not api_key:
        return None
    try:
        return int(reader.get(f"apikey/{quote(api_key, safe='')}")["ID"])
    except (AuthFailed, Forbidden, NotFound, Rejected, KeyError):
        return None


def _owner_of_objects(live: Mapping[str, Sequence[Live]]) -> int | None:
    """Return the API key that the objects name, None where they name none. Raises PlanError where there are several."""
    owners = {live_object.owner for objects in live.values() for live_object in objects} - {None}
    if len(owners) > 1:
        message = "the account shows objects of several API keys, and which of them is this one could not be read"
        raise PlanError([Finding("account-unknown", message, "Use a key that may read its own row (apikey).")])
    return owners.pop() if owners else None


@dataclass(slots=True)
class CachingReader:
    """A Reader that sends each request once, and keeps the answer, or that there was none.

    `listings` are by endpoint and filters, `objects` by path. With `endpoints`, only the listings of these are kept.
    """

    reader: Reader
    endpoints: frozenset[str] | None = None
    listings: dict[tuple[str, Filters], list[Row]] = field(default_factory=dict)
    objects: dict[str, Row | NotFound] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Return each object of a collection."""
        if self.endpoints is not None and endpoint not in self.endpoints:
            return self.reader.rows(endpoint, filters)
        key = (endpoint, tuple(sorted(filters.items())))
        if key not in self.listings:
            self.listings[key] = list(self.reader.rows(endpoint, filters))
        return iter(self.listings[key])

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        if self.endpoints is not None:
            return self.reader.get(path)
        if path not in self.objects:
            try:
                self.objects[path] = self.reader.get(path)
            except NotFound as error:
                self.objects[path] = error
        kept = self.objects[path]
        if isinstance(kept, NotFound):
            raise kept
        return kept
