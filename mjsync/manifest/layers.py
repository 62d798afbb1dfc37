"""Layers of manifests: the base and its overlays, merged key by key before anything is checked against a kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.document import Document, parse
from mjsync.manifest.project import FILE
from mjsync.manifest.suggestion import did_you_mean
from mjsync.manifest.tree import Tree, matching, text_of
from mjsync.resources import SECTIONS

REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Node:
    """One entry as it was written: its value, its place, and the place of each setting by dotted path."""

    value: Any
    place: Place
    places: Mapping[str, Place]

    def at(self, path: str) -> Place:
        """Where a setting stands; the nearest enclosing one that has a place."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path.rpartition(".")[0]
        return self.place


@dataclass(slots=True)
class Layer:
    """Section to handle to entry; `present` holds the sections that stand there at all."""

    entries: dict[str, dict[str, Node]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    removed: dict[str, Node] = field(default_factory=dict)


def read_layer(tree: Tree, patterns: Iterable[tuple[str, Place]], findings: list[Finding]) -> Layer:
    """All manifests of one layer; problems of one file do not hide those of another."""
    layer = Layer()
    for file in _files(tree, patterns, findings):
        try:
            document = parse(file, text_of(tree, file))
        except ManifestError as error:
            findings += error.findings
            continue
        _take(layer, document, findings)
    return layer


def merged(base: Layer, overlay: Layer) -> Layer:
    """The base with an overlay over it: mappings merge, lists and values replace, null removes a statement."""
    result = Layer(
        {section: dict(nodes) for section, nodes in base.entries.items()},
        base.present | overlay.present,
        {**base.removed, **overlay.removed},
    )
    for section, nodes in overlay.entries.items():
        entries = result.entries.setdefault(section, {})
        for handle, node in nodes.items():
            if node.value is None:
                entries.pop(handle, None)
            elif handle in entries:
                entries[handle] = _over(entries[handle], node, section)
            else:
                entries[handle] = Node(_without_nulls(node.value), node.place, node.places)
    return result


def needless_nulls(base: Layer, overlay: Layer) -> list[Finding]:
    """A complaint about each entry that an overlay removes though the base does not have it."""
    return [
        Finding(
            "nothing-to-remove",
            f"{SECTIONS[section].kind}.{handle} is not in what this overlay is laid over"
            f"{did_you_mean(handle, base.entries.get(section, {}))}",
            "Correct the handle, or drop the line.",
            place=node.place,
        )
        for section, nodes in overlay.entries.items()
        for handle, node in nodes.items()
        if node.value is None and handle not in base.entries.get(section, {})
    ]


def _files(tree: Tree, patterns: Iterable[tuple[str, Place]], findings: list[Finding]) -> list[str]:
    found: dict[str, None] = {}
    for pattern, place in patterns:
        files = [file for file in matching(tree, pattern) if file != FILE]
        if not files:
            message = f"no manifest file is in {pattern!r}"
            findings.append(Finding("no-manifest", message, "Correct the path, or add a .yaml file.", place=place))
        found.update(dict.fromkeys(files))
    return list(found)


def _take(layer: Layer, document: Document, findings: list[Finding]) -> None:
    if not isinstance(document.value, dict) or not document.value:
        findings.append(
            Finding(
                "empty-manifest",
                f"{document.file} states nothing",
                "Add a section, `lists: {}` if none is wanted, or delete the file.",
                place=Place(document.file),
            )
        )
        return
    groups = _grouped(document)
    for section, entries in document.value.items():
        place = document.places.get((section,), Place(document.file))
        if section not in SECTIONS and section != REMOVED:
            known = [*SECTIONS, REMOVED]
            message = f"unknown section {section!r}{did_you_mean(section, known)}"
            findings.append(Finding("unknown-key", message, f"Known here: {', '.join(known)}.", place=place))
        elif not isinstance(entries, dict):
            what = "has no value" if entries is None else "must be a mapping"
            findings.append(
                Finding(
                    "null" if entries is None else "value",
                    f"{section} {what}",
                    f"Write `{section}: {{}}` if none is wanted.",
                    place=place,
                )
            )
        elif section == REMOVED:
            _take_removed(layer, entries, groups, findings)
        else:
            layer.present.add(section)
            _take_entries(layer, section, entries, groups, findings)


Groups = Mapping[tuple[str, str], Mapping[str, Place]]


def _grouped(document: Document) -> Groups:
    """Section and handle to the places of the settings inside; what came through an alias has that of the section."""
    groups: dict[tuple[str, str], dict[str, Place]] = {}
    for path, place in document.places.items():
        if len(path) > 1:
            groups.setdefault((path[0], path[1]), {})[".".join(path[2:])] = place
    for section, entries in document.value.items():
        for handle in entries if isinstance(entries, dict) else ():
            groups.setdefault((section, handle), {"": _nearest(document, section)})
    return groups


def _nearest(document: Document, section: str) -> Place:
    """The merge key of a section, the section, or the file."""
    places = document.places
    return places.get((section, "<<")) or places.get((section,)) or places.get(("<<",)) or Place(document.file)


def _take_entries(layer: Layer, section: str, entries: Any, groups: Groups, findings: list[Finding]) -> None:
    known = layer.entries.setdefault(section, {})
    for handle, value in entries.items():
        places = groups[section, handle]
        node = Node(value, places[""], places)
        if handle in known:
            findings.append(
                Finding(
                    "duplicate-handle",
                    f"{SECTIONS[section].kind}.{handle} is declared a second time; first at {known[handle].place}",
                    "Keep one of them, or give one another handle.",
                    place=node.place,
                )
            )
        else:
            known[handle] = node


def _take_removed(layer: Layer, entries: Any, groups: Groups, findings: list[Finding]) -> None:
    for section, names in entries.items():
        places = groups[REMOVED, section]
        if section not in SECTIONS:
            message = f"unknown section {section!r} under removed{did_you_mean(section, SECTIONS)}"
            findings.append(Finding("unknown-key", message, f"Known here: {', '.join(SECTIONS)}.", place=places[""]))
        elif not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            findings.append(
                Finding(
                    "value",
                    f"removed.{section} must be a list of names",
                    "Write `[Old name]`.",
                    place=places[""],
                )
            )
        elif section in layer.removed:
            before = layer.removed[section]
            shifted = {
                str(len(before.value) + index): places.get(str(index), places[""]) for index in range(len(names))
            }
            layer.removed[section] = Node([*before.value, *names], before.place, {**before.places, **shifted})
        else:
            layer.removed[section] = Node(names, places[""], places)


def _over(base: Node, overlay: Node, section: str) -> Node:
    kind = SECTIONS[section]
    value = merged_values(kind.expanded(base.value), kind.expanded(overlay.value))
    return Node(value, base.place, {**base.places, **overlay.places})


def merged_values(base: Any, overlay: Any) -> Any:
    """A value with another laid over it, key by key."""
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return _without_nulls(overlay)
    result = dict(base)
    for key, value in overlay.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged_values(base.get(key), value)
    return result


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value
