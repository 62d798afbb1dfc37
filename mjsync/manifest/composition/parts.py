"""Resolve shared parts: texts that bodies name as `${part.footer}`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mjsync.errors import Finding, ManifestError
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.bodies import read_source
from mjsync.manifest.composition.expand import PART, Expanded, Expander, Placeholder, Resolver, SourceText
from mjsync.manifest.loading.files import BYTE_ORDER_MARK, Tree
from mjsync.manifest.loading.layers import HANDLE, HANDLE_RULE, Node
from mjsync.resources.address import Address
from mjsync.resources.desired import SharedPart

MAX_NESTED_PARTS = 50
"""Parts inside one another."""


@dataclass(frozen=True, slots=True)
class PartResolver:
    """Resolves `${part.NAME}`; `texts` resolves the texts of the locale in use.

    Each part is expanded once. `chain` are the placeholders that lead to the text in which a part is looked up.
    """

    tree: Tree
    expander: Expander
    nodes: Mapping[str, Node]
    texts: Resolver
    chain: tuple[Placeholder, ...] = ()
    expanded: dict[str, Expanded] = field(default_factory=dict)

    def with_texts(self, texts: Resolver) -> "PartResolver":
        """Return the same parts with the texts of another locale."""
        return replace(self, texts=texts, expanded={})

    def __call__(self, placeholder: Placeholder) -> Expanded:
        """Return the expanded part; its findings are about the part itself, with its address."""
        name = placeholder.name
        if name not in self.nodes:
            message = f"{placeholder} is not a declared part{did_you_mean(name, self.nodes)}"
            return placeholder.failed(
                Finding("unknown-part", message, "Declare it under `parts:`, or correct the name.")
            )
        if name in (names := [each.name for each in self.chain]):
            return placeholder.failed(_cycle([*self.chain[names.index(name) + 1 :], placeholder]))
        if len(self.chain) == MAX_NESTED_PARTS:
            message = f"more than {MAX_NESTED_PARTS} parts are inside one another"
            return placeholder.failed(Finding("too-deep", message, "Flatten them."))
        return self.part(name, (*self.chain, placeholder))

    def part(self, name: str, chain: tuple[Placeholder, ...] = ()) -> Expanded:
        """Return a declared part, expanded."""
        if name not in self.expanded:
            expanded = self._expand(name, replace(self, chain=chain))
            address = str(Address(PART, name))
            findings = tuple(
                finding if finding.address else replace(finding, address=address) for finding in expanded.findings
            )
            placeholders = expanded.placeholders | {f"{PART}.{name}"}
            self.expanded[name] = replace(expanded, findings=findings, placeholders=placeholders)
        return self.expanded[name]

    def _expand(self, name: str, inner: "PartResolver") -> Expanded:
        node = self.nodes[name]
        nothing = SourceText("", node.location)
        if not HANDLE.fullmatch(name):
            finding = Finding("handle", f"{name!r} cannot be the name of a part", HANDLE_RULE, location=node.location)
            return Expanded("", nothing, findings=(finding,), is_broken=True)
        try:
            source = read_source(self.tree, node.value, node.location_of)
        except ManifestError as error:
            return Expanded("", nothing, findings=error.findings, is_broken=True)
        text = source.text.removeprefix(BYTE_ORDER_MARK).removesuffix("\n").removesuffix("\r")
        expander = self.expander.with_resolvers(part=inner, text=self.texts)
        return expander.expand(replace(source, text=text))


def check_parts(parts: PartResolver) -> tuple[dict[Address, SharedPart], list[Finding]]:
    """Expand every declared part for itself, whatever texts it names: those that are valid, and the findings."""
    checked = parts.with_texts(lambda text: Expanded(str(text), text.source))
    expanded = {name: checked.part(name, (_declaration(name, node),)) for name, node in parts.nodes.items()}
    shared = {
        Address(PART, name): SharedPart(parts.nodes[name].location, part.text)
        for name, part in expanded.items()
        if not part.is_broken
    }
    return shared, [finding for part in expanded.values() for finding in part.findings]


def unused_parts(nodes: Mapping[str, Node], used: frozenset[str]) -> list[Finding]:
    """Warn of each part that no body uses."""
    way_out = "Remove it, or name it in a body; a body file needs `substitute: true`."
    return [
        Finding("unused-part", "no body uses it", way_out, "warning", str(Address(PART, name)), node.location)
        for name, node in nodes.items()
        if name not in used
    ]


def _declaration(name: str, node: Node) -> Placeholder:
    return Placeholder(PART, name, SourceText("", node.location), 0)


def _cycle(ring: list[Placeholder]) -> Finding:
    """Return the finding for parts that contain each other, the same whichever is expanded first."""
    first = min(range(len(ring)), key=lambda index: ring[index].name)
    ring = [*ring[first + 1 :], *ring[: first + 1]]
    name = ring[-1].name
    uses = ", ".join(f"{PART}.{each.name} at {each.source.position_at(each.offset).location}" for each in ring)
    return replace(
        ring[-1].source.finding_at(
            ring[-1].offset,
            Finding("part-cycle", f"{PART}.{name} contains itself: it contains {uses}", "Take one of them out."),
        ),
        address=str(Address(PART, ring[-2].name if len(ring) > 1 else name)),
    )
