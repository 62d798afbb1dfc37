"""What differs between two texts, for people: a short diff by line, and in a changed line the words that changed."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import NamedTuple

from mjsync.render.text import unified, visible

Marks = tuple[tuple[int, int], ...]
"""Stretches of one line, as start and end, in reading order."""

MOST_WORDS = 400
"""Words of one line beyond which changed words are not looked for: comparing costs the square of them."""
ALIKE = 0.4
"""Share of equal characters from which on two lines are one line that changed."""
SAME_HEAD = 20
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
    lines = unified(before, after)
    for line in islice(lines, most):
        sign, text = line[:1], visible(line[1:])
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


def changed_words(before: str, after: str) -> tuple[Marks, Marks]:
    """The stretches of two lines that are not in the other; none where the lines have too little in common."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return _middle(before, after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    codes = matcher.get_opcodes()
    equal = sum(len(word) for tag, a, b, _, _ in codes if tag == "equal" for word in old[a:b])
    if equal < ALIKE * max(len(before), len(after)):
        begin_alike = before[:SAME_HEAD] == after[:SAME_HEAD]
        return _middle(before, after) if begin_alike else ((), ())
    changed = [code for code in codes if code[0] != "equal"]
    return _stretches(old, [code[1:3] for code in changed]), _stretches(new, [code[3:5] for code in changed])


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
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    most = shorter - head
    tail = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    sides = ((head, len(text) - tail) for text in (before, after))
    old, new = (((start, end),) if end > start else () for start, end in sides)
    return old, new
