"""Read manifests into layers, the base and its overlays, and merge them key by key."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest import did_you_mean
from mjsync.manifest.loading.document import Document, Node, read_document, without_deprecated
from mjsync.manifest.loading.files import Tree, folder_of, glob_yaml, read_text
from mjsync.manifest.project.settings import FILE
from mjsync.resources import DELETABLE_SECTIONS, SECTIONS

REMOVED, PARTS, DEFAULTS, APPROVE = "removed", "parts", "defaults", "approve"
LOCALES = "locales"

HANDLE = re.compile(r"[A-Za-z0-9._@+-]{1,128}")
HANDLE_RULE = "Letters, digits and ._@+- only, at most 128."

_REMOVED_VALUE = object()
"""The mark of a value that null removed: no default replaces it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a set of manifests declares: `entries` by section and handle, and what is wrong with the files.

    `present` are the sections that occur, `defaults` are by folder and section, `approvals` in reading order. `roots`
    and `overlays` are the folders that manifests of the base and of the overlays are read from. Without `is_complete` a
    file could not be read.
    """

    entries: dict[str, dict[str, Node]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    removed: dict[str, Node] = field(default_factory=dict)
    defaults: dict[tuple[str, str], Node] = field(default_factory=dict)
    approvals: list[Node] = field(default_factory=list)
    roots: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_complete: bool = True


def deep_merge(under: Any, over: Any) -> Any:
    """Merge a value over another: mappings merge, all else replaces, null removes. `drop_nulls` ends a merge."""
    if not isinstance(over, Mapping):
        return _REMOVED_VALUE if over is None else over
    known = under if isinstance(under, Mapping) else {}
    return {**known, **{key: deep_merge(known.get(key), value) for key, value in over.items()}}


def with_defaults(own: Any, default: Any) -> Any:
    """Return a value completed from a default; null in the value states that the default does not apply."""
    if not isinstance(own, Mapping) or not isinstance(default, Mapping):
        return own
    completed = {
        key: _REMOVED_VALUE if value is None and key in default else with_defaults(value, default.get(key))
        for key, value in own.items()
    }
    return {**completed, **{key: value for key, value in default.items() if key not in own}}


def drop_nulls(value: Any) -> Any:
    """Return the value without what null removed."""
    if isinstance(value, Mapping):
        return {key: drop_nulls(inner) for key, inner in value.items() if inner is not _REMOVED_VALUE}
    return value


def read_layer(tree: Tree, patterns: Sequence[tuple[str, Location]]) -> Layer:
    """Read all manifests of one layer; an error in one file does not hide those of the others."""
    files: dict[str, None] = {}
    findings: list[Finding] = []
    layer = Layer(roots=tuple(folder_of(pattern) for pattern, _ in patterns))
    for pattern, location in patterns:
        found = [file for file in glob_yaml(tree, pattern) if file != FILE]
        files.update(dict.fromkeys(found))
        if not found:
            message, way_out = f"no manifest file is in {pattern!r}", "Correct the path, or add a .yaml file."
            findings.append(Finding("no-manifest", message, way_out, location=location))
    is_complete = True
    for file in files:
        try:
            document, doubles = read_document(file, read_text(tree, file))
            document, deprecated = without_deprecated(document)
            findings += [*doubles, *deprecated, *_read_document(layer, document)]
        except ManifestError as error:
            findings += error.findings
            is_complete = False
    return replace(layer, findings=tuple(findings), is_complete=is_complete)


def merge_layers(base: Layer, overlay: Layer) -> Layer:
    """Return the base with an overlay over it: mappings merge, lists and values replace, null removes a statement."""
    merged = {section: dict(nodes) for section, nodes in base.entries.items()}
    for section, nodes in overlay.entries.items():
        entries = merged.setdefault(section, {})
        for handle, node in nodes.items():
            if node.value is None:
                entries.pop(handle, None)
            elif handle in entries:
                entries[handle] = _merge_nodes(entries[handle], node, section)
            else:
                entries[handle] = node._replace(value=deep_merge(None, node.value))
    return Layer(
        merged,
        base.present | overlay.present,
        {**base.removed, **overlay.removed},
        {**base.defaults, **overlay.defaults},
        [*base.approvals, *overlay.approvals],
        base.roots,
        (*base.overlays, *overlay.roots),
        (*base.findings, *overlay.findings, *_unused_removals(base, overlay)),
        base.is_complete and overlay.is_complete,
    )


def _merge_nodes(base: Node, overlay: Node, section: str) -> Node:
    under, over = base.value, overlay.value
    if kind := SECTIONS.get(section):
        under, over = kind.from_shorthand(under), kind.from_shorthand(over)
    locations = {**base.locations, **overlay.locations, "": overlay.location}
    return Node(deep_merge(under, over), base.location, locations)


def locales_of(node: Node | None) -> Mapping[str, Any]:
    """Return what an entry states under `locales`, by locale."""
    locales = node.value.get(LOCALES) if node and isinstance(node.value, dict) else None
    return locales if isinstance(locales, dict) else {}


def _unused_removals(base: Layer, overlay: Layer) -> Iterator[Finding]:
    """Yield a finding for each entry, and each locale, that an overlay removes though the base does not have it."""
    for section, nodes in overlay.entries.items():
        known = base.entries.get(section, {})
        for handle, node in nodes.items():
            if node.value is None and handle not in known and base.is_complete:
                message = f"{_address(section, handle)} is not in the manifests below this overlay"
                message, way_out = message + did_you_mean(handle, known), "Correct the handle, or drop the line."
                yield Finding("nothing-to-remove", message, way_out, location=node.location)
            locales = locales_of(known.get(handle))
            for key, own in locales_of(node).items():
                if own is None and key not in locales:
                    message = f"{handle} has no locale {key} in the manifests below this overlay"
                    message, way_out = message + did_you_mean(key, locales), "Correct the locale, or drop the line."
                    location = node.location_of(f"{LOCALES}.{key}")
                    yield Finding("nothing-to-remove", message, way_out, location=location)


def _address(section: str, handle: str) -> str:
    return f"{SECTIONS[section].name if section in SECTIONS else 'part'}.{handle}"


def _read_document(layer: Layer, document: Document) -> Iterator[Finding]:
    """Add what a document declares to a new layer; yield what is wrong with it."""
    if not isinstance(document.value, dict) or not document.value:
        message = f"{document.file} is empty"
        way_out = "Add a section, `lists: {}` if none is wanted, or delete the file."
        yield Finding("empty-manifest", message, way_out, location=Location(document.file))
        return
    nodes, known = _nodes(document), (*SECTIONS, PARTS, DEFAULTS, REMOVED, APPROVE)
    for section, entries in document.value.items():
        location = document.locations.at.get(section, Location(document.file))
        if section not in known:
            message = f"unknown section {section!r}{did_you_mean(section, known)}"
            yield Finding("unknown-key", message, f"Known here: {', '.join(known)}.", location=location)
        elif section == APPROVE and isinstance(entries, list):
            layer.approvals.extend(nodes[section].values())
        elif section == APPROVE or not isinstance(entries, dict):
            shape, empty = ("list", "[]") if section == APPROVE else ("mapping", "{}")
            code, what = ("null", "has no value") if entries is None else ("value", f"must be a {shape}")
            way_out = f"Write `{section}: {empty}` if none is wanted."
            yield Finding(code, f"{section} {what}", way_out, location=location)
        elif section == REMOVED:
            yield from _add_removed(layer, nodes[section])
        elif section == DEFAULTS:
            yield from _add_defaults(layer, nodes[section], str(PurePosixPath(document.file).parent))
        else:
            layer.present.add(section)
            yield from _add_entries(layer, section, nodes[section])


def _nodes(document: Document) -> dict[str, dict[str, Node]]:
    """Section and handle to node; what came through an alias or a merge has the location of that."""
    sections = document.locations.at
    nodes: dict[str, dict[str, Node]] = {}
    for section, entries in document.value.items():
        inside = document.locations.inside((section,))
        near = inside.at.get("<<") or sections.get(section) or sections.get("<<") or Location(document.file)
        numbered = {str(index): value for index, value in enumerate(entries)} if isinstance(entries, list) else {}
        nodes[section] = {
            handle: Node(value, inside.at.get(handle, near), inside.inside((handle,)))
            for handle, value in (entries if isinstance(entries, dict) else numbered).items()
        }
    return nodes


def _add_entries(layer: Layer, section: str, nodes: Mapping[str, Node]) -> Iterator[Finding]:
    known = layer.entries.setdefault(section, {})
    for handle, node in nodes.items():
        if handle in known:
            message = f"{_address(section, handle)} is declared a second time; first at {known[handle].location}"
            way_out = "Keep one of them, or give one another handle."
            yield Finding("duplicate-handle", message, way_out, location=node.location)
        else:
            known[handle] = node


def _add_defaults(layer: Layer, nodes: Mapping[str, Node], folder: str) -> Iterator[Finding]:
    for section, node in nodes.items():
        if section not in SECTIONS:
            yield _unknown_section(section, DEFAULTS, node)
            continue
        if not isinstance(node.value, dict):
            message = f"defaults.{section} must be a mapping"
            yield Finding("value", message, "Write `{locale: en_US}`.", location=node.location)
            continue
        other = layer.defaults.get((folder, section), Node({}, node.location, {}))
        for key in node.value.keys() & other.value.keys():
            first = other.location_of(key)
            message = f"this folder has a default for {key} of {section} already; first at {first}"
            yield Finding("duplicate-default", message, "Keep one of them.", location=node.location_of(key))
        merged = Node({**node.value, **other.value}, other.location, {**node.locations, **other.locations})
        layer.defaults[folder, section] = merged


def _add_removed(layer: Layer, nodes: Mapping[str, Node]) -> Iterator[Finding]:
    for section, node in nodes.items():
        names = node.value
        if section not in DELETABLE_SECTIONS:
            yield _unknown_section(section, REMOVED, node)
        elif not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            message = f"removed.{section} must be a list of names"
            yield Finding("value", message, "Write `[Old name]`.", location=node.location)
        else:
            before = layer.removed.get(section, Node([], node.location, node.locations))
            start = len(before.value)
            shifted = {str(start + index): node.location_of(str(index)) for index in range(len(names))}
            layer.removed[section] = Node([*before.value, *names], before.location, {**before.locations, **shifted})


def _unknown_section(section: str, above: str, node: Node) -> Finding:
    known = DELETABLE_SECTIONS if above == REMOVED else tuple(SECTIONS)
    message = f"unknown section {section!r} under {above}{did_you_mean(section, known)}"
    return Finding("unknown-key", message, f"Known here: {', '.join(known)}.", location=node.location)
