"""Count what an account has and sent, without reading it: objects by kind, contacts, blocked messages, the month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mjsync.account_reports.health import STATES, LastApply, find_problems
from mjsync.account_reports.reading import AccountReader, as_count, count_if_allowed, format_time, read_if_allowed
from mjsync.engine.plan import Plan
from mjsync.errors import Finding
from mjsync.resources import SECTIONS

MAX_REQUESTS = len(SECTIONS) + 3 + len(STATES) + 1 + 3
"""Besides those of a plan: a count for each kind, contacts, active contacts, bounces and each state, and four pages."""

COUNTERS: Mapping[str, tuple[str, ...]] = {
    "sent": ("MessageSentCount",),
    "bounced": ("MessageHardBouncedCount", "MessageSoftBouncedCount"),
    "blocked": ("MessageBlockedCount",),
}
"""Series of the month to the counters that are added up."""


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many objects of a kind the manifests manage, and how many others the account has; None if not counted."""

    kind: str
    managed: int
    unmanaged: int | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One environment on one screen. `days` are the counters of each day of this month, by series of COUNTERS."""

    environment: str
    account: int | None
    kinds: tuple[KindCount, ...]
    contacts: int | None
    active_contacts: int | None
    bounces: int | None
    pending: int
    drifted: int | None
    blocked: Mapping[int, int | None]
    days: tuple[tuple[str, tuple[int, ...]], ...]
    problems: tuple[Finding, ...]
    last_apply: LastApply | None = None
    requests: Mapping[str, int] = field(default_factory=dict)


def read_status(reader: AccountReader, plan: Plan, now: datetime, last_apply: LastApply | None) -> StatusReport:
    """Read a status in at most MAX_REQUESTS requests; `plan` is what is pending now."""
    since = {"FromTS": format_time(now - timedelta(days=1))}
    edited = sum(change.origin in ("theirs", "conflict") for change in plan.changes)
    return StatusReport(
        plan.environment,
        plan.account,
        tuple(_kinds(reader, plan)),
        count_if_allowed(reader, "contact", {}),
        count_if_allowed(reader, "contactstatistics", {"MinLastActivityAt": format_time(now - timedelta(days=30))}),
        count_if_allowed(reader, "bouncestatistics", {"EventFromTs": since["FromTS"]}),
        len(plan.changes),
        edited if plan.deployed else None,
        {state: count_if_allowed(reader, "message", {**since, "MessageState": str(state)}) for state in STATES},
        tuple(_days(reader, now)),
        tuple(find_problems(reader)),
        last_apply,
    )


def _kinds(reader: AccountReader, plan: Plan) -> Iterator[KindCount]:
    for kind in SECTIONS.values():
        managed = sum(address.kind == kind.name for address in plan.ids)
        total = count_if_allowed(reader, kind.endpoint, kind.filters)
        yield KindCount(kind.name, managed, None if total is None else max(total - managed, 0))


def _days(reader: AccountReader, now: datetime) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each day of the month with its counters, days without messages too; none where they may not be read.

    One request.
    """
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    filters = {"CounterSource": "APIKey", "CounterTiming": "Message", "CounterResolution": "Day", "Limit": "1000"}
    rows = read_if_allowed(reader, "statcounters", {**filters, "FromTS": format_time(first - timedelta(seconds=1))})
    if rows is None:
        return
    by_day = {str(row.get("Timeslice"))[:10]: row for row in rows}
    for number in range(now.day):
        row = by_day.get(f"{first + timedelta(days=number):%Y-%m-%d}", {})
        counts = tuple(sum(as_count(row.get(name)) for name in names) for names in COUNTERS.values())
        yield f"{first + timedelta(days=number):%m-%d}", counts
