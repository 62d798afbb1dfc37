"""Split a body into literal text and tags, in one pass and without losing a character."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from mjsync.errors import Finding, Location
from mjsync.template_language.grammars import MAX_DEPTH, TOO_DEEP, is_nested_too_deep
from mjsync.template_language.rules import make_finding

_BYTE_ORDER_MARK = "\ufeff"


class LineIndex:
    """Convert offsets in one text (from 0) to locations with lines and columns (from 1, in characters).

    A byte order mark at the start takes no column, as in an editor.
    """

    def __init__(self, text: str, name: str = "") -> None:
        self._name = name
        self._starts = [1 if text.startswith(_BYTE_ORDER_MARK) else 0]
        self._starts += (match.end() for match in re.finditer("\n", text))

    def locate(self, offset: int) -> Location:
        """Return the location of the character at an offset."""
        line = bisect_right(self._starts, offset)
        return Location(self._name, line, offset - self._starts[line - 1] + 1) if line else Location(self._name, 1, 1)


class TokenKind(StrEnum):
    """The kind of a token: literal text, or one of the three kinds of tags."""

    TEXT = "text"
    PRINT = "{{ }}"
    STATEMENT = "{% %}"
    BRACKETS = "[[ ]]"


class Token(NamedTuple):
    """Literal text or one whole tag, delimiters included, and the offset where it starts."""

    kind: TokenKind
    source: str
    start: int

    @property
    def content(self) -> str:
        """The text between the delimiters of a tag."""
        return self.source[2:-2]


LONGEST_TAG = 4_000
"""In characters; a longer tag is taken for one that is never closed."""

# Two brackets are a tag only before a name: bodies contain [[1, 2], [3]] and the like, and in [[[PERMALINK]]] the
# tag is in brackets.
_BRACKETS = r"\[\[(?=[A-Za-z_])"
_OPENING = re.compile(r"\{\{|\{%|" + _BRACKETS)
_CURLY_OPENING = re.compile(r"\{\{|\{%")
_BRACKETS_LIMIT = re.compile(r"\[\[|\n")
_BRACES = re.compile(r"(?:\{\{)+")
_SURE_BRACKETS = re.compile(r"\[\[(?:(?:data|var|mj):|[A-Z][A-Z0-9]*_)")

_TAGS = {
    "{{": (TokenKind.PRINT, "}}", _CURLY_OPENING),
    "{%": (TokenKind.STATEMENT, "%}", _CURLY_OPENING),
    "[[": (TokenKind.BRACKETS, "]]", _BRACKETS_LIMIT),
}


def may_have_tags(text: str) -> bool:
    """Tell whether there is anything in a text that opens a tag."""
    return "{{" in text or "{%" in text or "[[" in text


def tokenize(text: str, lines: LineIndex) -> tuple[tuple[Token, ...], tuple[Finding, ...]]:
    """Split a body into tokens, which joined give the body again, and the tags without end (MJS101).

    A tag without end stays literal text.
    """
    tokens, unclosed = split(text)
    return tokens, tuple(finding for tag in unclosed for finding in _unclosed(text, tag, lines))


def split(text: str) -> tuple[tuple[Token, ...], list[Token]]:
    """Split a body into tokens, and return the openings of tags without end too, each with an empty source."""
    tokens: list[Token] = []
    unclosed: list[Token] = []
    done = 0
    for tag in _tags(text):
        if not tag.source:
            unclosed.append(tag)
            continue
        if tag.start > done:
            tokens.append(Token(TokenKind.TEXT, text[done : tag.start], done))
        tokens.append(tag)
        done = tag.start + len(tag.source)
    if done < len(text):
        tokens.append(Token(TokenKind.TEXT, text[done:], done))
    return tuple(tokens), unclosed


def _tags(text: str) -> Iterator[Token]:
    """Find each tag; one that is never closed comes with an empty source, a row of braces once."""
    opening = _OPENING.search(text) if may_have_tags(text) else None
    row = -1
    while opening:
        start = opening.start()
        kind, closing, limit = _TAGS[opening.group()]
        end = _end_of_tag(text, start + 2, closing, limit)
        if end or start != row:
            yield Token(kind, text[start:end] if end else "", start)
        if end is None and (braces := _BRACES.match(text, start + 2)):
            end = row = start + len(braces.group())  # only the last two of a row of braces can open a tag
        opening = _OPENING.search(text, end or start + 2)


def _end_of_tag(text: str, start: int, closing: str, limit: re.Pattern[str]) -> int | None:
    """Find where a tag ends that opened before `start`; the next opening tag at the latest.

    A closing delimiter inside a string does not close, unless no other does before the line ends.
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


def _unclosed(text: str, tag: Token, lines: LineIndex) -> Iterator[Finding]:
    """Report a tag without end; brackets only where they are surely meant as a tag."""
    if tag.kind is TokenKind.BRACKETS and not _SURE_BRACKETS.match(text, tag.start):
        return
    location = lines.locate(tag.start)
    start = tag.start + 2
    following = _CURLY_OPENING.search(text, start, start + LONGEST_TAG)
    end = following.start() if following else start + LONGEST_TAG
    if end - start > MAX_DEPTH and is_nested_too_deep(text[start:end]):
        yield make_finding("MJS105", f"this tag cannot be read: {TOO_DEEP}", location, "Nest fewer parentheses.")
        return
    opening, closing = tag.kind[:2], tag.kind[-2:]
    yield make_finding("MJS101", f"{opening} is never closed", location, f"Close it with {closing}.")
