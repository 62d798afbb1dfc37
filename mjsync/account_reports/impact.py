"""Read who and what a planned change concerns: activity of lists, drafts, campaigns, and other webhooks of an event.

Source: mjsync/docs/mailjet-api.md, section 16 (a draft with status 1 need not be scheduled; which code sends a template
cannot be found out; the campaign listing without a date covers today only).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from mjsync.account_reports.readiness import domain_warnings, read_dns, stated_senders
from mjsync.account_reports.reading import PAGE_SIZE, AccountReader, format_time, parse_time, read_pages
from mjsync.engine.plan import Action, Change, Plan
from mjsync.errors import ApiError, Finding, MjsyncError, NotFound, counted
from mjsync.resources import KINDS
from mjsync.resources.live import Live, Reader, Row

Level = Literal["auto", "none", "full"]
"""Which changes are looked at: those that delete, none, or all that concern an object that exists."""

MAX_REQUESTS: Mapping[Level, int] = {"auto": 20, "none": 0, "full": 200}
"""Requests for the impact of one plan, retries not counted."""
RETRY_BUDGET = 5.0
"""Seconds that one request for impact may be retried for: a plan does not wait long for what it can do without."""
DAYS = 30
"""How far back activity and campaigns are looked at."""
MAX_CAMPAIGN_PAGES = 3
MAX_SCHEDULES = 3
"""Drafts of one object whose schedule is looked up."""

_DELETED = (-2, -1)
_SENT = 2
_FILTERS = {"list": ("ContactsList", "ContactsListID"), "segment": ("Segmentation", "SegmentationID")}
_FILTERS |= {"template": ("Template", "TemplateID")}
"""Kind to the filter of drafts by an object, and to the field of a draft that names it."""
_CAMPAIGN_FIELDS = {"list": "ListID", "segment": "SegmentationID"}
_OTHER_FORM = (TypeError, ValueError, KeyError, AttributeError)
"""What an answer raises that is not as documented: reading impact never fails a plan."""

Impact = Iterator[tuple[str, int] | str]
"""Names with their numbers, and notes on what was not counted."""


class _LimitReached(Exception):
    """The limit of requests is reached."""


@dataclass(slots=True)
class _Requests:
    """Makes requests up to a limit; what several changes need is read once.

    `webhooks` are read from the listings of the plan. With `is_shared` the drafts of several objects are wanted.
    """

    reader: AccountReader
    listings: Reader
    remaining: int
    since: datetime
    is_shared: bool
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    _failed: dict[str, ApiError] = field(default_factory=dict)

    def page(self, path: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return one page, of the last 1,000 rows at most. Raises ApiError.

        A resource that failed is not read again.
        """
        if path in self._failed:
            raise self._failed[path]
        if self.remaining <= 0:
            raise _LimitReached
        self.remaining -= 1
        try:
            return self.reader.page(path, filters)
        except NotFound:
            raise
        except ApiError as error:
            self._failed[path] = error
            raise

    def campaigns(self) -> tuple[Row, ...]:
        """Return the campaigns of the last DAYS days, in at most MAX_CAMPAIGN_PAGES requests."""
        filters = {"FromTS": format_time(self.since), "Sort": "ID DESC"}
        return self._once("campaign", lambda: read_pages(self, "campaign", filters, MAX_CAMPAIGN_PAGES).rows)

    def drafts(self, kind: str, number: int) -> list[Row]:
        """Return the drafts that name an object: at most the newest 1,000.

        Where several objects are looked up, one request has the drafts of all of them on most accounts.
        """
        name, wire = _FILTERS[kind]
        filters = {"Limit": str(PAGE_SIZE), "Sort": "ID DESC"}
        rows: Sequence[Row] = ()
        if self.is_shared:
            rows = self._once("campaigndraft", lambda: tuple(self.page("campaigndraft", filters)))
        if not self.is_shared or len(rows) >= PAGE_SIZE:
            rows = self.page("campaigndraft", {**filters, name: str(number)})
        return [row for row in rows if row.get(wire) == number and row.get("Status") not in _DELETED]

    def is_scheduled(self, draft: Row) -> bool:
        """Return whether a draft has a schedule: its status does not tell."""
        path = f"campaigndraft/{draft['ID']}/schedule"
        with suppress(NotFound):
            return bool(self._once(path, lambda: tuple(self.page(path))))
        return False

    def webhooks(self) -> tuple[Row, ...]:
        """Return all webhooks, which the plan has listed."""
        kind = KINDS["webhook"]
        return self._once("webhook", lambda: tuple(self.listings.rows(kind.endpoint, kind.filters)))

    def _once(self, name: str, read: Callable[[], tuple[Row, ...]]) -> tuple[Row, ...]:
        if name not in self._rows:
            self._rows[name] = read()
        return self._rows[name]


def add_impact(plan: Plan, reader: AccountReader, listings: Reader, level: Level) -> Plan:
    """Add to each change what it concerns, as numbers and notes, and to the guards of its address the same in words.

    `listings` has what the plan has listed. What cannot be read is a note of the change: reading impact never fails a
    plan.
    """
    is_shared = sum(change.kind.name in _FILTERS and _is_concerned(change, level) for change in plan.changes) > 1
    since = datetime.now(UTC) - timedelta(days=DAYS)
    requests = _Requests(reader, listings, MAX_REQUESTS[level], since, is_shared)
    going = [change.live.id for change in plan.changes if change.live and change.action.deletes]
    changes = tuple(
        _with_impact(change, requests, level, going) if _is_concerned(change, level) else change
        for change in plan.changes
    )
    notes = {str(change.address): "; ".join(_facts(change)) for change in changes if change.usage}
    guards = tuple(
        replace(guard, message=f"{guard.message} ({notes[guard.address]})") if notes.get(guard.address) else guard
        for guard in plan.guards
    )
    warnings = tuple(_domain_warnings(plan, requests, level))
    return replace(plan, changes=changes, guards=guards, warnings=(*plan.warnings, *warnings))


def add_contacts(plan: Plan, reader: AccountReader | None, file: Path | None, sample: int | None, level: Level) -> Plan:
    """Add how many contacts enter and leave changed segments: those of a CSV file, or the first of the account.

    Those of the account are read if a sample is named, or with the level `full`; without a reader they are not.
    Raises WrongUse where the file cannot be read.
    """
    if all(change.kind.name != "segment" for change in plan.changes):
        return plan
    if file:
        from mjsync.account_reports.segment_diff import contacts_of_file, with_segment_diffs

        return with_segment_diffs(plan, contacts_of_file(file))
    if reader and (sample or level == "full"):
        from mjsync.account_reports.segment_diff import DEFAULT_SAMPLE, sampled_contacts, with_segment_diffs

        return with_segment_diffs(plan, sampled_contacts(reader, sample or DEFAULT_SAMPLE))
    return plan


def _is_concerned(change: Change, level: Level) -> bool:
    return change.live is not None and (level == "full" or (level == "auto" and change.action.deletes))


def _domain_warnings(plan: Plan, requests: _Requests, level: Level) -> Iterator[Finding]:
    """Yield a warning for each sender domain whose DNS records are not ready: one request.

    The senders are those of templates that are new or get another one; with `full`, of every changed template.
    """
    entries = [
        change.entry
        for change in plan.changes
        if change.entry
        and change.kind.name == "template"
        and (level == "full" or change.action is Action.CREATE or "from" in change.changed)
    ]
    if level != "none" and (senders := stated_senders(entries)):
        with suppress(_LimitReached, ApiError, *_OTHER_FORM):
            domains = {sender.rpartition("@")[2] for sender in senders}
            yield from domain_warnings(read_dns(requests) or {}, domains)


def _with_impact(change: Change, requests: _Requests, level: Level, going: Sequence[int]) -> Change:
    found: dict[str, int | None] = {}
    notes: list[str] = []
    try:
        for fact in _looked_up(change, requests, going):
            if isinstance(fact, str):
                notes.append(fact)
            else:
                found[fact[0]] = fact[1]
    except _LimitReached:
        notes.append(f"the limit of {MAX_REQUESTS[level]} requests for impact was reached: not all of it was read")
    except MjsyncError as error:
        notes.append(f"its impact could not be read: {error.message}")
    except _OTHER_FORM as error:
        notes.append(f"its impact could not be read: Mailjet's answer has another form ({type(error).__name__})")
    if change.kind.name == "template" and change.action.deletes:
        notes.append("sends by API that name this template cannot be found out")
    counted = replace(change, usage=found)
    return replace(counted, notes=(*change.notes, *_facts(counted), *notes))


def _looked_up(change: Change, requests: _Requests, going: Sequence[int]) -> Impact:
    """Yield the name and the number of each fact, and what limits it."""
    assert change.live is not None  # noqa: S101 - only what is there is looked at
    kind, live = change.kind.name, change.live
    if kind == "webhook" and change.action.deletes:
        yield "other_webhooks", _other_webhooks(live, requests.webhooks(), going)
    if kind == "list":
        yield "sent_30_days", _activity(live, requests)
    if kind in _FILTERS:
        yield from _drafts(kind, live, requests)
    if kind in _CAMPAIGN_FIELDS:
        campaigns = requests.campaigns()
        yield "campaigns_30_days", sum(row.get(_CAMPAIGN_FIELDS[kind]) == live.id for row in campaigns)
        if len(campaigns) >= MAX_CAMPAIGN_PAGES * PAGE_SIZE:
            yield f"only the newest {len(campaigns):,} campaigns were looked at"


def _activity(live: Live, requests: _Requests) -> int:
    """Return the number of messages that were sent to a list."""
    filters = {
        "CounterSource": "List",
        "CounterTiming": "Message",
        "CounterResolution": "Day",
        "SourceID": str(live.id),
    }
    rows = requests.page("statcounters", {**filters, "FromTS": format_time(requests.since), "Limit": "1000"})
    return sum(int(row.get("Total") or 0) for row in rows if row.get("SourceID") in (None, live.id))


def _drafts(kind: str, live: Live, requests: _Requests) -> Impact:
    """Yield the drafts that name an object, those of them that are scheduled, and for templates those sent lately."""
    naming = requests.drafts(kind, live.id)
    unsent = [row for row in naming if row.get("Status") != _SENT]
    if len(naming) >= PAGE_SIZE:
        yield f"only the newest {PAGE_SIZE:,} drafts that name it were looked at"
    yield "drafts", len(unsent)
    if kind == "template":
        yield "campaigns_30_days", sum(_is_since(row, requests.since) for row in naming if row.get("Status") == _SENT)
    programmed = [row for row in unsent if row.get("Status") == 1]
    if len(programmed) > MAX_SCHEDULES:
        yield f"only the newest {MAX_SCHEDULES} of {len(programmed):,} drafts were looked up for a schedule"
    yield "scheduled", sum(requests.is_scheduled(row) for row in programmed[:MAX_SCHEDULES])


def _is_since(row: Row, since: datetime) -> bool:
    """Return whether a draft was sent since then, or changed where it has no date of delivery."""
    moment = parse_time(row.get("DeliveredAt") or row.get("ModifiedAt") or row.get("CreatedAt"))
    return moment is not None and moment >= since


def _other_webhooks(live: Live, webhooks: Sequence[Row], going: Sequence[int]) -> int:
    """Return how many other webhooks that stay are called for the same event."""
    event = live.row.get("EventType")
    others = [row for row in webhooks if row.get("EventType") == event and row.get("ID") not in going]
    return sum(row.get("Status") != "dead" for row in others)


def _facts(change: Change) -> Iterator[str]:
    """Yield the numbers of a change in words; those that are 0 in one sentence."""
    usage = change.usage
    if "other_webhooks" in usage:
        others = usage["other_webhooks"] or 0
        yield f"{counted(others, 'other webhook') if others else 'no other webhook is'} called for this event"
    scheduled = f", {usage['scheduled']} of them scheduled" if usage.get("scheduled") else ""
    sentences = {
        "sent_30_days": ("message", f"sent to it in {DAYS} days"),
        "drafts": ("campaign draft", f"with it{scheduled}"),
        "campaigns_30_days": ("campaign", f"with it in {DAYS} days"),
    }
    for name, (noun, rest) in sentences.items():
        if count := usage.get(name):
            yield f"{counted(count, noun, ',')} {rest}"
    if "drafts" in usage and not any(usage.get(name) for name in sentences):
        yield f"no campaign draft names it, and no campaign used it in {DAYS} days"
