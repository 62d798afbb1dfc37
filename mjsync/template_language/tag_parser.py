"""Parse one tag: its keyword, the expression in it and its syntax errors."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mjsync.errors import Finding, Location
from mjsync.template_language.grammars import TEMPLATE, TOO_DEEP, ParseFailure, TreeConverter, literal, parse_text
from mjsync.template_language.lexer import LineIndex, Token, TokenKind
from mjsync.template_language.nodes import Binary, Call, Constant, Expression, Name, Unary
from mjsync.template_language.rules import make_finding

if TYPE_CHECKING:
    import lark

STATEMENTS = ("if", "elseif", "else", "endif", "for", "endfor", "set")

_START_RULES = {TokenKind.PRINT: "print", TokenKind.STATEMENT: "statement", TokenKind.BRACKETS: "brackets"}
_SUGGESTIONS = {"elif": "elseif", "elsif": "elseif", "end": "endif or endfor", "foreach": "for", "assign": "set"}
_KEYWORD = re.compile(r"\s*(\w*)")
_NAME = re.compile(r"\s*\w+\s+(\w[\w-]*)")
_TYPOGRAPHIC = "“”„‟«»‹›‘’‚‛″"  # noqa: RUF001 — the quotes to search for
_STRAIGHTENED = str.maketrans(dict.fromkeys(_TYPOGRAPHIC, '"'))
_STRING_OR_TYPOGRAPHIC = re.compile(f'"[^"]*"|([{_TYPOGRAPHIC}])')
_ENTITY = re.compile(r"&#?\w+;")


class Tag(NamedTuple):
    """One parsed tag; `keyword` is a statement, `print` or `placeholder`, or empty where that is not clear.

    `name` is the variable of a for or set, or the placeholder; `value` the expression of all others that have one.
    """

    location: Location
    source: str
    keyword: str
    name: str = ""
    value: Expression | None = None


def parse_tag(token: Token, lines: LineIndex) -> tuple[Tag, tuple[Finding, ...]]:
    """Parse the tag of a token, and return it with its syntax errors.

    A statement that cannot be parsed keeps its keyword, so that its block stays whole.
    """
    location = lines.locate(token.start)
    first = _KEYWORD.match(token.content)
    keyword = first.group(1).lower() if first else ""
    if token.kind is TokenKind.STATEMENT and keyword not in STATEMENTS:
        way_out = f"Write {_SUGGESTIONS.get(keyword, 'one of ' + ', '.join(STATEMENTS))}."
        error = make_finding("MJS106", f"{keyword or 'an empty tag'} is not a statement", location, way_out)
        return Tag(location, token.source, ""), (error,)
    errors: tuple[Finding, ...] = ()
    parsed = _parse_content(_START_RULES[token.kind], token.content)
    if isinstance(parsed, ParseFailure):
        errors = (_syntax_error(token, parsed, lines),)
        parsed = _parse_content(_START_RULES[token.kind], token.content.translate(_STRAIGHTENED))
    if isinstance(parsed, ParseFailure):
        if token.kind is not TokenKind.STATEMENT:
            return Tag(location, token.source, ""), errors
        # What its block needs: the keyword, and the name of a for or set.
        name = _NAME.match(token.content)
        unread = Constant(location, value=False)
        return Tag(location, token.source, keyword, name.group(1) if name else "", unread), errors
    children = list(parsed.children)
    converter = _TagConverter(lines.locate, token.start + 2)
    value = converter.expression(children.pop()) if children and parsed.data != "placeholder" else None
    return Tag(location, token.source, parsed.data, str(children[0]) if children else "", value), errors


@lru_cache(maxsize=8_192)
def _parse_content(start: str, content: str) -> "lark.Tree[lark.Token] | ParseFailure":
    """Parse the content of a tag by the start rule of its kind; cached, since bodies repeat their tags."""
    return parse_text(TEMPLATE, start, content)


def _syntax_error(token: Token, failure: ParseFailure, lines: LineIndex) -> Finding:
    content, start = token.content, token.start + 2
    quote = next((match.start() for match in _STRING_OR_TYPOGRAPHIC.finditer(content) if match[1]), None)
    if quote is not None:
        message = f"{content[quote]} does not start or end a string"
        return make_finding("MJS104", message, lines.locate(start + quote), 'Write the straight quote ".')
    way_out = "Look for a missing operator, quote or parenthesis."
    if failure.reason == TOO_DEEP:
        way_out = "Nest fewer parentheses."
    elif _ENTITY.search(content):
        way_out = "Write the character itself: Mailjet evaluates the tag before the HTML is parsed."
    elif content.split()[:2] == ["else", "if"]:
        way_out = "Write elseif."
    message = f"this tag cannot be read: {failure.reason}"
    return make_finding("MJS105", message, lines.locate(start + failure.offset), way_out)


_SPELLINGS = {"==": "=", "===": "=", "!=": "<>", "!": "not"}
_NAMESPACES = {"segmentation": "segment"}


class _TagConverter(TreeConverter):
    """Converts the parse tree of a tag's expression; the rules are those of template.lark."""

    def expression(self, parsed: Any) -> Expression:
        """Create the node of a constant, or of an expression and all in it."""
        return self.convert(parsed) if hasattr(parsed, "children") else self._constant(parsed)

    def _constant(self, token: "lark.Token") -> Constant:
        return Constant(self.location(token), literal(token), is_bare=token.type == "WORD")

    def _binary(self, left: Any, operator: "lark.Token", right: Any) -> Binary:
        first, spelling = self.expression(left), operator.lower()
        return Binary(first.location, _SPELLINGS.get(spelling, spelling), first, self.expression(right))

    def _unary(self, operator: "lark.Token", operand: Any) -> Unary:
        spelling = operator.lower()
        return Unary(self.location(operator), _SPELLINGS.get(spelling, spelling), self.expression(operand))

    def _call(self, name: "lark.Token", *arguments: Any) -> Call:
        return Call(self.location(name), str(name), tuple(map(self.expression, arguments)))

    def _source(self, name: "lark.Token", default: "lark.Token | None" = None) -> Name:
        namespace, _, path = name.rpartition(":")
        namespace = _NAMESPACES.get(namespace, namespace)
        constant = None if default is None else self._constant(default)
        return Name(self.location(name), tuple(path.split(".")), constant, namespace)

    _local = _source
