"""Lines for a terminal: their style, the stretches in them that stand out, and how much of a long one is shown."""

import textwrap
from collections.abc import Iterator
from typing import Self

from mjsync.render.text import LONGEST_LINE, columns, size
from mjsync.render.text_diff import DiffLine, Marks

Line = tuple[str, str]
"""A line and its style: a colour, `bold`, `dim`, or nothing."""

LARGE = 1000
"""Characters of a line that is cut from which on its size is told."""
NARROWEST = 40
"""Columns that prose is not wrapped below."""

COLOURS = {"+": "green", "-": "red", "@": "cyan"}


class Marked(str):
    """A line some stretches of which stand out where there is colour."""

    __slots__ = ("marks",)

    marks: Marks

    def __new__(cls, text: str, marks: Marks) -> Self:
        """The text with its marks."""
        line = super().__new__(cls, text)
        line.marks = marks
        return line


def diff_line(line: DiffLine, indent: str, longest: int = LONGEST_LINE) -> Line:
    """One line of a diff; of a long one the part around its first changed word."""
    text, marks = truncate_around(line, longest)
    start = len(indent) + 1
    shifted = tuple((start + first, start + last) for first, last in marks)
    return Marked(f"{indent}{line.sign}{text}", shifted), COLOURS.get(line.sign, "dim")


def truncate_around(line: DiffLine, longest: int) -> tuple[str, Marks]:
    """The part of a line that goes into so many columns, and the marks in it; what is not seen is told."""
    text, marks = line.text, line.marks
    if columns(text) <= longest:
        return text, marks
    said = _left_out(text, 0)
    window, seen = _window(line, longest - len(said))
    if len(seen) < len(marks):
        said = _left_out(text, len(marks))
        window, seen = _window(line, longest - len(said))
        said = _left_out(text, len(marks) - len(seen))
    return f"{window}{said}", seen


def _window(line: DiffLine, width: int) -> tuple[str, Marks]:
    """So many columns of a line around its first mark."""
    text, marks = line.text, line.marks
    room = width - 2
    start = marks[0][0] - room // 3 if marks else 0
    start = max(min(start, len(text) - len(_fitting(text[::-1], room))), 0)
    kept = _fitting(text[start:], room)
    end = start + len(kept)
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(lead) - start
    inside = ((max(first, start), min(last, end)) for first, last in marks if first < end and last > start)
    return f"{lead}{kept}{tail}", tuple((first + shift, last + shift) for first, last in inside)


def wrapped(text: str, width: int | None, indent: int) -> Iterator[str]:
    """Prose in lines of a width, all but the first indented; as it is where the width is unknown."""
    if width is None or columns(text) <= width:
        yield text
        return
    yield from textwrap.wrap(
        text,
        max(width, NARROWEST),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _left_out(text: str, unseen: int) -> str:
    """What is said behind a line that was cut: its size where it is large, and how many changes are not seen."""
    said = [size(text)] if len(text) >= LARGE else []
    if unseen:
        said.append(f"{unseen} more change{'' if unseen == 1 else 's'}")
    return f" ({', '.join(said)})" if said else ""


def _fitting(text: str, most: int) -> str:
    """As much of the start of a text as goes into so many columns."""
    if text[:most].isascii():
        return text[: max(most, 0)]
    used = 0
    for end, sign in enumerate(text):
        used += columns(sign)
        if used > most:
            return text[:end]
    return text
