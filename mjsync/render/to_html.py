"""The plan as one self-contained page: opens from disk, loads nothing, and shows mails as their readers see them."""

import base64
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mjsync.render.page import ReportOptions, change_views, remarks
from mjsync.render.report import Report
from mjsync.render.text import visible
from mjsync.render.wording import SIGNS

PAGES = "pages"
"""The folder beside this module that holds the page, its style and its script."""


def plan_html(report: Report, mask: Callable[[str], str], sight: ReportOptions) -> str:
    """The report as one HTML document. `mask` takes the secrets out of every text on it."""
    environment = _environment(mask)
    # Before words are marked: a mark inside a secret would hide it from the mask.
    report = report.redacted(mask)
    fill = sight.preview
    sight = replace(sight, preview=lambda part, entry: mask(fill(part, entry)))
    style, script = (_asset(environment, name) for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        report=report,
        changes=change_views(report, sight),
        tally=[(action.value, sign, count) for action, sign in SIGNS.items() if (count := report.plan.count(action))],
        steps={str(change.address): change.step for change in report.plan.changes},
        warnings=remarks((*report.plan.warnings, *(found for result in report.results for found in result.warnings))),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(script),
    )


def _environment(mask: Callable[[str], str]) -> Environment:
    def clean(value: Any) -> Any:
        return mask(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("mjsync.render", PAGES),
        autoescape=True,
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "lines": _lines, "packed": _packed}
    return environment


def _packed(markup: Markup) -> str:
    """Markup deflated, as base64: a report of hundreds of mails opens at once, and unpacks what is looked at."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(markup.encode("utf-8", "replace")) + deflate.flush()).decode()


def _lines(text: str) -> str:
    """A text of several lines, every character but the line ends visible."""
    return "\n".join(visible(line) for line in text.splitlines())


def _asset(environment: Environment, name: str) -> str:
    if environment.loader is None:
        raise LookupError(name)
    return environment.loader.get_source(environment, name)[0]


def _policy(script: str) -> str:
    """The content security policy: our one script, inline style (mails have theirs), what mails carry; no network."""
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
