"""Order changes: what a change needs comes first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from mjsync.engine.plan import Action, Change
from mjsync.errors import Finding, PlanError
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import read_bodies
from mjsync.resources.entry_model import RefersTo, fields_with
from mjsync.resources.live import Values

Sorter = TopologicalSorter[Address]


def ordered(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes with their needs, in an order that keeps them; equal input gives equal order.

    Live objects may contain each other's ids: where all needs together form a cycle, those on live ids are dropped.
    Raises PlanError for a cycle that is left, and for two changes of one address.
    """
    by_address: dict[Address, Change] = {}
    doubles = [change for change in changes if by_address.setdefault(change.address, change) is not change]
    if doubles:
        message = "two changes of the plan have this address"
        way_out = "Rename one of the two objects in Mailjet, then plan again."
        raise PlanError(Finding("ambiguous", message, way_out, address=str(change.address)) for change in doubles)
    index = _Index(changes)
    try:
        needs, sorter = _sorted({change.address: index.needs(change) for change in changes})
    except CycleError:
        try:
            needs, sorter = _sorted({change.address: index.needs(change, is_firm=True) for change in changes})
        except CycleError as error:
            circle = " → ".join(str(address) for address in error.args[1])
            message = f"these changes need each other: {circle}"
            way_out = "Break the cycle; apply in two steps if names are swapped."
            raise PlanError([Finding("cycle", message, way_out)]) from None
    result: list[Change] = []
    ready: list[tuple[bool, int, Address]] = []
    while sorter.is_active():
        for address in sorter.get_ready():
            heappush(ready, _rank(by_address[address]))
        address = heappop(ready)[-1]
        result.append(replace(by_address[address], needs=tuple(needs[address]), step=len(result) + 1))
        sorter.done(address)
    return tuple(result)


def _sorted(needs_of: Mapping[Address, Iterable[Address]]) -> tuple[dict[Address, list[Address]], Sorter]:
    """Return the needs without duplicates, and their sorter. Raises CycleError."""
    needs = {address: sorted(set(others)) for address, others in needs_of.items()}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    return needs, sorter


def referenced_names(kind: Kind, values: Values) -> Iterator[tuple[str, str]]:
    """Yield each (kind, remote name) that the text of these fields names."""
    for name in fields_with(kind.model, RefersTo):
        text = read_bodies(values.get(name))
        for role in kind.spec(name).roles:
            if isinstance(role, RefersTo) and isinstance(text, str):
                yield from ((role.kind, name) for name in role.names(text))


class _Index:
    """Index of what each change creates, frees and uses, to find the needs of a change."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._is_new: dict[Address, bool] = {
            change.address: change.action in (Action.CREATE, Action.REPLACE) for change in changes if change.entry
        }
        self._named: dict[tuple[str, str], Address] = {}
        self._freed: dict[tuple[str, str], Address] = {}
        self._users: dict[tuple[str, str], list[Address]] = {}
        deleting = any(change.action is Action.DELETE for change in changes)
        for change in changes:
            kind = change.kind.name
            if change.entry:
                self._named[kind, change.entry.key] = change.address
            if change.live and change.action in (Action.RENAME, Action.DELETE):
                self._freed[kind, change.live.key] = change.address
            if deleting and change.live and change.action is not Action.CREATE:
                for used in referenced_names(change.kind, change.live.fields):
                    self._users.setdefault(used, []).append(change.address)

    def needs(self, change: Change, *, is_firm: bool = False) -> Iterator[Address]:
        """Yield what comes before a change: what it refers to, what frees its key, what still uses what it deletes.

        A reference to an object that already exists is not a firm need.
        """
        kind = change.kind.name
        if change.entry:
            for target in change.references:
                is_new = self._is_new.get(target, False)
                if is_new or (target in self._is_new and target != change.address and not is_firm):
                    yield target
            yield from (self._named[used] for used in change.named if used in self._named)
            if change.action in (Action.CREATE, Action.RENAME) and (kind, change.entry.key) in self._freed:
                yield self._freed[kind, change.entry.key]
        if change.action is Action.DELETE and change.live:
            yield from self._users.get((kind, change.live.key), [])


def _rank(change: Change) -> tuple[bool, int, Address]:
    """Sort creates and updates in the order of kinds, then deletes in the reverse."""
    deletes = change.action is Action.DELETE
    return deletes, -change.kind.order if deletes else change.kind.order, change.address
