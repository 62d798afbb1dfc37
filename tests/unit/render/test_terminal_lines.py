"""How much of a long diff line is shown, and where its marks are then."""

import pytest

from mjsync.render.terminal_lines import Marked, diff_line, truncate_around
from mjsync.render.text import columns, visible
from mjsync.render.text_diff import DiffLine
from mjsync.render.to_text import wrapped


def test_short_line():
    """A line that fits is not cut."""
    assert ("short", ((0, 2),)) == truncate_around(DiffLine("+", "short", ((0, 2),)), 10)


def test_long_line_shows_what_changed():
    """Of a long line the part around its first change is shown, with its size."""
    text = "a" * 500 + "NEW" + "b" * 500
    shown, marks = truncate_around(DiffLine("+", text, ((500, 503),)), 60)

    assert (["NEW"], True) == ([shown[first:last] for first, last in marks], shown.endswith("… (1.0 kB)"))


def test_long_line_without_marks():
    """A long line without marks is shown from its start."""
    assert ("aaa…", ()) == truncate_around(DiffLine("+", "a" * 10), 5)


def test_marks_move_with_the_indent():
    """Marks count from the start of the printed line, indent included."""
    line, style = diff_line(DiffLine("-", "one two", ((4, 7),)), "    ")

    assert ("    -one two", ((9, 12),), "red") == (line, line.marks, style)


def test_marked_is_a_text():
    """A marked line equals the same text without marks."""
    assert Marked("x", ((0, 1),)) == "x"


@pytest.mark.parametrize("width", [20, 37, 80])
@pytest.mark.parametrize("text", ["日本語" * 100, "word 日本 " * 50, "x" * 400, "🎉é" * 200])
@pytest.mark.parametrize("marks", [(), ((100, 110),), ((5, 6), (190, 191))])
def test_a_window_fits(text, marks, width):
    """A cut line has at most as many columns as there are, also with wide characters."""
    assert columns(truncate_around(DiffLine("+", text, marks), width)[0]) <= width


def test_changes_that_are_not_seen():
    """Of a long line the changes outside the shown part are counted."""
    marks = ((5, 6), (70, 71), (130, 131), (190, 191))

    assert "… (3 more changes)" == truncate_around(DiffLine("+", "a" * 200, marks), 60)[0][-18:]


def test_equal_middle_is_cut():
    """Of a long line with several changes each is shown, and equal text between them is cut."""
    text = f"OLD{'=' * 200}middle{'=' * 200}x"
    shown, marks = truncate_around(DiffLine("-", text, ((0, 3), (203, 209), (409, 410))), 72)

    assert "OLD=========…=========middle=========…=========x" == shown
    assert ["OLD", "middle", "x"] == [shown[first:last] for first, last in marks]


def test_wrapped():
    """Prose is wrapped and indented after its first line; without a width it is not."""
    text = "refused: this is far too long a sentence for a narrow page"

    first, second = "refused: this is far too long a sentence", "         for a narrow page"
    assert [(first, "red"), (second, "red")] == list(wrapped(text, 40, 9, "red"))
    assert [(text, "")] == list(wrapped(text, None, 9, ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::add-mask::x", r"\x3a:add-mask::x"),
        ("  ::stop-commands::x", r"  \x3a:stop-commands::x"),
        ("##[set-output]x", r"\x23#[set-output]x"),
        ("a ::b", "a ::b"),
        (":: ", r"\x3a: "),
        ("# ##[x]", "# ##[x]"),
    ],
)
def test_a_line_that_a_ci_engine_would_obey_is_made_visible(text, expected):
    """Lines of mails and names that a CI service would take as commands are made harmless."""
    assert expected == visible(text)
