"""What breaks if I touch this: who uses an entry, and what it uses, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from mjsync.errors import Place
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.validation.uses import id_usages, part_usages, usages


@dataclass(frozen=True, slots=True)
class Link:
    """One use: who uses what, how it is spelled there, and where."""

    user: Address
    used: Address
    spelling: str
    place: Place


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The uses of one address, and those it makes, in file order; `place` is where it is declared, if it is."""

    address: Address
    place: Place | None
    used_by: tuple[Link, ...]
    uses: tuple[Link, ...]


def neighbours(address: Address, desired: Desired) -> Neighbours | None:
    """Look up both directions; None for what no manifest declares or uses.

    What is used and not declared has its remote name in the address. Raises ManifestError where a file went away.
    """
    named = {(entry.address.kind, entry.key): entry.address for entry in desired.entries.values()}
    every = sorted({link for entry in desired.entries.values() for link in _links(entry, named)}, key=_in_file_order)
    used_by = tuple(link for link in every if link.used == address)
    declared = desired.entries.get(address) or desired.parts.get(address)
    if declared is None and not used_by:
        return None
    uses = tuple(link for link in every if link.user == address)
    return Neighbours(address, declared.place if declared else None, used_by, uses)


def _links(entry: Entry, named: dict[tuple[str, str], Address]) -> Iterator[Link]:
    for usage in usages(entry):
        used = named.get((usage.kind, usage.name), Address(usage.kind, usage.name))
        yield Link(entry.address, used, usage.spelling, usage.place)
    for part, place in part_usages(entry):
        yield Link(entry.address, part, f"${{{part}}}", place)
    for address, place in id_usages(entry):
        yield Link(entry.address, address, f"${{id.{address}}}", place)


def _in_file_order(link: Link) -> tuple[str, int, int, Address, Address]:
    return (link.place.file, link.place.line or 0, link.place.column or 0, link.user, link.used)
