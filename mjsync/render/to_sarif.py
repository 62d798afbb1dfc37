"""Findings and plans as SARIF 2.1.0, for code scanning.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

import hashlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from mjsync.errors import Finding, Location
from mjsync.render.annotations import Annotation, finding_annotations, plan_annotations
from mjsync.render.report import Report
from mjsync.render.text import json_text

PROJECT = Location("mjsync.yaml", 1)
"""Where a remark stands that belongs to no manifest line: code scanning takes none without a location."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def plan_sarif(report: Report, folder: str = "") -> str:
    """A plan as one SARIF log; `folder` is the project's, relative to the repository."""
    return _log(tuple(plan_annotations(report)), report.version, folder)


def findings_sarif(findings: Iterable[Finding], version: str, folder: str = "") -> str:
    """Findings as one SARIF log."""
    return _log(tuple(finding_annotations(findings)), version, folder)


def _log(remarks: tuple[Annotation, ...], version: str, folder: str) -> str:
    rules = sorted({remark.code for remark in remarks})
    described = [{"id": rule, "shortDescription": {"text": rule.replace("-", " ")}} for rule in rules]
    driver = {"name": "mjsync", "version": version, "rules": described}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark, rules.index(remark.code), folder) for remark in remarks],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _result(remark: Annotation, rule: int, folder: str) -> dict[str, Any]:
    place = remark.place or PROJECT
    where = remark.place.file if remark.place else ""
    same = hashlib.sha256(f"{remark.code}\0{where}\0{remark.message}".encode("utf-8", "surrogatepass"))
    return {
        "ruleId": remark.code,
        "ruleIndex": rule,
        "level": remark.level,
        "message": {"text": remark.message},
        "locations": [{"physicalLocation": _location(place, folder)}],
        "partialFingerprints": {"mjsync/v1": same.hexdigest()[:32]},
    }


def _location(place: Location, folder: str) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(f"{folder}{place.file}")}}
    if place.line:
        column = {"startColumn": place.column} if place.column else {}
        location["region"] = {"startLine": place.line, **column}
    return location
