"""Reading what stands inside a tag: lark parses it, and its nodes know their places in the body."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mjsync.language.nodes import Binary, Call, Constant, Expression, Local, Source, Unary
from mjsync.language.places import Lines, Place

if TYPE_CHECKING:
    from lark import Lark, Token, Tree


# What the grammar puts at one place: a tree or a token, which only the grammar knows.
Parsed = Any

DEEPEST = 100
"""How many operators, calls and signs may stand inside one another."""

_SPELLINGS = {"==": "=", "===": "=", "!=": "<>"}
_NAMESPACES = {"segmentation": "segment"}


class Unreadable(NamedTuple):
    """Why the inside of a tag could not be read, and the offset in there."""

    reason: str
    offset: int


@cache
def _grammar() -> "Lark":
    from lark import Lark

    source = files(__package__).joinpath("template.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", start=["print", "brackets", "statement"], maybe_placeholders=False)


@lru_cache(maxsize=8_192)
def read(start: str, inside: str) -> "Tree[Token] | Unreadable":
    """Parse the inside of one tag by the start rule of its kind.

    Bodies repeat their tags, so trees are kept; their offsets count from the start of the inside.
    """
    from lark import UnexpectedInput, UnexpectedToken

    try:
        tree = _grammar().parse(inside, start=start)
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            return Unreadable("the tag ends too early", len(inside.rstrip()))
        offset = error.pos_in_stream or 0
        return Unreadable(f"{_word(inside, offset)} is not expected here", offset)
    if _depth(tree) > DEEPEST:
        return Unreadable(f"the expression nests deeper than {DEEPEST} levels", 0)
    return tree


def _word(inside: str, offset: int) -> str:
    """Name what stands at an offset; what cannot be seen by its Unicode name."""
    word = re.match(r"\w+|.", inside[offset : offset + 20], re.DOTALL)
    if not word:
        return "a blank"
    seen = word.group()
    return seen if seen.isprintable() else unicodedata.name(seen, f"the character U+{ord(seen):04X}")


def _depth(tree: "Tree[Token]") -> int:
    from lark import Tree

    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for above in level for child in above.children if isinstance(child, Tree)]
    return depth


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
