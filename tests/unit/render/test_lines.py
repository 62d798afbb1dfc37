"""How much of a long diff line is shown, and where its marks are then."""

from mjsync.render.differences import DiffLine
from mjsync.render.lines import Marked, diff_line, windowed


def test_short_line():
    """A line that fits is shown as it is."""
    assert ("short", ((0, 2),)) == windowed(DiffLine("+", "short", ((0, 2),)), 10)


def test_long_line_shows_what_changed():
    """Of a long line the part around its first change is shown, and the size of all of it."""
    text = "a" * 500 + "NEW" + "b" * 500
    shown, marks = windowed(DiffLine("+", text, ((500, 503),)), 60)

    assert (["NEW"], True) == ([shown[first:last] for first, last in marks], shown.endswith("… (1.0 kB)"))


def test_long_line_without_marks():
    """A long line that is new as a whole is shown from its start."""
    assert ("aaaaa… (10 B)", ()) == windowed(DiffLine("+", "a" * 10), 5)


def test_marks_move_with_the_indent():
    """Marks count from the start of the printed line."""
    line, style = diff_line(DiffLine("-", "one two", ((4, 7),)), "    ")

    assert ("    -one two", ((9, 12),), "red") == (line, line.marks, style)


def test_marked_is_a_text():
    """A marked line equals the same text without marks."""
    assert Marked("x", ((0, 1),)) == "x"
