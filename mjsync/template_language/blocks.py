"""Putting tags together to the tree of blocks: which if and for holds what, and which end is missing."""

from collections import Counter
from dataclasses import dataclass, field

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.nodes import BodyNode, Branch, For, If, Placeholder, Print, Set, Text
from mjsync.template_language.tags import Tag

DEEPEST = 50
"""How many blocks may stand inside one another."""


@dataclass(slots=True)
class _Block:
    """An open if or for; `head` is the tag whose body is being filled, none behind an else."""

    opening: Tag
    head: Tag | None
    body: list[BodyNode] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)

    def close_branch(self) -> None:
        """Keep what stood since the last if or elseif as a branch."""
        if self.head and self.head.value:
            head = self.head
            self.branches.append(Branch(head.place, head.source, self.head.value, tuple(self.body)))
            self.body = []

    def node(self) -> BodyNode:
        """Make the node of the whole block."""
        place, opening = self.opening.place, self.opening
        if opening.word == "for" and opening.value:
            return For(place, opening.source, opening.name, opening.value, tuple(self.body))
        self.close_branch()
        return If(place, tuple(self.branches), tuple(self.body))


class Assembly:
    """The tree of one body while it grows; `faults` holds what was wrong with its blocks so far."""

    def __init__(self) -> None:
        self.faults: list[Finding] = []
        self._top: list[BodyNode] = []
        self._open: list[_Block] = []
        self._depths: Counter[str] = Counter()
        self._is_too_deep = False

    def add(self, node: BodyNode) -> None:
        """Put a node into the innermost open block."""
        (self._open[-1].body if self._open else self._top).append(node)

    def take(self, tag: Tag) -> None:
        """Put a tag where it belongs; what no block can hold stays text."""
        if not self._places(tag):
            self.add(_leaf(tag))

    def finish(self) -> tuple[BodyNode, ...]:
        """Close what is still open, as faults, and give the whole tree."""
        while self._open:
            self._close() if self._is_too_deep else self._close_unended()
        return tuple(self._top)

    def _places(self, tag: Tag) -> bool:
        """Say whether the tag opened, parted or ended a block."""
        match tag.word:
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
        if len(self._open) == DEEPEST:
            self._is_too_deep = True
            way_out = "Nothing behind this tag was read; take the blocks apart."
            self.faults.append(found("MJS102", f"blocks stand more than {DEEPEST} deep", tag.place, way_out))
            return False
        self._open.append(_Block(tag, tag))
        self._depths[tag.word] += 1
        return True

    def _branch(self, tag: Tag, head: Tag | None) -> bool:
        block = self._open[-1] if self._open else None
        if block is None or block.opening.word != "if" or block.head is None:
            way_out = "Put it between an if and its endif, else last."
            self.faults.append(found("MJS103", f"{tag.word} does not stand in an if", tag.place, way_out))
            return False
        block.close_branch()
        block.head = head
        return True

    def _end(self, tag: Tag) -> bool:
        word = tag.word.removeprefix("end")
        if not self._depths[word]:
            way_out = f"Remove it, or open the {word}."
            self.faults.append(found("MJS103", f"{tag.word} without {word}", tag.place, way_out))
            return False
        while self._open[-1].opening.word != word:
            self._close_unended()
        self._close()
        return True

    def _close(self) -> None:
        block = self._open.pop()
        self._depths[block.opening.word] -= 1
        self.add(block.node())

    def _close_unended(self) -> None:
        opening = self._open[-1].opening
        way_out = f"Close it with {{% end{opening.word} %}}."
        self.faults.append(found("MJS102", f"{opening.word} is never closed", opening.place, way_out))
        self._close()


def _leaf(tag: Tag) -> BodyNode:
    match tag:
        case Tag(word="print", value=value) if value:
            return Print(tag.place, tag.source, value)
        case Tag(word="placeholder"):
            return Placeholder(tag.place, tag.source, tag.name)
        case Tag(word="set", value=value) if value:
            return Set(tag.place, tag.source, tag.name, value)
    return Text(tag.place, tag.source)
