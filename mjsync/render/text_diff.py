"""Compare two texts for people: a short unified diff by line, and the changed words within a line."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate, filterfalse, islice, takewhile, zip_longest
from operator import eq
from typing import NamedTuple

from mjsync.errors import counted
from mjsync.render.text import visible

CONTEXT = 2
"""Equal lines shown around a difference."""
MAX_LINES = 4000
"""Lines on each side beyond which lines are not compared."""
MAX_LINE_PAIRS = 1_000_000
"""Pairs of equal lines, one on each side, beyond which frequent lines are ignored in looking for equal blocks."""

Marks = tuple[tuple[int, int], ...]
"""Ranges of one line, as start and end, in reading order."""
Operation = tuple[str, int, int, int, int]
"""One operation of difflib: its name, and the lines it concerns on both sides, as start and end."""

MAX_WORDS, MAX_WORD_PAIRS = 400, 2_000
"""Words, and pairs of equal words, between the equal head and tail of two lines, beyond which only the head and tail
are compared: finding changed words costs the square of them."""
MIN_LONG_LINE = 600
"""Characters of a line of markup beyond which it is broken between its tags before it is compared."""
MIN_SIMILARITY = 0.4
"""Share of equal characters from which on two lines count as one changed line."""
MIN_DIFF_PREFIX = 20
"""Leading characters that must differ where no word is marked, so that two cut lines never read alike."""

_WITHIN_NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@-_")
_BREAK = re.compile(r"\n|(?<=>)(?=<)")
_WORD_BEHIND = re.compile(r" [^\W\d]+")
_WORD_BEFORE = re.compile(r"\w+ $")
_INSIDE_WORD = re.compile(r"(?<=\w)\w|(?<=\s)\s")
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)


class Range(NamedTuple):
    """Characters of a text that were replaced, as start and end on both sides."""

    before_start: int
    before_end: int
    after_start: int
    after_end: int


class DiffLine(NamedTuple):
    """One line of a diff: its text with every character visible, and the ranges of it that changed.

    `sign` is `+`, `-`, `@` or a blank, and `…` for the last line of a cut diff.
    """

    sign: str
    text: str
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class LineDiff:
    """Where the lines of two texts differ: difflib's operations, in groups with CONTEXT equal lines around each.

    Lines are those of `split_lines`; `is_broken` is whether long ones were broken. `too_many` are the numbers of lines
    on both sides where there are too many to compare: then there is no group.
    """

    groups: Sequence[Sequence[Operation]]
    is_broken: bool = False
    too_many: tuple[int, int] | None = None


def compare_lines(before: str, after: str, *, may_break: bool = True) -> LineDiff:
    """Compare two texts by line; LF and CRLF are equal, and very long lines of markup may be broken between their tags.

    The equal head and tail are cut first: comparing costs the square of the rest.
    """
    old, new = split_lines(before, after, is_broken=False)
    is_broken = may_break and _have_to_be_broken(old, new)
    if is_broken:
        old, new = split_lines(before, after, is_broken=True)
    head, tail = common(old, new)
    first = max(0, head - CONTEXT)
    left, right = (lines[first : min(len(lines) - tail + CONTEXT, len(lines))] for lines in (old, new))
    if max(len(left), len(right)) > MAX_LINES:
        return LineDiff((), is_broken, (len(left), len(right)))
    groups = [
        [(tag, first + a, first + b, first + c, first + d) for tag, a, b, c, d in group]
        for group in line_matcher(left, right).get_grouped_opcodes(CONTEXT)
    ]
    return LineDiff(groups, is_broken)


def split_lines(before: str, after: str, *, is_broken: bool) -> tuple[list[str], list[str]]:
    """Split both texts into lines without their ends, with `is_broken` also between tags.

    What follows the last line end is no line if it is empty on both sides.
    """
    old, new = _lines(before, is_broken=is_broken), _lines(after, is_broken=is_broken)
    return (old, new) if any(lines and lines[-1] for lines in (old, new)) else (old[:-1], new[:-1])


def line_starts(text: str, *, is_broken: bool) -> list[int]:
    """Return the place of each line of `split_lines` in its text, and the text's length."""
    if is_broken:
        return [0, *(end.end() for end in _BREAK.finditer(text)), len(text)]
    return [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1]), len(text)]


def unified(before: str, after: str, diff: LineDiff | None = None) -> Iterator[str]:
    """Yield the lines of a short unified diff, each with its sign; LF and CRLF are equal."""
    diff = diff or compare_lines(before, after, may_break=False)
    old, new = split_lines(before, after, is_broken=diff.is_broken)
    if diff.too_many:
        yield "@@ {} lines become {} @@".format(*diff.too_many)
    for group in diff.groups:
        (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
        yield f"@@ -{a + 1},{b - a} +{c + 1},{d - c} @@"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[a:b])
                continue
            yield from (f"-{line}" for line in old[a:b])
            yield from (f"+{line}" for line in new[c:d])


def word_changes(before: str, after: str) -> list[Range]:
    """Find the words that were replaced, as ranges of characters; one range for texts with too many different words."""
    merged: list[Range] = []
    for found in _different_words(before, after)[0]:
        last = merged[-1] if merged else None
        if last and before[last.before_end : found.before_start].isspace():
            merged[-1] = Range(last.before_start, found.before_end, last.after_start, found.after_end)
        else:
            merged.append(found)
    return merged


@lru_cache(maxsize=10_000)  # the same two lines are compared to find common causes, and to mark what changed in them
def _different_words(before: str, after: str) -> tuple[tuple[Range, ...], bool]:
    """Find each run of different words; one from the equal head to the equal tail, and True, where that costs much."""
    head, tail = _common_words(before, after)
    left, right = (_WORD.findall(side, head, len(side) - tail) for side in (before, after))
    starts, new_starts = (list(accumulate(map(len, words), initial=head)) for words in (left, right))
    is_costly = max(len(left), len(right)) > MAX_WORDS or _has_many_pairs(left, right, MAX_WORD_PAIRS, str.isspace)
    codes: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(left), 0, len(right))]
    if not is_costly:
        codes = SequenceMatcher(str.isspace, left, right, autojunk=False).get_opcodes()
    ranges = (Range(starts[a], starts[b], new_starts[c], new_starts[d]) for tag, a, b, c, d in codes if tag != "equal")
    return tuple(ranges), is_costly


def _common_words(before: str, after: str) -> tuple[int, int]:
    """Count the characters of the words that both texts begin with, and then of those that they end with.

    Slices are compared, not words: two lines of markup are often equal but for a few words.
    """
    most = min(len(before), len(after))
    head = bisect_left(range(most), 1, key=lambda end: before[: end + 1] != after[: end + 1])
    while head and (_INSIDE_WORD.match(before, head) or _INSIDE_WORD.match(after, head)):
        head -= 1
    old, new = len(before) - 1, len(after) - 1
    tail = bisect_left(range(most - head), 1, key=lambda end: before[old - end :] != after[new - end :])
    while tail and (_INSIDE_WORD.match(before, old + 1 - tail) or _INSIDE_WORD.match(after, new + 1 - tail)):
        tail -= 1
    return head, tail


def changed_phrases(before: str, after: str) -> list[tuple[str, str]]:
    """Pair what was replaced with what replaced it, for people: [("Shop Ltd", "Shop GmbH"), ("30 days", "60 days")]."""
    return [phrase(before, after, found) for found in word_changes(before, after)]


def phrase(before: str, after: str, found: Range) -> tuple[str, str]:
    """Return both sides of a range; numbers with the word behind them, other single words with the word before them."""
    a, b, c, d = found
    if not before[a:b].strip() or not after[c:d].strip():
        return before[a:b].strip(), after[c:d].strip()
    while a and before[a - 1] in _WITHIN_NAMES and before[a - 1] == after[c - 1 : c]:
        a, c = a - 1, c - 1
    same = before[b:] == after[d:] or before[b : b + 40] == after[d : d + 40]
    while same and b < len(before) and before[b] in _WITHIN_NAMES:
        b, d = b + 1, d + 1
    sides = before[a:b].strip(), after[c:d].strip()
    if all(side.isdigit() for side in sides) and same and (behind := _WORD_BEHIND.match(before[b : b + 40])):
        return sides[0] + behind[0], sides[1] + behind[0]
    lead = _WORD_BEFORE.search(before[max(a - 30, 0) : a])
    if lead and not any(" " in side for side in sides) and after[:c].endswith(lead[0]):
        return lead[0] + sides[0], lead[0] + sides[1]
    return sides


def _lines(text: str, *, is_broken: bool) -> list[str]:
    text = text.replace("\r\n", "\n") if "\r" in text else text  # looking for one character is much faster
    return (text.replace("><", ">\n<") if is_broken else text).split("\n") if text else []


def common(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """Count the items that two sequences have in common at their head, and then at their tail."""
    head = sum(takewhile(bool, map(eq, left, right)))
    most = min(len(left), len(right)) - head
    return head, sum(takewhile(bool, islice(map(eq, reversed(left), reversed(right)), most)))


def line_matcher(left: Sequence[str], right: Sequence[str]) -> SequenceMatcher[str]:
    """Compare lines; frequent ones are ignored in looking for equal blocks where there are very many of them."""
    return SequenceMatcher(None, left, right, autojunk=_has_many_pairs(left, right, MAX_LINE_PAIRS))


def _has_many_pairs(
    left: Sequence[str], right: Sequence[str], most: int, is_ignored: Callable[[str], bool] | None = None
) -> bool:
    """Return whether more than `most` pairs of items are equal: the cost of comparing, for each block found."""
    if len(left) * len(right) <= most:
        return False
    counts = Counter(filterfalse(is_ignored, right) if is_ignored else right)
    return sum(count * counts[item] for item, count in Counter(left).items()) > most


def diff_lines(before: str, after: str, most: int, diff: LineDiff | None = None) -> Iterator[DiffLine]:
    """Yield at most `most` lines of a short unified diff with changed words marked; the rest is counted.

    `diff` is what `compare_lines` has found in these texts, where that is known.
    """
    removed: list[str] = []
    added: list[str] = []
    diff = diff or compare_lines(before, after)
    if diff.is_broken:
        yield DiffLine("@", "@ long lines, broken here between their tags @@")
    has_places = any("\n" in side.rstrip("\n") for side in (before, after))
    lines = unified(before, after, diff)
    for line in islice(lines, most):
        sign, text = line[:1], visible(line[1:])
        if sign == "@" and not has_places:
            continue
        if sign == "-" and added:
            yield from pair_lines(removed, added)
            removed, added = [], []
        if sign in "-+":
            (removed if sign == "-" else added).append(text)
            continue
        yield from pair_lines(removed, added)
        removed, added = [], []
        yield DiffLine(sign, text)
    yield from pair_lines(removed, added)
    if rest := sum(1 for _ in lines):
        yield DiffLine("…", f" {counted(rest, 'more line')} of this diff")


def _have_to_be_broken(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether very long lines of markup have to be broken: not where the texts differ in such breaks alone."""
    if max(map(len, (*old, *new)), default=0) <= MIN_LONG_LINE:
        return False
    if not any(len(line) > MIN_LONG_LINE and "><" in line for line in (*old, *new)):
        return False
    broken = ["\n".join(lines).replace("><", ">\n<") for lines in (old, new)]
    return broken[0] != broken[1]


def changed_words(before: str, after: str) -> tuple[Marks, Marks]:
    """Find the ranges of two lines that are not in the other; none where the lines have too little in common."""
    ranges, is_costly = _different_words(before, after)
    if is_costly:
        return _middle(before, after)
    marks = (
        tuple((found.before_start, found.before_end) for found in ranges if found.before_end > found.before_start),
        tuple((found.after_start, found.after_end) for found in ranges if found.after_end > found.after_start),
    )
    if len(before) - sum(end - start for start, end in marks[0]) >= MIN_SIMILARITY * max(len(before), len(after)):
        return marks
    return _middle(before, after) if before[:MIN_DIFF_PREFIX] == after[:MIN_DIFF_PREFIX] else ((), ())


def pair_lines(removed: Sequence[str], added: Sequence[str]) -> Iterator[DiffLine]:
    """Yield removed lines, then added lines; the first of each belong together, and so on."""
    marks = [changed_words(old, new) for old, new in zip(removed, added, strict=False)]
    for old, pair in zip_longest(removed, marks[: len(removed)]):
        yield DiffLine("-", old, pair[0] if pair else ())
    for new, pair in zip_longest(added, marks[: len(added)]):
        yield DiffLine("+", new, pair[1] if pair else ())


def _middle(before: str, after: str) -> tuple[Marks, Marks]:
    """Return the ranges of two long lines between their equal head and tail."""
    head, tail = common(before, after)
    sides = ((head, len(text) - tail) for text in (before, after))
    old, new = (((start, end),) if end > start else () for start, end in sides)
    return old, new
