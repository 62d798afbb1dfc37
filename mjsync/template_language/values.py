"""The values of expressions: what counts as true, how values compare, add up and are printed.

Source: API sheet section 13 for the operators. Where it is silent, as it is on types that differ: a number and
a text that spells one are compared as numbers, `+` joins as soon as one side is a text, `div` and `mod` cut
towards zero, and numbers are printed with at most 15 digits and no trailing zeros.
"""

import json
import math
import operator as operators
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

Number = int | float

_LARGEST_INT = 2**63
_SPELLED = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")


class NoValue(Exception):
    """An operator or a function cannot take the values it was given; the text says why."""


class Missing(NoValue):
    """A name has no value and no default; the text is the name."""


def is_true(value: Any) -> bool:
    """Say whether a condition of this value holds: not for false, zero, and what is empty or null."""
    return bool(value)


def printed(value: Any) -> str:
    """Write a value as a print tag does."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return format(value, ".15g")
        case str() | int():
            return str(value)
        case datetime():
            return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)


def number(value: Any) -> Number | None:
    """Read a value as a number; none where it is not one and spells none."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str() if _SPELLED.fullmatch(value):
            return float(value) if "." in value else int(value)
    return None


def stepped(value: Any, steps: Sequence[str]) -> Any:
    """Follow a path into objects and lists (by index from 0).

    Raises: KeyError, IndexError, ValueError or TypeError where the path leads nowhere.
    """
    for step in steps:
        value = value[int(step)] if isinstance(value, list | tuple) else value[step]
    return value


def operated(operator: str, left: Any, right: Any) -> Any:
    """Apply an operator other than and, or, xor.

    Raises: NoValue where the operator cannot take these values.
    """
    if operator in _COMPARED:
        return _COMPARED[operator](_order(left, right, is_sorted=operator not in ("=", "<>")), 0)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return printed(left) + printed(right)
    one, other = number(left), number(right)
    if one is None or other is None:
        wrong = printed(left if one is None else right)
        raise NoValue(f'"{wrong}" is not a number')
    try:
        result = _CALCULATED[operator](one, other)
    except ArithmeticError as error:
        raise NoValue(str(error)) from error
    return float(result) if isinstance(result, int) and abs(result) > _LARGEST_INT else result


def _order(left: Any, right: Any, *, is_sorted: bool) -> int:
    """Say which comes first: below zero for the left, zero where both are equal."""
    one, other = number(left), number(right)
    if one is not None and other is not None and not (isinstance(left, str) and isinstance(right, str)):
        return (one > other) - (one < other)
    if is_sorted and not (isinstance(left, str) and isinstance(right, str)):
        raise NoValue(f'"{printed(left)}" and "{printed(right)}" have no order')
    first, second = printed(left), printed(right)
    return (first > second) - (first < second)


def _cut(left: Number, right: Number) -> int:
    return math.trunc(left / right)


def _rest(left: Number, right: Number) -> Number:
    rest = math.fmod(left, right) if right else left / right
    return int(rest) if rest.is_integer() else rest


_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "=": operators.eq,
    "<>": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
_CALCULATED: dict[str, Callable[[Number, Number], Number]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "/": operators.truediv,
    "div": _cut,
    "mod": _rest,
}
