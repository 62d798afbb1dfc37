"""Lay out lines for a terminal: their style, the marked ranges, and how much of a long line is shown."""

from typing import Self

from mjsync.render.text import LONGEST_LINE, columns, size
from mjsync.render.text_diff import DiffLine, Marks

Line = tuple[str, str]
"""A line and its style: a colour, `bold`, `dim`, or nothing."""

MIN_AROUND = 8
"""Characters shown on each side of one of several changes of a line."""
LARGE = 1000
"""Characters of a cut line from which on its size is shown."""
COLORS = {"+": "green", "-": "red", "@": "cyan"}


class Marked(str):
    """A line with ranges that are highlighted where there is colour."""

    __slots__ = ("marks",)

    marks: Marks

    def __new__(cls, text: str, marks: Marks) -> Self:
        """Make the text with its marks."""
        line = super().__new__(cls, text)
        line.marks = marks
        return line


def diff_line(line: DiffLine, indent: str, longest: int = LONGEST_LINE) -> Line:
    """Return one line of a diff; of a long one the part around its first changed word."""
    text, marks = truncate_around(line, longest)
    start = len(indent) + 1
    shifted = tuple((start + first, start + last) for first, last in marks)
    return Marked(f"{indent}{line.sign}{text}", shifted), COLORS.get(line.sign, "dim")


def truncate_around(line: DiffLine, longest: int) -> tuple[str, Marks]:
    """Cut a line to `longest` columns where it is equal to its other side, with the marks left in it.

    If its changes have no room together, the part around the first one is shown and the others are counted.
    """
    text, marks = line.text, line.marks
    if columns(text) <= longest:
        return text, marks
    note = _cut_note(text, 0)
    shown, seen = _without_equal_parts(line, longest - len(note))
    if seen:
        return f"{shown}{note}", seen
    window, seen = _window(line, longest - len(note))
    if len(seen) < len(marks):
        note = _cut_note(text, len(marks))
        window, seen = _window(line, longest - len(note))
        note = _cut_note(text, len(marks) - len(seen))
    return f"{window}{note}", seen


def _without_equal_parts(line: DiffLine, width: int) -> tuple[str, Marks]:
    """Cut a line between its changes, each with some text around it; nothing if `width` is too small."""
    text, marks = line.text, line.marks
    around = (width - sum(last - first + 2 for first, last in marks)) // max(2 * len(marks), 1)
    if len(marks) < 2 or around < MIN_AROUND:  # noqa: PLR2004 - one change is shown in a window
        return "", ()
    shown, seen, end = "", [], 0
    for first, last in marks:
        start = max(first - around, end)
        shown += text[end:start] if start - end < 2 else "…"  # noqa: PLR2004
        shift = len(shown) - start
        seen.append((first + shift, last + shift))
        end = min(last + around, len(text))
        shown += text[start:end]
    shown += "…" if end < len(text) else ""
    return (shown, tuple(seen)) if columns(shown) <= width else ("", ())


def _window(line: DiffLine, width: int) -> tuple[str, Marks]:
    """Cut a line to `width` columns around its first mark."""
    text, marks = line.text, line.marks
    room = width - 2
    start = marks[0][0] - room // 3 if marks else 0
    start = max(min(start, len(text) - len(_fitting(text[::-1], room))), 0)
    fitting = _fitting(text[start:], room)
    end = start + len(fitting)
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(lead) - start
    inside = ((max(first, start), min(last, end)) for first, last in marks if first < end and last > start)
    return f"{lead}{fitting}{tail}", tuple((first + shift, last + shift) for first, last in inside)


def _cut_note(text: str, unseen: int) -> str:
    """Return the note behind a cut line: its size where it is large, and how many changes are hidden."""
    note = [size(text)] if len(text) >= LARGE else []
    if unseen:
        note.append(f"{unseen} more change{'' if unseen == 1 else 's'}")
    return f" ({', '.join(note)})" if note else ""


def _fitting(text: str, most: int) -> str:
    """Return the longest start of a text that fits `most` columns."""
    if text[:most].isascii():
        return text[: max(most, 0)]
    used = 0
    for end, sign in enumerate(text):
        used += columns(sign)
        if used > most:
            return text[:end]
    return text
