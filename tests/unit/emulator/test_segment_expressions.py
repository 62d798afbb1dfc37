"""Segment expressions as the guides describe them."""

import os
from pathlib import Path

import pytest

from mjsync.emulator.rules.segments import InvalidExpression, normalized, property_names


def known_expressions():
    """Expressions from public code and documents."""
    if "MJSYNC_SHARED" not in os.environ:
        return [pytest.param("", marks=pytest.mark.skip("MJSYNC_SHARED is not set"))]
    lines = Path(os.environ["MJSYNC_SHARED"], "segments.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("text", known_expressions())
def test_expressions_in_use_parse(text):
    """Whatever public code sends is an expression."""
    property_names(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('(gender="male") AND (age<=30)', {"gender", "age"}),
        ("(vip=true)", {"vip"}),
        ("((not hasclickedsince(30))) OR ((not hasopenedsince(365)))", set()),
        ('(FormatDateTime("yy-mm-dd",birthday)=FormatDateTime("yy-mm-dd",DateTimeNow()))', {"birthday"}),
        ("(a=\"not (b=1)\") xor (c='d')", {"a", "c"}),
        ("(price>-1.5)", {"price"}),
        ('(straße="x")', {"straße"}),
    ],
)
def test_names(text, names):
    """Return the properties of an expression, without functions, texts and numbers."""
    assert names == property_names(text)


@pytest.mark.parametrize(
    "text",
    ["", "age", "(age<35", "age<35)", "(age<)", "(age<35) AND", "AND (age<35)", "(a=1) (b=2)", "(a ~ 1)",
     '(a="x)', "()", "IsProvided(", "IsProvided(a", "(" * 500 + "a=1" + ")" * 500, "(a=1=2)", "(not)"],
)  # fmt: skip
def test_what_is_none(text):
    """Anything else is refused, with what was found."""
    with pytest.raises(InvalidExpression):
        property_names(text)


def test_normalised():
    """Keywords in capitals, single blanks, texts unchanged."""
    assert '(a="b  or c") AND (d=1)' == normalized(' (a="b  or c")  and\n(d=1) ')
