"""Reading one tag: which word it says, what expression stands in it, and what is wrong with it."""

import re
from typing import TYPE_CHECKING, NamedTuple

from mjsync.template_language.expressions import Builder, read
from mjsync.template_language.findings import Finding, found
from mjsync.template_language.grammars import Unreadable
from mjsync.template_language.nodes import Constant, Expression
from mjsync.template_language.pieces import Kind, Piece
from mjsync.template_language.places import Lines, Place

if TYPE_CHECKING:
    from lark import Token, Tree

STATEMENTS = ("if", "elseif", "else", "endif", "for", "endfor", "set")

_STARTS = {Kind.PRINT: "print", Kind.STATEMENT: "statement", Kind.BRACKETS: "brackets"}
_MEANT = {"elif": "elseif", "elsif": "elseif", "end": "endif or endfor", "foreach": "for", "assign": "set"}
_FIRST_WORD = re.compile(r"\s*(\w*)")
_NAME = re.compile(r"\s*\w+\s+(\w[\w-]*)")
_TYPOGRAPHIC = "“”„‟«»‹›‘’‚‛″"  # noqa: RUF001 — these are what is looked for
_STRAIGHTENED = str.maketrans(dict.fromkeys(_TYPOGRAPHIC, '"'))
_STRING_OR_TYPOGRAPHIC = re.compile(f'"[^"]*"|([{_TYPOGRAPHIC}])')
_ENTITY = re.compile(r"&#?\w+;")


class Tag(NamedTuple):
    """What one tag says; `word` is a statement, `print` or `placeholder`, or empty where that is unclear.

    `name` is what a for, a set or a placeholder names, `value` the expression of all others that have one.
    """

    place: Place
    source: str
    word: str
    name: str = ""
    value: Expression | None = None


class TagReading(NamedTuple):
    """A tag, as far as it could be read, and its faults."""

    tag: Tag
    faults: tuple[Finding, ...]


def read_tag(piece: Piece, lines: Lines) -> TagReading:
    """Read the tag of a piece.

    One that cannot be read still says the word it starts with, so that its block stays whole.
    """
    place = lines.at(piece.start)
    word = _word(piece)
    if piece.kind is Kind.STATEMENT and word not in STATEMENTS:
        return TagReading(Tag(place, piece.source, ""), (_unknown_statement(word, place),))
    faults: tuple[Finding, ...] = ()
    parsed = read(_STARTS[piece.kind], piece.inside)
    if isinstance(parsed, Unreadable):
        faults = (_fault(piece, parsed, lines),)
        parsed = read(_STARTS[piece.kind], piece.inside.translate(_STRAIGHTENED))
    if isinstance(parsed, Unreadable):
        return TagReading(_guess(piece, place), faults)
    return TagReading(_tag(piece.source, place, parsed, Builder(lines, piece.start + 2)), faults)


def _word(piece: Piece) -> str:
    first = _FIRST_WORD.match(piece.inside)
    return first.group(1).lower() if first else ""


def _tag(source: str, place: Place, parsed: "Tree[Token]", builder: Builder) -> Tag:
    rest = list(parsed.children)
    value = builder.expression(rest.pop()) if rest and parsed.data != "placeholder" else None
    return Tag(place, source, parsed.data, str(rest[0]) if rest else "", value)


def _guess(piece: Piece, place: Place) -> Tag:
    """Take from an unreadable statement what its block needs: the word, and the name of a for or set."""
    if piece.kind is not Kind.STATEMENT:
        return Tag(place, piece.source, "")
    name = _NAME.match(piece.inside)
    return Tag(place, piece.source, _word(piece), name.group(1) if name else "", Constant(place, value=False))


def _unknown_statement(word: str, place: Place) -> Finding:
    meant = _MEANT.get(word, "one of " + ", ".join(STATEMENTS))
    return found("MJS106", f"{word or 'an empty tag'} is no statement", place, f"Write {meant}.")


def _fault(piece: Piece, why: Unreadable, lines: Lines) -> Finding:
    inside, start = piece.inside, piece.start + 2
    quote = _typographic_quote(inside)
    if quote is not None:
        message = f"{inside[quote]} does not start or end a string"
        return found("MJS104", message, lines.at(start + quote), 'Write the straight quote ".')
    way_out = "Look for a missing operator, quote or parenthesis."
    if _ENTITY.search(inside):
        way_out = "Write the character itself: Mailjet reads the tag before anyone reads the HTML."
    elif inside.split()[:2] == ["else", "if"]:
        way_out = "Write elseif."
    return found("MJS105", f"this tag cannot be read: {why.reason}", lines.at(start + why.offset), way_out)


def _typographic_quote(inside: str) -> int | None:
    """Find the first typographic quote outside the strings, as an offset."""
    for match in _STRING_OR_TYPOGRAPHIC.finditer(inside):
        if match.group(1):
            return match.start()
    return None
