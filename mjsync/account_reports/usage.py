"""List templates, lists and segments that no draft or recent campaign names: candidates for cleaning up.

Source: mjsync/docs/mailjet-api.md, section 16.2 (which code sends a template, and what automations use, cannot be
found out).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mjsync.account_reports.reading import Listing, PageReader, as_count, format_time, read_if_allowed, read_pages
from mjsync.resources import KINDS

MAX_PAGES = 5
"""Pages read of each of five listings: 5,000 rows."""
MAX_SIZES = 20
"""Unused templates whose content is read for its size, one request each."""
MAX_REQUESTS = 5 * MAX_PAGES + MAX_SIZES
_FIELDS = {"template": ("TemplateID",), "list": ("ContactsListID", "ListID"), "segment": ("SegmentationID",)}
"""Kind to the fields of drafts and campaigns that name its objects."""
_DELETED = (-2, -1)


@dataclass(frozen=True, slots=True)
class UnusedObject:
    """An object that nothing names: its kind, id and name, its size, and when it was made and changed.

    The size of a list is its subscribers, that of a template the bytes of its content; None where not counted.
    """

    kind: str
    id: int
    name: str
    subscribers: int | None
    bytes: int | None
    created: str
    changed: str


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The unused objects, how many there are of each kind, and whether all listings were read to the end."""

    since: datetime
    unused: tuple[UnusedObject, ...]
    totals: Mapping[str, int]
    is_complete: bool
    requests: Mapping[str, int] = field(default_factory=dict)


def read_usage(reader: PageReader, since: datetime) -> UsageReport:
    """Read drafts, the campaigns since a time, and the three kinds; at most MAX_REQUESTS requests."""
    drafts = read_pages(reader, "campaigndraft", {"Sort": "ID DESC"}, MAX_PAGES)
    campaigns = read_pages(reader, "campaign", {"FromTS": format_time(since), "Sort": "ID DESC"}, MAX_PAGES)
    naming = [row for row in drafts.rows if row.get("Status") not in _DELETED] + list(campaigns.rows)
    listings = {kind: _listing(reader, kind) for kind in _FIELDS}
    unused = [
        found
        for kind, listing in listings.items()
        for found in _unused(kind, listing, {as_count(row.get(name)) for row in naming for name in _FIELDS[kind]})
    ]
    unused[:MAX_SIZES] = [_with_bytes(reader, each) for each in unused[:MAX_SIZES]]
    totals = {kind: len(listing.rows) for kind, listing in listings.items()}
    is_complete = all(listing.is_complete for listing in (drafts, campaigns, *listings.values()))
    return UsageReport(since, tuple(unused), totals, is_complete)


def _listing(reader: PageReader, name: str) -> Listing:
    kind = KINDS[name]
    listing = read_pages(reader, kind.endpoint, kind.filters, MAX_PAGES)
    return Listing(tuple(row for row in listing.rows if kind.is_live(row)), listing.is_complete)


def _unused(kind: str, listing: Listing, named: Collection[object]) -> Iterator[UnusedObject]:
    for row in listing.rows:
        if as_count(row.get("ID")) not in named:
            yield UnusedObject(
                kind,
                as_count(row.get("ID")),
                str(row.get("Name") or ""),
                as_count(row["SubscriberCount"]) if "SubscriberCount" in row else None,
                None,
                str(row.get("CreatedAt") or "")[:10],
                str(row.get("LastUpdatedAt") or "")[:10],
            )


def _with_bytes(reader: PageReader, unused: UnusedObject) -> UnusedObject:
    """Add the size of a template: one request; any other object is as it is."""
    if unused.kind != "template":
        return unused
    rows = read_if_allowed(reader, f"template/{unused.id}/detailcontent")
    parts = [rows[0].get(name) or "" for name in ("Html-part", "Text-part", "MJMLContent")] if rows else []
    texts = [part if isinstance(part, str) else json.dumps(part) for part in parts]
    return replace(unused, bytes=sum(len(text.encode("utf-8", "replace")) for text in texts) if rows else None)
