"""Compare two accounts by handle; values that the manifests bind to an account are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.engine.diff import differing_fields
from mjsync.redaction import redact_field
from mjsync.resources import KINDS
from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired
from mjsync.resources.live import Values, value_at


@dataclass(frozen=True, slots=True)
class Side:
    """One account: what could be stated of each live object, by address, and what its own manifests state."""

    name: str
    values: Mapping[Address, Values]
    desired: Desired


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, in manifest words; with an empty path, an object that only `only` has."""

    address: Address
    path: str = ""
    left: Any = None
    right: Any = None
    only: str = ""


def compare_accounts(left: Side, right: Side) -> tuple[list[Difference], int]:
    """Return every difference by address, and how many were set aside because the manifests bind them to an account."""
    differences: list[Difference] = []
    aside = 0
    for address in sorted({*left.values, *right.values}):
        if address not in left.values or address not in right.values:
            only = left.name if address in left.values else right.name
            differences.append(Difference(address, only=only))
            continue
        ours, theirs = left.values[address], right.values[address]
        bound = _bound(address, left.desired, right.desired)
        for path in _paths(address.kind, ours, theirs):
            if path.partition(".")[0] in bound:
                aside += 1
            else:
                differences.append(Difference(address, path, *(_shown(address, side, path) for side in (ours, theirs))))
    return differences, aside


def _paths(kind: str, ours: Values, theirs: Values) -> list[str]:
    """Return the dotted paths that differ, those included that only one side states."""
    there = differing_fields(KINDS[kind], ours, theirs)
    back = differing_fields(KINDS[kind], theirs, ours)
    return list(dict.fromkeys((*there, *back)))


def _bound(address: Address, left: Desired, right: Desired) -> set[str]:
    """Return the words that two environments' manifests state differently, or by a variable or a remote id."""
    ours, theirs = left.entries.get(address), right.entries.get(address)
    if ours is None or theirs is None:
        return set()
    secret = {path.partition(".")[0] for path in ours.secrets | theirs.secrets}
    both = (
        (word, read_bodies(ours.values.get(word)), read_bodies(theirs.values.get(word)))
        for word in {**ours.values, **theirs.values}
    )
    return {word for word, mine, other in both if mine != other or word in secret or next(references(mine), None)}


def _shown(address: Address, values: Values, path: str) -> Any:
    """Return the value at a path, without the credentials of a URL that is called."""
    return redact_field(value_at(values, path), path, is_url=KINDS[address.kind].has_credentials(path))
