"""What the HTML report shows, as values: every decision is made here, the page only lays them out."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.errors import Finding
from mjsync.redaction import MASK, redact_links
from mjsync.render.frame import framed
from mjsync.render.mail import LinkChange, MailVersion, Preview, is_mail, mail_versions, targets_moved
from mjsync.render.report import Report
from mjsync.render.segment_text import segment_lines
from mjsync.render.text import size, visible
from mjsync.render.text_diff import DiffLine, changed_words, diff_lines
from mjsync.render.wording import SIGNS, affected_people, as_text, format_change, headline, is_long, side_lines
from mjsync.resources.address import Address
from mjsync.resources.field_roles import SecretUrl, SegmentExpression

MOST_LINES = 400
"""Lines of one diff on the page."""
MOST_TARGETS = 200
"""Links, or images, of one mail on the page."""

LOOKS = {"+": "plus", "-": "minus", "@": "at", "…": "at"}

TextRun = tuple[str, bool]
"""A stretch of text, and whether it stands out."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report needs from outside: what fills mails with example data, and what must not be shown as a host."""

    preview: Preview
    hides: Callable[[str], bool]


class Row(NamedTuple):
    """One line of a diff: the class of its look, its sign in the margin, and its text in pieces."""

    look: str
    margin: str
    pieces: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its move in one line, or as a diff; a condition in words on both sides; the hosts of a URL."""

    path: str
    move: str = ""
    before: tuple[TextRun, ...] = ()
    after: tuple[TextRun, ...] = ()
    sizes: str = ""
    rows: tuple[Row, ...] = ()
    words: tuple[tuple[str, list[str]], ...] = ()
    hosts: tuple[str, ...] = ()


class MovedView(NamedTuple):
    """A link or an image that came, went or changed, the changed stretches of its URLs marked."""

    what: str
    label: str
    before: tuple[TextRun, ...]
    after: tuple[TextRun, ...]


class InboxLine(NamedTuple):
    """What an inbox shows of one side: its subject and its preheader, what changed marked."""

    side: str
    subject: tuple[TextRun, ...]
    preheader: tuple[TextRun, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """Links or images that moved; `left_out` counts those beyond MOST_TARGETS."""

    title: str
    moved: tuple[MovedView, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail on both sides: each side's frame, and what its readers meet that moved."""

    before: MailVersion | None
    after: MailVersion | None
    frames: Mapping[str, str]
    inbox: tuple[InboxLine, ...]
    targets: tuple[Targets, ...]


@dataclass(frozen=True, slots=True)
class PageFinding:
    """A finding on the page: where, about what, and what it says."""

    place: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change on the page; `touched` names the fields that move."""

    change: Change
    sign: str
    headline: str
    touched: str
    ended: str
    fields: tuple[FieldView, ...]
    people: str
    audience: str
    mail: MailView | None


def remarks(findings: Iterable[Finding]) -> list[PageFinding]:
    """Findings taken apart."""
    return [
        PageFinding(
            str(found.location or ""),
            visible(found.address or ""),
            visible(str(replace(found, location=None, address=None))),
        )
        for found in findings
    ]


def change_views(report: Report, sight: ReportOptions) -> Iterator[ChangeView]:
    """Each change in order, made when it is asked for."""
    for change in report.plan.changes:
        result = report.result(change)
        people = affected_people(change)
        yield ChangeView(
            change,
            SIGNS[change.action],
            headline(change).removeprefix(change.action.value).strip(),
            visible(" · ".join(dict.fromkeys(field.path for field in change.fields))) if change.live else "",
            result.status if result else "",
            tuple(_field(field, change, sight) for field in change.fields or _going(change)),
            people,
            "" if people else _audience(change),
            _mail(change, report.plan.ids, sight.preview) if is_mail(change) else None,
        )


def _audience(change: Change) -> str:
    """How many people the object has, where its listing counts them."""
    counted = change.live and change.live.row.get(change.kind.contact_count_field)
    return f"{counted} {change.kind.contact_noun}" if counted is not None else ""


def _going(change: Change) -> Iterator[FieldChange]:
    """What a delete takes away that reviewers ask for: conditions, and URLs by their host."""
    for word, spec in change.kind.specs().items():
        value = change.live.fields.get(word) if change.live and change.action is Action.DELETE else None
        if value and spec.role(SegmentExpression):
            yield FieldChange(word, value, None)
        elif value and spec.role(SecretUrl):
            yield FieldChange(word, MASK, None, secret=True)


def _field(field: FieldChange, change: Change, sight: ReportOptions) -> FieldView:
    path = visible(field.path)
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    words, hosts = _words(field, change), tuple(_hosts(field, change, sight))
    if field.secret or (is_new and not is_long(field)):
        return FieldView(path, format_change(field, is_new=is_new, longest=sys.maxsize), words=words, hosts=hosts)
    if is_long(field):
        before, after = as_text(None if is_new else field.before), as_text(field.after)
        rows = tuple(_row(line) for line in diff_lines(before, after, MOST_LINES))
        sizes = size(after) if is_new else f"{size(before)} → {size(after)}"
        return FieldView(path, sizes=sizes, rows=rows, words=words)
    gone, come = (_pieces(line.text, line.marks) for line in side_lines(field))
    return FieldView(path, before=gone, after=come, words=words, hosts=hosts)


def _row(line: DiffLine) -> Row:
    text = f"{line.sign}{line.text}" if line.sign in "@…" else line.text
    return Row(LOOKS.get(line.sign, "same"), line.sign if line.sign in "+-" else "", _pieces(text, line.marks))


def _pieces(text: str, marks: tuple[tuple[int, int], ...]) -> tuple[TextRun, ...]:
    if not marks:
        return ((text, False),) if text else ()
    ends = [0, *(place for mark in marks for place in mark), len(text)]
    pairs = enumerate(pairwise(ends))
    return tuple((text[start:end], number % 2 == 1) for number, (start, end) in pairs if end > start)


def _words(field: FieldChange, change: Change) -> tuple[tuple[str, list[str]], ...]:
    """A condition in words, on each side that has one."""
    if field.secret or not change.kind.spec(field.path).role(SegmentExpression):
        return ()
    sides = (("before", field.before), ("after", field.after))
    return tuple((side, [visible(line) for line in segment_lines(value)]) for side, value in sides if value)


def _hosts(field: FieldChange, change: Change, sight: ReportOptions) -> Iterator[str]:
    """The hosts that a URL with credentials names on each side, unless a host is a secret itself."""
    if not change.kind.spec(field.path).role(SecretUrl):
        return
    stated = change.entry.values.get(field.path) if change.entry else None
    live = change.live.fields.get(field.path) if change.live and change.action is not Action.CREATE else None
    for host in dict.fromkeys(_host(str(value)) for value in (live, stated) if value):
        if host and not sight.hides(host):
            yield visible(host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _mail(change: Change, ids: Mapping[Address, int], preview: Preview) -> MailView:
    before, after = mail_versions(change, ids, preview)
    frames = {side: framed(letter.html) for side, letter in (("before", before), ("after", after)) if letter}
    links, images = targets_moved(*(letter.html if letter else "" for letter in (before, after)))
    targets = (_targets("Links", links), _targets("Images", images))
    return MailView(before, after, frames, tuple(_inbox(before, after)), targets)


def _inbox(before: MailVersion | None, after: MailVersion | None) -> Iterator[InboxLine]:
    """A line for each side, or one for both where an inbox shows the same."""
    if before is None or after is None or (before.subject, before.preheader) == (after.subject, after.preheader):
        letter = after or before
        if letter:
            side = "both" if before and after else "after" if after else "before"
            yield InboxLine(side, _pieces(visible(letter.subject), ()), _pieces(visible(letter.preheader), ()))
        return
    subjects = _compared(before.subject, after.subject)
    preheaders = _compared(before.preheader, after.preheader)
    for side, subject, preheader in zip(("before", "after"), subjects, preheaders, strict=True):
        yield InboxLine(side, subject, preheader)


def _targets(title: str, found: Sequence[LinkChange]) -> Targets:
    shown = tuple(
        MovedView(move.what, visible(move.label), *_compared(redact_links(move.before), redact_links(move.after)))
        for move in found[:MOST_TARGETS]
    )
    return Targets(title, shown, max(len(found) - MOST_TARGETS, 0))


def _compared(before: str, after: str) -> tuple[tuple[TextRun, ...], tuple[TextRun, ...]]:
    """Both texts in pieces, what the other does not have marked; nothing is where one of them is empty."""
    old, new = visible(before), visible(after)
    marks = changed_words(old, new) if old and new else ((), ())
    return _pieces(old, marks[0]), _pieces(new, marks[1])
