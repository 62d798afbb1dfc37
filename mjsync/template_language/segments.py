"""Segment expressions: parsed to a tree with what is wrong with their form, and folded for comparing.

Source: API sheet section 9.1 (the guides of 2015 and 2019, and expressions of public plugins).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.grammars import SEGMENT, Unreadable, parse_with
from mjsync.template_language.places import Lines
from mjsync.template_language.segment_nodes import (
    Chain,
    Comparison,
    Condition,
    Function,
    Group,
    Not,
    Property,
    SegmentNode,
    Value,
)

_TYPOGRAPHIC = re.compile("[“”„‟«»‘’‚]")  # noqa: RUF001 — these are what is looked for
_PIECE = re.compile(r"""(?P<quoted>"[^"]*"?|'[^']*'?)|(?P<word>\w+)|(?P<blank>\s+)|.""", re.DOTALL)
_KEYWORDS = {"and", "or", "xor", "not"}


@dataclass(frozen=True, slots=True)
class SegmentExpression:
    """An expression as written, its tree (none where it is unreadable) and what is wrong with its form."""

    text: str
    root: Condition | None
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        """Give the expression back as it was written."""
        return self.text


def parse_expression(text: str) -> SegmentExpression:
    """Parse a segment expression; the forms of 2015 are read too, with a warning."""
    lines = Lines(text)
    parsed = parse_with(SEGMENT, "chain", text)
    if isinstance(parsed, Unreadable):
        return SegmentExpression(text, None, (_unreadable(text, parsed, lines),))
    root = _Builder(lines).node(parsed)
    return SegmentExpression(text, root, tuple(_forms(root, is_grouped=False)))


def canonical(text: str) -> str:
    """Fold blanks outside quotes and the case of and, or, xor, not: equal results mean equal expressions."""
    folded: list[str] = []
    is_behind_word = False
    for piece in _PIECE.finditer(text):
        if piece["blank"]:
            continue
        word = piece.group()
        if piece["word"] and is_behind_word:
            folded.append(" ")
        folded.append(word.lower() if word.lower() in _KEYWORDS else word)
        is_behind_word = piece["word"] is not None
    return "".join(folded)


def _unreadable(text: str, why: Unreadable, lines: Lines) -> Finding:
    way_out = "Look for a missing operator, quote or parenthesis."
    offset = why.offset
    typographic = _TYPOGRAPHIC.search(text)
    if typographic:
        offset, way_out = typographic.start(), 'Write the straight quote ".'
    elif "\\" in text:
        way_out = 'Write plain quotes: the \\" of a JSON example is not part of the expression.'
    return found("MJS401", f"the expression cannot be read: {why.reason}", lines.at(offset), way_out)


def _forms(node: SegmentNode, *, is_grouped: bool) -> Iterator[Finding]:
    """Find what is readable but no longer, or not surely, what Mailjet wants."""
    match node:
        case Group(inside=inside):
            yield from _forms(inside, is_grouped=True)
        case Not(inside=inside):
            yield from _ungrouped(node, is_grouped=is_grouped)
            yield from _forms(inside, is_grouped=True)
        case Chain(operators=operators, conditions=conditions):
            if len(set(operators)) > 1:
                way_out = "Put parentheses around what belongs together."
                yield found("MJS405", "and, or and xor stand side by side", node.place, way_out)
            for condition in conditions:
                yield from _forms(condition, is_grouped=False)
        case Comparison(left=left, right=right):
            yield from _ungrouped(node, is_grouped=is_grouped)
            yield from _forms(left, is_grouped=True)
            yield from _forms(right, is_grouped=True)
        case Function(arguments=arguments):
            yield from _ungrouped(node, is_grouped=is_grouped)
            for argument in arguments:
                yield from _forms(argument, is_grouped=True)
        case Value():
            yield from _unquoted(node)


def _ungrouped(node: Condition, *, is_grouped: bool) -> Iterator[Finding]:
    if not is_grouped:
        way_out = "Put every condition into parentheses of its own."
        yield found("MJS402", "this condition stands without parentheses", node.place, way_out)


def _unquoted(node: Value) -> Iterator[Finding]:
    if isinstance(node.value, str) and not node.quote:
        yield found("MJS402", f"{node.value} stands without quotes", node.place, f'Write "{node.value}".')
    elif node.quote == "'":
        yield found("MJS404", f"'{node.value}' stands in single quotes", node.place, f'Write "{node.value}".')


class _Builder:
    """Makes nodes of lark's trees; what a tree holds at one place only the grammar knows."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def node(self, parsed: Any) -> Any:
        return self._NODES[parsed.data](self, parsed.children)

    def _place(self, token: Any) -> Any:
        return self._lines.at(token.start_pos)

    def _chain(self, children: Sequence[Any]) -> Chain:
        conditions = tuple(map(self.node, children[::2]))
        return Chain(conditions[0].place, tuple(operator.lower() for operator in children[1::2]), conditions)

    def _group(self, children: Sequence[Any]) -> Group:
        return Group(self._place(children[0]), self.node(children[1]))

    def _negation(self, children: Sequence[Any]) -> Not:
        return Not(self._place(children[0]), self.node(children[1]))

    def _comparison(self, children: Sequence[Any]) -> Comparison:
        left = self.node(children[0])
        return Comparison(left.place, str(children[1]), left, self.node(children[2]))

    def _call(self, children: Sequence[Any]) -> Function:
        return Function(self._place(children[0]), str(children[0]), tuple(map(self.node, children[1:])))

    def _property(self, children: Sequence[Any]) -> Property:
        return Property(self._place(children[0]), str(children[0]))

    def _value(self, children: Sequence[Any]) -> Value:
        token = children[0]
        match token.type:
            case "STRING" | "QUOTED":
                return Value(self._place(token), token[1:-1], token[0])
            case "BOOLEAN":
                return Value(self._place(token), token.lower() == "true")
            case "NUMBER":
                return Value(self._place(token), float(token) if "." in token else int(token))
        return Value(self._place(token), str(token))

    _NODES: ClassVar[dict[str, Callable[["_Builder", Sequence[Any]], SegmentNode]]] = {
        "chain": _chain,
        "group": _group,
        "negation": _negation,
        "comparison": _comparison,
        "call": _call,
        "property": _property,
        "value": _value,
        "bare": _value,
    }
