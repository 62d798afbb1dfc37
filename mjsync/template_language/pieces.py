"""Cutting a body into literal text and tags, in one pass and without losing a character."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.places import Lines


class Kind(StrEnum):
    """What a piece of a body is: text around the tags, or one of the three kinds of tags."""

    TEXT = "text"
    PRINT = "{{ }}"
    STATEMENT = "{% %}"
    BRACKETS = "[[ ]]"


class Piece(NamedTuple):
    """A piece of a body as it stands there, tag signs included, and the offset it starts at."""

    kind: Kind
    source: str
    start: int

    @property
    def inside(self) -> str:
        """What stands between the tag signs."""
        return self.source[2:-2]


LONGEST_TAG = 4_000
"""In characters: what runs on longer has lost its end."""

# Two brackets are a tag only before a name: bodies hold [[1, 2], [3]] and the like, and [[[PERMALINK]]] is
# a tag in brackets.
_BRACKETS = r"\[\[(?=[A-Za-z_])"
_OPENING = re.compile(r"\{\{|\{%|" + _BRACKETS)
_CURLY_OPENING = re.compile(r"\{\{|\{%")
_BRACKETS_LIMIT = re.compile(r"\[\[|\n")
_SURE_BRACKETS = re.compile(r"\[\[(?:(?:data|var|mj):|[A-Z][A-Z0-9]*_)")

_TAGS = {
    "{{": (Kind.PRINT, "}}", _CURLY_OPENING),
    "{%": (Kind.STATEMENT, "%}", _CURLY_OPENING),
    "[[": (Kind.BRACKETS, "]]", _BRACKETS_LIMIT),
}


class Pieces(NamedTuple):
    """All pieces of a body, in order; joined they are the body again."""

    pieces: tuple[Piece, ...]
    faults: tuple[Finding, ...]


def cut(text: str, lines: Lines) -> Pieces:
    """Cut a body into pieces; a tag without end stays text and is a fault (MJS101)."""
    pieces: list[Piece] = []
    faults: list[Finding] = []
    done = 0
    for tag in _tags(text):
        if not tag.source:
            faults += _unclosed(text, tag, lines)
            continue
        if tag.start > done:
            pieces.append(Piece(Kind.TEXT, text[done : tag.start], done))
        pieces.append(tag)
        done = tag.start + len(tag.source)
    if done < len(text):
        pieces.append(Piece(Kind.TEXT, text[done:], done))
    return Pieces(tuple(pieces), tuple(faults))


def _tags(text: str) -> Iterator[Piece]:
    """Find each tag; one that is never closed comes with an empty source."""
    opening = _OPENING.search(text)
    while opening:
        start = opening.start()
        kind, closing, limit = _TAGS[opening.group()]
        end = _end(text, start + 2, closing, limit)
        yield Piece(kind, text[start:end] if end else "", start)
        opening = _OPENING.search(text, end or start + 2)


def _end(text: str, start: int, closing: str, limit: re.Pattern[str]) -> int | None:
    """Find where a tag ends that opened before `start`; the next opening tag at the latest.

    A closing sign inside a string does not close, unless no other does before the line ends.
    """
    beyond = limit.search(text, start, start + LONGEST_TAG)
    last = beyond.start() if beyond else min(start + LONGEST_TAG, len(text))
    first = end = text.find(closing, start, last)
    if first == -1:
        return None
    line_end = text.find("\n", first, last)
    quotes = text.count('"', start, first)
    while quotes % 2 and end != -1:
        end, before = text.find(closing, end + 2, last if line_end == -1 else line_end), end
        quotes += text.count('"', before, end) if end != -1 else 0
    return (first if end == -1 else end) + 2


def _unclosed(text: str, tag: Piece, lines: Lines) -> Iterator[Finding]:
    """Name a tag without end; brackets only where they are surely meant as a tag."""
    if tag.kind is Kind.BRACKETS and not _SURE_BRACKETS.match(text, tag.start):
        return
    opening, closing = tag.kind.value.split()
    yield found("MJS101", f"{opening} is never closed", lines.at(tag.start), f"Close it with {closing}.")
