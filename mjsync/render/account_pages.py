"""Lay out the reports on an account as pages, and as JSON documents such as `mjsync-health/1`."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mjsync.account_reports.health import MAX_PAGES, STATES, BlockedGroup, HealthReport
from mjsync.account_reports.readiness import Check
from mjsync.account_reports.reading import PAGE_SIZE, format_time
from mjsync.account_reports.segment_diff import SegmentDiff
from mjsync.account_reports.status import COUNTERS, StatusReport
from mjsync.account_reports.usage import MAX_SIZES, UnusedObject, UsageReport
from mjsync.account_reports.verify import VerifyReport
from mjsync.errors import Finding, counted
from mjsync.render.page_formats import Chart, Page, Table, problems_table
from mjsync.render.to_json import number

MAX_ROWS = 20
"""Groups that a page lists."""


def health_json(report: HealthReport, environment: str) -> dict[str, Any]:
    """Build the document of a health report."""
    return {
        "format": "mjsync-health/1",
        "environment": environment,
        "since": format_time(report.since),
        "until": format_time(report.until),
        "template": report.template,
        "blocked": report.blocked,
        "sent": report.sent,
        "complete": report.is_complete,
        "groups": [_group_json(group) for group in report.groups],
        "per_hour": [
            {"start": format_time(report.since + index * report.step), "counts": {str(s): n for s, n in bar.items()}}
            for index, bar in enumerate(report.buckets)
        ],
        "problems": [finding.as_json() for finding in report.problems],
        "last_apply": report.last_apply.receipt if report.last_apply else None,
        "undo": report.undo,
        "requests": dict(report.requests),
    }


def _group_json(group: BlockedGroup) -> dict[str, Any]:
    sample = group.sample
    return {
        "state": group.state,
        "reason": STATES[group.state],
        "campaign": number(group.campaign),
        "campaign_name": group.campaign_name,
        "subject": group.subject,
        "count": group.count,
        "recipients": group.recipients,
        "first": format_time(group.first),
        "last": format_time(group.last),
        "message": number(group.newest),
        "size": sample.size if sample else None,
        "history": list(sample.events) if sample else [],
    }


def health_page(report: HealthReport, environment: str) -> Page:
    """Lay out a health report: what was blocked, when, and what does not work now."""
    of = f" of {report.sent:,} sent" if report.sent else ""
    most = "" if report.is_complete else "at least "
    about = f" that are likely of {report.template}" if report.template else ""
    what = f"{most}{counted(report.blocked, 'message', ',')}{of}" if report.blocked else "No message"
    intro = f"{what}{about} blocked for the content since {_clock(report.since)} UTC."
    parts: list[Table | Chart] = []
    if report.groups:
        hours = int(report.step.total_seconds() // 3600)
        title = f"Blocked messages per {'hour' if hours == 1 else f'{hours} hours'}"
        labels = tuple(f"{report.since + index * report.step:%m-%d %H:%M}" for index in range(len(report.buckets)))
        bars = tuple(tuple(bar[state] for state in STATES) for bar in report.buckets)
        parts += [_groups_table(report), Chart(title, labels, tuple(STATES.values()), bars)]
    parts.append(problems_table(report.problems))
    return Page(f"Health of {environment}", (intro,), tuple(parts), tuple(_notes(report)))


def _groups_table(report: HealthReport) -> Table:
    rows = tuple(
        (
            f"{group.count} of {group.recipients}" if group.recipients else str(group.count),
            f"{group.state} {STATES[group.state]}",
            group.campaign_name or str(group.campaign or ""),
            group.subject,
            _clock(group.first),
            _clock(group.last),
            _sample(group),
        )
        for group in report.groups[:MAX_ROWS]
    )
    header = ("messages", "state", "campaign", "subject", "first", "last", "newest message")
    return Table("Blocked messages", header, rows)


def _sample(group: BlockedGroup) -> str:
    if group.sample is None:
        return str(group.newest)
    size = "" if group.sample.size is None else f", {group.sample.size:,} B"
    return f"{group.sample.id}{size}: {', '.join(group.sample.events) or 'no events'}"


def _notes(report: HealthReport) -> list[str]:
    notes = []
    if report.undo:
        notes.append(f"They began after an apply. To take it back: mjsync undo {report.undo}")
    elif report.groups and report.last_apply and report.last_apply.started <= report.since:
        started = f"{_clock(report.last_apply.started)} UTC"
        notes.append(f"The last apply was at {started}; name an earlier --since to see whether they began after it.")
    if len(report.groups) > MAX_ROWS:
        notes.append(f"{counted(len(report.groups) - MAX_ROWS, 'more group')} in --format json.")
    if not report.is_complete:
        notes.append(f"Only the newest {MAX_PAGES * PAGE_SIZE:,} messages of each state were read.")
    if report.template:
        notes.append("Messages have no template id: they are matched by subject or campaign.")
    return notes


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def status_json(report: StatusReport) -> dict[str, Any]:
    """Build the document `mjsync-status/1`."""
    apply = report.last_apply
    return {
        "format": "mjsync-status/1",
        "environment": report.environment,
        "account": number(report.account),
        "kinds": [asdict(each) for each in report.kinds],
        "contacts": report.contacts,
        "active_contacts": report.active_contacts,
        "bounces": report.bounces,
        "pending": report.pending,
        "drifted": report.drifted,
        "blocked": {str(state): count for state, count in report.blocked.items()},
        "month": [{"day": day, **dict(zip(COUNTERS, counts, strict=True))} for day, counts in report.days],
        "problems": [finding.as_json() for finding in report.problems],
        "last_apply": {"receipt": apply.receipt, "started": format_time(apply.started)} if apply else None,
        "requests": dict(report.requests),
    }


def status_page(report: StatusReport) -> Page:
    """Lay out a status: sentences on the state, what is managed, the month, and problems."""
    apply = report.last_apply
    edited = None if report.drifted is None else f"{counted(report.drifted, 'object')} edited in Mailjet"
    blocked = ", ".join(f"{_text(count)} {STATES[state]}" for state, count in report.blocked.items())
    sums = [sum(counts[index] for _, counts in report.days) for index in range(len(COUNTERS))]
    month = ", ".join(f"{total:,} {name}" for name, total in zip(COUNTERS, sums, strict=True))
    month = month if report.days else "unknown"
    contacts = f"contacts: {_text(report.contacts)}, {_text(report.active_contacts)} of them active in 30 days"
    intro = (
        f"Account {report.account or 'unknown'}, {contacts}.",
        f"Last apply: {f'{_clock(apply.started)} UTC, {apply.receipt}' if apply else 'no receipt here'}.",
        f"Pending changes: {report.pending}. Drift: {edited or 'not known: no deployed commit'}.",
        f"In 24 hours, bounces: {_text(report.bounces)}; blocked for the content: {blocked}.",
        f"This month: {month}.",
    )
    rows = tuple((each.kind, str(each.managed), _text(each.unmanaged)) for each in report.kinds)
    parts: list[Table | Chart] = [Table("Objects", ("kind", "managed", "unmanaged"), rows)]
    first = next((index for index, (_, counts) in enumerate(report.days) if any(counts)), None)
    if first is not None:
        labels, bars = zip(*report.days[first:], strict=True)
        parts.append(Chart("Messages per day of this month", labels, tuple(COUNTERS), bars))
    parts.append(problems_table(report.problems))
    return Page(f"Status of {report.environment}", intro, tuple(parts))


def _text(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def doctor_json(checks: tuple[Check, ...], environment: str, requests: dict[str, int]) -> dict[str, Any]:
    """Build the document `mjsync-doctor/1`."""
    rows = [
        {"check": each.name, "status": each.status, "message": each.message, "way_out": each.way_out} for each in checks
    ]
    return {"format": "mjsync-doctor/1", "environment": environment, "checks": rows, "requests": requests}


def doctor_page(checks: tuple[Check, ...], environment: str) -> Page:
    """Lay out the checks, one row each."""
    rows = tuple((each.status, each.name, str(Finding(each.name, each.message, each.way_out))) for each in checks)
    return Page(f"Checks of {environment}", (), (Table("Checks", ("status", "check", "result"), rows),))


def usage_json(report: UsageReport, environment: str) -> dict[str, Any]:
    """Build the document `mjsync-usage/1`."""
    return {
        "format": "mjsync-usage/1",
        "environment": environment,
        "since": format_time(report.since),
        "complete": report.is_complete,
        "totals": dict(report.totals),
        "unused": [{**asdict(each), "id": number(each.id)} for each in report.unused],
        "requests": dict(report.requests),
    }


def usage_page(report: UsageReport, environment: str) -> Page:
    """Lay out the unused objects, and what the report cannot know."""
    rows = tuple(
        (each.kind, each.name, str(each.id), _size(each), each.created, each.changed) for each in report.unused
    )
    unused = Counter(each.kind for each in report.unused)
    shares = ", ".join(f"{unused[kind]:,} of {counted(count, kind, ',')}" for kind, count in report.totals.items())
    header = ("kind", "name", "id", "size", "created", "changed")
    notes = ["Sends by API and automations cannot be found out: check your code before you delete."]
    if not report.is_complete:
        notes.append("Not all was read: at most 5,000 rows of each listing.")
    if unused["template"] > MAX_SIZES:
        notes.append(f"The sizes are those of the first {MAX_SIZES} templates.")
    intro = f"Named by no draft and by no campaign since {report.since:%Y-%m-%d}: {shares}."
    table = Table("Named by nothing", header, rows, "Everything is named by a draft or a campaign.")
    return Page(f"Usage of {environment}", (intro,), (table,), tuple(notes))


def _size(unused: UnusedObject) -> str:
    if unused.bytes is not None:
        return f"{unused.bytes:,} B"
    return "" if unused.subscribers is None else counted(unused.subscribers, "subscriber", ",")


def segment_diff_json(diff: SegmentDiff, environment: str) -> dict[str, Any]:
    """Build the document `mjsync-segment-diff/1`."""
    return {"format": "mjsync-segment-diff/1", "environment": environment, **asdict(diff)}


def segment_diff_page(diff: SegmentDiff) -> Page:
    """Lay out both expressions, and how many contacts enter and leave."""
    intro = (
        f"before: {diff.before or 'there is no such segment'}",
        f"after:  {diff.after}",
        f"{diff.summary[0].upper()}{diff.summary[1:]}.",
    )
    notes = tuple(f"{limit[0].upper()}{limit[1:]}." for limit in diff.limits)
    return Page(f"Difference of {diff.address}", intro, (), notes)


def verify_json(report: VerifyReport, environment: str) -> dict[str, Any]:
    """Build the document of a verification."""
    return {
        "format": "mjsync-verify/1",
        "environment": environment,
        "trials": [
            {"address": each.address, "status": each.status, "findings": [one.as_json() for one in each.findings]}
            for each in report.trials
        ],
        "requests": dict(report.requests),
    }


def verify_page(report: VerifyReport, environment: str) -> Page:
    """Lay out a verification: one row for each trial, and what it proves."""
    rows = tuple(
        (trial.status, trial.address, "; ".join(f"{each.code}: {each.message}" for each in trial.findings))
        for trial in report.trials
    )
    table = Table("Trials", ("status", "address", "reason"), rows, "There is nothing to verify.")
    notes = ("Nothing was delivered. Template language is evaluated later: `mjsync health` shows what it blocks.",)
    return Page(f"Verification of {environment}", (), (table,), notes if rows else ())
