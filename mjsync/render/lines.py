"""Lines for a terminal: their style, the stretches in them that stand out, and how much of a long one is shown."""

from typing import Self

from mjsync.render.differences import DiffLine, Marks
from mjsync.render.text import LONGEST_LINE, size

Line = tuple[str, str]
"""A line and its style: a colour, `bold`, `dim`, or nothing."""

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
    text, marks = windowed(line, longest)
    start = len(indent) + 1
    shifted = tuple((start + first, start + last) for first, last in marks)
    return Marked(f"{indent}{line.sign}{text}", shifted), COLOURS.get(line.sign, "dim")


def windowed(line: DiffLine, longest: int) -> tuple[str, Marks]:
    """The part of a line that is shown, with the marks in it, and the size of the whole where it was cut."""
    text, marks = line.text, line.marks
    if len(text) <= longest:
        return text, marks
    start = max(min(marks[0][0] - longest // 3, len(text) - longest), 0) if marks else 0
    lead = "…" if start else ""
    tail = "…" if start + longest < len(text) else ""
    shift = len(lead) - start
    inside = tuple((max(first, start) + shift, min(last, start + longest) + shift) for first, last in marks)
    kept = tuple((first, last) for first, last in inside if last > first)
    return f"{lead}{text[start : start + longest]}{tail} ({size(text)})", kept
