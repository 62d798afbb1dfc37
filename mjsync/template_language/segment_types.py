"""What a segment expression uses and whether the types agree: properties, values, operators, arguments."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.places import Place
from mjsync.template_language.segment_functions import (
    ACTIVITY,
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    MOMENT,
    NUMBERS,
    OFFSET,
    SIGNATURES,
    STR,
    Parameter,
)
from mjsync.template_language.segment_nodes import (
    Comparison,
    Function,
    Operand,
    Property,
    SegmentNode,
    Value,
    segment_nodes,
)
from mjsync.template_language.segments import SegmentExpression

_OPERATORS = {
    "=": ANY,
    "!=": NUMBERS | {DATETIME},
    "<>": frozenset({STR}),
    **dict.fromkeys(("<", "<=", ">", ">="), NUMBERS | {DATETIME}),
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class PropertyUse:
    """One place where an expression uses a property, and the types for which that use makes sense."""

    name: str
    place: Place
    fits: frozenset[str]


def property_uses(expression: SegmentExpression) -> tuple[PropertyUse, ...]:
    """Collect the properties an expression uses, in reading order."""
    nodes = segment_nodes(expression.root) if expression.root else ()
    return tuple(use for node in nodes for use in _uses(node))


def activity_functions(expression: SegmentExpression) -> tuple[Function, ...]:
    """Collect the functions that ask what contacts did, in reading order."""
    nodes = segment_nodes(expression.root) if expression.root else ()
    return tuple(node for node in nodes if isinstance(node, Function) and node.name.lower() in ACTIVITY)


def check_types(expression: SegmentExpression, types: Mapping[str, str]) -> tuple[Finding, ...]:
    """Find what does not fit, given the type of each known property; unknown properties are left alone."""
    nodes = segment_nodes(expression.root) if expression.root else ()
    return tuple(finding for node in nodes for finding in _misfits(node, types))


def _uses(node: SegmentNode) -> Iterator[PropertyUse]:
    match node:
        case Comparison(left=Property() as left, right=right):
            yield PropertyUse(left.name, left.place, (_types(right, {}) or ANY) & ANY)
        case Function(name=name, arguments=arguments):
            signature = SIGNATURES.get(name.lower())
            parameters = signature.parameters if signature and signature.parameters else ()
            for argument, parameter in zip_longest(arguments, parameters):
                if isinstance(argument, Property):
                    yield PropertyUse(argument.name, argument.place, parameter.types if parameter else ANY)


def _types(operand: Operand, types: Mapping[str, str]) -> frozenset[str] | None:
    """Say which types an operand can pass for; none where that is not known."""
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


def _misfits(node: SegmentNode, types: Mapping[str, str]) -> Iterator[Finding]:
    match node:
        case Comparison():
            yield from _compared(node, types)
        case Function(name=name):
            signature = SIGNATURES.get(name.lower())
            if signature is None:
                known = ", ".join(each.name for each in SIGNATURES.values() if each.parameters is not None)
                yield found("MJS406", f"{name} is no function of segments", node.place, f"Known are {known}.")
            elif signature.parameters is None:
                yield found("MJS403", f"{name} reads historic properties", node.place, "Mailjet keeps none since 2018.")
            else:
                yield from _called(node, signature.parameters, types)


def _compared(node: Comparison, types: Mapping[str, str]) -> Iterator[Finding]:
    left, right = _types(node.left, types), _types(node.right, types)
    if left is None or right is None:
        return
    if not left & right:
        message = f"{_told(node.left, left)} is compared with {_told(node.right, right)}"
        yield found("MJS408", message, node.right.place, _ways_out(left))
    elif not left & _OPERATORS[node.operator]:
        fitting = " or ".join(operator for operator, fits in _OPERATORS.items() if left & fits)
        message = f"{node.operator} is not documented for {_told(node.left, left)}"
        yield found("MJS409", message, node.place, f"Use {fitting}.")


def _called(node: Function, parameters: tuple[Parameter, ...], types: Mapping[str, str]) -> Iterator[Finding]:
    if len(node.arguments) != len(parameters):
        wanted = ", ".join(map(str, parameters)) or "nothing"
        message = f"{node.name} takes {len(parameters)} arguments, not {len(node.arguments)}"
        yield found("MJS407", message, node.place, f"It takes {wanted}.")
        return
    for argument, parameter in zip(node.arguments, parameters, strict=True):
        has = _types(argument, types)
        is_form = parameter.is_property is None or parameter.is_property is isinstance(argument, Property)
        if not is_form or (has is not None and not has & parameter.types):
            yield found(
                "MJS407", f"{node.name} cannot take {_told(argument, has)}", argument.place, f"Give {parameter}."
            )


def _told(operand: Operand, types: frozenset[str] | None) -> str:
    """Name an operand in a message, with its type where that is known."""
    match operand:
        case Value(value=bool(value)):
            return str(value).lower()
        case Value(value=str(value)):
            return f'"{value}"'
        case Value(value=value):
            return str(value)
    return operand.name if types is None else f"{operand.name} ({min(types)})"


def _ways_out(types: frozenset[str]) -> str:
    wanted = {
        STR: 'Compare it with a text in quotes, like "a".',
        INT: "Compare it with a whole number without quotes.",
        FLOAT: "Compare it with a number without quotes.",
        BOOL: "Compare it with true or false, without quotes.",
        DATETIME: "Compare it with ToDate(…) of a Unix time, or ask IsInPreviousDays and the like.",
    }
    return wanted.get(min(types), "")
