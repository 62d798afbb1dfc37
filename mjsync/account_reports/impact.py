"""Read who and what a planned change concerns: activity of lists, drafts, campaigns, and other webhooks of an event.

Source: mjsync/docs/mailjet-api.md, section 16 (a draft with status 1 need not be scheduled; which code sends a template
cannot be found out; the campaign listing without a date covers today only).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from mjsync.account_reports.readiness import domain_warnings, stated_senders
from mjsync.account_reports.reading import AccountReader, contact_of_row, format_time, parse_time, read_pages
from mjsync.engine.plan import Change, Plan
from mjsync.errors import ApiError, Finding, MjsyncError, NotFound
from mjsync.resources.live import Live, Row

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
_CAMPAIGN_FIELDS = {"list": "ListID", "segment": "SegmentationID"}


_OTHER_FORM = (TypeError, ValueError, KeyError, AttributeError)
"""What an answer raises that is not as documented: reading impact never fails a plan."""


class _LimitReached(Exception):
    """The limit of requests is reached."""


@dataclass(slots=True)
class _Requests:
    """Makes requests up to a limit, and reads the campaigns and webhooks of the account once."""

    reader: AccountReader
    left: int
    since: datetime
    _shared: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    _failed: dict[str, ApiError] = field(default_factory=dict)

    def page(self, path: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return one page, of the last 1,000 rows at most. Raises ApiError.

        A resource that failed is not read again.
        """
        if path in self._failed:
            raise self._failed[path]
        if self.left <= 0:
            raise _LimitReached
        self.left -= 1
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
        return self._once("campaign", lambda: read_pages(self, "campaign", filters, MAX_CAMPAIGN_PAGES).rows)  # type: ignore[arg-type] # only its pages are used

    def contacts(self) -> Iterator[Mapping[str, str]]:
        """Return the values of the first 1,000 contacts: one request."""
        rows = self._once("contactdata", lambda: tuple(self.page("contactdata", {"Limit": "1000"})))
        return (contact_of_row(row) for row in rows)

    def webhooks(self) -> tuple[Row, ...]:
        """Return all webhooks."""
        return self._once("webhook", lambda: tuple(self.page("eventcallbackurl", {"Limit": "1000"})))

    def _once(self, name: str, read: Callable[[], tuple[Row, ...]]) -> tuple[Row, ...]:
        if name not in self._shared:
            self._shared[name] = read()
        return self._shared[name]


def add_impact(plan: Plan, reader: AccountReader, level: Level, now: datetime | None = None) -> Plan:
    """Add to each change what it concerns, as numbers and notes, and to the guards of its address the same in words.

    What cannot be read is a note of the change: reading impact never fails a plan.
    """
    requests = _Requests(reader, MAX_REQUESTS[level], (now or datetime.now(UTC)) - timedelta(days=DAYS))
    going = [change.live.id for change in plan.changes if change.live and change.action.deletes]
    changes = tuple(_with_impact(change, requests, level, going) for change in plan.changes)
    notes = {str(change.address): "; ".join(_facts(change)) for change in changes}
    guards = tuple(
        replace(guard, message=f"{guard.message} ({notes[guard.address]})") if notes.get(guard.address) else guard
        for guard in plan.guards
    )
    warnings = tuple(_domain_warnings(plan, requests)) if level == "full" else ()
    return replace(plan, changes=changes, guards=guards, warnings=(*plan.warnings, *warnings))


def _domain_warnings(plan: Plan, requests: _Requests) -> Iterator[Finding]:
    """Yield a warning for each sender domain of changed templates whose DNS records are not ready: one request."""
    entries = [change.entry for change in plan.changes if change.entry and change.kind.name == "template"]
    if senders := stated_senders(entries):
        with suppress(_LimitReached, ApiError, *_OTHER_FORM):
            yield from domain_warnings(requests, {sender.rpartition("@")[2] for sender in senders})  # type: ignore[arg-type] # only its pages are used


def _with_impact(change: Change, requests: _Requests, level: Level, going: Sequence[int]) -> Change:
    if level == "none" or change.live is None or not (change.action.deletes or level == "full"):
        return change
    found: dict[str, int | None] = {}
    notes: list[str] = []
    try:
        found.update(_numbers(change, change.live, requests, going))
    except _LimitReached:
        notes.append(f"the limit of {MAX_REQUESTS[level]} requests for impact was reached: not all of it was read")
    except MjsyncError as error:
        notes.append(f"its impact could not be read: {error.what}")
    except _OTHER_FORM as error:
        notes.append(f"its impact could not be read: Mailjet's answer has another form ({type(error).__name__})")
    if change.kind.name == "template" and change.action.deletes:
        notes.append("sends by API that name this template cannot be found out")
    counted = replace(change, usage=found)
    return replace(counted, notes=(*change.notes, *_facts(counted), *notes))


def _numbers(change: Change, live: Live, requests: _Requests, going: Sequence[int]) -> Iterator[tuple[str, int | None]]:
    """Yield the name and the number of each fact."""
    kind = change.kind.name
    if kind == "webhook" and change.action.deletes:
        yield "other_webhooks", _other_webhooks(live, requests.webhooks(), going)
    if kind == "list":
        yield "sent_30_days", _activity(live, requests)
    if kind == "segment" and change.entry and "expression" in change.changed:
        yield from _moves(change, live, requests)
    if kind in _FILTERS:
        yield from _drafts(kind, live, requests)
    if kind in _CAMPAIGN_FIELDS:
        yield "campaigns_30_days", sum(row.get(_CAMPAIGN_FIELDS[kind]) == live.id for row in requests.campaigns())


def _moves(change: Change, live: Live, requests: _Requests) -> Iterator[tuple[str, int | None]]:
    """Yield how many of the first 1,000 contacts enter and leave a segment whose expression changes."""
    from mjsync.account_reports.segment_diff import compare_segment

    assert change.entry is not None  # noqa: S101 - the caller has looked
    expressions = (str(live.fields.get("expression") or ""), str(change.entry.values.get("expression") or ""))
    diff = compare_segment(str(change.address), expressions, requests.contacts(), "a sample")
    yield from {"sampled": diff.contacts, "enter": diff.enter, "leave": diff.leave, "undecided": diff.undecided}.items()


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


def _drafts(kind: str, live: Live, requests: _Requests) -> Iterator[tuple[str, int | None]]:
    """Yield the drafts that name an object, those of them that are scheduled, and for templates those sent lately."""
    name, wire = _FILTERS[kind]
    rows = requests.page("campaigndraft", {name: str(live.id), "Limit": "1000", "Sort": "ID DESC"})
    naming = [row for row in rows if row.get(wire) == live.id and row.get("Status") not in _DELETED]
    unsent = [row for row in naming if row.get("Status") != _SENT]
    yield "drafts", len(unsent)
    if kind == "template":
        yield "campaigns_30_days", sum(_is_since(row, requests.since) for row in naming if row.get("Status") == _SENT)
    programmed = [row for row in unsent if row.get("Status") == 1]
    yield "scheduled", sum(_is_scheduled(row, requests) for row in programmed[:MAX_SCHEDULES])


def _is_since(row: Row, since: datetime) -> bool:
    """Return whether a draft was sent since then, or changed where it has no date of delivery."""
    moment = parse_time(row.get("DeliveredAt") or row.get("ModifiedAt") or row.get("CreatedAt"))
    return moment is not None and moment >= since


def _is_scheduled(row: Row, requests: _Requests) -> bool:
    """Return whether a draft has a schedule: its status does not tell."""
    try:
        return bool(requests.page(f"campaigndraft/{row['ID']}/schedule"))
    except NotFound:
        return False


def _other_webhooks(live: Live, webhooks: Sequence[Row], going: Sequence[int]) -> int:
    """Return how many other webhooks that stay are called for the same event."""
    event = live.row.get("EventType")
    others = [row for row in webhooks if row.get("EventType") == event and row.get("ID") not in going]
    return sum(row.get("Status") != "dead" for row in others)


def _facts(change: Change) -> Iterator[str]:
    """Yield the numbers of a change in words; those that are 0 in one sentence."""
    usage = change.usage
    if "other_webhooks" in usage:
        covered = f"{usage['other_webhooks']} other webhooks are" if usage["other_webhooks"] else "no other webhook is"
        yield f"{covered} called for this event"
    if "sampled" in usage:
        rest = f", {usage['undecided']} are undecided" if usage["undecided"] else ""
        yield f"of {usage['sampled']:,} sampled contacts {usage['enter']} enter and {usage['leave']} leave{rest}"
    scheduled = f", {usage['scheduled']} of them scheduled" if usage.get("scheduled") else ""
    sentences = {
        "sent_30_days": f"messages were sent to it in {DAYS} days",
        "drafts": f"campaign drafts name it{scheduled}",
        "campaigns_30_days": f"campaigns used it in {DAYS} days",
    }
    yield from (f"{usage[name]:,} {text}" for name, text in sentences.items() if usage.get(name))
    if "drafts" in usage and not any(usage.get(name) for name in sentences):
        yield f"no campaign draft names it, and no campaign used it in {DAYS} days"
