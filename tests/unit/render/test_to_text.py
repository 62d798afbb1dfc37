"""The plan on a terminal: nothing but names and commands is wider than the page, and changed words stand out."""

import pytest

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.render.text import columns
from mjsync.render.to_text import change_lines, finding_lines, plan_lines
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from tests.unit.render.story import plan


def lines_of(*fields, action=Action.UPDATE, terminal=80):
    """The lines of one change, its headline left out."""
    change = Change(action, Address("template", "t"), KINDS["template"], "t", fields=fields)
    return [line for line, _ in change_lines(change, terminal=terminal)][1:]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_width(width):
    """Lines fit the terminal; headlines name objects whole, and what is to be copied stands in one line."""
    lines = [line for line, _ in (*plan_lines(plan(), width), *finding_lines(plan().warnings, width))]
    headlines = {str(change.address) for change in plan().changes}
    free = ("to allow it:", "Digest:", *headlines, "list.```")

    assert [] == [line for line in lines if columns(line) > width and not any(word in line for word in free)]


def test_words_that_changed():
    """In a line that holds both sides, what differs is marked on each."""
    (line,) = lines_of(FieldChange("subject", "Order is paid", "Order is on its way"))

    assert ["paid", "on its way"] == [line[first:last] for first, last in line.marks]


def test_one_line_of_text():
    """A text of one line, such as a segment expression, is shown as it is, not by its size."""
    lines = lines_of(FieldChange("html", "<p>Old</p>", "<p>New</p>", is_text=True))

    assert ['    html: "<p>Old</p>" → "<p>New</p>"'] == lines


def test_sides_too_wide_for_one_line():
    """Both sides stand below one another where one line does not hold them."""
    lines = lines_of(FieldChange("categories", ["a" * 30], ["a" * 30, "b"]), terminal=60)

    assert ["    categories:", f"      -[{'a' * 30}]", f"      +[{'a' * 30}, b]"] == lines


def test_a_page_is_not_wrapped():
    """Where there is no terminal, prose is left in one line, to be pasted."""
    said = [line for line, _ in plan_lines(plan())]

    assert any(line.startswith("refused: template.drawn") and line.endswith("or overwrite it") for line in said)
