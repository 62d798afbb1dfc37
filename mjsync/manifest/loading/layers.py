"""Layers of manifests: the base and its overlays, merged key by key before anything is checked against a kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.merging import deep_merge
from mjsync.manifest.loading.document import Document, parse_document
from mjsync.manifest.loading.files import Tree, folder_of, glob_yaml, read_text
from mjsync.manifest.project.settings import FILE
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources import SECTIONS
from mjsync.resources.desired import nearest_location

REMOVED = "removed"
PARTS = "parts"
DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True)
class Node:
    """One entry as it was written: its value, its place, and the place of each setting by dotted path."""

    value: Any
    location: Location
    locations: Mapping[str, Location]

    def location_of(self, path: str) -> Location:
        """Where the setting at a dotted path stands; the nearest enclosing one that has a place."""
        return nearest_location(self.locations, path, self.location)

    def below(self, above: str) -> Callable[[str], Location]:
        """What gives the places of the settings below a path."""
        return lambda path: self.location_of(f"{above}.{path}" if path else above)


@dataclass(slots=True)
class Layer:
    """Section to handle to entry; `present` holds the sections that stand there at all.

    `defaults` are by folder and section, `roots` and `overlays` the folders that manifests of the base and of the
    overlays are read from.
    """

    entries: dict[str, dict[str, Node]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    removed: dict[str, Node] = field(default_factory=dict)
    defaults: dict[tuple[str, str], Node] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()


def read_layer(tree: Tree, patterns: Sequence[tuple[str, Location]], findings: list[Finding]) -> Layer:
    """All manifests of one layer; problems of one file do not hide those of another."""
    layer = Layer(roots=tuple(folder_of(pattern) for pattern, _ in patterns))
    for file in _files(tree, patterns, findings):
        try:
            document = parse_document(file, read_text(tree, file))
        except ManifestError as error:
            findings += error.findings
            continue
        _read_document(layer, document, findings)
    return layer


def merge_layers(base: Layer, overlay: Layer) -> Layer:
    """The base with an overlay over it: mappings merge, lists and values replace, null removes a statement."""
    result = Layer(
        {section: dict(nodes) for section, nodes in base.entries.items()},
        base.present | overlay.present,
        {**base.removed, **overlay.removed},
        {**base.defaults, **overlay.defaults},
        base.roots,
        (*base.overlays, *overlay.roots),
    )
    for section, nodes in overlay.entries.items():
        entries = result.entries.setdefault(section, {})
        for handle, node in nodes.items():
            if node.value is None:
                entries.pop(handle, None)
            elif handle in entries:
                entries[handle] = _over(entries[handle], node, section)
            else:
                entries[handle] = Node(deep_merge(None, node.value), node.location, node.locations)
    return result


def address(section: str, handle: str) -> str:
    """An entry or a part as messages name it."""
    return f"{SECTIONS[section].kind if section in SECTIONS else 'part'}.{handle}"


def unused_removals(base: Layer, overlay: Layer) -> list[Finding]:
    """A complaint about each entry that an overlay removes though the base does not have it."""
    return [
        Finding(
            "nothing-to-remove",
            f"{address(section, handle)} is not in what this overlay is laid over"
            f"{did_you_mean(handle, base.entries.get(section, {}))}",
            "Correct the handle, or drop the line.",
            location=node.location,
        )
        for section, nodes in overlay.entries.items()
        for handle, node in nodes.items()
        if node.value is None and handle not in base.entries.get(section, {})
    ]


def _files(tree: Tree, patterns: Iterable[tuple[str, Location]], findings: list[Finding]) -> list[str]:
    found: dict[str, None] = {}
    for pattern, place in patterns:
        files = [file for file in glob_yaml(tree, pattern) if file != FILE]
        if not files:
            message = f"no manifest file is in {pattern!r}"
            findings.append(Finding("no-manifest", message, "Correct the path, or add a .yaml file.", location=place))
        found.update(dict.fromkeys(files))
    return list(found)


def _read_document(layer: Layer, document: Document, findings: list[Finding]) -> None:
    if not isinstance(document.value, dict) or not document.value:
        way_out = "Add a section, `lists: {}` if none is wanted, or delete the file."
        message = f"{document.file} states nothing"
        findings.append(Finding("empty-manifest", message, way_out, location=Location(document.file)))
        return
    groups = _grouped(document)
    for section, entries in document.value.items():
        place = document.locations.get((section,), Location(document.file))
        known = [*SECTIONS, PARTS, DEFAULTS, REMOVED]
        if section not in known:
            message = f"unknown section {section!r}{did_you_mean(section, known)}"
            findings.append(Finding("unknown-key", message, f"Known here: {', '.join(known)}.", location=place))
        elif not isinstance(entries, dict):
            what = "has no value" if entries is None else "must be a mapping"
            findings.append(
                Finding(
                    "null" if entries is None else "value",
                    f"{section} {what}",
                    f"Write `{section}: {{}}` if none is wanted.",
                    location=place,
                )
            )
        elif section == REMOVED:
            _read_removed(layer, entries, groups, findings)
        elif section == DEFAULTS:
            _read_defaults(layer, document, groups, findings)
        else:
            layer.present.add(section)
            _read_entries(layer, section, entries, groups, findings)


Groups = Mapping[tuple[str, str], Mapping[str, Location]]


def _grouped(document: Document) -> Groups:
    """Section and handle to the places of the settings inside; what came through an alias has that of the section."""
    groups: dict[tuple[str, str], dict[str, Location]] = {}
    for path, place in document.locations.items():
        if len(path) > 1:
            groups.setdefault((path[0], path[1]), {})[".".join(path[2:])] = place
    for section, entries in document.value.items():
        for handle in entries if isinstance(entries, dict) else ():
            groups.setdefault((section, handle), {"": _nearest(document, section)})
    return groups


def _nearest(document: Document, section: str) -> Location:
    """The merge key of a section, the section, or the file."""
    places = document.locations
    return places.get((section, "<<")) or places.get((section,)) or places.get(("<<",)) or Location(document.file)


def _read_entries(layer: Layer, section: str, entries: Any, groups: Groups, findings: list[Finding]) -> None:
    known = layer.entries.setdefault(section, {})
    for handle, value in entries.items():
        places = groups[section, handle]
        node = Node(value, places[""], places)
        if handle in known:
            findings.append(
                Finding(
                    "duplicate-handle",
                    f"{address(section, handle)} is declared a second time; first at {known[handle].location}",
                    "Keep one of them, or give one another handle.",
                    location=node.location,
                )
            )
        else:
            known[handle] = node


def _read_defaults(layer: Layer, document: Document, groups: Groups, findings: list[Finding]) -> None:
    folder = str(PurePosixPath(document.file).parent)
    for section, words in document.value[DEFAULTS].items():
        places = groups[DEFAULTS, section]
        if section not in SECTIONS:
            message = f"unknown section {section!r} under defaults{did_you_mean(section, SECTIONS)}"
            findings.append(Finding("unknown-key", message, f"Known here: {', '.join(SECTIONS)}.", location=places[""]))
            continue
        if not isinstance(words, dict):
            message = f"defaults.{section} must be a mapping"
            findings.append(Finding("value", message, "Write `{locale: en_US}`.", location=places[""]))
            continue
        node = Node(words, places[""], places)
        other = layer.defaults.setdefault((folder, section), node)
        findings += [
            Finding(
                "duplicate-default",
                f"this folder has a default for {word} of {section} already; first at {other.location_of(word)}",
                "Keep one of them.",
                location=node.location_of(word),
            )
            for word in words
            if other is not node and word in other.value
        ]
        layer.defaults[folder, section] = Node({**words, **other.value}, other.location, {**places, **other.locations})


def _read_removed(layer: Layer, entries: Any, groups: Groups, findings: list[Finding]) -> None:
    for section, names in entries.items():
        places = groups[REMOVED, section]
        if section not in SECTIONS:
            message = f"unknown section {section!r} under removed{did_you_mean(section, SECTIONS)}"
            findings.append(Finding("unknown-key", message, f"Known here: {', '.join(SECTIONS)}.", location=places[""]))
        elif not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            message = f"removed.{section} must be a list of names"
            findings.append(Finding("value", message, "Write `[Old name]`.", location=places[""]))
        elif section in layer.removed:
            before = layer.removed[section]
            shifted = {
                str(len(before.value) + index): places.get(str(index), places[""]) for index in range(len(names))
            }
            layer.removed[section] = Node([*before.value, *names], before.location, {**before.locations, **shifted})
        else:
            layer.removed[section] = Node(names, places[""], places)


def _over(base: Node, overlay: Node, section: str) -> Node:
    under, over = base.value, overlay.value
    if kind := SECTIONS.get(section):
        under, over = kind.from_shorthand(under), kind.from_shorthand(over)
    return Node(deep_merge(under, over), base.location, {**base.locations, **overlay.locations})
