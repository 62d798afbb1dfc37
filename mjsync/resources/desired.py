"""What the manifests of one environment declare, each value with its location."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple

from mjsync.errors import Finding, Location, Severity, has_errors
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import Body, SourcePosition
from mjsync.resources.entry_model import EntryModel
from mjsync.resources.live import Values


class Locale(NamedTuple):
    """One locale of an entry that has several: the handle of the entry and the key of the locale.

    `texts` maps the name of each of its texts to its location; `used` are the names that the entry uses.
    """

    template_handle: str
    key: str
    texts: Mapping[str, Location] = {}
    used: frozenset[str] = frozenset()


def nearest_location(places: Mapping[str, Location], path: str, otherwise: Location) -> Location:
    """Return the location of the setting at a dotted path, or of the nearest one around it that has a location."""
    while path:
        if location := places.get(path):
            return location
        path = path.rpartition(".")[0]
    return otherwise


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared resource: its settings, and its stated fields as in manifests with identity included.

    `locations` maps the dotted path of a setting to where it is. `secrets` are the paths of fields whose value came
    from the environment: secret as a whole. `locale` is set where one entry of the manifests declares several objects.
    `wrong` are the fields whose value cannot be used, most of them left out; such an entry is only checked.
    """

    address: Address
    kind: Kind
    model: EntryModel
    values: Values
    key: str
    location: Location
    locations: Mapping[str, Location] = field(repr=False)
    secrets: frozenset[str] = frozenset()
    locale: Locale | None = None
    wrong: frozenset[str] = frozenset()

    def location_of(self, path: str) -> Location:
        """Return the location of a field, or of the nearest enclosing one that has a location."""
        return nearest_location(self.locations, path, self.location)

    def finding(self, code: str, message: str, way_out: str, path: str = "", severity: Severity = "warning") -> Finding:
        """Return a finding about the entry, located at the field at a path."""
        return Finding(code, message, way_out, severity, str(self.address), self.location_of(path))

    def spot(self, name: str, place: Location | None) -> SourcePosition:
        """Return where a place in one of its texts was written."""
        line, column = (place.line or 1, place.column or 1) if place else (1, 1)
        value, stated = self.values.get(name), self.location_of(name)
        return value.spot(line, column, stated) if isinstance(value, Body) else SourcePosition(stated, line, column)

    def located(self, finding: Finding, name: str) -> Finding:
        """Return a finding in one of its texts at the place where that was written."""
        spot = self.spot(name, finding.location)
        message = finding.message + spot.inside
        return replace(finding, message=message, address=str(self.address), location=spot.location)


class Tombstone(NamedTuple):
    """A remote object to delete, by its remote name."""

    kind: str
    name: str
    key: str
    location: Location


@dataclass(frozen=True, slots=True)
class ManifestApproval:
    """An approval in a manifest: what a guard would refuse is allowed, for a reason and until a day.

    `target` is an address, for `ratio` a kind. `people` is how many a delete or a replace may concern. Two approvals
    are equal wherever they are written.
    """

    action: Literal["delete", "replace", "overwrite", "adopt", "ratio"]
    target: str
    reason: str
    people: int | None = None
    until: date | None = None
    location: Location = field(default=Location(""), compare=False)


class SharedPart(NamedTuple):
    """A part that bodies share: where it is declared, and its text with everything put in."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Desired:
    """All that the manifests of one environment declare, and what is wrong with it.

    `kinds` are those whose section is present, be it empty. Entries with an error are not in `entries`: what is right
    of them is in `partial`, to be checked.
    """

    entries: Mapping[Address, Entry]
    tombstones: tuple[Tombstone, ...] = ()
    kinds: frozenset[str] = frozenset()
    parts: Mapping[Address, SharedPart] = field(default_factory=dict)
    approvals: tuple[ManifestApproval, ...] = ()
    partial: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether there are no errors."""
        return not has_errors(self.findings)

    @property
    def kinds_named(self) -> frozenset[str]:
        """The kinds whose section is present, and those of tombstones."""
        return self.kinds | {tomb.kind for tomb in self.tombstones}

    @property
    def protected(self) -> frozenset[Address]:
        """What may not be deleted."""
        return frozenset(address for address, entry in self.entries.items() if entry.model.protect)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """Return the entries of one kind, by handle."""
        entries = (entry for entry in self.entries.values() if entry.address.kind == kind)
        return tuple(sorted(entries, key=attrgetter("address.handle")))
