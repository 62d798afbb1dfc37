"""The manifests of one environment as they work together: overlays merged, with the place of each value on demand."""

from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.manifest.loading.layers import PARTS, REMOVED, Layer, Node
from mjsync.manifest.writing.yaml_scalars import document, flow, key
from mjsync.resources import SECTIONS


def merged_manifests(layer: Layer, *, origins: bool = False) -> str:
    """The merged manifests as one file; placeholders stay as they were written."""
    nodes = {section: layer.entries.get(section, {}) for section in (PARTS, *SECTIONS) if section in layer.present}
    removed = {REMOVED: layer.removed} if layer.removed else {}
    if origins:
        return "\n".join(_with_origins({**nodes, **removed})) + "\n"
    values = {
        section: {handle: node.value for handle, node in entries.items()}
        for section, entries in {**nodes, **removed}.items()
    }
    return document(values) + "\n"


def _with_origins(sections: Mapping[str, Mapping[str, Node]]) -> Iterator[str]:
    for section, nodes in sections.items():
        yield f"{section}:" if nodes else f"{section}: {{}}"
        for handle, node in nodes.items():
            yield from _lines(handle, node.value, node, "", 2)


def _lines(word: str, value: Any, node: Node, path: str, column: int) -> Iterator[str]:
    """One key and what is below it, each value with its place."""
    if isinstance(value, Mapping) and value:
        yield f"{' ' * column}{key(word)}:"
        for inner, below in value.items():
            yield from _lines(inner, below, node, f"{path}.{inner}" if path else inner, column + 2)
    else:
        yield f"{' ' * column}{key(word)}: {flow(value)}  # {node.locations.get(path, node.location)}"
