"""What is asked: every entry of the manifests, each with the place it was said at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mjsync.errors import Location
from mjsync.resources.address import Address
from mjsync.resources.base import Resource
from mjsync.resources.body import Body, SourcePosition
from mjsync.resources.live import Values
from mjsync.resources.locale import Locale


def nearest_location(places: Mapping[str, Location], path: str, otherwise: Location) -> Location:
    """Where the setting at a dotted path stands, or the nearest one around it that has a place."""
    while path:
        if path in places:
            return places[path]
        path = path.rpartition(".")[0]
    return otherwise


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared resource: its settings, and its stated fields in manifest words with identity included.

    `places` maps the dotted path of a setting to where it stands. `secrets` are the paths of fields whose value came
    from the environment: secret as a whole. `locale` is there where one entry of the manifests declares several.
    """

    address: Address
    resource: Resource
    values: Values
    key: str
    location: Location
    locations: Mapping[str, Location] = field(repr=False)
    secrets: frozenset[str] = frozenset()
    locale: Locale | None = None

    @property
    def kind(self) -> type[Resource]:
        """Its kind."""
        return type(self.resource)

    def location_of(self, path: str) -> Location:
        """Where a field stands; the nearest enclosing one that has a place."""
        return nearest_location(self.locations, path, self.location)

    def spot(self, word: str, line: int, column: int) -> SourcePosition:
        """Where a line and column of one of its texts were written."""
        value = self.values.get(word)
        place = self.location_of(word)
        return value.spot(line, column, place) if isinstance(value, Body) else SourcePosition(place, line, column)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A remote object to delete, by the name people call it."""

    kind: str
    name: str
    key: str
    location: Location


@dataclass(frozen=True, slots=True)
class SharedPart:
    """A part that bodies share: where it is declared, and its text with everything put in."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Desired:
    """All that the manifests of one environment ask for.

    `kinds` are those whose section is present, be it empty.
    """

    entries: Mapping[Address, Entry]
    tombstones: tuple[Tombstone, ...] = ()
    kinds: frozenset[str] = frozenset()
    parts: Mapping[Address, SharedPart] = field(default_factory=dict)

    @property
    def kinds_named(self) -> frozenset[str]:
        """The kinds whose section is present, and those of tombstones."""
        return self.kinds | {tomb.kind for tomb in self.tombstones}

    @property
    def locales(self) -> dict[str, Locale]:
        """The locales that are spoken, by address."""
        return {str(entry.address): entry.locale for entry in self.entries.values() if entry.locale}

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """The entries of one kind, by handle."""
        entries = (entry for entry in self.entries.values() if entry.address.kind == kind)
        return tuple(sorted(entries, key=lambda entry: entry.address.handle))
