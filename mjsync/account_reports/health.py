"""Find messages that Mailjet blocked for their content, and what else of the account does not work.

Source: mjsync/docs/mailjet-api.md, sections 16 and 23; the states are those of the reference of the messages.
A message has no template id: a template is matched by the subject, or by the name of the campaign.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mjsync.account_reports.reading import (
    PageReader,
    as_count,
    domain_of,
    format_time,
    parse_time,
    read_if_allowed,
    read_pages,
)
from mjsync.errors import Finding
from mjsync.resources.live import Row

STATES: Mapping[int, str] = {
    17: "bad or empty template",
    18: "error in template language",
    8: "content blocked",
}
"""Id of a state to its name; each is a fault of the content, and not of the recipient."""

MAX_PAGES = 5
"""Pages read for each state: 5,000 messages."""
MAX_GROUPS = 8
"""Groups of which the campaign and one message are looked up."""
LISTINGS = 5
"""Further requests: recipients of campaigns, the hourly counters, and the webhooks, senders and parse routes."""
MAX_REQUESTS = len(STATES) * MAX_PAGES + 3 * MAX_GROUPS + LISTINGS
MAX_BUCKETS = 24
"""Bars of the chart."""
MAX_HOURS = timedelta(hours=900)
"""The longest time whose hours are one page of counters."""

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\[\[.*?\]\]", re.DOTALL)
_GENERATED_DOMAIN = "mailjet.com"


@dataclass(frozen=True, slots=True)
class Sample:
    """One message of a group: its id, its size in bytes, and its events in order of time."""

    id: int
    size: int | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockedGroup:
    """Blocked messages with one state, campaign and subject.

    `sample` is the newest of them. `recipients` are those of the campaign in the time, None where not counted.
    """

    state: int
    campaign: int
    subject: str
    count: int
    first: datetime
    last: datetime
    newest: int
    campaign_name: str = ""
    sample: Sample | None = None
    recipients: int | None = None


@dataclass(frozen=True, slots=True)
class LastApply:
    """The last run that wrote to the account: the id of its receipt, and when it began."""

    receipt: str
    started: datetime


@dataclass(frozen=True, slots=True)
class TemplateMatch:
    """How messages of a template are recognised: by a pattern of the subject, or by the name of the campaign."""

    address: str
    subject: str = ""
    campaign: str = ""

    def matches(self, group: BlockedGroup) -> bool:
        """Return whether the messages of a group are likely of the template."""
        if self.campaign and self.campaign == group.campaign_name:
            return True
        parts = _TAG.split(self.subject)
        is_telling = any(part.strip() for part in parts)
        return is_telling and re.fullmatch(".*".join(map(re.escape, parts)), group.subject, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What was blocked between two times, and what does not work now.

    `buckets` counts messages by state, from `since` on in steps of `step`. `sent` is the number of messages that the
    account sent in the time, None where it was not counted. `is_complete` is false where the limit of pages was
    reached. `undo` is the receipt of the apply after which the first of them came.
    """

    since: datetime
    until: datetime
    groups: tuple[BlockedGroup, ...] = ()
    step: timedelta = timedelta(hours=1)
    buckets: tuple[Mapping[int, int], ...] = ()
    problems: tuple[Finding, ...] = ()
    sent: int | None = None
    is_complete: bool = True
    last_apply: LastApply | None = None
    undo: str | None = None
    template: str | None = None
    requests: Mapping[str, int] = field(default_factory=dict)

    @property
    def blocked(self) -> int:
        """The number of blocked messages that were read."""
        return sum(group.count for group in self.groups)


def read_health(
    reader: PageReader,
    since: datetime,
    until: datetime,
    template: TemplateMatch | None = None,
    last_apply: LastApply | None = None,
) -> HealthReport:
    """Read the blocked messages of a time and what does not work now, in at most MAX_REQUESTS requests."""
    messages, is_complete = _blocked_messages(reader, since, until)
    groups = _with_campaigns(reader, _groups(messages), since)
    if template:
        groups = [group for group in groups if template.matches(group)]
        keys = {(group.state, group.campaign, group.subject) for group in groups}
        messages = [row for row in messages if _key(row) in keys]
    groups[:MAX_GROUPS] = [replace(group, sample=_sample(reader, group.newest)) for group in groups[:MAX_GROUPS]]
    hours = int((until - since) / timedelta(hours=1))
    step = timedelta(hours=max(1, -(-hours // MAX_BUCKETS)))  # of one bar
    first = min((group.first for group in groups), default=None)
    undo = None
    if last_apply and first and since < last_apply.started.replace(microsecond=0) <= first:
        undo = last_apply.receipt
    return HealthReport(
        since,
        until,
        tuple(groups),
        step,
        tuple(_buckets(messages, since, until, step)),
        tuple(find_problems(reader)),
        _sent(reader, since, until),
        is_complete,
        last_apply,
        undo,
        template.address if template else None,
    )


def _blocked_messages(reader: PageReader, since: datetime, until: datetime) -> tuple[list[Row], bool]:
    """Return the newest messages of each state, and whether these are all of them.

    Each has its time as `arrived`; that of a message without one is `until`.
    """
    found: list[Row] = []
    is_complete = True
    for state in STATES:
        filters = {
            "FromTS": format_time(since),
            "MessageState": str(state),
            "ShowSubject": "true",
            "Sort": "ArrivedAt DESC",
        }
        listing = read_pages(reader, "message", filters, MAX_PAGES)
        rows = (row for row in listing.rows if _state(row, state) == state)
        found += [{**row, "StateID": state, "arrived": parse_time(row.get("ArrivedAt")) or until} for row in rows]
        is_complete = is_complete and listing.is_complete
    return [row for row in found if _arrived(row) > since], is_complete


def _state(row: Row, expected: int) -> int | None:
    """Return the state of a message; a row without one has the expected state if it was blocked."""
    if "StateID" in row:
        return as_count(row["StateID"])
    return expected if row.get("Status", "blocked") == "blocked" else None


def _arrived(row: Row) -> datetime:
    moment: datetime = row["arrived"]
    return moment


def _key(row: Row) -> tuple[int, int, str]:
    return row["StateID"], as_count(row.get("CampaignID")), str(row.get("Subject") or "")


def _groups(messages: Iterable[Row]) -> list[BlockedGroup]:
    """Group messages by state, campaign and subject, the largest group first."""
    rows: defaultdict[tuple[int, int, str], list[Row]] = defaultdict(list)
    for row in messages:
        rows[_key(row)].append(row)
    groups = []
    for key, members in rows.items():
        first, newest = min(map(_arrived, members)), max(members, key=_arrived)
        groups.append(BlockedGroup(*key, len(members), first, _arrived(newest), as_count(newest.get("ID"))))
    return sorted(groups, key=lambda group: (-group.count, group.state, group.campaign, group.subject))


def _with_campaigns(reader: PageReader, groups: list[BlockedGroup], since: datetime) -> list[BlockedGroup]:
    """Add the names of the campaigns of the largest groups, and the recipients of all: one request a campaign, and one.

    The recipients are those of 1,000 campaigns at most.
    """
    campaigns = {group.campaign for group in groups[:MAX_GROUPS] if group.campaign}
    if not campaigns:
        return groups
    found = {number: read_if_allowed(reader, f"campaign/{number}") for number in sorted(campaigns)}
    names = {number: str(rows[0].get("CustomValue") or "") for number, rows in found.items() if rows}
    sent = read_if_allowed(reader, "messagesentstatistics", {"FromTS": format_time(since), "Limit": "1000"})
    recipients = {as_count(row.get("CampaignID")): as_count(row.get("CntRecipients")) for row in sent or ()}
    return [
        replace(each, campaign_name=names.get(each.campaign, ""), recipients=recipients.get(each.campaign))
        for each in groups
    ]


def _sample(reader: PageReader, number: int) -> Sample:
    """Look up the size and the history of a message: two requests."""
    history = read_if_allowed(reader, f"messagehistory/{number}") or []
    information = read_if_allowed(reader, f"messageinformation/{number}")
    size = as_count(information[0].get("MessageSize")) if information else None
    events = sorted(history, key=lambda event: as_count(event.get("EventAt")))
    details = ((str(event.get("EventType")), event.get("Comment") or event.get("State")) for event in events)
    return Sample(number, size, tuple(f"{what} ({detail})" if detail else what for what, detail in details))


def _buckets(messages: Iterable[Row], since: datetime, until: datetime, step: timedelta) -> Iterator[Mapping[int, int]]:
    counts = Counter((int((_arrived(row) - since) / step), row["StateID"]) for row in messages)
    last = max([int((until - since) / step), *(bucket for bucket, _ in counts)])
    for bucket in range(last + 1):
        yield {state: counts[bucket, state] for state in STATES}


def _sent(reader: PageReader, since: datetime, until: datetime) -> int | None:
    """Return how many messages the account sent in the time, by its counters of hours or days: one request."""
    resolution = "Hour" if until - since < MAX_HOURS else "Day"
    filters = {"CounterSource": "APIKey", "CounterTiming": "Message", "CounterResolution": resolution, "Limit": "1000"}
    rows = read_if_allowed(reader, "statcounters", {**filters, "FromTS": format_time(since)})
    return None if rows is None else sum(as_count(row.get("Total")) for row in rows)


def find_problems(reader: PageReader) -> Iterator[Finding]:
    """Yield suspended webhooks, inactive senders, and parse routes that get no mail: three requests."""
    webhooks = read_if_allowed(reader, "eventcallbackurl", {"Limit": "1000"})
    senders = read_if_allowed(reader, "sender", {"Limit": "1000", "ShowDeleted": "false"})
    routes = read_if_allowed(reader, "parseroute", {"Limit": "1000"})
    for name, rows in (("webhooks", webhooks), ("senders", senders)):
        if rows is None:
            yield _problem("not-read", f"this key may not read the {name}", "Use a key that may.")
    for row in webhooks or ():
        if row.get("Status") == "dead":
            message = f"the webhook for {row.get('EventType')} is suspended: its URL did not answer"
            yield _problem("dead-webhook", message, "Make the receiver answer 200, then set another URL.")
    for row in senders or ():
        if row.get("Status") == "Inactive":
            message = f"the sender {row.get('Email')} is inactive: Mailjet refuses to send from it"
            yield _problem("inactive-sender", message, "Validate the address or its domain in the Mailjet app.")
    active = {domain_of(row) for row in senders or () if row.get("Status") == "Active"}
    for row in routes or () if senders is not None else ():
        domain = domain_of(row)
        if domain and domain not in active and not domain.endswith(_GENERATED_DOMAIN):
            message = f"the parse route {row.get('Email')} is at a domain that no active sender has"
            yield _problem("parse-domain", message, "Add the domain as a sender, and point its MX record to Mailjet.")


def _problem(code: str, message: str, way_out: str) -> Finding:
    return Finding(code, message, way_out, "warning")
