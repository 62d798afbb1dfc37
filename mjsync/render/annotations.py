"""A plan or findings as remarks on lines of manifests, the way code review tools take them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mjsync.engine.plan import Change
from mjsync.errors import Finding, Location
from mjsync.render.report import Report
from mjsync.render.text import visible
from mjsync.render.to_text import headline

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """One remark: how much it matters, its stable code, one visible line of text, and where it belongs."""

    level: Level
    code: str
    message: str
    place: Location | None = None


def finding_annotations(findings: Iterable[Finding]) -> Iterator[Annotation]:
    """Each finding at its place."""
    for finding in findings:
        yield Annotation(finding.severity, finding.code, visible(str(finding.at(None))), finding.location)


def plan_annotations(report: Report) -> Iterator[Annotation]:
    """Guards and failed steps, then warnings, then each change at the entry that asks for it."""
    plan = report.plan
    places = {str(change.address): change.entry.location for change in plan.changes if change.entry}
    for guard in report.standing:
        said = Finding(f"guard-{guard.code}", guard.message, f"To allow it: {guard.allow}.", address=guard.address)
        yield from finding_annotations([said.at(places.get(guard.address))])
    for kind in plan.unreadable:
        yield Annotation("error", kind.reason.code, visible(f"{kind.kind} was not read: {kind.reason.at(None)}"))
    for result in report.results:
        if result.error:
            level: Level = "warning" if result.status == "skipped" else "error"
            text = f"{result.status}: {result.error.at(None)}"
            yield Annotation(level, result.error.code, visible(text), places.get(str(result.change.address)))
        yield from finding_annotations(result.warnings)
    yield from finding_annotations(plan.warnings)
    yield from (_change(change) for change in plan.changes)


def _change(change: Change) -> Annotation:
    paths = ", ".join(field.path for field in change.fields)
    fields = f": {paths}" if paths and change.action.value in ("update", "rename") else ""
    text = f"{change.address}: {headline(change)}{fields}"
    return Annotation(
        "note", f"change-{change.action.value}", visible(text), change.entry.location if change.entry else None
    )
