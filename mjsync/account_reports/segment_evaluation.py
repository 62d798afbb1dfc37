"""Evaluate segment expressions on contacts offline; what only Mailjet knows, such as opens, stays undecided.

Source: mjsync/docs/mailjet-api.md, section 9.1. A contact without a value matches no comparison, texts compare exactly,
and days count from now: Mailjet documents none of it.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mjsync.account_reports.reading import parse_time
from mjsync.template_language.segments import (
    Chain,
    Comparison,
    Condition,
    Function,
    Group,
    Not,
    Operand,
    Property,
    SegmentNode,
    Value,
)

Contact = Mapping[str, str]
"""Name of a property in lower case to its value as Mailjet returns it: a text."""

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}
_BOOLEANS = {"true": True, "false": False}
_EVALUATED = frozenset({*_TEXT_TESTS, "isprovided", "isbetweennumbers", "between", "isinnextdays", "isinpreviousdays"})
_OPERANDS = frozenset({"todate", "datetimenow"})


def undecided_functions(nodes: Iterable[SegmentNode]) -> Iterator[str]:
    """Yield the name of each function that cannot be evaluated offline, as the expression spells it."""
    for each in nodes:
        if isinstance(each, Function) and each.name.lower() not in _EVALUATED | _OPERANDS:
            yield each.name


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates conditions at one moment."""

    now: datetime

    def matches(self, node: Condition, contact: Contact) -> bool | None:
        """Return whether a contact matches; None where that depends on what only Mailjet knows."""
        match node:
            case Group(inside=inside):
                return self.matches(inside, contact)
            case Not(inside=inside):
                found = self.matches(inside, contact)
                return None if found is None else not found
            case Chain():
                first, *others = node.conditions
                result = self.matches(first, contact)  # from left to right, in logic of three values
                for word, condition in zip(node.operators, others, strict=True):
                    result = _join(word.lower(), result, self.matches(condition, contact))
                return result
            case Comparison():
                left, right = self._operand(node.left, contact), self._operand(node.right, contact)
                if left is not None and right is not None:
                    return _compared(node.operator, left, right)
                return None if isinstance(node.left, Function) or isinstance(node.right, Function) else False
            case Function():
                return self._call(node, contact)

    def _operand(self, node: Operand, contact: Contact) -> Any:
        """Return a value; None where a contact has none, or where a function cannot be evaluated."""
        match node:
            case Property(name=name):
                return contact.get(name.lower()) or None
            case Value(value=value):
                return value
            case Function(name=name) if name.lower() == "datetimenow":
                return self.now
            case Function(name=name, arguments=(Value(value=float() | int() as value),)) if name.lower() == "todate":
                return datetime.fromtimestamp(float(value), UTC)
        return None

    def _call(self, node: Function, contact: Contact) -> bool | None:
        name = node.name.lower()
        if name not in _EVALUATED or not node.arguments:
            return None
        value, *others = (self._operand(argument, contact) for argument in node.arguments)
        if name == "isprovided" or value is None:
            return name == "isprovided" and value is not None
        if name in _TEXT_TESTS:
            return _TEXT_TESTS[name](str(value), str(others[0])) if others else None
        if name in ("isbetweennumbers", "between"):
            read: Callable[[Any], Any] = _number if name == "isbetweennumbers" else parse_time
            return _between(read(value), [read(each) for each in others])
        return self._is_in_days(name, parse_time(value), _number(others[0]) if others else None)

    def _is_in_days(self, name: str, moment: datetime | None, days: float | None) -> bool | None:
        """Return whether a time is in the days after or before now."""
        if moment is None or days is None:
            return None
        end = self.now + timedelta(days=days if name == "isinnextdays" else -days)
        return min(self.now, end) <= moment <= max(self.now, end)


def _join(word: str, left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001 - operands
    if word == "xor":
        return None if left is None or right is None else left != right
    decisive = word == "or"
    if decisive in (left, right):
        return decisive
    return None if None in (left, right) else not decisive


def _between(value: Any, ends: list[Any]) -> bool | None:
    if value is None or len(ends) != 2 or None in ends:  # noqa: PLR2004 - from and to
        return None
    return bool(ends[0] <= value <= ends[1])


def _compared(sign: str, left: Any, right: Any) -> bool | None:
    """Compare as booleans, numbers, times or texts: the first of which both sides can be read as."""
    for read in (lambda value: _BOOLEANS.get(str(value).lower()), _number, parse_time):
        both = read(left), read(right)
        if None not in both:
            return _COMPARE[sign](*both)
    return _COMPARE[sign](str(left), str(right))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
