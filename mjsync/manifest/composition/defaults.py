"""Defaults: what entries of a folder and below state where they say nothing themselves; the nearest wins."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from mjsync.errors import Finding, Location
from mjsync.manifest.composition.bodies import body_words
from mjsync.manifest.composition.merging import deep_merge, drop_nulls, with_defaults
from mjsync.manifest.composition.models import wrong_keys
from mjsync.manifest.loading.layers import DEFAULTS, Layer, Node
from mjsync.manifest.project.settings import FILE, Project
from mjsync.resources import SECTIONS
from mjsync.resources.base import Resource


def apply_defaults(layer: Layer, project: Project, findings: list[Finding]) -> Layer:
    """The layer with every default checked, and filled into the entries that it counts for."""
    stated = {**_of_project(project), **layer.defaults}
    layer = replace(layer, defaults={where: _sound(where[1], node, findings) for where, node in stated.items()})
    known: dict[tuple[str, str], Node | None] = {}
    entries: dict[str, dict[str, Node]] = {}
    for section, nodes in layer.entries.items():
        for handle, node in nodes.items():
            where = section, node.location.file.rpartition("/")[0]
            if where not in known:
                known[where] = default_for(layer, section, node.location.file)
            entries.setdefault(section, {})[handle] = _with_default(section, node, known[where])
    return replace(layer, entries=entries)


def default_for(layer: Layer, section: str, file: str) -> Node | None:
    """What the entries of a section in a manifest file state unless they say otherwise; None where that is nothing."""
    found: Node | None = None
    for folder in _folders(layer, file):
        if node := layer.defaults.get((folder, section)):
            places = {**found.locations, **node.locations} if found else node.locations
            found = Node(deep_merge(found.value if found else {}, node.value), node.location, places)
    return replace(found, value=drop_nulls(found.value)) if found else None


def fields_without_defaults(kind: type[Resource]) -> dict[str, str]:
    """The words of a kind that can have no default, each with the way out."""
    return {
        **dict.fromkeys(body_words(kind), "Declare the text under `parts:`, and name it in the bodies that share it."),
        **dict.fromkeys(kind.identity, f"State it in each entry: it tells one {kind.kind} from another."),
    }


def _folders(layer: Layer, file: str) -> Iterator[str]:
    """Where defaults for a file may stand, the farthest first: an overlay's folders lie over those of the base."""
    folder = PurePosixPath(file).parent
    root = next((root for root in (*layer.roots, *layer.overlays) if folder.is_relative_to(root)), str(folder))
    yield FILE
    yield from (str(above) for above in reversed(PurePosixPath(root).parents))
    inner = folder.relative_to(root)
    for below in (*reversed(inner.parents), inner):
        yield from (str(PurePosixPath(each) / below) for each in (root, *layer.overlays))


def _with_default(section: str, node: Node, default: Node | None) -> Node:
    if default is None:
        return replace(node, value=drop_nulls(node.value))
    value = with_defaults(SECTIONS[section].from_shorthand(node.value), default.value)
    return Node(drop_nulls(value), node.location, {**default.locations, **node.locations})


def _of_project(project: Project) -> dict[tuple[str, str], Node]:
    """The defaults of mjsync.yaml, which are the farthest of all."""
    places: dict[str, dict[str, Location]] = {}
    for path, place in project.document.locations.items():
        if path[0] == DEFAULTS and len(path) > 1:
            places.setdefault(path[1], {})[".".join(path[2:])] = place
    return {
        (FILE, section): Node(words, project.location_of(DEFAULTS, section), places.get(section, {}))
        for section, words in project.settings.defaults.model_dump(exclude_unset=True).items()
    }


def _sound(section: str, node: Node, findings: list[Finding]) -> Node:
    """The default without the words that are wrong: those are told once, not of every entry."""
    kind = SECTIONS[section]
    wrong = {
        word: Finding("default", f"{word} cannot have a default", way_out, location=node.location_of(word))
        for word, way_out in fields_without_defaults(kind).items()
        if word in node.value
    }
    judged = {
        word: value
        for word, value in node.value.items()
        if word not in wrong and value is not None and "${" not in str(value)  # what is not known yet, entries judge
    }
    wrong |= wrong_keys(kind, judged, node.location_of)
    findings += wrong.values()
    return replace(node, value={word: value for word, value in node.value.items() if word not in wrong})
