"""The requests of account reports, all of them GET: the table of calls, listings up to a limit of pages, and counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from mjsync.errors import AuthFailed, Forbidden, NotFound, Rejected
from mjsync.resources import CALLS
from mjsync.resources.live import Reader, Row

PAGE_SIZE = 1000
"""Rows of one request: Mailjet's maximum. Source: mjsync/docs/mailjet-api.md, section 4."""


REFUSALS = (AuthFailed, Forbidden, NotFound, Rejected)
"""How Mailjet answers a request that this key may not make."""


class PageReader(Protocol):
    """Reads one page as it is."""

    def page(self, path: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of one request."""


class AccountReader(Reader, PageReader, Protocol):
    """A reader that can also read one page as it is, and count."""

    def count(self, endpoint: str, filters: Mapping[str, str] | None = None) -> int | None:
        """Return the number of rows that match, in one request; None where Mailjet did not count."""


def read_if_allowed(
    reader: PageReader, path: str, filters: Mapping[str, str] | None = None
) -> list[dict[str, Any]] | None:
    """Return the rows of one request; None where this key, or this plan of Mailjet, may not read them."""
    try:
        return reader.page(path, filters)
    except REFUSALS:
        return None


def count_if_allowed(reader: AccountReader, endpoint: str, filters: Mapping[str, str]) -> int | None:
    """Return the number of rows that match; None where it may not be read, or where Mailjet did not count."""
    try:
        return reader.count(endpoint, filters)
    except REFUSALS:
        return None


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a listing; `is_complete` is false where the limit of pages was reached."""

    rows: tuple[Row, ...]
    is_complete: bool = True


def read_pages(reader: PageReader, endpoint: str, filters: Mapping[str, str], max_pages: int) -> Listing:
    """Read at most so many pages of a listing, one request each; a row that comes twice is returned once.

    `Count` and `Total` of a listing are the size of the page, so that the last page is one that is not full.
    """
    rows: dict[object, Row] = {}
    for number in range(max_pages):
        offset = str(number * PAGE_SIZE)
        page = reader.page(endpoint, {**filters, "Limit": str(PAGE_SIZE), "Offset": offset})
        rows.update((as_count(row.get("ID")) or id(row), row) for row in page)
        if len(page) < PAGE_SIZE:
            return Listing(tuple(rows.values()))
    return Listing(tuple(rows.values()), is_complete=False)


def contact_of_row(row: Row) -> Mapping[str, str]:
    """Return the values of a row of contactdata, by the names of the properties in lower case."""
    entries = row.get("Data")
    entries = [each for each in entries if isinstance(each, Mapping)] if isinstance(entries, list) else []
    return {str(each.get("Name")).lower(): str(each.get("Value") or "") for each in entries}


def parse_time(text: object) -> datetime | None:
    """Parse a timestamp of Mailjet; None where it is unset."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """Format a time as Mailjet's filters expect it: RFC 3339, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_count(value: object) -> int:
    """Return an id or a count of a row; 0 where it is missing or none."""
    try:
        return max(int(value), 0)  # type: ignore[call-overload, no-any-return] # whatever it is
    except (TypeError, ValueError):
        return 0


def domain_of(row: Row) -> str:
    """Return the domain of a row's address, in lower case."""
    return str(row.get("Email") or "").rpartition("@")[2].lower()


READ_CALLS = CALLS | frozenset(
    ("GET", path)
    for path in (
        "bouncestatistics",
        "campaign",
        "contact",
        "contactstatistics",
        "dns",
        "metasender",
        "campaign/{id}",
        "campaigndraft",
        "campaigndraft/{id}/schedule",
        "message",
        "messagehistory/{id}",
        "messageinformation/{id}",
        "messagesentstatistics",
        "statcounters",
    )
)
"""Method and path below the REST root, those that the kinds declare included."""
