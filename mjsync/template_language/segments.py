"""Parse segment expressions (contactfilter.Expression) to a tree, with findings about their form.

Source: mjsync/docs/mailjet-api.md, section 9.1 (the guides of 2015 and 2019, and expressions of public plugins).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mjsync.errors import Finding
from mjsync.template_language.grammars import SEGMENT, TOO_DEEP, ParseFailure, TreeConverter, literal, parse_text
from mjsync.template_language.lexer import LineIndex
from mjsync.template_language.nodes import Node
from mjsync.template_language.rules import make_finding


@dataclass(frozen=True, slots=True)
class Property(Node):
    """A contact property, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Value(Node):
    """A literal value, and the quote around it: `"`, `'` or none."""

    value: str | float | bool
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function call; the name is spelled as in the expression."""

    name: str
    arguments: tuple["Operand", ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """A property or function compared with a value or function."""

    operator: str
    left: Property | Function
    right: Value | Function


@dataclass(frozen=True, slots=True)
class Group(Node):
    """A condition in parentheses."""

    inside: "Condition"


@dataclass(frozen=True, slots=True)
class Not(Node):
    """A negated condition."""

    inside: "Condition"


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Conditions joined by operators (`and`, `or`, `xor`); there is one operator fewer than conditions."""

    operators: tuple[str, ...]
    conditions: tuple["Condition", ...]


Operand = Property | Value | Function
Condition = Comparison | Function | Group | Not | Chain
SegmentNode = Operand | Condition


def all_segment_nodes(node: SegmentNode) -> Iterator[SegmentNode]:
    """Yield a node and all it contains in reading order, outermost first."""
    yield node
    for child in _children(node):
        yield from all_segment_nodes(child)


def _children(node: SegmentNode) -> tuple[SegmentNode, ...]:
    match node:
        case Comparison(left=left, right=right):
            return left, right
        case Function(arguments=arguments):
            return arguments
        case Group(inside=inside) | Not(inside=inside):
            return (inside,)
        case Chain(conditions=conditions):
            return conditions
    return ()


_TYPOGRAPHIC = re.compile("[“”„‟«»‘’‚]")  # noqa: RUF001 — the quotes to search for


class SegmentExpression(NamedTuple):
    """The tree of an expression (None if it cannot be parsed), and the findings about its form."""

    root: Condition | None
    findings: tuple[Finding, ...]


def parse_expression(text: str) -> SegmentExpression:
    """Parse a segment expression; the syntax of 2015 is accepted too, with a warning."""
    lines = LineIndex(text)
    parsed = parse_text(SEGMENT, "chain", text)
    if isinstance(parsed, ParseFailure):
        return SegmentExpression(None, (_syntax_error(text, parsed, lines),))
    root = _SegmentConverter(lines.locate).convert(parsed)
    return SegmentExpression(root, tuple(_form_findings(root, is_grouped=False)))


def _syntax_error(text: str, failure: ParseFailure, lines: LineIndex) -> Finding:
    way_out = "Look for a missing operator, quote or parenthesis."
    offset = failure.offset
    if failure.reason == TOO_DEEP:
        way_out = "Nest fewer parentheses."
    typographic = _TYPOGRAPHIC.search(text)
    if typographic:
        offset, way_out = typographic.start(), 'Write the straight quote ".'
    elif "\\" in text:
        way_out = 'Write plain quotes: the \\" of a JSON example is not part of the expression.'
    return make_finding("MJS401", f"the expression cannot be read: {failure.reason}", lines.locate(offset), way_out)


def _form_findings(node: SegmentNode, *, is_grouped: bool) -> Iterator[Finding]:
    """Find what can be parsed but is outdated, or not documented by Mailjet."""
    match node:
        case Chain(operators=operators) if len(set(operators)) > 1:
            way_out = "Put parentheses around what belongs together."
            yield make_finding("MJS405", "and, or and xor are mixed without parentheses", node.location, way_out)
        case Not() | Comparison() | Function() if not is_grouped:
            way_out = "Put each condition in parentheses of its own."
            yield make_finding("MJS402", "this condition has no parentheses", node.location, way_out)
        case Value(value=str(text), quote=""):
            yield make_finding("MJS402", f"{text} has no quotes", node.location, f'Write "{text}".')
        case Value(value=value, quote="'"):
            yield make_finding("MJS404", f"'{value}' is in single quotes", node.location, f'Write "{value}".')
    for child in _children(node):
        yield from _form_findings(child, is_grouped=not isinstance(node, Chain))


class _SegmentConverter(TreeConverter):
    """Converts the parse tree of an expression; the rules are those of segment.lark."""

    def _chain(self, first: Any, *others: Any) -> Chain:
        conditions = tuple(map(self.convert, (first, *others[1::2])))
        return Chain(conditions[0].location, tuple(operator.lower() for operator in others[::2]), conditions)

    def _group(self, parenthesis: Any, inside: Any) -> Group:
        return Group(self.location(parenthesis), self.convert(inside))

    def _negation(self, operator: Any, inside: Any) -> Not:
        return Not(self.location(operator), self.convert(inside))

    def _comparison(self, left: Any, operator: Any, right: Any) -> Comparison:
        node = self.convert(left)
        return Comparison(node.location, str(operator), node, self.convert(right))

    def _call(self, name: Any, *arguments: Any) -> Function:
        return Function(self.location(name), str(name), tuple(map(self.convert, arguments)))

    def _property(self, name: Any) -> Property:
        return Property(self.location(name), str(name))

    def _value(self, token: Any) -> Value:
        quote = token[0] if token.type in ("STRING", "QUOTED") else ""
        return Value(self.location(token), literal(token), quote)

    _bare = _value
