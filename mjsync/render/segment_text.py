"""Put a segment expression into words: one condition per line, nested as its parentheses are.

Operators stay in the order in which they are written: which of AND and OR binds first is not interpreted.
"""

import re
from collections.abc import Iterator

from mjsync.template_language.segments import (
    Chain,
    Comparison,
    Function,
    Group,
    Not,
    Property,
    SegmentNode,
    Value,
    parse_expression,
)

LONGEST = 20_000
"""Characters of an expression beyond which it is shown as it is."""

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OPERATORS = {"=": "is", "<>": "is not", "!=": "is not", "<": "is below", ">": "is above", "<=": "≤", ">=": "≥"}
_PHRASES = {
    ("isinpreviousdays", 2): "{} is in the previous {} days",
    ("isinnextdays", 2): "{} is in the next {} days",
    ("isbetweennumbers", 3): "{} is between {} and {}",
    ("hasopenedsince", 1): "has opened a mail in the last {} days",
    ("hasclickedsince", 1): "has clicked a link in the last {} days",
    ("todate", 1): "the date {}",
}
"""Function in lower case and number of arguments to words; others are worded from their names."""


def segment_lines(expression: str) -> list[str]:
    """Return the lines of an expression, indented by two blanks per level; one that cannot be parsed as it is."""
    root = parse_expression(expression).root if len(expression) <= LONGEST else None
    if root is None:
        return [expression] if expression.strip() else []
    return list(_lines(root, "", 0))


def _lines(node: SegmentNode, lead: str, level: int) -> Iterator[str]:
    """Yield the lines of a condition; `lead` is the connector and the NOT before it."""
    match node:
        case Group(inside=inside):
            yield from _lines(inside, lead, level)
        case Not(inside=inside):
            yield from _lines(inside, f"{lead} NOT".strip(), level)
        case Chain(conditions=(only,)):
            yield from _lines(only, lead, level)
        case Chain(operators=operators, conditions=conditions):
            if lead:
                yield "  " * level + lead
            connectors = ("", *(operator.upper() for operator in operators))
            for connector, condition in zip(connectors, conditions, strict=True):
                is_indented = not connector and _is_chain(condition)
                yield from _lines(condition, connector, level + bool(lead) + is_indented)
        case _:
            yield "  " * level + f"{lead} {_phrase(node)}".strip()


def _is_chain(condition: SegmentNode) -> bool:
    """Return whether a condition is several ones in parentheses, without a NOT before them."""
    while isinstance(condition, Group) or (isinstance(condition, Chain) and not condition.operators):
        condition = condition.inside if isinstance(condition, Group) else condition.conditions[0]
    return isinstance(condition, Chain)


def _phrase(node: SegmentNode) -> str:
    match node:
        case Comparison(operator=operator, left=left, right=right):
            return f"{_phrase(left)} {_OPERATORS.get(operator, operator)} {_phrase(right)}"
        case Property(name=name):
            return name
        case Value(value=value, quote=quote):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return f"{quote}{text}{quote}"
        case Function(name=name, arguments=arguments):
            words = [_phrase(argument) for argument in arguments]
            if phrase := _PHRASES.get((name.lower(), len(words))):
                return phrase.format(*words)
            return " ".join(filter(None, (*words[:1], _WORD_START.sub(" ", name).lower(), ", ".join(words[1:]))))
    return ""
