"""Expand entries with `locales`: one entry for each locale, with the handle `HANDLE.LOCALE`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.translations import Catalog, CatalogReader
from mjsync.manifest.loading.layers import Layer, Node, deep_merge, drop_nulls
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry, Locale

LOCALES, TEXTS = "locales", "texts"

LOCALE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WITH_COUNTRY = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
"""What a template's `locale` may be: en_US. Source: mjsync/docs/mailjet-api.md, section 10."""

_NAME_FIELDS = ("name", "renamed_from")
"""Fields that get each locale appended: `Order` becomes `Order.en`."""


@dataclass(frozen=True, slots=True)
class LocaleVariant:
    """One locale of an entry: the entry's handle, the locale's key, and its texts."""

    template_handle: str
    key: str
    catalog: Catalog

    @property
    def locale(self) -> Locale:
        """The same without texts."""
        return Locale(self.template_handle, self.key)


def expand_locales(layer: Layer, catalogs: CatalogReader) -> tuple[Layer, dict[Address, LocaleVariant]]:
    """Return the layer with an entry for each locale in place of those that have several; and these new entries."""
    variants: dict[Address, LocaleVariant] = {}
    entries = dict(layer.entries)
    findings = list(layer.findings)
    for section, kind in SECTIONS.items():
        if not kind.locale_word:
            continue
        entries[section] = {}
        for handle, node in layer.entries.get(section, {}).items():
            if not isinstance(node.value, dict) or not {LOCALES, TEXTS} & node.value.keys():
                entries[section].setdefault(handle, node)
                continue
            findings += _problems(node)
            for key, own in _valid_locales(node).items():
                variant = f"{handle}.{key}"
                location = node.location_of(f"{LOCALES}.{key}")
                if variant in layer.entries[section]:
                    message = f"{kind.name}.{variant} is a locale of {handle}, and also declared on its own"
                    way_out = f"Keep one of them; the other is at {layer.entries[section][variant].location}."
                    findings.append(Finding("duplicate-handle", message, way_out, location=location))
                catalog = catalogs.read(key, own.get(TEXTS, {}), node.below(f"{LOCALES}.{key}.{TEXTS}"))
                findings += catalog.findings
                variants[Address(kind.name, variant)] = LocaleVariant(handle, key, catalog)
                entries[section][variant] = _variant(key, own, node, kind.locale_word)
            if LOCALES not in node.value:
                entries[section][handle] = replace(node, value=_shared(node))
    return replace(layer, entries=entries, findings=tuple(dict.fromkeys(findings))), variants


def manifest_path(entry: Entry) -> tuple[str, ...]:
    """Return the path in a manifest of what an entry does not share with others."""
    section, locale = entry.kind.section, entry.locale
    return (section, locale.template_handle, LOCALES, locale.key) if locale else (section, entry.address.handle)


def unused_locale_removals(base: Layer, overlay: Layer) -> Iterator[Finding]:
    """Yield a finding for each locale that an overlay removes though the base does not have it."""
    for section, nodes in overlay.entries.items():
        for handle, node in nodes.items():
            base_node = base.entries.get(section, {}).get(handle)
            known = _locales(base_node) if base_node else {}
            for key, own in _locales(node).items():
                if own is None and key not in known:
                    message = f"{handle} has no locale {key} in the manifests below this overlay"
                    location = node.location_of(f"{LOCALES}.{key}")
                    yield Finding(
                        "nothing-to-remove",
                        message + did_you_mean(key, known),
                        "Correct the locale, or drop the line.",
                        location=location,
                    )


def _locales(node: Node) -> Mapping[str, Any]:
    locales = node.value.get(LOCALES) if isinstance(node.value, dict) else None
    return locales if isinstance(locales, dict) else {}


def _valid_locales(node: Node) -> dict[str, Mapping[str, Any]]:
    return {key: own for key, own in _locales(node).items() if _problem(key, own) is None}


def _problems(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with the locales of an entry."""
    if TEXTS in node.value:
        way_out = f"Write them under `{LOCALES}: {{en: {{{TEXTS}: …}}}}`."
        yield Finding("value", f"{TEXTS} belong to a locale", way_out, location=node.location_of(TEXTS))
    if LOCALES in node.value and not _locales(node):
        way_out = "Write `en: {…}` below it, one for each locale."
        yield Finding("value", f"{LOCALES} must name at least one", way_out, location=node.location_of(LOCALES))
    for key, own in _locales(node).items():
        if problem := _problem(key, own):
            yield problem.at(node.location_of(f"{LOCALES}.{key}"))


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
    return {word: value for word, value in node.value.items() if word not in (LOCALES, TEXTS)}


def _variant(key: str, own: Mapping[str, Any], node: Node, locale_word: str) -> Node:
    """Return the entry of one locale: its own settings over the shared ones."""
    above = f"{LOCALES}.{key}"
    shared = {word: _append(value, key) if word in _NAME_FIELDS else value for word, value in _shared(node).items()}
    locations = {path: at for path, at in node.locations.items() if path.partition(".")[0] not in (LOCALES, TEXTS)}
    if _WITH_COUNTRY.fullmatch(key):
        shared[locale_word] = key
        locations[locale_word] = node.location_of(above)
    mine = {path[len(above) + 1 :]: at for path, at in node.locations.items() if path.startswith(f"{above}.")}
    value = drop_nulls(deep_merge(shared, {word: inner for word, inner in own.items() if word != TEXTS}))
    location = node.location_of(above)
    return Node(value, location, {**locations, **mine, "": location})


def _append(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return [_append(inner, key) for inner in value]
    return f"{value}.{key}" if isinstance(value, str) and value else value
