"""Write a plan or findings as annotations of manifest lines: GitHub workflow commands, or SARIF 2.1.0.

Sources: GitHub's documentation of workflow commands (notice, warning and error messages); OASIS, Static Analysis
Results Interchange Format (SARIF) Version 2.1.0.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from mjsync.errors import Finding, Location
from mjsync.render.report import Report
from mjsync.render.text import json_text, once_per_group, visible
from mjsync.render.wording import headline

Level = Literal["error", "warning", "note"]

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
PROJECT = Location("mjsync.yaml", 1)
"""The location of a result without one of its own: code scanning accepts none without."""

_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: its level, its stable code, one visible line of text, and the location it belongs to.

    Those with the same `group` have one cause.
    """

    level: Level
    code: str
    message: str
    location: Location | None = None
    group: str = ""


def plan_github(report: Report, folder: str = "") -> str:
    """Write a plan as workflow commands, one per line; `folder` is the project's, relative to the repository."""
    plan = replace(report.plan, warnings=tuple(once_per_group(report.plan.warnings)))
    return annotations_github(_plan_annotations(replace(report, plan=plan)), folder)


def findings_github(findings: Iterable[Finding], folder: str = "") -> str:
    """Write findings as workflow commands, one per line."""
    return annotations_github(_finding_annotations(once_per_group(findings)), folder)


def plan_sarif(report: Report, folder: str = "") -> str:
    """Write a plan as one SARIF log; `folder` is the project's, relative to the repository."""
    return annotations_sarif(_plan_annotations(report), report.version, folder)


def findings_sarif(findings: Iterable[Finding], version: str, folder: str = "") -> str:
    """Write findings as one SARIF log."""
    return annotations_sarif(_finding_annotations(findings), version, folder)


def _finding_annotations(findings: Iterable[Finding]) -> Iterator[Annotation]:
    for finding in findings:
        text = visible(str(finding.at(None)))
        yield Annotation(finding.severity, finding.code, text, finding.location, finding.group)


def _plan_annotations(report: Report) -> Iterator[Annotation]:
    """Yield guards and failed steps, then warnings, then each change at the entry that states it."""
    plan = report.plan
    locations = {str(change.address): change.entry.location for change in plan.changes if change.entry}
    for guard in report.standing:
        finding = Finding(f"guard-{guard.code}", guard.message, f"To allow it: {guard.allow}.", address=guard.address)
        yield from _finding_annotations([finding.at(locations.get(guard.address))])
    for guard in report.approved:
        text = visible(f"{guard.address}: approved: {guard.message}")
        yield Annotation("note", f"approved-{guard.code}", text, locations.get(guard.address))
    for kind, reason in plan.unreadable.items():
        yield Annotation("error", reason.code, visible(f"{kind} was not read: {reason.at(None)}"))
    for result in report.results:
        if result.error:
            level: Level = "warning" if result.status == "skipped" else "error"
            text = f"{result.status}: {result.error.at(None)}"
            yield Annotation(level, result.error.code, visible(text), locations.get(str(result.change.address)))
        yield from _finding_annotations(result.warnings)
    yield from _finding_annotations(plan.warnings)
    for change in plan.changes:
        paths = ", ".join(field.path for field in change.fields)
        fields = f": {paths}" if paths and change.action.value in ("update", "rename") else ""
        text = visible(f"{change.address}: {headline(change)}{fields}")
        yield Annotation("note", f"change-{change.action.value}", text, locations.get(str(change.address)))


def annotations_github(annotations: Iterable[Annotation], folder: str) -> str:
    """Write annotations as workflow commands, one per line; nothing in a message can be read as another command."""
    text = ""
    for annotation in annotations:
        properties: dict[str, object] = {}
        if location := annotation.location:
            properties = {"file": f"{folder}{location.file}", "line": location.line, "col": location.column}
        properties["title"] = f"mjsync {annotation.code}"
        stated = ",".join(f"{key}={str(value).translate(_PROPERTY)}" for key, value in properties.items() if value)
        text += f"::{COMMANDS[annotation.level]} {stated}::{annotation.message.translate(_MESSAGE)}\n"
    return text


def annotations_sarif(annotations: Iterable[Annotation], version: str, folder: str) -> str:
    """Write annotations as one SARIF log."""
    annotations = tuple(annotations)
    codes = sorted({annotation.code for annotation in annotations})
    rules = [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes]
    run = {
        "tool": {"driver": {"name": "mjsync", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(annotation, codes.index(annotation.code), folder) for annotation in annotations],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _sarif_result(annotation: Annotation, rule: int, folder: str) -> dict[str, Any]:
    location = annotation.location or PROJECT
    file = annotation.location.file if annotation.location else ""
    fingerprint = hashlib.sha256(f"{annotation.code}\0{file}\0{annotation.message}".encode("utf-8", "surrogatepass"))
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(f"{folder}{location.file}")}}
    if location.line:
        column = {"startColumn": location.column} if location.column else {}
        physical["region"] = {"startLine": location.line, **column}
    return {
        "ruleId": annotation.code,
        "ruleIndex": rule,
        "level": annotation.level,
        "message": {"text": annotation.message},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"mjsync/v1": fingerprint.hexdigest()[:32]},
        **({"properties": {"group": annotation.group}} if annotation.group else {}),
    }
