"""What the HTML report shows, as values: every decision is made here, the page only lays them out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.masking import masked_links
from mjsync.render.conditions import conditions
from mjsync.render.differences import DiffLine, changed_words, diff_lines
from mjsync.render.frame import framed
from mjsync.render.mail import Letter, Moved, Preview, is_mail, letters, moves
from mjsync.render.report import Report
from mjsync.render.text import size, visible
from mjsync.render.to_text import SIGNS, headline
from mjsync.render.values import as_text, is_long, moved, people, shown
from mjsync.resources.address import Address
from mjsync.resources.roles import Condition, Credentials

MOST_LINES = 400
"""Lines of one diff on the page."""

LOOKS = {"+": "plus", "-": "minus", "@": "at", "…": "at"}

Piece = tuple[str, bool]
"""A stretch of text, and whether it stands out."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a report needs from outside: what fills mails with example data, and what must not be shown as a host."""

    preview: Preview
    hides: Callable[[str], bool]


class Row(NamedTuple):
    """One line of a diff: the class of its look, its sign in the margin, and its text in pieces."""

    look: str
    margin: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its move in one line, or as a diff; a condition in words on both sides; the hosts of a URL."""

    path: str
    move: str = ""
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    sizes: str = ""
    rows: tuple[Row, ...] = ()
    words: tuple[tuple[str, list[str]], ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail on both sides: each side's frame, and what its readers meet that moved."""

    before: Letter | None
    after: Letter | None
    frames: Mapping[str, str]
    links: tuple[Moved, ...]
    images: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change on the page."""

    change: Change
    sign: str
    headline: str
    ended: str
    fields: tuple[FieldView, ...]
    people: str
    audience: str
    mail: MailView | None


def change_views(report: Report, sight: Sight) -> Iterator[ChangeView]:
    """Each change in order, made when it is asked for."""
    for change in report.plan.changes:
        result = report.result(change)
        touches = change.people is not None and change.people.number != 0
        yield ChangeView(
            change,
            SIGNS[change.action],
            headline(change),
            result.status if result else "",
            tuple(_field(field, change, sight) for field in change.fields),
            people(change) if touches else "",
            "" if touches else _audience(change),
            _mail(change, report.plan.ids, sight.preview) if is_mail(change) else None,
        )


def _audience(change: Change) -> str:
    """How many people the object has, where its listing counts them."""
    counted = change.live and change.live.row.get(change.kind.people_counted)
    return f"{counted} {change.kind.people_word}" if counted is not None else ""


def _field(field: FieldChange, change: Change, sight: Sight) -> FieldView:
    path = visible(field.path)
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    words, hosts = _words(field, change), tuple(_hosts(field, change, sight))
    if field.secret or (is_new and not is_long(field)):
        return FieldView(path, moved(field, is_new=is_new), words=words, hosts=hosts)
    if is_long(field):
        before, after = as_text(None if is_new else field.before), as_text(field.after)
        rows = tuple(_row(line) for line in diff_lines(before, after, MOST_LINES))
        sizes = size(after) if is_new else f"{size(before)} → {size(after)}"
        return FieldView(path, sizes=sizes, rows=rows, words=words)
    before, after = shown(field.before), shown(field.after)
    gone, come = changed_words(before, after)
    return FieldView(path, before=_pieces(before, gone), after=_pieces(after, come), words=words, hosts=hosts)


def _row(line: DiffLine) -> Row:
    text = f"{line.sign}{line.text}" if line.sign in "@…" else line.text
    return Row(LOOKS.get(line.sign, "same"), line.sign if line.sign in "+-" else "", _pieces(text, line.marks))


def _pieces(text: str, marks: tuple[tuple[int, int], ...]) -> tuple[Piece, ...]:
    if not marks:
        return ((text, False),) if text else ()
    ends = [0, *(place for mark in marks for place in mark), len(text)]
    pairs = enumerate(pairwise(ends))
    return tuple((text[start:end], number % 2 == 1) for number, (start, end) in pairs if end > start)


def _words(field: FieldChange, change: Change) -> tuple[tuple[str, list[str]], ...]:
    """A condition in words, on each side that has one."""
    if field.secret or not change.kind.spec(field.path).role(Condition):
        return ()
    sides = (("before", field.before), ("after", field.after))
    return tuple((side, [visible(line) for line in conditions(value)]) for side, value in sides if value)


def _hosts(field: FieldChange, change: Change, sight: Sight) -> Iterator[str]:
    """The hosts that a URL with credentials names on each side, unless a host is a secret itself."""
    if not change.kind.spec(field.path).role(Credentials):
        return
    stated = change.entry.values.get(field.path) if change.entry else None
    live = change.live.fields.get(field.path) if change.live and change.action is not Action.CREATE else None
    for value in dict.fromkeys(filter(None, (live, stated))):
        host = _host(str(value))
        if host and not sight.hides(host):
            yield visible(host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _mail(change: Change, ids: Mapping[Address, int], preview: Preview) -> MailView:
    before, after = letters(change, ids, preview)
    frames = {side: framed(letter.html) for side, letter in (("before", before), ("after", after)) if letter}
    links = _moves(before.links if before else (), after.links if after else ())
    images = _moves(before.images if before else (), after.images if after else ())
    return MailView(before, after, frames, links, images)


def _moves(before: Any, after: Any) -> tuple[Moved, ...]:
    return tuple(
        Moved(move.what, visible(move.label), visible(masked_links(move.before)), visible(masked_links(move.after)))
        for move in moves(before, after)
    )
