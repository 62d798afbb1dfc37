"""Two values that differ are never shown alike."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.render.text_diff import unified
from mjsync.render.to_text import change_lines
from mjsync.resources import KINDS
from mjsync.resources.address import Address


def sides(before, after, path="html", width=100):
    """Return the removed and the added text that are shown of a change."""
    kind = KINDS["template"]
    is_text = path == "html"
    field = FieldChange(path, before, after, is_text=is_text)
    change = Change(Action.UPDATE, Address("template", "t"), kind, "t", fields=(field,))
    lines = [line for line, _ in change_lines(change, terminal=width)][1:]
    if len(lines) == 1:
        return lines[0].partition(": ")[2].split(" → ")
    return [[line[7:] for line in lines if line[6:7] == sign] for sign in "-+"]


LONG = "x" * 300


@pytest.mark.parametrize("width", [40, 100, 300])
@pytest.mark.parametrize("path", ["html", "subject"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{LONG}1", f"{LONG}2"),
        (f"{LONG}1{LONG}", f"{LONG}2{LONG}"),
        (LONG, f"{LONG}y"),
        (f"<p>{LONG * 1000}1{LONG}</p>", f"<p>{LONG * 1000}2{LONG}</p>"),
        ("word " * 100 + "a", "word " * 100 + "b"),
        ("a" * 30 + "1" + "b" * 200, "a" * 30 + "2" + "c" * 200),
        ("a b", "a  b"),
        ("a\tb", "a b"),
    ],
)
def test_long_lines(before, after, path, width):
    """Lines that are too long are shown where they differ."""
    gone, come = sides(before, after, path, width)

    assert gone != come


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\rb", "a\nb"),
        ("a", "a\n"),
        ("a\n", "a"),
        ("a\n\n", "a\n"),
        ("a\u2028b", "a\nb"),
        ("a\x0cb", "a\nb"),
        ("a\x85b", "a\nb"),
        ("a", "a\r"),
        ("\ufeffa", "a"),
        ("a\u200bb", "ab"),
    ],
)
def test_what_cannot_be_seen(before, after):
    """Line ends other than LF, and invisible characters, are made visible."""
    gone, come = sides(before, after)

    assert gone != come


def test_crlf_is_no_reason():
    """CRLF and LF are equal: only lines that differ otherwise are shown."""
    assert ["@@ -1,3 +1,3 @@", " a", "-b", "+x", " c"] == list(unified("a\r\nb\r\nc\r\n", "a\nx\nc\n"))


lines = st.lists(st.sampled_from(("a", "b", "", "x" * 200, "\r", "\x0c", " ")), max_size=6)


@given(lines.map("\n".join), lines.map("\n".join))
@example("", "\n")
@example("a\n", "a\n\n")
def test_a_diff_of_different_texts_is_not_empty(before, after):
    """Any difference but one in line ends is a line of the diff."""
    differ = before.replace("\r\n", "\n") != after.replace("\r\n", "\n")

    assert differ == bool(list(unified(before, after)))
