"""Compare two texts for people: a short unified diff by line, and the changed words within a line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate, islice, zip_longest
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
_WORD_BEHIND = re.compile(r" [^\W\d]+")
_WORD_BEFORE = re.compile(r"\w+ $")
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


def unified(before: str, after: str, context: int = CONTEXT) -> Iterator[str]:
    """Yield the lines of a short unified diff, each with its sign; LF and CRLF are equal.

    The equal head and tail are cut first: comparing costs the square of the rest.
    """
    old, new = _lines(before), _lines(after)
    if not any(lines and lines[-1] for lines in (old, new)):
        old, new = old[:-1], new[:-1]
    head, tail = common(old, new)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    first = max(0, head - context)
    left = old[first:head] + left + old[len(old) - tail :][:context]
    right = new[first:head] + right + new[len(new) - tail :][:context]
    if max(len(left), len(right)) > MAX_LINES:
        yield f"@@ {len(left)} lines become {len(right)} @@"
        return
    for group in line_matcher(left, right).get_grouped_opcodes(context):
        (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
        yield f"@@ -{first + a + 1},{b - a} +{first + c + 1},{d - c} @@"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (f" {line}" for line in left[a:b])
                continue
            yield from (f"-{line}" for line in left[a:b])
            yield from (f"+{line}" for line in right[c:d])


def split_lines(text: str) -> list[str]:
    """Split a text into its lines, line ends kept; very long lines of markup also between their tags."""
    lines = text.splitlines(keepends=True) if "\r" not in text else re.findall(r"[^\n]*\n|[^\n]+", text)
    if not any(len(line) > MIN_LONG_LINE and "><" in line for line in lines):
        return lines
    return [piece for line in lines for piece in re.split(r"(?<=>)(?=<)", line)]


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
    old, new = _WORD.findall(before), _WORD.findall(after)
    head, tail = common(old, new)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    starts, new_starts = ([0, *accumulate(map(len, words))] for words in (old, new))
    is_costly = max(len(left), len(right)) > MAX_WORDS or _has_many_pairs(
        _without_blanks(left), _without_blanks(right), MAX_WORD_PAIRS
    )
    codes: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(left), 0, len(right))]
    if not is_costly:
        codes = SequenceMatcher(str.isspace, left, right, autojunk=False).get_opcodes()
    ranges = (
        Range(starts[head + a], starts[head + b], new_starts[head + c], new_starts[head + d])
        for tag, a, b, c, d in codes
        if tag != "equal"
    )
    return tuple(ranges), is_costly


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


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def common(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """Count the items that two sequences have in common at their head, and then at their tail."""
    shorter = min(len(left), len(right))
    head = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    most = shorter - head
    tail = next((at for at in range(most) if left[-1 - at] != right[-1 - at]), most)
    return head, tail


def line_matcher(left: Sequence[str], right: Sequence[str]) -> SequenceMatcher[str]:
    """Compare lines; frequent ones are ignored in looking for equal blocks where there are very many of them."""
    return SequenceMatcher(None, left, right, autojunk=_has_many_pairs(left, right, MAX_LINE_PAIRS))


def _has_many_pairs(left: Sequence[str], right: Sequence[str], most: int) -> bool:
    """Return whether more than `most` pairs of items are equal: the cost of comparing, for each block found."""
    if len(left) * len(right) <= most:
        return False
    counts = Counter(right)
    return sum(count * counts[item] for item, count in Counter(left).items()) > most


def diff_lines(before: str, after: str, most: int) -> Iterator[DiffLine]:
    """Yield at most `most` lines of a short unified diff with changed words marked; the rest is counted."""
    removed: list[str] = []
    added: list[str] = []
    broken = _with_line_ends(before, after)
    if broken:
        yield DiffLine("@", "@ long lines, broken here between their tags @@")
    lines = unified(*(broken or (before, after)))
    for line in islice(lines, most):
        sign, text = line[:1], visible(line[1:])
        if sign == "@" and not any("\n" in side.rstrip("\n") for side in (before, after)):
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


def _with_line_ends(before: str, after: str) -> tuple[str, str] | None:
    """Return markup of very long lines with line ends between its tags; None where the lines are short."""
    if not any(len(line) > MIN_LONG_LINE and "><" in line for side in (before, after) for line in side.split("\n")):
        return None
    old, new = (side.replace("><", ">\n<") for side in (before, after))
    return None if old == new else (old, new)


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


def _without_blanks(words: Iterable[str]) -> list[str]:
    return [word for word in words if not word.isspace()]


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
