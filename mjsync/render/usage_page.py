"""Write the reports of usage and segment-diff as pages and as JSON documents."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from mjsync.account_reports.reading import format_time
from mjsync.account_reports.segment_diff import SegmentDiff
from mjsync.account_reports.usage import MAX_SIZES, UnusedObject, UsageReport
from mjsync.errors import counted
from mjsync.render.account_page import Page, Table
from mjsync.render.to_json import number


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
        (
            each.kind,
            each.name,
            str(each.id),
            _size(each),
            each.created,
            each.changed,
        )
        for each in report.unused
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
