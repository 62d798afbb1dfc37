"""Read listings up to a limit of pages, and count rows without reading them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from mjsync.resources.live import Reader, Row

PAGE_SIZE = 1000
"""Rows of one request: Mailjet's maximum. Source: mjsync/docs/mailjet-api.md, section 4."""


class PageReader(Protocol):
    """Reads one page as it is."""

    def page(self, path: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of one request."""


class AccountReader(Reader, PageReader, Protocol):
    """A reader that can also read one page as it is, and count."""

    def count(self, endpoint: str, filters: Mapping[str, str] | None = None) -> int | None:
        """Return the number of rows that match, in one request; None where Mailjet did not count."""


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
        rows.update((row.get("ID"), row) for row in page)
        if len(page) < PAGE_SIZE:
            return Listing(tuple(rows.values()))
    return Listing(tuple(rows.values()), is_complete=False)


def contact_of_row(row: Row) -> Mapping[str, str]:
    """Return the values of a row of contactdata, by the names of the properties in lower case."""
    return {str(each.get("Name")).lower(): str(each.get("Value") or "") for each in row.get("Data") or ()}


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


def domains(rows: tuple[Row, ...]) -> Iterator[str]:
    """Yield the domain of each row's address, in lower case."""
    return (str(row.get("Email") or "").rpartition("@")[2].lower() for row in rows)
