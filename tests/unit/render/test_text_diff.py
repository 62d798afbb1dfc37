"""Marks of changed words, and the length of diffs."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjsync.render.text import _HIDDEN
from mjsync.render.text_diff import _WORD, MAX_WORDS, DiffLine, _common_words, changed_words, common, diff_lines


def marked(before, after):
    """Return the marked words of both sides."""
    old, new = changed_words(before, after)
    return [before[a:b] for a, b in old], [after[a:b] for a, b in new]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("it is good for one hour", "it is good for thirty minutes", (["one hour"], ["thirty minutes"])),
        ("Order paid", "Order", ([" paid"], [])),
        ("days,30)", "days,60)", (["30"], ["60"])),
        ("nothing alike", "0123456789", ([], [])),
        ("", "new", ([], [])),
    ],
)
def test_changed_words(before, after, expected):
    """Marks cover words that the other line does not have; lines with little in common have none."""
    assert expected == marked(before, after)


def test_very_long_lines():
    """Of a line with too many words, everything between its equal start and end is marked."""
    words = "word " * MAX_WORDS

    assert (["one"], ["two"]) == marked(f"{words}one {words}", f"{words}two {words}")


TEXT = st.text("ab1_ <>\n\u00e9", max_size=12)


@given(before=TEXT, after=TEXT)
@example(before="a a", after="a a a")
@example(before="ab", after="abc")
@example(before="x  y", after="x y")
def test_common_words(before, after):
    """What two texts begin and end with is found by characters, and is made of whole words."""
    words = [_WORD.findall(side) for side in (before, after)]
    head, tail = common(*words)
    expected = len("".join(words[0][:head])), len("".join(words[0][len(words[0]) - tail :]))

    assert expected == _common_words(before, after)


def test_lines_are_paired():
    """The first removed line is paired with the first added one; a line without a pair has no marks."""
    lines = list(diff_lines("a\nkeep one\nz", "a\nkeep two\nall new\nz", 40))

    assert [
        DiffLine("@", "@ -1,3 +1,4 @@"),
        DiffLine(" ", "a"),
        DiffLine("-", "keep one", ((5, 8),)),
        DiffLine("+", "keep two", ((5, 8),)),
        DiffLine("+", "all new"),
        DiffLine(" ", "z"),
    ] == lines


def test_control_characters():
    """A diff has no control character of a body."""
    assert ["\\x1b[31mred"] == [line.text for line in diff_lines("", "\x1b[31mred", 40) if line.sign == "+"]


def test_nothing_hidden_is_printable():
    """Every character that is escaped is one that Python does not print: a printable text needs no search."""
    assert [] == [code for code in range(0x110000) if _HIDDEN.match(chr(code)) and chr(code).isprintable()]


def test_cut():
    """A cut diff has the number of lines that are left out."""
    after = "\n".join(f"line {number}" for number in range(50))

    assert DiffLine("…", " 11 more lines of this diff") == list(diff_lines("", after, 40))[-1]


def test_markup_in_one_long_line():
    """Markup without line ends is split between its tags, with a note."""
    cells = "<td>same</td>" * 100
    shown = [(line.sign, line.text) for line in diff_lines(f"{cells}<p>one</p>", f"{cells}<p>two</p>", 40)]

    assert [("-", "<p>one</p>"), ("+", "<p>two</p>")] == [line for line in shown if line[0] in "-+"]
    assert ("@", "@ long lines, broken here between their tags @@") == shown[0]


def test_line_ends_between_tags_are_not_broken_away():
    """Markup that differs only in a line end between two tags differs in the diff."""
    cells = "<td>same</td>" * 100

    assert [] != [line for line in diff_lines(cells, cells.replace("><", ">\n<", 1), 40) if line.sign in "-+"]


def test_one_line_has_no_place():
    """A diff of one line has no location."""
    assert ["-", "+"] == [line.sign for line in diff_lines("a b c", "a b d", 40)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n".join(["</td>", "<td>"] * 1900), "\n".join(["<td>", "x", "</td>"] * 1300)),
        ("\n".join(["a " * 399] * 40), "\n".join(["b a " * 199] * 40)),
        ("<td>" * 200_000, "</td>" * 200_000),
    ],
)
def test_time_is_bounded(before, after):
    """Comparing texts with many repetitions takes a bounded time."""
    start = time.process_time()
    list(diff_lines(before, after, 400))

    assert time.process_time() - start < 3
