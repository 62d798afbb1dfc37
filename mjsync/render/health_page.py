"""Write a health report as a page, and as the document `mjsync-health/1`."""

from datetime import datetime
from typing import Any

from mjsync.account_reports.health import MAX_PAGES, STATES, BlockedGroup, HealthReport
from mjsync.account_reports.reading import PAGE_SIZE, format_time
from mjsync.errors import counted
from mjsync.render.account_page import Chart, Page, Table, problems_table
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
    parts: list[Table | Chart] = []
    if report.groups:
        parts += [_groups_table(report), _chart(report)]
    parts.append(problems_table(report.problems))
    return Page(f"Health of {environment}", tuple(_intro(report)), tuple(parts), tuple(_notes(report)))


def _intro(report: HealthReport) -> list[str]:
    of = f" of {report.sent:,} sent" if report.sent else ""
    most = "" if report.is_complete else "at least "
    about = f" that are likely of {report.template}" if report.template else ""
    what = f"{most}{counted(report.blocked, 'message', ',')}{of}" if report.blocked else "No message"
    return [f"{what}{about} blocked for the content since {_clock(report.since)} UTC."]


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


def _chart(report: HealthReport) -> Chart:
    hours = int(report.step.total_seconds() // 3600)
    labels = tuple(f"{report.since + index * report.step:%m-%d %H:%M}" for index in range(len(report.buckets)))
    bars = tuple(tuple(bar[state] for state in STATES) for bar in report.buckets)
    return Chart(
        f"Blocked messages per {'hour' if hours == 1 else f'{hours} hours'}", labels, tuple(STATES.values()), bars
    )


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
