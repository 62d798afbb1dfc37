"""Write a report as one self-contained HTML page that loads nothing and shows mails as their readers see them."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mjsync.render.groups import group_changes
from mjsync.render.page import ReportOptions, Row, change_views, group_findings, group_view
from mjsync.render.report import Report
from mjsync.render.text import visible
from mjsync.render.wording import SIGNS, note_text, plan_sentence

PAGES = "pages"
"""The folder beside this module with the page, its styles and its scripts."""
LEVEL = 4
"""Of compression: half the time of the usual one, for a tenth more size."""
CHUNK = 4096
"""Characters of one side of a mail that are packed beside the same ones of the other; half of the compression's window
of 32 kB holds both."""
SEPARATOR = "\0"
"""Stands between the packed pieces; no text on the page has it."""
OPEN_CHANGES = 10
"""Changes that are open when the page is."""


def plan_html(report: Report, redact: Callable[[str], str], options: ReportOptions) -> str:
    """Write the report as one HTML document; `redact` removes the secrets from every text on it."""
    redact = cache(redact)  # most texts come several times: as a value, in a diff, in a mail
    environment = _environment(redact)
    # Before words are marked: a mark inside a secret would hide it from the redaction.
    report = report.redacted(redact)
    render = options.preview
    options = replace(options, preview=lambda part, entry: redact(render(part, entry)))
    grouping = group_changes(report.plan)
    style = _asset(environment, "report.css")
    script = "".join(_asset(environment, name) for name in ("frames.js", "marks.js", "report.js"))
    warnings = (*report.plan.warnings, *(warning for result in report.results for warning in result.warnings))
    return environment.get_template("report.html.j2").render(
        report=report,
        sentence=plan_sentence(report.plan),
        consequences=report.consequences(),
        groups=[group_view(group) for group in grouping.groups],
        changes=change_views(report, options, grouping),
        open_changes=OPEN_CHANGES,
        tally=[(action.value, sign, count) for action, sign in SIGNS.items() if (count := report.plan.count(action))],
        steps={str(change.address): change.step for change in report.plan.changes},
        warnings=group_findings(warnings),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(script),
    )


def _environment(redact: Callable[[str], str]) -> Environment:
    def clean(value: Any) -> Any:
        return redact(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("mjsync.render", PAGES),
        autoescape=True,
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": visible,
        "lines": _lines,
        "packed": _packed,
        "note_text": note_text,
        "diff_rows": _diff_rows,
    }
    return environment


def _diff_rows(rows: Iterable[Row]) -> Markup:
    """Return the lines of a diff as HTML: written here, since a report has tens of thousands of them."""
    lines = []
    for style, sign, runs in rows:
        text = "".join(
            f"<mark>{escape(text, quote=False)}</mark>" if is_marked else escape(text, quote=False)
            for text, is_marked in runs
        )
        lines.append(f'<div class="row {style}"><span class="sign">{sign}</span>{text}</div>')
    return Markup("\n".join(lines))  # noqa: S704 - every text is escaped


def _packed(markup: Markup, frames: Mapping[str, str]) -> str:
    """Deflate markup and the mail on both sides: a report of hundreds of mails is small, and unpacks what is looked at.

    The two sides take turns by CHUNK: what is equal in them is then near enough for the compression to find.
    """
    sides = [frames.get(side, "").replace(SEPARATOR, "") for side in ("before", "after")]
    chunks = (side[at : at + CHUNK] for at in range(0, max(map(len, sides)), CHUNK) for side in sides)
    deflate = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    packed = deflate.compress(SEPARATOR.join([str(markup), *chunks]).encode("utf-8", "replace")) + deflate.flush()
    return base64.b64encode(packed).decode()


def _lines(text: str) -> str:
    """Make every character of a text but its line ends visible."""
    return "\n".join(visible(line) for line in text.splitlines())


def _asset(environment: Environment, name: str) -> str:
    if environment.loader is None:
        raise LookupError(name)
    return environment.loader.get_source(environment, name)[0]


def _policy(script: str) -> str:
    """Return the content security policy: our script, inline styles (mails have some), embedded images; no network."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{digest}'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
