"""One template in many languages: an entry with `locales` becomes one entry for each, at `HANDLE.LOCALE`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mjsync.errors import Finding, Location
from mjsync.manifest.composition.merging import deep_merge, drop_nulls
from mjsync.manifest.composition.translations import Catalog, CatalogLoader
from mjsync.manifest.loading.layers import Layer, Node
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.resources.locale import Locale

LOCALES, TEXTS = "locales", "texts"

KEY = re.compile(r"[A-Za-z0-9_-]+")
_WITH_COUNTRY = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
"""What the field of a template holds. Source: mjsync/docs/mailjet-api.md, section 10 (the underscore form, en_US)."""

_OF_THE_FAMILY = ("name", "renamed_from")
"""What an entry with locales says of all of them, each with its locale behind: `Order` is `Order.en`."""


@dataclass(frozen=True, slots=True)
class LocaleVariant:
    """One locale of an entry: the entry's handle, the locale's key, and its texts."""

    template_handle: str
    key: str
    catalog: Catalog


@dataclass(slots=True)
class Locales:
    """Takes entries with locales apart; what is wrong with them goes into the findings of `catalogues`.

    `members` tells which of the new entries speak which locale.
    """

    catalogs: CatalogLoader
    members: dict[Address, LocaleVariant] = field(default_factory=dict)

    @property
    def by_address(self) -> dict[str, Locale]:
        """The locales by address."""
        return {str(address): Locale(member.template_handle, member.key) for address, member in self.members.items()}

    def expand(self, layer: Layer) -> Layer:
        """The layer with an entry for each locale in place of those that state several."""
        entries = {section: dict(self._of_section(section, nodes)) for section, nodes in layer.entries.items()}
        return replace(layer, entries=entries)

    def _of_section(self, section: str, nodes: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
        if section not in SECTIONS or not SECTIONS[section].locale_word:
            yield from nodes.items()
            return
        for handle, node in nodes.items():
            if not isinstance(node.value, dict) or not {LOCALES, TEXTS} & node.value.keys():
                yield handle, node
                continue
            for member, inner in self._of_entry(section, handle, node):
                if member in nodes and member != handle:
                    message = f"{SECTIONS[section].kind}.{member} is a locale of {handle}, and declared a second time"
                    way_out = f"Keep one of them; the other stands at {nodes[member].location}."
                    self._complain("duplicate-handle", message, way_out, inner.location)
                else:
                    yield member, inner

    def _of_entry(self, section: str, handle: str, node: Node) -> Iterator[tuple[str, Node]]:
        if TEXTS in node.value:
            way_out = f"Write them under `{LOCALES}: {{en: {{{TEXTS}: …}}}}`."
            self._complain("value", f"{TEXTS} belong to a locale", way_out, node.location_of(TEXTS))
        base = {word: value for word, value in node.value.items() if word not in (LOCALES, TEXTS)}
        if LOCALES not in node.value:
            yield handle, Node(base, node.location, node.locations)
            return
        stated = node.value[LOCALES]
        if not isinstance(stated, dict) or not stated:
            way_out = "Write `en: {…}` below it, one for each locale."
            self._complain("value", f"{LOCALES} must name at least one", way_out, node.location_of(LOCALES))
            return
        for key, own in stated.items():
            place = node.location_of(f"{LOCALES}.{key}")
            if problem := _problem(key, own):
                self._complain(*problem, place)
                continue
            catalogue = self.catalogs.catalog(key, own.get(TEXTS, {}), node.below(f"{LOCALES}.{key}.{TEXTS}"))
            self.members[Address(SECTIONS[section].kind, f"{handle}.{key}")] = LocaleVariant(handle, key, catalogue)
            yield f"{handle}.{key}", _member(base, key, own, node, SECTIONS[section].locale_word)

    def _complain(self, code: str, message: str, way_out: str, place: Location) -> None:
        self.catalogs.findings.append(Finding(code, message, way_out, location=place))


def stated_at(entry: Entry) -> tuple[str, ...]:
    """Where a manifest states what an entry does not share with others: the path of its own mapping."""
    section, locale = entry.kind.section, entry.locale
    return (section, locale.template_handle, LOCALES, locale.key) if locale else (section, entry.address.handle)


def unused_removals(base: Layer, overlay: Layer) -> list[Finding]:
    """A complaint about each locale that an overlay removes though the base does not have it."""
    findings = []
    for section, nodes in overlay.entries.items():
        for handle, node in nodes.items():
            under = _locales_of(base.entries.get(section, {}).get(handle))
            for key, own in _locales_of(node).items():
                if own is None and key not in under:
                    message = f"{handle} has no locale {key} in what this overlay is laid over"
                    way_out = "Correct the locale, or drop the line."
                    place = node.location_of(f"{LOCALES}.{key}")
                    findings.append(
                        Finding("nothing-to-remove", message + did_you_mean(key, under), way_out, location=place)
                    )
    return findings


def _locales_of(node: Node | None) -> Mapping[str, Any]:
    stated = node.value.get(LOCALES) if node and isinstance(node.value, dict) else None
    return stated if isinstance(stated, dict) else {}


def _problem(key: str, own: Any) -> tuple[str, str, str] | None:
    """Code, message and way out of what is wrong with one locale."""
    if not KEY.fullmatch(key):
        return "handle", f"{key!r} cannot be a locale", "Letters, digits, _ and - only: en, fr_CA, pt-BR."
    if own is None:
        return "null", f"{LOCALES}.{key} has no value", f"Write `{key}: {{}}` where it states nothing of its own."
    if not isinstance(own, dict):
        return "value", f"{LOCALES}.{key} must be a mapping", f"Write `{key}: {{subject: …}}`."
    if LOCALES in own:
        return "unknown-key", f"a locale has no {LOCALES} of its own", "Write them side by side."
    return None


def _member(base: Mapping[str, Any], key: str, own: Mapping[str, Any], node: Node, locale_word: str) -> Node:
    """The entry of one locale: its own settings over those of the family."""
    above = f"{LOCALES}.{key}"
    family = {word: _with_locale(value, key) if word in _OF_THE_FAMILY else value for word, value in base.items()}
    places = {path: place for path, place in node.locations.items() if path.partition(".")[0] not in (LOCALES, TEXTS)}
    if _WITH_COUNTRY.fullmatch(key):
        family[locale_word] = key
        places[locale_word] = node.location_of(above)
    mine = {path[len(above) + 1 :]: place for path, place in node.locations.items() if path.startswith(f"{above}.")}
    value = drop_nulls(deep_merge(family, {word: inner for word, inner in own.items() if word != TEXTS}))
    return Node(value, node.location_of(above), {**places, **mine, "": node.location_of(above)})


def _with_locale(value: Any, key: str) -> Any:
    if isinstance(value, list):
        return [_with_locale(inner, key) for inner in value]
    return f"{value}.{key}" if isinstance(value, str) and value else value
