"""The two grammars beside this module, and lark behind them: what it parses, or why it could not."""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

DEEPEST = 100
"""How many levels a parsed text may nest, so that it can be gone through without an end of the stack."""


TEMPLATE, SEGMENT = "template.lark", "segment.lark"

_STARTS = {TEMPLATE: ("print", "brackets", "statement"), SEGMENT: ("chain",)}


class Unreadable(NamedTuple):
    """Why a text could not be parsed, and the offset where it shows (counted from 0)."""

    reason: str
    offset: int


def parse_with(grammar: str, start: str, text: str) -> "Tree[Token] | Unreadable":
    """Parse a text by a start rule of a grammar."""
    from lark import UnexpectedInput, UnexpectedToken

    try:
        tree = _lark(grammar).parse(text, start=start)
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            return Unreadable("it ends too early", len(text.rstrip()))
        offset = error.pos_in_stream or 0
        return Unreadable(f"{_seen(text, offset)} is not expected here", offset)
    if _depth(tree) > DEEPEST:
        return Unreadable(f"it nests deeper than {DEEPEST} levels", 0)
    return tree


@cache
def _lark(grammar: str) -> "Lark":
    from importlib.resources import files

    from lark import Lark

    source = files(__package__).joinpath(grammar).read_text(encoding="utf-8")
    return Lark(source, parser="lalr", start=list(_STARTS[grammar]), maybe_placeholders=False)


def _seen(text: str, offset: int) -> str:
    """Name what stands at an offset; what cannot be seen by its Unicode name."""
    seen = re.findall(r"\w+|.", text[offset : offset + 20], re.DOTALL)[0]
    return seen if seen.isprintable() else unicodedata.name(seen, f"the character U+{ord(seen):04X}")


def _depth(tree: "Tree[Token]") -> int:
    from lark import Tree

    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for above in level for child in above.children if isinstance(child, Tree)]
    return depth
