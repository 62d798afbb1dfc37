"""Which words of a changed line are marked, and how much of a diff is given."""

import pytest

from mjsync.render.differences import MOST_WORDS, DiffLine, changed_words, diff_lines


def marked(before, after):
    """The marked words of both sides."""
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
    """Marks cover the words that the other line does not have; lines with little in common have none."""
    assert expected == marked(before, after)


def test_very_long_lines():
    """Of a line with too many words to compare, everything between its equal head and tail is marked."""
    words = "word " * MOST_WORDS

    assert (["one"], ["two"]) == marked(f"{words}one {words}", f"{words}two {words}")


def test_lines_are_paired():
    """The first line that went belongs to the first that came; a line without a partner has no marks."""
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
    """No control character of a body reaches a diff."""
    assert ["\\x1b[31mred"] == [line.text for line in diff_lines("", "\x1b[31mred", 40) if line.sign == "+"]


def test_cut():
    """A diff that is cut says how many lines are left out."""
    after = "\n".join(f"line {number}" for number in range(50))

    assert DiffLine("…", " 11 more lines of this diff") == list(diff_lines("", after, 40))[-1]
