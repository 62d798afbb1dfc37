"""Segment expressions in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjsync.render.segment_text import segment_lines


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(IsInPreviousDays(last_order_at,30))", ["last_order_at is in the previous 30 days"]),
        ("((not hasopenedsince(7)))", ["NOT has opened a mail in the last 7 days"]),
        ('(StartsWith(country,"fr"))', ['country starts with "fr"']),
        ("(property<ToDate(1556658000))", ["property is below the date 1556658000"]),
        (
            '((a="x") AND (b<>32)) or (c=true)',
            ['  a is "x"', "  AND b is not 32", "OR c is true"],
        ),
        (
            '(a>1) AND ((b="N L") OR (not IsProvided(b)))',
            ["a is above 1", "AND", '  b is "N L"', "  OR NOT b is provided"],
        ),
        ("not (a=1 or b=2)", ["NOT", "  a is 1", "  OR b is 2"]),
        ("", []),
        ("))) a=1", ["))) a=1"]),
        ("(" * 60 + "a", ["(" * 60 + "a"]),
    ],
)
def test_conditions(expression, expected):
    """Each condition is a line of words, nested as written; what cannot be parsed is unchanged."""
    assert expected == segment_lines(expression)


@given(st.text('()ab1"=<>,. andorxnot', max_size=60))
def test_any_text(expression):
    """Any text has words, and every word of it is in them."""
    shown = " ".join(segment_lines(expression))

    assert [] == [letter for letter in "1b" if letter in expression.replace('"', "") and letter not in shown]
