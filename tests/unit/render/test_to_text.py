"""The plan on a terminal: line widths, and marks of changed words."""

import pytest

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.render.text import columns
from mjsync.render.to_text import change_lines, finding_lines, plan_lines
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from tests.unit.render.sample_plan import plan


def lines_of(*fields, action=Action.UPDATE, terminal=80):
    """Return the lines of one change without its headline."""
    change = Change(action, Address("template", "t"), KINDS["template"], "t", fields=fields)
    return [line for line, _ in change_lines(change, terminal=terminal)][1:]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_width(width):
    """Lines fit the terminal, except for names of objects and commands to copy."""
    lines = [line for line, _ in (*plan_lines(plan(), width), *finding_lines(plan().warnings, width))]
    headlines = {str(change.address) for change in plan().changes}
    free = ("to allow it:", "Digest:", *headlines, "list.```")

    assert [] == [line for line in lines if columns(line) > width and not any(word in line for word in free)]


def test_words_that_changed():
    """In a line with both sides the changed words are marked on each."""
    (line,) = lines_of(FieldChange("subject", "Order is paid", "Order is on its way"))

    assert ["paid", "on its way"] == [line[first:last] for first, last in line.marks]


def test_one_line_of_text():
    """A text of one line, such as a segment expression, is shown whole."""
    lines = lines_of(FieldChange("html", "<p>Old</p>", "<p>New</p>", is_text=True))

    assert ['    html: "<p>Old</p>" → "<p>New</p>"'] == lines


def test_sides_too_wide_for_one_line():
    """Sides that do not fit in one line are on two lines."""
    lines = lines_of(FieldChange("categories", ["a" * 30], ["a" * 30, "b"]), terminal=60)

    assert ["    categories:", f"      -[{'a' * 30}]", f"      +[{'a' * 30}, b]"] == lines


def test_a_page_is_not_wrapped():
    """Without a terminal prose is not wrapped, so that it can be pasted."""
    lines = [line for line, _ in plan_lines(plan())]

    assert any(line.startswith("refused: template.drawn") and line.endswith("or overwrite it") for line in lines)
