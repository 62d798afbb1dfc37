"""The formats of a result: the suffix of its files, and the functions that write it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mjsync.errors import Finding

if TYPE_CHECKING:
    from mjsync.redaction import Redactor
    from mjsync.render.report import Report

MAX_CHARS = 65_536
"""Characters of a comment on GitHub: the longest Markdown by default."""

PAGE_FORMATS = ("text", "json", "markdown", "html")
"""The formats of reports on an account, which are pages."""

Findings = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a format writes: what masks secrets, the folder of the project in its repository, the longest Markdown.

    `folder` is empty or ends with a slash; `report_url` is where Markdown links to; `version` is that of mjsync.
    """

    redactor: "Redactor"
    folder: str = ""
    max_chars: int = MAX_CHARS
    report_url: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; its text has no secrets and ends with a line end.

    `findings` is None where findings alone cannot be written in it.
    """

    plan: "Callable[[Report, RenderOptions], str]"
    findings: Callable[[Findings, RenderOptions], str] | None = None
    suffix: str = ""


def _text(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_text import plan_lines, result_lines

    lines = [*plan_lines(report.plan), *(result_lines(report.results) if report.results else ())]
    return "".join(f"{options.redactor.text(line)}\n" for line, _ in lines)


def _json(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_json import report_json

    return _json_text(report_json(report), options)


def _findings_json(findings: Findings, options: RenderOptions) -> str:
    from mjsync.render.to_json import findings_json

    return _json_text(findings_json(findings), options)


def _markdown(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_markdown import plan_markdown

    return plan_markdown(report.redacted(options.redactor.text), options.max_chars, options.report_url)


def _html(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.mail import fill_with_examples
    from mjsync.render.to_html import plan_html

    return plan_html(report, options.redactor.text, fill_with_examples)


def _junit(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_junit import plan_junit

    return plan_junit(report.redacted(options.redactor.text))


def _findings_junit(findings: Findings, options: RenderOptions) -> str:
    from mjsync.render.to_junit import findings_junit

    return findings_junit(_redacted(findings, options))


def _sarif(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_annotations import plan_sarif

    return plan_sarif(report.redacted(options.redactor.text), options.folder)


def _findings_sarif(findings: Findings, options: RenderOptions) -> str:
    from mjsync.render.to_annotations import findings_sarif

    return findings_sarif(_redacted(findings, options), options.version, options.folder)


def _github(report: "Report", options: RenderOptions) -> str:
    from mjsync.render.to_annotations import plan_github

    return plan_github(report.redacted(options.redactor.text), options.folder)


def _findings_github(findings: Findings, options: RenderOptions) -> str:
    from mjsync.render.to_annotations import findings_github

    return findings_github(_redacted(findings, options), options.folder)


def _json_text(document: Any, options: RenderOptions) -> str:
    from mjsync.render.text import json_text

    return json_text(options.redactor.value(document)) + "\n"


def _redacted(findings: Findings, options: RenderOptions) -> Findings:
    from mjsync.redaction import redact_texts

    redacted: Findings = redact_texts(findings, options.redactor.text)
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
