"""Values of properties: what is accepted, and how it is stored."""

import pytest

from mjsync.emulator.endpoints import Property
from mjsync.emulator.responses import ApiError
from mjsync.emulator.values import check_email, coerce, default_value

BOOL = Property("X", "Boolean")
INT = Property("X", "Int64")
FLOAT = Property("X", "Double")
TEXT = Property("X", "AnsiString")
LIST = Property("X", "TStrings")
TIME = Property("X", "TRFC3339DateTime")
ENUM = Property("X", "AnsiString", default="1", allowed=("dead", "alive"))


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        (BOOL, "true", True),
        (BOOL, 0, False),
        (BOOL, None, False),
        (INT, "7", 7),
        (INT, "", 0),
        (INT, -3, -3),
        (FLOAT, "1.50", 1.5),
        (FLOAT, 2.0, 2),
        (TEXT, 5, "5"),
        (TEXT, True, "true"),
        (TEXT, None, ""),
        (LIST, "a, b,", ["a", "b"]),
        (LIST, ["b", "a"], ["b", "a"]),
        (TIME, "1556658000", "2019-04-30T21:00:00Z"),
        (TIME, "2019-04-30T23:00:00.123+02:00", "2019-04-30T21:00:00Z"),
        (TIME, "2019-04-30T21:00:00", "2019-04-30T21:00:00Z"),
        (TIME, "", ""),
        (ENUM, "ALIVE", "alive"),
        (ENUM, "0", "dead"),
        (ENUM, "", ""),
    ],
)
def test_what_is_taken(field, sent, stored):
    """Input is lenient; the stored value has the property's type."""
    assert (stored, type(stored)) == (coerce(field, sent), type(coerce(field, sent)))


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        (BOOL, "yes"),
        (BOOL, []),
        (INT, "x"),
        (INT, 1.5),
        (INT, True),
        (INT, {}),
        (FLOAT, "x"),
        (TEXT, []),
        (TEXT, {}),
        (LIST, 5),
        (LIST, [1]),
        (TIME, "yesterday"),
        (TIME, "9" * 30),
        (ENUM, "other"),
        (ENUM, "2"),
    ],
)
def test_what_is_refused(field, sent):
    """The refusal names the property."""
    with pytest.raises(ApiError) as refused:
        coerce(field, sent)

    assert refused.value.info.startswith("MJ08 Property X is invalid: ")


@pytest.mark.parametrize("word", ["nobody", "a b@c.example", "@c.example", "a@"])
def test_what_is_no_address(word):
    """Addresses need two parts and no blanks."""
    with pytest.raises(ApiError, match="Invalid email address"):
        check_email(word)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Property("X", "Boolean", default="true"), True),
        (Property("X", "LongInt", default="5"), 5),
        (Property("X", "AnsiString", default="Random HEX string"), ""),
        (Property("X", "AnsiString", default="en_US"), "en_US"),
        (Property("X", "AnsiString", default="Unknown", allowed=("a", "b")), "Unknown"),
        (ENUM, "alive"),
        (LIST, []),
    ],
)
def test_unset_values(field, value):
    """A default that describes a computed value is empty; others are the value, also by position in the enumeration."""
    assert value == default_value(field)


def test_outside_the_enumeration_when_not_strict():
    """Recorded rows have values that the metadata does not list as allowed."""
    assert "unknown" == coerce(ENUM, "unknown", is_strict=False)
