"""The functions of segment expressions: what each takes and what it gives.

Source: API sheet section 9.1. Names are told apart without case: the guides of 2015 and 2019 differ in it.
"""

from dataclasses import dataclass

# The types of properties, and three kinds of text that functions ask for.
STR, INT, FLOAT, BOOL, DATETIME = "str", "int", "float", "bool", "datetime"
MOMENT, OFFSET = "moment", "offset"

ANY = frozenset({STR, INT, FLOAT, BOOL, DATETIME})
NUMBERS = frozenset({INT, FLOAT})


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an argument may be: of which types, and whether it has to be a property or a value written out."""

    types: frozenset[str]
    is_property: bool | None = None

    def __str__(self) -> str:
        """Say in a message what is wanted."""
        form = {True: "a property", False: "a value", None: "something"}[self.is_property]
        return form if self.types == ANY else f"{form} of type {' or '.join(sorted(self.types))}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as documented; those that read historic properties have no parameters to check."""

    name: str
    parameters: tuple[Parameter, ...] | None
    result: str = BOOL


def _property(*types: str) -> Parameter:
    return Parameter(frozenset(types) or ANY, is_property=True)


def _value(*types: str) -> Parameter:
    return Parameter(frozenset(types), is_property=False)


_NUMBER, _DAYS, _TEXT = _value(INT, FLOAT), _value(INT), _value(STR)
_WHEN = Parameter(frozenset({DATETIME}))

_DOCUMENTED = (
    Signature("IsProvided", (_property(),)),
    Signature("IsBetweenNumbers", (_property(INT, FLOAT), _NUMBER, _NUMBER)),
    Signature("StartsWith", (_property(STR), _TEXT)),
    Signature("EndsWith", (_property(STR), _TEXT)),
    Signature("Contains", (_property(STR), _TEXT)),
    Signature("Between", (_property(DATETIME), _value(MOMENT), _value(MOMENT))),
    Signature("IsInNextDays", (_property(DATETIME), _DAYS)),
    Signature("IsInPreviousDays", (_property(DATETIME), _DAYS)),
    Signature("ToDate", (_value(INT),), DATETIME),
    Signature("DateTimeNow", (), DATETIME),
    Signature("FormatDateTime", (_TEXT, _WHEN), STR),
    Signature("FormatDateTimeTZ", (_TEXT, _WHEN, _value(OFFSET)), STR),
    Signature("hasopenedsince", (_DAYS,)),
    Signature("hasclickedsince", (_DAYS,)),
    *(Signature(name, None, INT) for name in ("OpenCount", "ClickCount", "UnsubCount")),
    *(Signature(name, None, FLOAT) for name in ("Last", "Avg", "Max", "Min")),
)

SIGNATURES = {signature.name.lower(): signature for signature in _DOCUMENTED}
ACTIVITY = frozenset({"hasopenedsince", "hasclickedsince"})
