"""Roles of fields."""

import pytest

from mjsync.resources import KINDS


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [("segment", "expression", 5), ("template", "purposes", "marketing"), ("parse_route", "email", 7)],
)
def test_a_rule_is_for_its_type_alone(kind, field, value):
    """A live value of another type than the rule of its field is for is compared as it is."""
    assert value == KINDS[kind].spec(field).normalized(value)
