"""What a resource does beyond its row in the endpoint table; this base is the plain case."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias

from mjsync.emulator.answers import Refusal, invalid_property, not_found
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.facts import Fact
from mjsync.emulator.store import Keys, Row, Table
from mjsync.emulator.switches import Settings

LONGEST_ID = 20  # digits; ids have 64 bits

Query: TypeAlias = Mapping[str, str]  # lower-case parameter names
Test: TypeAlias = Callable[[Row], bool]


class Surroundings(Protocol):
    """What rules may see and do in the account around a row."""

    account: int
    is_master: bool
    settings: Settings

    def now(self) -> str:
        """The time on the wire."""

    def table(self, resource: str) -> Table:
        """The rows of a resource."""

    def write(self, resource: str, row: Row) -> None:
        """Put a row as it is, without asking its rules."""

    def erase(self, resource: str, number: int) -> None:
        """Remove a row, without asking its rules."""


class Rules:
    """One resource's behaviour."""

    creation_only: frozenset[str] = frozenset()  # read-only properties that a POST may set
    fields: ClassVar[Mapping[str, str]] = {}  # filters whose property has another name on the wire
    time_field = "CreatedAt"  # what FromTS and ToTS compare
    facts: tuple[Fact, ...] = ()
    unchanged_switch = ""  # the switch that decides on 304; empty: always 304 (recorded)

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        names = [self._key_property(part) for part in endpoint.key.split("|") if part]
        self.key_properties = () if None in names else tuple(name for name in names if name)

    def _key_property(self, part: str) -> str | None:
        for name in (part, f"Is{part}"):
            if found := self.endpoint.by_input_name.get(name.casefold()):
                return found.wire
        return None

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002 - other kinds look at the switches
        """The unique keys this row holds."""
        values = tuple(word(row.get(name, "")) for name in self.key_properties)
        return {self.endpoint.key: values} if any(values) else {}

    def addressed(self, key: str, world: Surroundings) -> int:
        """The id of the row a path key means: its number, or its unique key with parts split by a bar.

        Raises:
            Refusal: 404, there is no such row.
        """
        if is_number(key):
            return int(key)
        parts = tuple(key.split("|", max(len(self.key_properties) - 1, 0)))
        number = world.table(self.endpoint.name).holder(self.endpoint.key, self.path_key(parts, world))
        if number is None:
            raise not_found()
        return number

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:  # noqa: ARG002
        """The unique key's value for the parts written in a path."""
        return parts

    def complete(self, row: Row, world: Surroundings) -> None:
        """Fill in what the server makes up for a new row."""

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """Refuse a new or changed row that Mailjet would not take; the plain case needs what is required."""
        for each in self.endpoint.properties:
            if each.required and not each.is_reference and each.type != "Boolean":
                need_length(row, each.wire)

    def check_names(self, names: set[str]) -> None:
        """Refuse a creation for the properties it names, whatever their values."""

    def duplicate(self, key: str, row: Row, settings: Settings) -> Refusal:  # noqa: ARG002
        """The refusal of a taken unique key. Source: API sheet 3.3, the MJ18 pattern."""
        values = "|".join(word(row.get(name, "")) for name in self.key_properties)
        return Refusal(400, f'MJ18 A {self.endpoint.singular} resource with value "{values}" for {key} already exists.')

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:  # noqa: ARG002
        """Whether a listing leaves the row out though no filter says so."""
        return False

    def is_gone(self, row: Row, world: Surroundings) -> bool:  # noqa: ARG002
        """Whether the row cannot be read any more though it is stored."""
        return False

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """The test of a filter that is the resource's own; None leaves it to the general rules."""
        return None

    def merge(self, before: Row, sent: Row, world: Surroundings) -> Row:  # noqa: ARG002
        """The row a PUT makes of the old one."""
        return {**before, **sent}

    def may_share(self, key: str, row: Row, before: Row | None, world: Surroundings) -> bool:  # noqa: ARG002
        """Whether a taken unique key is let through."""
        return False

    def drifted(self, row: Row, world: Surroundings) -> Row:  # noqa: ARG002
        """The row after its runtime fields moved by themselves."""
        return row

    def delete(self, row: Row, world: Surroundings) -> None:
        """Do what DELETE does; the plain case is gone for good."""
        world.erase(self.endpoint.name, row["ID"])

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """Let other rows follow a row that was written."""

    def seeded(self, row: Row, world: Surroundings) -> None:
        """Complete the account around a row that came from a state file."""

    def several(self, key: str, world: Surroundings) -> list[Row] | None:  # noqa: ARG002
        """The rows a path key means, where it means not one object."""
        return None

    def check_query(self, query: Query) -> None:
        """Refuse a listing that does not say enough."""

    def touch(self, row: Row, world: Surroundings) -> None:
        """Move the runtime fields of a row that is about to change."""

    def shown(self, row: Row, query: Query) -> Row:  # noqa: ARG002
        """The row as an answer has it: known properties, in wire order."""
        return {each.wire: row[each.wire] for each in self.endpoint.wire_order if each.wire in row and not each.hidden}


def is_number(key: str) -> bool:
    """Whether a path key is an id."""
    return key.isascii() and key.isdigit() and len(key) < LONGEST_ID


def word(value: Any) -> str:
    """A key's part as text: booleans in lower case, as in the MJ18 message."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def need_length(row: Row, name: str) -> None:
    """Refuse an empty value. Source: API sheet 3.2, recorded for list names."""
    if not row.get(name):
        raise invalid_property(name, "MJ04 Value must have at least length 1")


def need_path(row: Row, settings: Settings) -> None:
    """Refuse a URL that is none, or names only a host. Source: API sheets 14 and 15; the text is ours."""
    need_length(row, "Url")
    scheme, found, rest = row["Url"].partition("://")
    if not found or scheme.casefold() not in {"http", "https"} or not rest.partition("/")[0]:
        raise invalid_property("Url", f'"{row["Url"]}" is not a valid URL')
    if settings.on("root_urls_refused") and not rest.partition("?")[0].partition("/")[2]:
        raise invalid_property("Url", "a root URL is not allowed, a path is needed")
