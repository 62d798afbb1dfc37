"""What differs between two texts, for people: a short diff by line, and in a changed line the words that changed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import NamedTuple

from mjsync.render.text import common, equal_pairs, unified, visible

Marks = tuple[tuple[int, int], ...]
"""Stretches of one line, as start and end, in reading order."""

MOST_WORDS, MOST_PAIRS = 400, 2_000
"""Words, and pairs of equal ones, in what two lines do not begin or end with alike, beyond which changed words are not
looked for: comparing costs the square of them."""
MIN_LONG_LINE = 600
"""Characters of a line of markup beyond which it is broken between its tags, to be compared and read."""
MIN_SIMILARITY = 0.4
"""Share of equal characters from which on two lines are one line that changed."""
MIN_DIFF_PREFIX = 20
"""Characters in which two lines must differ, where no word in them is marked, to read differently however short cut."""

_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)


class DiffLine(NamedTuple):
    """One line of a diff: its text, every character visible, and the stretches of it that changed.

    `sign` is `+`, `-`, `@` or a blank, and `…` for the last line of a diff that was cut.
    """

    sign: str
    text: str
    marks: Marks = ()


def diff_lines(before: str, after: str, most: int) -> Iterator[DiffLine]:
    """At most so many lines of a short unified diff, words marked where a line became another; the rest is counted."""
    gone: list[str] = []
    come: list[str] = []
    broken = _broken(before, after)
    if broken:
        yield DiffLine("@", "@ long lines, broken here between their tags @@")
    lines = unified(*(broken or (before, after)))
    for line in islice(lines, most):
        sign, text = line[:1], visible(line[1:])
        if sign == "@" and not any("\n" in side.rstrip("\n") for side in (before, after)):
            continue
        if sign == "-" and come:
            yield from _paired(gone, come)
            gone, come = [], []
        if sign in "-+":
            (gone if sign == "-" else come).append(text)
            continue
        yield from _paired(gone, come)
        gone, come = [], []
        yield DiffLine(sign, text)
    yield from _paired(gone, come)
    if rest := sum(1 for _ in lines):
        yield DiffLine("…", f" {rest} more lines of this diff")


def _broken(before: str, after: str) -> tuple[str, str] | None:
    """Markup that stands in very long lines with line ends between its tags; None where nothing is gained."""
    if not any(len(line) > MIN_LONG_LINE and "><" in line for side in (before, after) for line in side.split("\n")):
        return None
    old, new = (side.replace("><", ">\n<") for side in (before, after))
    return None if old == new else (old, new)


def changed_words(before: str, after: str) -> tuple[Marks, Marks]:
    """The stretches of two lines that are not in the other; none where the lines have too little in common."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    head, tail = common(old, new)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(left), len(right)) > MOST_WORDS or equal_pairs(_telling(left), _telling(right)) > MOST_PAIRS:
        return _middle(before, after)
    codes = SequenceMatcher(str.isspace, left, right, autojunk=False).get_opcodes()
    changed = [(head + a, head + b, head + c, head + d) for tag, a, b, c, d in codes if tag != "equal"]
    marks = _stretches(old, [code[:2] for code in changed]), _stretches(new, [code[2:] for code in changed])
    if len(before) - sum(end - start for start, end in marks[0]) >= MIN_SIMILARITY * max(len(before), len(after)):
        return marks
    return _middle(before, after) if before[:MIN_DIFF_PREFIX] == after[:MIN_DIFF_PREFIX] else ((), ())


def _telling(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if not word.isspace())


def _paired(gone: Sequence[str], come: Sequence[str]) -> Iterator[DiffLine]:
    """Lines that went, then lines that came; the first of each belong together, and so on."""
    marks = [changed_words(old, new) for old, new in zip(gone, come, strict=False)]
    for old, pair in zip_longest(gone, marks[: len(gone)]):
        yield DiffLine("-", old, pair[0] if pair else ())
    for new, pair in zip_longest(come, marks[: len(come)]):
        yield DiffLine("+", new, pair[1] if pair else ())


def _stretches(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Marks:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple((starts[first], starts[last]) for first, last in ranges if last > first)


def _middle(before: str, after: str) -> tuple[Marks, Marks]:
    """What is left of two long lines without their equal head and tail."""
    head, tail = common(before, after)
    sides = ((head, len(text) - tail) for text in (before, after))
    old, new = (((start, end),) if end > start else () for start, end in sides)
    return old, new
