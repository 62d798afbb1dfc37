"""Deprecated keys of manifests: read as what replaced them, with a warning, until a major version removes them.

`mjsync fmt --upgrade` rewrites them. A field that is renamed gets the role FormerKey, and nothing else changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.loading.document import Document
from mjsync.manifest.loading.yaml_builder import Path
from mjsync.resources import SECTIONS
from mjsync.resources.entry_model import FormerKey, fields_with


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A key at the end of a path, `*` being any handle; the field that has its place now, and the field's role."""

    path: Path
    new: str
    role: FormerKey


DEPRECATED = tuple(
    Deprecated((*above, role.key), word, role)
    for section, kind in SECTIONS.items()
    for word, role in fields_with(kind.model, FormerKey).items()
    for above in ((section, "*"), ("defaults", section))
)
"""All deprecated keys."""


def uses_of_deprecated(value: Any) -> Iterator[tuple[Path, Deprecated, Any]]:
    """Find each deprecated key in the value of a document: its path, what it is, and the value of the new key."""
    for deprecated in DEPRECATED:
        for path, holder in _holders(value, deprecated.path[:-1], ()):
            word = deprecated.path[-1]
            if word in holder and (new := deprecated.role.value_of(holder[word])) is not None:
                yield (*path, word), deprecated, new


def without_deprecated(document: Document) -> tuple[Document, list[Finding]]:
    """Return a document with the new keys in place of deprecated ones, and a warning for each use.

    Where the new key is there too, it counts.
    """
    uses = list(uses_of_deprecated(document.value))
    if not uses:
        return document, []
    value, findings = document.value, []
    for path, deprecated, _ in uses:
        location = document.location_of(*path)
        document.locations.inside(path[:-1]).at.setdefault(deprecated.new, location)
        message = f"`{path[-1]}` is deprecated since {deprecated.role.since}; the key is `{deprecated.new}` now"
        findings.append(
            Finding("deprecated-key", message, "`mjsync fmt --upgrade` writes it.", "warning", location=location)
        )
    for deprecated in DEPRECATED:
        value = _renamed(value, deprecated, deprecated.path)
    return document._replace(value=value), findings


def _holders(value: Any, pattern: Path, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each mapping at a path that fits a pattern."""
    if not isinstance(value, dict):
        return
    if not pattern:
        yield path, value
        return
    for key in value if pattern[0] == "*" else [key for key in value if key == pattern[0]]:
        yield from _holders(value[key], pattern[1:], (*path, key))


def _renamed(value: Any, deprecated: Deprecated, pattern: Path) -> Any:
    """Return a copy of a value with the new key in place of the old one, wherever the pattern leads."""
    if not isinstance(value, dict):
        return value
    word, *rest = pattern
    if rest:
        return {
            key: _renamed(inner, deprecated, tuple(rest)) if word in ("*", key) else inner
            for key, inner in value.items()
        }
    new = deprecated.role.value_of(value.get(word))
    if new is None:
        return value
    return {
        deprecated.new if key == word else key: new if key == word else inner
        for key, inner in value.items()
        if key != word or deprecated.new not in value
    }
