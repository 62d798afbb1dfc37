"""Write one report of several environments: a section each, and a last line that names those that failed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mjsync.errors import WORST_FIRST, Finding, counted
from mjsync.redaction import redact_texts
from mjsync.render.formats import RenderOptions
from mjsync.render.report import Report
from mjsync.render.terminal_lines import Line
from mjsync.render.text import error_json, json_text
from mjsync.render.to_annotations import findings_github, plan_github
from mjsync.render.to_json import report_json
from mjsync.render.to_junit import failed_suite, junit_document, plan_suite
from mjsync.render.to_markdown import LEAST_CHARS, fenced, plan_markdown
from mjsync.render.to_text import finding_lines, plan_lines, result_lines

BAD_ENDS: Mapping[int, str] = {1: "failed", 2: "wrong use", 4: "refused", 5: "applied in part"}
NOTICE = 1_000
"""Characters reserved for the names of the environments that Markdown leaves out."""
HEADING = 40
"""Characters, about, of the heading of a section."""


@dataclass(frozen=True, slots=True)
class Section:
    """One environment: its exit code, its report if it has one, and the findings that made it fail."""

    environment: str
    exit_code: int
    report: Report | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_bad(self) -> bool:
        """Whether the environment failed, was refused or was applied in part."""
        return self.exit_code in BAD_ENDS

    @property
    def end(self) -> str:
        """How the environment ended, in a word or two."""
        if self.is_bad or self.report is None:
            return BAD_ENDS.get(self.exit_code, "done")
        return self.report.end

    def redacted(self, redact: Callable[[str], str]) -> "Section":
        """Copy the section with every text it shows redacted."""
        report = self.report.redacted(redact) if self.report else None
        return replace(self, report=report, findings=redact_texts(self.findings, redact))


def _summary(sections: Sequence[Section]) -> str:
    bad = ", ".join(section.environment for section in sections if section.is_bad)
    return f"{_counts(sections)}: {bad}." if bad else f"{_counts(sections)}."


def _counts(sections: Sequence[Section]) -> str:
    ends = Counter(section.end for section in sorted(sections, key=lambda section: section.exit_code))
    counts = ", ".join(f"{count} {end}" for end, count in ends.items())
    return f"{counted(len(sections), 'environment')}, {counts}"


def _text(sections: Sequence[Section], options: RenderOptions) -> str:
    lines: list[Line] = []
    for section in sections:
        lines.append((f"── {section.environment}", ""))
        if section.report:
            lines += plan_lines(section.report.plan)
            lines += result_lines(section.report.results) if section.report.results else ()
        lines += [*finding_lines(section.findings), ("", "")]
    return "".join(f"{options.redactor.text(line)}\n" for line, _ in (*lines, (_summary(sections), "")))


def _markdown(sections: Sequence[Section], options: RenderOptions) -> str:
    """Write whole sections as long as they fit, the worst first; name the others, then count them."""
    share = max(LEAST_CHARS, options.max_chars // len(sections) - HEADING)
    texts = {}
    for section in (each.redacted(options.redactor.text) for each in sections):
        report = plan_markdown(section.report, share) if section.report else ""
        failure = fenced((line for line, _ in finding_lines(section.findings)), "") if section.findings else ""
        texts[section.environment] = f"## {section.environment}\n\n{report or failure}\n"
    text = f"{''.join(texts.values())}{_summary(sections)}\n"
    if len(text) <= options.max_chars:
        return text
    worst_first = sorted(sections, key=lambda section: WORST_FIRST.index(section.exit_code))
    room = options.max_chars - NOTICE - len(_counts(sections))
    shown = set()
    for section in worst_first:
        if len(texts[section.environment]) <= room:
            room -= len(texts[section.environment])
            shown.add(section.environment)
    whole = "".join(text for name, text in texts.items() if name in shown)
    left_out = {each.environment: each.end for each in worst_first if each.environment not in shown}
    return f"{whole}{_left_out(left_out)}{_counts(sections)}.\n"


def _left_out(ends: Mapping[str, str]) -> str:
    """Name the sections that are not shown, and how those environments ended, in at most NOTICE characters."""
    named, room = [], NOTICE - 150
    for name, end in ends.items():
        if (room := room - len(name) - 20) < 0:
            break
        named.append(f"{name} ({end})")
    more = f" and {len(ends) - len(named)} more" if len(named) < len(ends) else ""
    return f"**Left out to keep this short: {counted(len(ends), 'environment')}.** {', '.join(named)}{more}.\n\n"


def _json(sections: Sequence[Section], options: RenderOptions) -> str:
    plans = []
    for section in sections:
        report = section.report
        if report is None or (section.findings and not report.is_applied):
            document = error_json(section.findings, section.exit_code)
        else:
            document = report_json(report)
        plans.append({**document, "environment": section.environment, "exit": section.exit_code})
    return json_text(options.redactor.value({"format": "mjsync-plans/1", "plans": plans})) + "\n"


def _github(sections: Sequence[Section], options: RenderOptions) -> str:
    """Write the annotations of every environment; findings name theirs."""
    texts = []
    for section in (each.redacted(options.redactor.text) for each in sections):
        texts.append(plan_github(section.report, options.folder) if section.report else "")
        named = (replace(each, message=f"{section.environment}: {each.message}") for each in section.findings)
        texts.append(findings_github(named, options.folder) if section.findings else "")
    return "".join(texts)


def _junit(sections: Sequence[Section], options: RenderOptions) -> str:
    """Write a suite for each environment; one without a plan is a suite with one error."""
    suites = []
    for section in (each.redacted(options.redactor.text) for each in sections):
        if section.report:
            suite = plan_suite(section.report)
            suite.set("name", f"{section.environment}: {suite.get('name', '')}")
        else:
            suite = failed_suite(section.environment, section.findings)
        suites.append(suite)
    return junit_document(suites)


FORMS: Mapping[str, Callable[[Sequence[Section], RenderOptions], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
    "junit": _junit,
}
"""The formats of a report of several environments, each without secrets."""
