from datetime import UTC, datetime

import pytest

from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.rendering import render
from mjsync.template_language.values import EvaluationError, apply_operator, follow_path, to_text


def is_true(value):
    """Return whether conditions with a value are met."""
    text = "{% if var:a %}1{% endif %}{% if not var:a %}2{% endif %}{% if var:a and true %}3{% endif %}"
    return {"13": True, "2": False}[render(parse(text), RenderContext({"a": value})).text]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (24.0, "24"),
        (79.99 * 3, "239.97"),
        ("é", "é"),
        ([1, "é"], '[1, "é"]'),
        ({"a": None}, '{"a": null}'),
        (datetime(2024, 3, 5, tzinfo=UTC), "2024-03-05T00:00:00+00:00"),
    ],
)
def test_values_are_printed_as_people_write_them(value, expected):
    """Values are printed without Python's notation."""
    assert expected == to_text(value)


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", [], {}])
def test_what_is_empty_is_not_true(value):
    """Null, zero and empty values are false."""
    assert not is_true(value)


@pytest.mark.parametrize("value", [True, 1, -0.5, "false", " ", [0], {"a": 0}])
def test_all_else_is_true(value):
    """Any text that is not empty is true."""
    assert is_true(value)


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (1, "=", 1.0, True),
        (1, "=", "1.0", True),
        ("1", "=", "1.0", False),
        ("a", "=", "A", False),
        (True, "=", "true", True),
        (None, "=", "", True),
        (1, "<>", 2, True),
        (10, ">", "9", True),
        ("10", ">", "9", False),
        ("a", "<=", "b", True),
        (3, ">=", 3, True),
        (1, "+", 2, 3),
        ("1", "+", 2, "12"),
        ("a", "+", True, "atrue"),
        (7, "-", "2", 5),
        (2, "*", 1.5, 3.0),
        (7, "/", 2, 3.5),
        (7, "div", 2, 3),
        (-7, "div", 2, -3),
        (-7, "mod", 2, -1),
        (7.5, "mod", 2, 1.5),
        (2**62, "*", 4, 2.0**64),
    ],
)
def test_operators(left, operator, right, expected):
    """Operators work on mixed types too."""
    result = apply_operator(operator, left, right)

    assert (expected, type(expected)) == (result, type(result))


@pytest.mark.parametrize(
    ("left", "operator", "right"),
    [
        (1, "/", 0),
        (1, "div", 0),
        (1, "mod", 0),
        ("a", "-", 1),
        (None, "*", 1),
        ([], "+", 1),
        (1, "<", "a"),
        (1e308, "div", 1e-308),
    ],
)
def test_what_has_no_value_is_refused(left, operator, right):
    """Division by zero and operands of the wrong type are errors."""
    with pytest.raises(EvaluationError):
        apply_operator(operator, left, right)


def test_paths_lead_into_objects_and_lists():
    """A step of a path is a key of an object or an index of a list."""
    assert "b" == follow_path({"a": [{"c": "b"}]}, ("a", "0", "c"))


@pytest.mark.parametrize("value", [{"b": 1}, {"a": "text"}, {"a": [1]}, {"a": None}])
def test_paths_that_lead_nowhere_are_refused(value):
    """A path into a text or a missing value is an error."""
    with pytest.raises((LookupError, TypeError, ValueError)):
        follow_path(value, ("a", "c"))


@pytest.mark.parametrize(("left", "right"), [("a", 1), (1, "a")])
def test_the_operand_that_is_no_number_is_named(left, right):
    """The error names the operand that is not a number."""
    with pytest.raises(EvaluationError, match=r'^"a" is not a number$'):
        apply_operator("-", left, right)
