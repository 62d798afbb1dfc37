"""The default rules of a resource, and the facts that each resource's rules are based on."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.responses import ApiError, invalid_property, not_found
from mjsync.emulator.store import Keys, Row, Table
from mjsync.emulator.switches import Settings

MAX_ID_LENGTH = 19  # digits; ids have 64 bits

Query: TypeAlias = Mapping[str, str]  # lower-case parameter names
RowTest: TypeAlias = Callable[[Row], bool]
Evidence: TypeAlias = Literal["recorded", "documentation", "our choice"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One point of behaviour: what it is about, what the emulator does, and how that is known."""

    subject: str
    behaviour: str
    evidence: Evidence
    source: str  # a bare number is a section of mjsync/docs/mailjet-api.md


class AccountView(Protocol):
    """What rules may read and write in the account of a row."""

    id: int
    is_master: bool
    settings: Settings

    def now(self) -> str:
        """Return the current time as the API writes it."""

    def table(self, resource: str) -> Table:
        """Return the rows of a resource."""

    def read_table(self, resource: str) -> Table:
        """Return the rows of a resource as reads see them, which may be an old copy."""

    def write(self, resource: str, row: Row) -> None:
        """Store a row without validation."""

    def erase(self, resource: str, number: int) -> None:
        """Remove a row without applying its rules."""


class DerivedRows(Mapping[int, Row]):
    """Stored rows, and rows derived from another table where none is stored, by id."""

    def __init__(self, stored: Mapping[int, Row], source: Mapping[int, Row], derive: Callable[[Row], Row]) -> None:
        self._stored = stored
        self._source = source
        self._derive = derive

    def __getitem__(self, number: int) -> Row:
        return self._stored[number] if number in self._stored else self._derive(self._source[number])

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._stored.keys() | self._source.keys()))

    def __len__(self) -> int:
        return len(self._stored.keys() | self._source.keys())


class Rules:
    """The behaviour of one resource; subclasses override what differs."""

    creation_only: frozenset[str] = frozenset()  # read-only properties that a POST may set
    fields: ClassVar[Mapping[str, str]] = {}  # filter to property, where their names differ
    time_field = "CreatedAt"  # the property that FromTS and ToTS compare
    facts: tuple[Fact, ...] = ()
    unchanged_switch = ""  # the switch that decides on 304 for an unchanged PUT; empty: always 304 (recorded)

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        names = [self._key_property(part) for part in endpoint.key.split("|") if part]
        self.key_properties = () if None in names else tuple(name for name in names if name)

    def _key_property(self, part: str) -> str | None:
        for name in (part, f"Is{part}"):
            if found := self.endpoint.by_input_name.get(name.casefold()):
                return found.wire
        return None

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002 - some resources use the switches
        """Return the unique keys of a row."""
        values = tuple(key_text(row.get(name, "")) for name in self.key_properties)
        return {self.endpoint.key: values} if any(values) else {}

    def resolve_key(self, key: str, account: AccountView) -> int:
        """Resolve the key in a path to a row's id: the id itself, or its unique key with parts joined by `|`.

        Raises:
            ApiError: 404, there is no such row.
        """
        if is_number(key):
            return int(key)
        parts = tuple(key.split("|", max(len(self.key_properties) - 1, 0)))
        number = account.table(self.endpoint.name).id_of(self.endpoint.key, self.path_key(parts, account))
        if number is None:
            raise not_found()
        return number

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """Convert the parts of a unique key in a path to the value that `unique_keys` returns."""
        return parts

    def rows_for_key(self, key: str, account: AccountView) -> list[Row] | None:  # noqa: ARG002
        """Return the rows for the key in a path, where it does not mean one row; None for all other resources."""
        return None

    def rows(self, account: AccountView) -> Mapping[int, Row]:
        """Return the rows that reads see, by id in ascending order."""
        return account.read_table(self.endpoint.name).rows

    def listed_rows(self, query: Query, account: AccountView) -> Iterable[Row]:  # noqa: ARG002
        """Return the rows that a listing filters."""
        return self.rows(account).values()

    def select(self, rows: list[Row], query: Query) -> list[Row]:  # noqa: ARG002
        """Select from the filtered rows of a listing those that it shows."""
        return rows

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Fill in values that Mailjet generates for a new row."""

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Raise ApiError for a new or changed row that Mailjet would refuse; by default, for missing values."""
        for each in self.endpoint.properties:
            if each.required and not each.is_reference and each.type != "Boolean":
                require_value(row, each.wire)

    def validate_names(self, names: set[str]) -> None:
        """Raise ApiError for properties that a POST may not contain, whatever their values."""

    def validate_query(self, query: Query) -> None:
        """Raise ApiError for a listing without its mandatory parameters."""

    def duplicate_error(self, key: str, row: Row, settings: Settings) -> ApiError:  # noqa: ARG002
        """Return the error for a taken unique key, by the MJ18 pattern.

        Source: mjsync/docs/mailjet-api.md, section 3.3.
        """
        values = "|".join(key_text(row.get(name, "")) for name in self.key_properties)
        return ApiError(
            400, f'MJ18 A {self.endpoint.singular} resource with value "{values}" for {key} already exists.'
        )

    def may_share_key(self, key: str, row: Row, before: Row | None, account: AccountView) -> bool:  # noqa: ARG002
        """Return whether the row may be stored although a unique key is taken."""
        return False

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:  # noqa: ARG002
        """Return whether a listing leaves out the row although no filter excludes it."""
        return False

    def is_expired(self, row: Row, account: AccountView) -> bool:  # noqa: ARG002
        """Return whether the row is stored but can no longer be read."""
        return False

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Return the test of a filter that only this resource has; None leaves it to `listing.py`."""
        return None

    def to_wire(self, row: Row, query: Query) -> Row:  # noqa: ARG002
        """Return the row as a response shows it: known properties, in wire order."""
        return {each.wire: row[each.wire] for each in self.endpoint.wire_order if each.wire in row and not each.hidden}

    def merge(self, before: Row, sent: Row, account: AccountView) -> Row:  # noqa: ARG002
        """Return the row after a PUT."""
        return {**before, **sent}

    def before_update(self, row: Row, account: AccountView) -> None:
        """Set the runtime fields of a row that is about to be updated."""

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Update other rows after a row was created or updated."""

    def after_seed(self, row: Row, account: AccountView) -> None:
        """Add other rows that belong to a row from a state file."""

    def with_runtime_changes(self, row: Row, account: AccountView) -> Row:  # noqa: ARG002
        """Return the row with its runtime fields changed, for the switch `restless`."""
        return row

    def delete(self, row: Row, account: AccountView) -> None:
        """Delete the row; by default it is gone for good."""
        account.erase(self.endpoint.name, row["ID"])


def mj18_error(resource: str, value: str, key: str) -> ApiError:
    """Return the error for a taken unique key of a resource."""
    return ApiError(400, f'MJ18 A {resource} resource with value "{value}" for {key} already exists.')


def is_number(key: str) -> bool:
    """Return whether the key in a path is an id."""
    return key.isascii() and key.isdigit() and len(key) <= MAX_ID_LENGTH


def key_text(value: Any) -> str:
    """Return a part of a unique key as text: booleans in lower case, as in the MJ18 message."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def require_value(row: Row, name: str) -> None:
    """Raise ApiError for an empty value, as recorded for list names.

    Source: mjsync/docs/mailjet-api.md, section 3.2.
    """
    if not row.get(name):
        raise invalid_property(name, "MJ04 Value must have at least length 1")


def require_url_path(row: Row, settings: Settings) -> None:
    """Raise ApiError for a URL that is not valid or has no path; the text is our choice.

    Source: mjsync/docs/mailjet-api.md, sections 14 and 15.
    """
    require_value(row, "Url")
    scheme, found, rest = row["Url"].partition("://")
    if not found or scheme.casefold() not in {"http", "https"} or not rest.partition("/")[0]:
        raise invalid_property("Url", f'"{row["Url"]}" is not a valid URL')
    if settings.on("root_urls_refused") and not rest.partition("?")[0].partition("/")[2]:
        raise invalid_property("Url", "a root URL is not allowed, a path is needed")
