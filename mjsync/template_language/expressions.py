"""Reading what stands inside a tag: lark parses it, and its nodes know their places in the body."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from mjsync.template_language.grammars import TEMPLATE, Unreadable, parse_with
from mjsync.template_language.nodes import Binary, Call, Constant, Expression, Local, Source, Unary
from mjsync.template_language.places import Lines, Place

if TYPE_CHECKING:
    from lark import Token, Tree


# What the grammar puts at one place: a tree or a token, which only the grammar knows.
Parsed = Any

_SPELLINGS = {"==": "=", "===": "=", "!=": "<>"}
_NAMESPACES = {"segmentation": "segment"}


@lru_cache(maxsize=8_192)
def read(start: str, inside: str) -> "Tree[Token] | Unreadable":
    """Parse the inside of one tag by the start rule of its kind.

    Bodies repeat their tags, so trees are kept; their offsets count from the start of the inside.
    """
    return parse_with(TEMPLATE, start, inside)


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes nodes of what was parsed, given where in the body the inside of the tag starts."""

    lines: Lines
    start: int

    def place(self, token: "Token") -> Place:
        """Give the place of a token in the body."""
        return self.lines.at(self.start + (token.start_pos or 0))

    def expression(self, parsed: Parsed) -> Expression:
        """Make the node of an expression and of all in it."""
        children = getattr(parsed, "children", None)
        if children is None:
            return self._constant(parsed)
        return self._NODES[parsed.data](self, children)

    def _constant(self, token: "Token") -> Constant:
        place = self.place(token)
        match token.type:
            case "STRING":
                return Constant(place, token[1:-1])
            case "BOOLEAN":
                return Constant(place, token.lower() == "true")
            case "WORD":
                return Constant(place, str(token), is_bare=True)
        return Constant(place, float(token) if "." in token else int(token))

    def _binary(self, children: Sequence[Parsed]) -> Expression:
        left, operator, right = children
        first, spelling = self.expression(left), operator.lower()
        return Binary(first.place, _SPELLINGS.get(spelling, spelling), first, self.expression(right))

    def _unary(self, children: Sequence[Parsed]) -> Expression:
        operator, operand = children
        return Unary(self.place(operator), operator.lower(), self.expression(operand))

    def _call(self, children: Sequence[Parsed]) -> Expression:
        name, *arguments = children
        return Call(self.place(name), str(name), tuple(self.expression(argument) for argument in arguments))

    def _source(self, children: Sequence[Parsed]) -> Expression:
        name, *default = children
        namespace, _, path = name.partition(":")
        namespace = _NAMESPACES.get(namespace, namespace)
        return Source(self.place(name), tuple(path.split(".")), self._default(default), namespace)

    def _local(self, children: Sequence[Parsed]) -> Expression:
        name, *default = children
        return Local(self.place(name), tuple(name.split(".")), self._default(default))

    def _default(self, tokens: Sequence["Token"]) -> Constant | None:
        return self._constant(tokens[0]) if tokens else None

    _NODES: ClassVar[dict[str, Callable[["Builder", Sequence[Parsed]], Expression]]] = {
        "binary": _binary,
        "unary": _unary,
        "call": _call,
        "source": _source,
        "local": _local,
    }
