"""A body in Mailjet's template language: its pieces, the tree of its blocks and everything wrong with it."""

from dataclasses import dataclass

from mjsync.template_language.blocks import Assembly
from mjsync.template_language.findings import Finding
from mjsync.template_language.nodes import BodyNode, Text
from mjsync.template_language.pieces import Kind, Piece, cut
from mjsync.template_language.places import Lines
from mjsync.template_language.tags import read_tag


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed body; `str()` gives it back as it was, faults and all."""

    pieces: tuple[Piece, ...]
    nodes: tuple[BodyNode, ...]
    faults: tuple[Finding, ...]

    def __str__(self) -> str:
        """Join the pieces to the body they were cut from."""
        return "".join(piece.source for piece in self.pieces)


def parse(text: str) -> Template:
    """Parse a body; what cannot be read stays text in the tree and is named in `faults`, in reading order."""
    lines = Lines(text)
    pieces, unclosed = cut(text, lines)
    faults = list(unclosed)
    assembly = Assembly()
    for piece in pieces:
        if piece.kind is Kind.TEXT:
            assembly.add(Text(lines.at(piece.start), piece.source))
            continue
        tag, unreadable = read_tag(piece, lines)
        faults += unreadable
        assembly.take(tag)
    nodes = assembly.finish()
    return Template(pieces, nodes, tuple(sorted([*faults, *assembly.faults], key=lambda fault: fault.place)))
