"""Write the reports of status and doctor as pages and as JSON documents."""

from dataclasses import asdict
from typing import Any

from mjsync.account_reports.health import STATES
from mjsync.account_reports.readiness import Check
from mjsync.account_reports.reading import format_time
from mjsync.account_reports.status import COUNTERS, StatusReport
from mjsync.errors import Finding, counted
from mjsync.render.account_page import Chart, Page, Table, problems_table
from mjsync.render.to_json import number


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
        f"Last apply: {f'{apply.started:%Y-%m-%d %H:%M} UTC, {apply.receipt}' if apply else 'no receipt here'}.",
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
