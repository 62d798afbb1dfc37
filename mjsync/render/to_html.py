"""Write a report as one self-contained HTML page that loads nothing and shows mails as their readers see them."""

import base64
import hashlib
import html
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mjsync.engine.plan import Change
from mjsync.processes import share
from mjsync.render.groups import group_changes
from mjsync.render.mail import Preview, is_mail
from mjsync.render.page import Row, change_view, group_views, warning_views
from mjsync.render.page_mail import TextRun
from mjsync.render.report import Report
from mjsync.render.text import visible
from mjsync.render.wording import SIGNS, note_text, plan_sentence, segment_moves

LEVEL = 3
"""Of compression: a quarter of the time of the usual one, for a fifth more size."""
CHUNK = 4096
"""Characters of one side of a mail that are packed beside the same ones of the other; half of the compression's window
of 32 kB holds both."""
SEPARATOR = "\0"
"""Stands between the packed pieces; no text on the page has it."""
OPEN_CHANGES = 10
"""Changes that are open when the page is."""
MANY_MAILS = 100
"""Changed mails from which on several processes render them: a process takes 30 ms to start."""


def plan_html(report: Report, redact: Callable[[str], str], preview: Preview) -> str:
    """Write the report as one HTML document; `redact` removes the secrets from every text on it.

    `preview` renders mails with example data.
    """
    redact = cache(redact)  # most texts come several times: as a value, in a diff, in a mail
    environment = _environment(redact)
    # Before words are marked: a mark inside a secret would hide it from the redaction.
    report = report.redacted(redact)
    grouping = group_changes(report.plan)
    card = environment.get_template("change.html.j2")
    group_numbers = {group.id: number for number, group in enumerate(grouping.groups, 1)}

    changes = report.by_urgency()

    def cards(places: Sequence[int]) -> list[str]:
        return [
            card.render(
                view=change_view(changes[place], report, lambda part, entry: redact(preview(part, entry)), grouping),
                is_open=place < OPEN_CHANGES,
                group_numbers=group_numbers,
                signs=SIGNS,
                segment_moves=segment_moves,
            )
            for place in places
        ]

    style, *scripts = (
        files("mjsync.render").joinpath("pages", name).read_text(encoding="utf-8")
        for name in ("report.css", "frames.js", "marks.js", "report.js")
    )
    script = "".join(scripts)
    return environment.get_template("report.html.j2").render(
        report=report,
        sentence=plan_sentence(report.plan),
        consequences=report.consequences(),
        groups=group_views(grouping.groups),
        cards=zip(changes, map(Markup, _rendered(cards, changes)), strict=True),
        tally=[(action.value, sign, count) for action, sign in SIGNS.items() if (count := report.plan.count(action))],
        steps={str(change.address): change.step for change in report.plan.changes},
        warnings=warning_views(report.warnings),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(script),
    )


def _rendered(cards: Callable[[Sequence[int]], list[str]], changes: Sequence[Change]) -> list[str]:
    """Return the card of each change in order; several processes render them where there are many mails."""
    places = range(len(changes))
    if sum(map(is_mail, changes)) < MANY_MAILS:
        return cards(places)
    rendered = [""] * len(changes)
    for part in share(cards, places):
        for place, card in zip(part.items, part.result(), strict=True):
            rendered[place] = card
    return rendered


def _environment(redact: Callable[[str], str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("mjsync.render", "pages"),
        autoescape=True,
        finalize=lambda value: redact(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": visible,
        "lines": lambda text: "\n".join(map(visible, text.splitlines())),
        "packed": _packed,
        "note_text": note_text,
        "diff_rows": _diff_rows,
        "marked": lambda runs: Markup(_marked(runs, lambda text: escape(redact(text)))),  # noqa: S704 - it is escaped
    }
    return environment


def _diff_rows(rows: Iterable[Row]) -> Markup:
    """Return the lines of a diff as HTML: written here, since a report has tens of thousands of them."""
    lines = (
        f'<div class="row {style}"><span class="sign">{sign}</span>{_marked(runs, _escaped)}</div>'
        for style, sign, runs in rows
    )
    return Markup("\n".join(lines))  # noqa: S704 - every text is escaped


def _marked(runs: Iterable[TextRun], escaped: Callable[[str], str]) -> str:
    """Return the pieces of a text as HTML, those that changed marked."""
    return "".join([f"<mark>{escaped(text)}</mark>" if is_marked else escaped(text) for text, is_marked in runs])


def _escaped(text: str) -> str:
    """Escape a text between tags; quotes stay, which makes a report smaller."""
    return html.escape(text, quote=False)


def _packed(markup: Markup, frames: Mapping[str, str]) -> Markup:
    """Deflate markup and the mail on both sides: a report of hundreds of mails is small, and unpacks what is looked at.

    The two sides take turns by CHUNK: what is equal in them is then near enough for the compression to find.
    """
    sides = [frames.get(side, "").replace(SEPARATOR, "") for side in ("before", "after")]
    chunks = (side[at : at + CHUNK] for at in range(0, max(map(len, sides)), CHUNK) for side in sides)
    deflate = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    pieces = (piece.encode("utf-8", "replace") for piece in (str(markup), *chunks))
    packed = deflate.compress(SEPARATOR.encode().join(pieces)) + deflate.flush()
    return Markup(base64.b64encode(packed).decode())  # noqa: S704 - base64 has no sign to escape


def _policy(script: str) -> str:
    """Return the content security policy: our script, inline styles (mails have some), embedded images; no network."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    sources = "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src 'sha256-{digest}'; {sources}"
