"""Check the types in segment expressions: properties, values, operators and the arguments of functions.

Source: mjsync/docs/mailjet-api.md, section 9.1. Function names are matched without case: the guides of 2015 and 2019
differ in it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mjsync.errors import Finding, counted
from mjsync.template_language.rules import make_finding
from mjsync.template_language.segments import (
    Comparison,
    Function,
    Operand,
    Property,
    SegmentExpression,
    SegmentNode,
    Value,
    all_segment_nodes,
)

# The types of properties, and two forms of text that functions take.
STR, INT, FLOAT, BOOL, DATETIME = "str", "int", "float", "bool", "datetime"
MOMENT, OFFSET = "moment", "offset"

ANY = frozenset({STR, INT, FLOAT, BOOL, DATETIME})
NUMBERS = frozenset({INT, FLOAT})


class Parameter(NamedTuple):
    """A parameter: its types, and whether the argument must be a property or a literal value."""

    types: frozenset[str]
    is_property: bool | None = None

    def __str__(self) -> str:
        form = {True: "a property", False: "a value", None: "something"}[self.is_property]
        return form if self.types == ANY else f"{form} of type {' or '.join(sorted(self.types))}"


class Signature(NamedTuple):
    """A documented function; those that read historic properties have no parameters to check."""

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

_OPERATORS = {
    "=": ANY,
    "!=": NUMBERS | {DATETIME},
    "<>": frozenset({STR}),
    **dict.fromkeys(("<", "<=", ">", ">="), NUMBERS | {DATETIME}),
}
_WAYS_OUT = {
    STR: 'Compare it with a text in quotes, like "a".',
    INT: "Compare it with a whole number without quotes.",
    FLOAT: "Compare it with a number without quotes.",
    BOOL: "Compare it with true or false, without quotes.",
    DATETIME: "Compare it with ToDate(…) of a Unix time, or use IsInPreviousDays and the like.",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


def property_uses(expression: SegmentExpression) -> tuple[Property, ...]:
    """Collect the properties an expression uses, in reading order."""
    nodes = all_segment_nodes(expression.root) if expression.root else ()
    return tuple(node for node in nodes if isinstance(node, Property))


def check_types(expression: SegmentExpression, types: Mapping[str, str]) -> tuple[Finding, ...]:
    """Find type errors, by the type of each known property; unknown properties are ignored."""
    nodes = all_segment_nodes(expression.root) if expression.root else ()
    return tuple(finding for node in nodes for finding in _type_findings(node, types))


def _types(operand: Operand, types: Mapping[str, str]) -> frozenset[str] | None:
    """Return the types an operand can have; None if that is not known."""
    match operand:
        case Property(name=name):
            return frozenset({types[name]}) if name in types else None
        case Function(name=name):
            signature = SIGNATURES.get(name.lower())
            return frozenset({signature.result}) if signature else None
        case Value(value=bool()):
            return frozenset({BOOL})
        case Value(value=int()):
            return NUMBERS
        case Value(value=float()):
            return frozenset({FLOAT})
    forms = {MOMENT: _MOMENT, OFFSET: _OFFSET}
    return frozenset({STR, *(form for form, pattern in forms.items() if pattern.fullmatch(str(operand.value)))})


def _type_findings(node: SegmentNode, types: Mapping[str, str]) -> Iterator[Finding]:
    match node:
        case Comparison():
            yield from _comparison_findings(node, types)
        case Function(name=name):
            signature = SIGNATURES.get(name.lower())
            if signature is None:
                known = ", ".join(each.name for each in SIGNATURES.values() if each.parameters is not None)
                yield make_finding("MJS406", f"{name} is not a segment function", node.location, f"Known are {known}.")
            elif signature.parameters is None:
                yield make_finding(
                    "MJS403", f"{name} reads historic properties", node.location, "Mailjet has stored none since 2018."
                )
            else:
                yield from _call_findings(node, signature.parameters, types)


def _comparison_findings(node: Comparison, types: Mapping[str, str]) -> Iterator[Finding]:
    left, right = _types(node.left, types), _types(node.right, types)
    if left is None or right is None:
        return
    if not left & right:
        message = f"{_described(node.left, left)} is compared with {_described(node.right, right)}"
        yield make_finding("MJS408", message, node.right.location, _WAYS_OUT.get(min(left), ""))
    elif not left & _OPERATORS[node.operator]:
        documented = " or ".join(operator for operator, fits in _OPERATORS.items() if left & fits)
        message = f"{node.operator} is not documented for {_described(node.left, left)}"
        yield make_finding("MJS409", message, node.location, f"Use {documented}.")


def _call_findings(node: Function, parameters: tuple[Parameter, ...], types: Mapping[str, str]) -> Iterator[Finding]:
    if len(node.arguments) != len(parameters):
        expected = ", ".join(map(str, parameters)) or "nothing"
        message = f"{node.name} takes {counted(len(parameters), 'argument')}, not {len(node.arguments)}"
        yield make_finding("MJS407", message, node.location, f"It takes {expected}.")
        return
    for argument, parameter in zip(node.arguments, parameters, strict=True):
        actual = _types(argument, types)
        is_right_form = parameter.is_property is None or parameter.is_property is isinstance(argument, Property)
        if not is_right_form or (actual is not None and not actual & parameter.types):
            yield make_finding(
                "MJS407",
                f"{node.name} cannot take {_described(argument, actual)}",
                argument.location,
                f"It takes {parameter}.",
            )


def _described(operand: Operand, types: frozenset[str] | None) -> str:
    """Format an operand for a message, with its type if that is known."""
    match operand:
        case Value(value=bool(value)):
            return str(value).lower()
        case Value(value=str(value)):
            return f'"{value}"'
        case Value(value=value):
            return str(value)
    return operand.name if types is None else f"{operand.name} ({min(types)})"
