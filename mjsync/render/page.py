"""Build the values that the HTML report shows; the page only lays them out."""

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.errors import Finding
from mjsync.redaction import MASK, contains_secret
from mjsync.render.groups import Group, Grouping, Lines
from mjsync.render.mail import Preview, is_mail, visible_text
from mjsync.render.page_mail import MailView, TextRun, mail_view, runs
from mjsync.render.report import Report
from mjsync.render.segment_text import segment_lines
from mjsync.render.text import cut, findings_by_cause, size, sizes, visible
from mjsync.render.text_diff import DiffLine, changed_phrases, diff_lines
from mjsync.render.wording import (
    affected_people,
    as_text,
    format_change,
    format_value,
    headline,
    is_long,
    side_lines,
)
from mjsync.resources.entry_model import SecretUrl, SegmentExpression

MAX_LINES = 400
"""Lines of one diff on the page."""
MAX_PHRASES = 4
"""Differences that the card of a change states in words."""
PHRASE_LENGTH = 60
"""Characters of one side of such a difference."""

_CUT_TAG = re.compile(r"\A[^<>]*>|<[^<>]*\Z")

STYLES = {"+": "plus", "-": "minus", "@": "at", "…": "at"}


class Row(NamedTuple):
    """One line of a diff: the class of its style, its sign in the margin, and its text in pieces."""

    style: str
    sign: str
    runs: tuple[TextRun, ...]


class Phrase(NamedTuple):
    """One difference in a few words: what it is about, and both sides, one of them possibly empty."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: both sides in one line, or as a diff; a segment expression in words; the hosts of a secret URL."""

    path: str
    value: str = ""
    before: tuple[TextRun, ...] = ()
    after: tuple[TextRun, ...] = ()
    sizes: str = ""
    rows: tuple[Row, ...] = ()
    words: tuple[tuple[str, list[str]], ...] = ()
    hosts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class ChangeView(NamedTuple):
    """One change: who it is for people, what happens, in words and in full.

    `people` are those it touches, `audience` those the object has; `status` is how its step ended.
    """

    change: Change
    description: str
    headline: str
    phrases: tuple[Phrase, ...]
    more: int
    status: str
    people: str
    audience: str
    fields: tuple[FieldView, ...]
    mail: MailView | None


def warning_views(warnings: Iterable[Finding]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each cause of warnings for the page: its text, and the address and location of each warning."""
    return [
        (
            visible(str(replace(same[0], address=None, location=None))),
            [(visible(finding.address or ""), visible(str(finding.location or ""))) for finding in same],
        )
        for same in findings_by_cause(warnings)
    ]


def group_views(groups: Iterable[Group]) -> list[tuple[Group, list[Phrase], list[Row]]]:
    """Return each group for the page, with its difference in words and in lines."""
    return [
        (
            group,
            [Phrase("", *_short(pair)) for pair in group.phrases[:MAX_PHRASES]],
            [_row(line) for line in group.lines[:MAX_LINES]],
        )
        for group in groups
    ]


def change_view(change: Change, report: Report, preview: Preview, grouping: Grouping) -> ChangeView:
    """Build what the page shows of one change."""
    result = report.result(change)
    people = affected_people(change)
    mail = mail_view(change, report.plan.ids, preview) if is_mail(change) else None
    phrases = tuple(_phrases(change, grouping, mail))
    description = change.entry.values.get("description") if change.entry else ""
    audience = change.live and change.live.row.get(change.kind.contact_count_field)
    return ChangeView(
        change,
        visible(str(description or "")),
        headline(change).removeprefix(change.action.value).strip(),
        phrases[:MAX_PHRASES],
        max(len(phrases) - MAX_PHRASES, 0),
        result.status if result else "",
        people,
        "" if people or audience is None else f"{audience} {change.kind.contact_noun}",
        tuple(_field(field, change, grouping) for field in change.fields or _deleted_fields(change)),
        mail,
    )


def _phrases(change: Change, grouping: Grouping, mail: MailView | None) -> Iterator[Phrase]:
    """Yield what changes, in words: common causes, then each field's own differences."""
    if change.action not in (Action.UPDATE, Action.RENAME):
        return
    groups = grouping.by_step.get(change.step, ())
    yield from (Phrase(visible(group.title), *_short(pair)) for group in groups for pair in group.phrases[:1])
    common = {pair for group in groups for pair in group.phrases}
    for field in change.fields:
        rest, _ = grouping.field(change, field)
        if rest is None or field.path == change.kind.rename_field:
            continue
        if field.path == "html" and mail and mail.before and mail.after:
            yield from _html_phrases(grouping.blocks.get((change.step, "html"), ()), common)
        elif field.secret:
            yield Phrase(visible(field.path), "", "a secret value changes")
        elif not (isinstance(rest.before, str) and isinstance(rest.after, str)):
            yield Phrase(visible(field.path), *_short((_plain(rest.before), _plain(rest.after))))
        elif field.path != "mjml" or not mail:
            sides = (rest.before, rest.after)
            if change.kind.spec(field.path).role(SegmentExpression):
                sides = ("\n".join(segment_lines(rest.before)), "\n".join(segment_lines(rest.after)))
            yield from (Phrase(visible(field.path), *_short(pair)) for pair in changed_phrases(*sides)[:MAX_PHRASES])


def _html_phrases(blocks: Iterable[tuple[Lines, Lines]], common: Collection[tuple[str, str]]) -> Iterator[Phrase]:
    """Yield what changes in the visible words of HTML."""
    found = 0
    for block in blocks:
        if found > MAX_PHRASES * 5:
            return
        # Tags are cut off at the start and the end of a block.
        for pair in changed_phrases(*(visible_text(_CUT_TAG.sub("", "\n".join(side))) for side in block)):
            if pair not in common:
                found += 1
                yield Phrase("words", *_short(pair))
    if not found:
        yield Phrase("html", "", "links, images or looks change, not the words")


def _plain(value: Any) -> str:
    """Return a value for a sentence: a text without quotes, nothing for what is not there."""
    return "" if value is None else value if isinstance(value, str) else format_value(value)


def _short(pair: tuple[str, str]) -> tuple[str, str]:
    before, after = (" ".join(side.split()) for side in pair)
    return cut(before, PHRASE_LENGTH), cut(after, PHRASE_LENGTH)


def _deleted_fields(change: Change) -> Iterator[FieldChange]:
    """Yield the fields of a deleted object that reviewers need: segment expressions, and URLs by their host."""
    for name, spec in change.kind.specs().items():
        value = change.live.fields.get(name) if change.live and change.action is Action.DELETE else None
        if value and spec.role(SegmentExpression):
            yield FieldChange(name, value, None)
        elif value and spec.role(SecretUrl):
            yield FieldChange(name, MASK, None, secret=True)


def _field(field: FieldChange, change: Change, grouping: Grouping) -> FieldView:
    path = visible(field.path)
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    words, hosts = _words(field, change), tuple(_hosts(field, change))
    groups = grouping.field(change, field)[1]
    if field.secret or (is_new and not is_long(field)):
        value = format_change(field, is_new=is_new, longest=sys.maxsize)
        return FieldView(path, value, words=words, hosts=hosts, groups=groups)
    if is_long(field):
        before, after = as_text(None if is_new else field.before), as_text(field.after)
        rows = tuple(
            _row(line) for line in diff_lines(before, after, MAX_LINES, grouping.diffs.get((change.step, field.path)))
        )
        both = size(after) if is_new else sizes(before, after)
        return FieldView(path, sizes=both, rows=rows, words=words, groups=groups)
    old, new = (runs(line.text, line.marks) for line in side_lines(field))
    return FieldView(path, before=old, after=new, words=words, hosts=hosts, groups=groups)


def _row(line: DiffLine) -> Row:
    text = f"{line.sign}{line.text}" if line.sign in "@…" else line.text
    return Row(STYLES.get(line.sign, "same"), line.sign if line.sign in "+-" else "", runs(text, line.marks))


def _words(field: FieldChange, change: Change) -> tuple[tuple[str, list[str]], ...]:
    """Return a segment expression in words, on each side that has one."""
    if field.secret or not change.kind.spec(field.path).role(SegmentExpression):
        return ()
    sides = (("before", field.before), ("after", field.after))
    return tuple((side, [visible(line) for line in segment_lines(value)]) for side, value in sides if value)


def _hosts(field: FieldChange, change: Change) -> Iterator[str]:
    """Yield the hosts of a URL with credentials on each side, unless a host is secret itself."""
    if not change.kind.spec(field.path).role(SecretUrl):
        return
    stated = change.entry.values.get(field.path) if change.entry else None
    live = change.live.fields.get(field.path) if change.live and change.action is not Action.CREATE else None
    hosts = []
    for url in (live, stated):
        with suppress(ValueError):
            hosts.append(urlsplit(str(url or "")).hostname or "")
    yield from (visible(host) for host in dict.fromkeys(hosts) if host and not contains_secret(host))
