"""Shared parts: texts that bodies name as `${part.footer}`, each read and woven once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mjsync.errors import Finding
from mjsync.manifest.composition.composed import PART, Composer, Lookup, Lookups, Part, verbatim
from mjsync.manifest.composition.placeholders import Expansion, Substitution
from mjsync.manifest.composition.sources import BYTE_ORDER_MARK, read_source
from mjsync.manifest.composition.translations import NO_TEXTS, TEXT, keep_placeholder
from mjsync.manifest.loading.files import Tree
from mjsync.manifest.loading.layers import Node
from mjsync.manifest.suggestion import did_you_mean
from mjsync.manifest.writing.handles import HANDLE
from mjsync.resources.address import Address
from mjsync.resources.body import SourcePosition
from mjsync.resources.desired import SharedPart

DEEPEST = 50
"""Parts inside one another."""


@dataclass(slots=True)
class Parts:
    """The parts that the manifests declare; `findings` are what is wrong with those that were asked for.

    `texts` are those of the locale that asks.
    """

    tree: Tree
    substitution: Substitution
    nodes: Mapping[str, Node]
    texts: Lookup = NO_TEXTS.text
    findings: list[Finding] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)
    _known: dict[str, Part | None] = field(default_factory=dict)
    _open: dict[str, SourcePosition] = field(default_factory=dict)

    @property
    def shared(self) -> dict[Address, SharedPart]:
        """What became of each part that is whole; known once they were checked."""
        return {
            Address(PART, name): SharedPart(node.location, part[0].text)
            for name, node in self.nodes.items()
            if (part := self._known.get(name))
        }

    def speaking(self, texts: Lookup) -> "Parts":
        """The same with the texts of a locale, which make other words of them."""
        return replace(self, texts=texts, _known={}, _open={})

    @property
    def lookups(self) -> Lookups:
        """What bodies ask for parts and texts."""
        return {PART: self.lookup, TEXT: self.texts}

    def lookup(self, name: str, spot: SourcePosition) -> Part | Finding | None:
        """The part of a name, for a body that asks for it at a spot; or what is wrong with asking."""
        part = self._part(name, spot)
        if isinstance(part, tuple):
            self._used |= {name, *(address.handle for address, _ in part[0].parts())}
        return part

    def check(self) -> list[Finding]:
        """What is wrong with any part; where all are well, a warning for each that no body used so far."""
        self.texts = keep_placeholder  # what nobody asked for yet is looked at for itself
        for name, node in self.nodes.items():
            self._part(name, SourcePosition(node.location))
        if self.findings:
            return self.findings
        way_out = "Remove it, or name it in a body; a body file needs `substitute: true`."
        return [
            Finding("unused-part", "no body uses it", way_out, "warning", f"{PART}.{name}", node.location)
            for name, node in self.nodes.items()
            if name not in self._used
        ]

    def _part(self, name: str, spot: SourcePosition) -> Part | Finding | None:
        if name not in self.nodes:
            message = f"${{{PART}.{name}}} names no part{did_you_mean(name, self.nodes)}"
            return Finding("unknown-part", message, "Declare it under `parts:`, or correct the name.")
        if name in self._open:
            return self._cycle(name, spot)
        if len(self._open) == DEEPEST:
            return Finding("too-deep", f"more than {DEEPEST} parts stand inside one another", "Flatten them.")
        if name not in self._known:
            self._open[name] = spot
            self._known[name] = self._made(name, self.nodes[name])
            del self._open[name]
        return self._known[name]

    def _cycle(self, name: str, spot: SourcePosition) -> Finding:
        """A part that leads back to itself, with each place on the way round."""
        names = list(self._open)
        round_trip = [*names[names.index(name) + 1 :], name]
        spots = {**self._open, name: spot}
        way = ", ".join(f"{PART}.{each} at {spots[each].location}" for each in round_trip)
        return Finding("part-cycle", f"{PART}.{name} stands inside itself: it holds {way}", "Take one of them out.")

    def _made(self, name: str, node: Node) -> Part | None:
        address = str(Address(PART, name))
        sheet = read_source(self.tree, node.value, node.location_of)
        if not HANDLE.fullmatch(name):
            way_out = "Letters, digits and ._@+- only, at most 128."
            sheet = [Finding("handle", f"{name!r} cannot name a part", way_out, location=node.location)]
        if isinstance(sheet, list):
            self._complain(sheet, address)
            return None
        sheet = replace(sheet, text=sheet.text.removeprefix(BYTE_ORDER_MARK))
        sheet = replace(sheet, text=sheet.text.removesuffix("\n").removesuffix("\r"))
        found = Expansion()
        made = (
            Composer(sheet, self.substitution, {PART: self._part, TEXT: self.texts}, found).compose()
            if sheet.is_substituted
            else verbatim(sheet, found)
        )
        self._complain(sheet.problems(found), address)
        return None if found.problems else (made, found)

    def _complain(self, findings: Iterable[Finding], address: str) -> None:
        """Keep what is wrong with a part, once, whatever locales ask for it."""
        addressed = [replace(finding, address=address) for finding in findings]
        self.findings += [finding for finding in addressed if finding not in self.findings]
