"""Evaluate operators on values: comparison, arithmetic and conversion to text.

Source: mjsync/docs/mailjet-api.md, section 13 for the operators. Where it says nothing, as on different types: a
number and a text that contains a number are compared as numbers, `+` concatenates as soon as one side is a text,
`div` and `mod` round towards zero, and numbers are printed with at most 15 digits and no trailing zeros.
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
_NUMBER_TEXT = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")


class EvaluationError(Exception):
    """An operator or a function does not take the given values; the text is the reason."""


class MissingValue(EvaluationError):
    """A name has no value and no default; the text is the name."""


def to_text(value: Any) -> str:
    """Convert a value to text as a print tag does."""
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


def to_number(value: Any) -> Number | None:
    """Convert a number or a text that contains one; None for all others."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str() if _NUMBER_TEXT.fullmatch(value):
            return float(value) if "." in value else int(value)
    return None


def follow_path(value: Any, path: Sequence[str]) -> Any:
    """Follow a path into objects and lists (by index from 0). Raises LookupError, ValueError or TypeError."""
    for key in path:
        value = value[int(key)] if isinstance(value, list | tuple) else value[key]
    return value


def apply_operator(operator: str, left: Any, right: Any) -> Any:
    """Apply an operator other than and, or, xor. Raises EvaluationError if it does not take these values."""
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](_order(left, right, is_sorted=operator not in ("=", "<>")), 0)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return to_text(left) + to_text(right)
    one, other = to_number(left), to_number(right)
    if one is None or other is None:
        operand = to_text(left if one is None else right)
        raise EvaluationError(f'"{operand}" is not a number')
    try:
        result = _ARITHMETIC[operator](one, other)
    except ArithmeticError as error:
        raise EvaluationError(str(error)) from error
    return float(result) if isinstance(result, int) and abs(result) > _LARGEST_INT else result


def _order(left: Any, right: Any, *, is_sorted: bool) -> int:
    """Compare two values: below zero if the left is smaller, zero if both are equal."""
    one, other = to_number(left), to_number(right)
    if one is not None and other is not None and not (isinstance(left, str) and isinstance(right, str)):
        return (one > other) - (one < other)
    if is_sorted and not (isinstance(left, str) and isinstance(right, str)):
        raise EvaluationError(f'"{to_text(left)}" and "{to_text(right)}" have no order')
    first, second = to_text(left), to_text(right)
    return (first > second) - (first < second)


def _remainder(left: Number, right: Number) -> Number:
    remainder = math.fmod(left, right) if right else left / right
    return int(remainder) if remainder.is_integer() else remainder


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operators.eq,
    "<>": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "/": operators.truediv,
    "div": lambda left, right: math.trunc(left / right),
    "mod": _remainder,
}
