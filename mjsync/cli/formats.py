"""The formats a result can have: which files each is known by, and what makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mjsync.errors import Finding
from mjsync.redaction import Redactor

if TYPE_CHECKING:
    from mjsync.render.report import Report

MAX_CHARS = 65_536
"""Characters of a comment on GitHub: the longest Markdown unless said otherwise."""

Findings = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How results are to be written: what masks secrets, where the project lies in its repository, how long at most.

    `folder` is empty or ends with a slash.
    """

    masker: Redactor
    folder: str = ""
    max_chars: int = MAX_CHARS


@dataclass(frozen=True, slots=True)
class Format:
    """One format; what it makes is free of secrets and ends with a line end.

    `findings` is None where findings alone have no such form.
    """

    plan: "Callable[[Report, Manner], str]"
    findings: Callable[[Findings, Manner], str] | None = None
    suffix: str = ""


def _text(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_text import plan_lines, result_lines

    lines = [*plan_lines(report.plan), *(result_lines(report.results) if report.results else ())]
    return "".join(f"{manner.masker.text(line)}\n" for line, _ in lines)


def _json(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_json import applied_json, plan_json

    if report.results:
        return _dumped(applied_json(report.plan, report.results, report.receipt, report.version), manner)
    return _dumped(plan_json(report.plan, report.version), manner)


def _findings_json(findings: Findings, manner: Manner) -> str:
    from mjsync.render.to_json import findings_json

    return _dumped(findings_json(findings), manner)


def _markdown(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_markdown import plan_markdown

    return plan_markdown(report.redacted(manner.masker.text), manner.max_chars)


def _html(report: "Report", manner: Manner) -> str:
    from mjsync.cli import secrets
    from mjsync.cli.previewing import previewed
    from mjsync.render.page import ReportOptions
    from mjsync.render.to_html import plan_html

    return plan_html(report, manner.masker.text, ReportOptions(previewed, secrets.holds))


def _junit(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_junit import plan_junit

    return plan_junit(report.redacted(manner.masker.text))


def _findings_junit(findings: Findings, manner: Manner) -> str:
    from mjsync.render.to_junit import findings_junit

    return findings_junit(_veiled(findings, manner))


def _sarif(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_annotations import plan_sarif

    return plan_sarif(report.redacted(manner.masker.text), manner.folder)


def _findings_sarif(findings: Findings, manner: Manner) -> str:
    from mjsync import __version__
    from mjsync.render.to_annotations import findings_sarif

    return findings_sarif(_veiled(findings, manner), __version__, manner.folder)


def _github(report: "Report", manner: Manner) -> str:
    from mjsync.render.to_annotations import plan_github

    return plan_github(report.redacted(manner.masker.text), manner.folder)


def _findings_github(findings: Findings, manner: Manner) -> str:
    from mjsync.render.to_annotations import findings_github

    return findings_github(_veiled(findings, manner), manner.folder)


def _dumped(document: Any, manner: Manner) -> str:
    from mjsync.render.text import json_text

    return json_text(manner.masker.value(document)) + "\n"


def _veiled(findings: Findings, manner: Manner) -> Findings:
    from mjsync.redaction import redact_texts

    redacted: Findings = redact_texts(findings, manner.masker.text)
    return redacted


FORMATS: Mapping[str, Format] = {
    "text": Format(_text, suffix=".txt"),
    "json": Format(_json, _findings_json, suffix=".json"),
    "markdown": Format(_markdown, suffix=".md"),
    "html": Format(_html, suffix=".html"),
    "junit": Format(_junit, _findings_junit, suffix=".xml"),
    "sarif": Format(_sarif, _findings_sarif, suffix=".sarif"),
    "github": Format(_github, _findings_github),
}

SUFFIXES: Mapping[str, str] = {form.suffix: name for name, form in FORMATS.items() if form.suffix}
FINDING_FORMATS = ("text", *(name for name, form in FORMATS.items() if form.findings))
