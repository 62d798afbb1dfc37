"""Parse a body in Mailjet's template language: its tokens, the tree of its blocks and its syntax errors."""

from collections import Counter
from dataclasses import dataclass, field

from mjsync.errors import Finding
from mjsync.template_language.lexer import LineIndex, Token, TokenKind, tokenize
from mjsync.template_language.nodes import BodyNode, Branch, For, If, Placeholder, Print, Set, Text
from mjsync.template_language.rules import make_finding
from mjsync.template_language.tag_parser import Tag, parse_tag

MAX_DEPTH = 50
"""How many blocks may be nested in one another."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed body; `str()` returns it unchanged, syntax errors included."""

    tokens: tuple[Token, ...]
    nodes: tuple[BodyNode, ...]
    errors: tuple[Finding, ...]

    def __str__(self) -> str:
        return "".join(token.source for token in self.tokens)


def parse(text: str, name: str = "") -> Template:
    """Parse a body; what cannot be parsed stays text in the tree, with an error, in reading order.

    `name` becomes the `file` of all locations.
    """
    lines = LineIndex(text, name)
    tokens, unclosed = tokenize(text, lines)
    errors = list(unclosed)
    parser = _BlockParser()
    for token in tokens:
        if token.kind is TokenKind.TEXT:
            parser.add_node(Text(lines.locate(token.start), token.source))
            continue
        tag, tag_errors = parse_tag(token, lines)
        errors += tag_errors
        if not parser.changes_block(tag):
            parser.add_node(_leaf(tag))
    nodes = parser.finish()
    return Template(tokens, nodes, tuple(sorted([*errors, *parser.errors], key=lambda error: error.sort_key)))


@dataclass(slots=True)
class _Block:
    """An open if or for; `head` is the tag whose body is being filled, None after an else."""

    opening: Tag
    head: Tag | None
    body: list[BodyNode] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)

    def close_branch(self) -> None:
        """Make a branch of the nodes since the last if or elseif."""
        if self.head and self.head.value:
            head = self.head
            self.branches.append(Branch(head.location, head.source, self.head.value, tuple(self.body)))
            self.body = []

    def node(self) -> BodyNode:
        """Create the node of the whole block."""
        location, opening = self.opening.location, self.opening
        if opening.keyword == "for" and opening.value:
            return For(location, opening.source, opening.name, opening.value, tuple(self.body))
        self.close_branch()
        return If(location, tuple(self.branches), tuple(self.body))


class _BlockParser:
    """Builds the tree of one body, tag by tag; `errors` lists what is wrong with its blocks so far."""

    def __init__(self) -> None:
        self.errors: list[Finding] = []
        self._top: list[BodyNode] = []
        self._open: list[_Block] = []
        self._open_counts: Counter[str] = Counter()
        self._is_too_deep = False

    def add_node(self, node: BodyNode) -> None:
        """Append a node to the innermost open block."""
        (self._open[-1].body if self._open else self._top).append(node)

    def finish(self) -> tuple[BodyNode, ...]:
        """Close all blocks that are still open, with an error each, and return the tree."""
        while self._open:
            self._close() if self._is_too_deep else self._close_unended()
        return tuple(self._top)

    def changes_block(self, tag: Tag) -> bool:
        """Open, continue or close a block with a tag; False if it does none of these."""
        match tag.keyword:
            case _ if self._is_too_deep:
                return False
            case "if" | "for":
                return self._start(tag)
            case "elseif":
                return self._branch(tag, tag)
            case "else":
                return self._branch(tag, None)
            case "endif" | "endfor":
                return self._end(tag)
        return False

    def _start(self, tag: Tag) -> bool:
        if len(self._open) == MAX_DEPTH:
            self._is_too_deep = True
            way_out = "The rest of the body was not checked. Nest fewer blocks."
            message = f"blocks are nested more than {MAX_DEPTH} deep"
            self.errors.append(make_finding("MJS102", message, tag.location, way_out))
            return False
        self._open.append(_Block(tag, tag))
        self._open_counts[tag.keyword] += 1
        return True

    def _branch(self, tag: Tag, head: Tag | None) -> bool:
        block = self._open[-1] if self._open else None
        if block is None or block.opening.keyword != "if" or block.head is None:
            way_out = "Put it between an if and its endif, else last."
            self.errors.append(make_finding("MJS103", f"{tag.keyword} is not inside an if", tag.location, way_out))
            return False
        block.close_branch()
        block.head = head
        return True

    def _end(self, tag: Tag) -> bool:
        keyword = tag.keyword.removeprefix("end")
        if not self._open_counts[keyword]:
            way_out = f"Remove it, or open the {keyword}."
            self.errors.append(make_finding("MJS103", f"{tag.keyword} without {keyword}", tag.location, way_out))
            return False
        while self._open[-1].opening.keyword != keyword:
            self._close_unended()
        self._close()
        return True

    def _close(self) -> None:
        block = self._open.pop()
        self._open_counts[block.opening.keyword] -= 1
        self.add_node(block.node())

    def _close_unended(self) -> None:
        opening = self._open[-1].opening
        way_out = f"Close it with {{% end{opening.keyword} %}}."
        self.errors.append(make_finding("MJS102", f"{opening.keyword} is never closed", opening.location, way_out))
        self._close()


def _leaf(tag: Tag) -> BodyNode:
    match tag:
        case Tag(keyword="print", value=value) if value:
            return Print(tag.location, tag.source, value)
        case Tag(keyword="placeholder"):
            return Placeholder(tag.location, tag.source, tag.name)
        case Tag(keyword="set", value=value) if value:
            return Set(tag.location, tag.source, tag.name, value)
    return Text(tag.location, tag.source)
