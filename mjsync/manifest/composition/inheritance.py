"""Fill in what entries inherit: defaults of their folder, and what the locales of one entry share.

The nearest default wins. An entry with `locales` becomes one entry for each, with the handle `HANDLE.LOCALE`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.composition.named_texts import Catalog, CatalogReader
from mjsync.manifest.loading.document import Node, validate_partly
from mjsync.manifest.loading.layers import (
    DEFAULTS,
    LOCALES,
    Layer,
    deep_merge,
    drop_nulls,
    locales_of,
    with_defaults,
)
from mjsync.manifest.project.settings import FILE, ProjectFile
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.desired import Entry
from mjsync.resources.entry_model import body_fields

TEXTS = "texts"

LOCALE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WITH_COUNTRY = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
"""What a template's `locale` may be: en_US. Source: mjsync/docs/mailjet-api.md, section 10."""

# --- defaults


def apply_defaults(layer: Layer, project: ProjectFile) -> Layer:
    """Return the layer with every default checked, and filled into the entries that it applies to."""
    checked: dict[tuple[str, str], Node] = {}
    findings = list(layer.findings)
    in_project = project.settings.defaults.model_fields_set
    farthest = {(FILE, each): project.document.node(DEFAULTS, each) for each in SECTIONS if each in in_project}
    for (folder, section), node in {**farthest, **layer.defaults}.items():
        checked[folder, section], wrong = _check(section, node)
        findings += wrong
    layer = replace(layer, defaults=checked, findings=tuple(findings))
    if not checked and not layer.overlays:
        return layer
    default_in = cache(partial(default_for, layer))
    entries: dict[str, dict[str, Node]] = {}
    for section, nodes in layer.entries.items():
        entries[section] = {}
        for handle, node in nodes.items():
            value, locations = node.value, node.locations
            if default := default_in(section, node.location.file.rpartition("/")[0]):
                value = with_defaults(SECTIONS[section].from_shorthand(value), default.value)
                locations = {**default.locations, **locations}
            entries[section][handle] = Node(drop_nulls(value), node.location, locations)
    return replace(layer, entries=entries)


def default_for(layer: Layer, section: str, folder: str) -> Node | None:
    """Return the default of a section's entries in a folder, merged from all folders above; None without one."""
    found: Node | None = None
    for above in _folders(layer, PurePosixPath(folder)):
        if node := layer.defaults.get((above, section)):
            locations = {**found.locations, **node.locations} if found else node.locations
            found = Node(deep_merge(found.value if found else {}, node.value), node.location, locations)
    return found._replace(value=drop_nulls(found.value)) if found else None


def fields_without_defaults(kind: Kind) -> dict[str, str]:
    """Return the fields of a kind that can have no default, each with the way out."""
    way_out = "Declare the text under `parts:`, and name it in the bodies that share it."
    return {
        **dict.fromkeys(body_fields(kind.model), way_out),
        **dict.fromkeys(kind.identity_fields, f"Set it in each entry: it tells one {kind.name} from another."),
    }


def _folders(layer: Layer, folder: PurePosixPath) -> Iterator[str]:
    """Yield where defaults for a folder can be, the farthest first: an overlay's come after those of the base."""
    root = next((root for root in (*layer.roots, *layer.overlays) if folder.is_relative_to(root)), str(folder))
    yield FILE
    yield from (str(above) for above in reversed(PurePosixPath(root).parents))
    inner = folder.relative_to(root)
    for below in (*reversed(inner.parents), inner):
        yield from (str(PurePosixPath(each) / below) for each in (root, *layer.overlays))


def _check(section: str, node: Node) -> tuple[Node, list[Finding]]:
    """Return the default without what is wrong in it, and the findings: reported once, not for every entry."""
    kind = SECTIONS[section]
    wrong = {
        field: Finding("default", f"{field} cannot have a default", way_out, location=node.location_of(field))
        for field, way_out in fields_without_defaults(kind).items()
        if field in node.value
    }
    known = {
        field: value
        for field, value in node.value.items()
        if field not in wrong
        and value is not None
        and "${" not in str(value)  # placeholders are checked in the entries
    }
    _, invalid = validate_partly(kind.model, known, node.location_of)
    wrong |= {field: findings[0] for field, findings in invalid.items() if field in known}
    values = {field: value for field, value in node.value.items() if field not in wrong}
    return node._replace(value=values), list(wrong.values())


# --- locales


def expand_locales(layer: Layer, catalogs: CatalogReader) -> tuple[Layer, dict[Address, Catalog]]:
    """Return the layer with an entry for each locale in place of those that have several; and their texts."""
    variants: dict[Address, Catalog] = {}
    entries = dict(layer.entries)
    findings = list(layer.findings)
    for section, kind in SECTIONS.items():
        if not kind.locale_field:
            continue
        entries[section] = {}
        for handle, node in layer.entries.get(section, {}).items():
            if not isinstance(node.value, dict) or not {LOCALES, TEXTS} & node.value.keys():
                entries[section].setdefault(handle, node)
                continue
            findings += _problems(node)
            for key, own in locales_of(node).items():
                variant, location = f"{handle}.{key}", node.location_of(f"{LOCALES}.{key}")
                if problem := _problem(key, own):
                    findings.append(problem.at(location))
                    continue
                if variant in layer.entries[section]:
                    message = f"{kind.name}.{variant} is a locale of {handle}, and also declared on its own"
                    way_out = f"Keep one of them; the other is at {layer.entries[section][variant].location}."
                    findings.append(Finding("duplicate-handle", message, way_out, location=location))
                catalog = catalogs.read(key, own.get(TEXTS, {}), node.below(f"{LOCALES}.{key}.{TEXTS}"))
                findings += catalog.findings
                variants[Address(kind.name, variant)] = catalog._replace(template_handle=handle)
                entries[section][variant] = _variant(key, own, node, kind)
            if LOCALES not in node.value:
                entries[section][handle] = node._replace(value=_shared(node))
    return replace(layer, entries=entries, findings=tuple(dict.fromkeys(findings))), variants


def manifest_path(entry: Entry) -> tuple[str, ...]:
    """Return the path in a manifest of what an entry does not share with others."""
    section, locale = entry.kind.section, entry.locale
    return (section, locale.template_handle, LOCALES, locale.key) if locale else (section, entry.address.handle)


def _problems(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with the locales of an entry as a whole."""
    if TEXTS in node.value:
        way_out = f"Write them under `{LOCALES}: {{en: {{{TEXTS}: …}}}}`."
        yield Finding("value", f"{TEXTS} belong to a locale", way_out, location=node.location_of(TEXTS))
    if LOCALES in node.value and not locales_of(node):
        way_out = "Write `en: {…}` below it, one for each locale."
        yield Finding("value", f"{LOCALES} must name at least one", way_out, location=node.location_of(LOCALES))


def _problem(key: str, own: Any) -> Finding | None:
    """Return what is wrong with one locale."""
    if not LOCALE_KEY.fullmatch(key):
        way_out = "Letters, digits, _ and - only: en, fr_CA, pt-BR."
        return Finding("handle", f"{key!r} cannot be a locale", way_out)
    if own is None:
        way_out = f"Write `{key}: {{}}` where it has no settings of its own."
        return Finding("null", f"{LOCALES}.{key} has no value", way_out)
    if not isinstance(own, dict):
        return Finding("value", f"{LOCALES}.{key} must be a mapping", f"Write `{key}: {{subject: …}}`.")
    if LOCALES in own:
        return Finding("unknown-key", f"a locale has no {LOCALES} of its own", "Write them side by side.")
    return None


def _shared(node: Node) -> dict[str, Any]:
    """Return what all locales of an entry share."""
    return {field: value for field, value in node.value.items() if field not in (LOCALES, TEXTS)}


def _variant(key: str, own: Mapping[str, Any], node: Node, kind: Kind) -> Node:
    """Return the entry of one locale: its own settings over the shared ones."""
    above = f"{LOCALES}.{key}"
    shared = {
        field: _append(value, key) if field in kind.identity_fields else value for field, value in _shared(node).items()
    }
    locations = {path: at for path, at in node.locations.items() if path.partition(".")[0] not in (LOCALES, TEXTS)}
    if _WITH_COUNTRY.fullmatch(key):
        shared[kind.locale_field] = key
        locations[kind.locale_field] = node.location_of(above)
    mine = {path[len(above) + 1 :]: at for path, at in node.locations.items() if path.startswith(f"{above}.")}
    value = drop_nulls(deep_merge(shared, {field: inner for field, inner in own.items() if field != TEXTS}))
    location = node.location_of(above)
    return Node(value, location, {**locations, **mine, "": location})


def _append(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return [_append(inner, key) for inner in value]
    return f"{value}.{key}" if isinstance(value, str) and value else value
