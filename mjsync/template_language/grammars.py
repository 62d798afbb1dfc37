"""Parse text with lark by one of the two grammars beside this module."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mjsync.errors import Location

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

MAX_DEPTH = 100
"""How many levels a parse tree may have, so that recursion through it cannot exhaust the stack."""

TOO_DEEP = f"it nests too deep, more than {MAX_DEPTH} levels"

TEMPLATE, SEGMENT = "template.lark", "segment.lark"

_START_RULES = {TEMPLATE: ("print", "brackets", "statement"), SEGMENT: ("chain",)}

_PREFIXES = re.compile(rf"(?:(?:[!(-]|not\b)\s*+){{{MAX_DEPTH + 1}}}", re.IGNORECASE)
_STRING_OR_PARENTHESIS = re.compile(r'"[^"]*"|[()]')


class ParseFailure(NamedTuple):
    """The reason why a text could not be parsed, and the offset (from 0) where that shows."""

    reason: str
    offset: int


def parse_text(grammar: str, start: str, text: str) -> "Tree[Token] | ParseFailure":
    """Parse a text by a start rule of a grammar."""
    from lark import UnexpectedInput, UnexpectedToken

    if is_nested_too_deep(text):
        return ParseFailure(TOO_DEEP, 0)
    try:
        tree = _lark(grammar).parse(text, start=start)
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            return ParseFailure("it ends too early", len(text.rstrip()))
        offset = error.pos_in_stream or 0
        word = re.findall(r"\w+|.", text[offset : offset + 20], re.DOTALL)[0]
        name = word if word.isprintable() else unicodedata.name(word, f"the character U+{ord(word):04X}")
        return ParseFailure(f"{name} is not expected here", offset)
    if _depth(tree) > MAX_DEPTH:
        return ParseFailure(TOO_DEEP, 0)
    return tree


class TreeConverter:
    """Base of converters from parse trees to nodes: the children of a rule are passed to the method `_RULE`.

    `locate` returns the location of an offset; `start` is the offset where the parsed text begins.
    """

    def __init__(self, locate: Callable[[int], Location], start: int = 0) -> None:
        self._locate = locate
        self._start = start

    def convert(self, tree: Any) -> Any:
        """Convert a tree and all in it."""
        return getattr(self, f"_{tree.data}")(*tree.children)

    def location(self, token: "Token") -> Location:
        """Return the location of a token."""
        return self._locate(self._start + (token.start_pos or 0))


def literal(token: "Token") -> str | float | bool:
    """Return the value of a token: a text without its quotes, a boolean or a number; a word as it is."""
    match token.type:
        case "STRING" | "QUOTED":
            return token[1:-1]
        case "BOOLEAN":
            return token.lower() == "true"
        case "NUMBER" | "SIGNED":
            return float(token) if "." in token else int(token)
    return str(token)


def is_nested_too_deep(text: str) -> bool:
    """Tell whether parentheses or prefix operators are nested too deep, also in a text that cannot be parsed."""
    if _PREFIXES.search(text):
        return True
    depth = 0
    for match in _STRING_OR_PARENTHESIS.finditer(text):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            return True
    return False


@cache
def _lark(grammar: str) -> "Lark":
    from importlib.resources import files

    from lark import Lark

    source = files(__package__).joinpath(grammar).read_text(encoding="utf-8")
    return Lark(source, parser="lalr", start=list(_START_RULES[grammar]), maybe_placeholders=False)


def _depth(tree: "Tree[Token]") -> int:
    from lark import Tree

    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for above in level for child in above.children if isinstance(child, Tree)]
    return depth
