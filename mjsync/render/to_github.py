"""Annotations for GitHub: workflow commands, one a line; nothing in a message can be taken for another command.

Source: GitHub's documentation of workflow commands, on setting notice, warning and error messages.
"""

from collections.abc import Iterable

from mjsync.errors import Finding
from mjsync.render.annotations import Annotation, finding_annotations, plan_annotations
from mjsync.render.report import Report

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def plan_github(report: Report, folder: str = "") -> str:
    """A plan as annotations; `folder` is the project's, relative to the repository."""
    return _annotations(plan_annotations(report), folder)


def findings_github(findings: Iterable[Finding], folder: str = "") -> str:
    """Findings as annotations."""
    return _annotations(finding_annotations(findings), folder)


def _annotations(remarks: Iterable[Annotation], folder: str) -> str:
    return "".join(f"{_annotation(remark, folder)}\n" for remark in remarks)


def _annotation(remark: Annotation, folder: str) -> str:
    place = remark.place
    properties: dict[str, object] = {}
    if place:
        properties = {"file": f"{folder}{place.file}", "line": place.line, "col": place.column}
    properties["title"] = f"mjsync {remark.code}"
    given = ",".join(f"{key}={str(value).translate(_PROPERTY)}" for key, value in properties.items() if value)
    return f"::{COMMANDS[remark.level]} {given}::{remark.message.translate(_DATA)}"
