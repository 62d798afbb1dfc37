"""The formats of a result: their names, the suffixes of their files, and who writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mjsync.errors import Finding
    from mjsync.redaction import Redactor
    from mjsync.render.report import Report

MAX_CHARS = 65_536
"""Characters of a comment on GitHub: the longest Markdown by default."""

FORMATS: Mapping[str, str] = {
    "text": ".txt",
    "json": ".json",
    "markdown": ".md",
    "html": ".html",
    "junit": ".xml",
    "sarif": ".sarif",
    "github": "",
}
"""Name of a format to the suffix of its files, empty where a suffix does not name it."""

FINDING_FORMATS = ("text", "json", "junit", "sarif", "github")
"""The formats that findings alone can be written in."""

PAGE_FORMATS = ("text", "json", "markdown", "html")
"""The formats of reports on an account, which are pages."""


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


def write_report(form: str, report: "Report", options: RenderOptions) -> str:
    """Write a report in a format; the text has no secrets and ends with a line end."""
    redact = options.redactor.text
    match form:
        case "text":
            from mjsync.render.to_text import plan_lines, result_lines

            lines = [*plan_lines(report.plan), *(result_lines(report.results) if report.results else ())]
            return "".join(f"{redact(line)}\n" for line, _ in lines)
        case "json":
            from mjsync.render.text import json_text
            from mjsync.render.to_json import report_json

            return json_text(options.redactor.value(report_json(report))) + "\n"
        case "markdown":
            from mjsync.render.to_markdown import plan_markdown

            return plan_markdown(report.redacted(redact), options.max_chars, options.report_url)
        case "html":
            from mjsync.render.mail import fill_with_examples
            from mjsync.render.to_html import plan_html

            return plan_html(report, redact, fill_with_examples)
        case "junit":
            from mjsync.render.to_junit import junit_document, plan_suite

            return junit_document([plan_suite(report.redacted(redact))])
    from mjsync.render.to_annotations import plan_github, plan_sarif

    return (plan_sarif if form == "sarif" else plan_github)(report.redacted(redact), options.folder)


def write_findings(form: str, findings: "tuple[Finding, ...]", options: RenderOptions) -> str:
    """Write findings in one of FINDING_FORMATS but text, without secrets."""
    if form == "json":
        from mjsync.render.text import json_text
        from mjsync.render.to_json import findings_json

        return json_text(options.redactor.value(findings_json(findings))) + "\n"
    from mjsync.redaction import redact_texts

    findings = redact_texts(findings, options.redactor.text)
    if form == "junit":
        from mjsync.render.to_junit import findings_junit

        return findings_junit(findings)
    from mjsync.render.to_annotations import findings_github, findings_sarif

    if form == "sarif":
        return findings_sarif(findings, options.version, options.folder)
    return findings_github(findings, options.folder)
