"""Read the texts of a locale, inline or from a file, and resolve `${text.NAME}` to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.bodies import read_named_text
from mjsync.manifest.composition.expand import TEXT, Expanded, Expander, Placeholder, SourceText
from mjsync.manifest.loading.document import Document, parse_document
from mjsync.manifest.loading.files import Tree, resolve_path
from mjsync.manifest.loading.layers import Node

FILE = "file"
"""The key under `texts` that names a file; the keys beside it override the texts of the file."""

MISSING_TEXT, TEXT_WITHOUT_LOCALE = "MJS611", "MJS613"

LocationOf = Callable[[str], Location]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The texts of one locale by dotted name; `file` is where most of them are.

    Where it is not `is_complete`, its findings are the reason, and nothing is reported as missing from it.
    """

    locale: str = ""
    file: str = ""
    texts: Mapping[str, Expanded] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all its texts could be read."""
        return all(finding.severity != "error" for finding in self.findings)

    def resolve(self, placeholder: Placeholder) -> Expanded:
        """Return the text that a placeholder names; a text with findings is broken, and they are the catalog's."""
        name = placeholder.name
        if name in self.texts:
            text = replace(self.texts[name], findings=())
            return replace(text, placeholders=text.placeholders | {f"{TEXT}.{name}"})
        if not self.is_complete:
            return placeholder.failed()
        if not self.locale:
            way_out = "Texts belong to `templates: {HANDLE: {locales: {en: {texts: …}}}}`; use ${var.NAME} elsewhere."
            message = f"{placeholder} is used by an entry without locales"
            return placeholder.failed(Finding(TEXT_WITHOUT_LOCALE, message, way_out))
        message = f"{placeholder} is not among the texts of {self.locale} ({self.file})"
        finding = Finding(MISSING_TEXT, message + did_you_mean(name, self.texts), "Add it there, or correct the name.")
        return placeholder.failed(finding)


NO_TEXTS = Catalog()
"""The texts of an entry without locales."""


@dataclass(frozen=True, slots=True)
class CatalogReader:
    """Reads catalogs; a file that several locales or templates name is read once."""

    tree: Tree
    expander: Expander
    _files: dict[str, Catalog] = field(default_factory=dict)

    def read(self, locale: str, value: Any, location_of: LocationOf) -> Catalog:
        """Return the texts under `texts:` of a locale; `location_of` locates the paths below it."""
        file = location_of("").file
        if not isinstance(value, dict):
            way_out = "Write `greeting: Hello`, or `file: …`."
            finding = Finding("value", "texts must be a mapping", way_out, location=location_of(""))
            return Catalog(locale, file, findings=(finding,))
        inline = self._texts({name: inner for name, inner in value.items() if name != FILE}, location_of)
        if FILE not in value:
            return replace(inline, locale=locale, file=file)
        path = resolve_path(file, value[FILE]) if isinstance(value[FILE], str) and value[FILE] else ""
        if not path:
            findings = (*inline.findings, _wrong_path(value[FILE], location_of(FILE)))
            return Catalog(locale, file, inline.texts, findings)
        under = self._read_file(path, location_of(FILE))
        return Catalog(locale, path, {**under.texts, **inline.texts}, (*inline.findings, *under.findings))

    def _read_file(self, path: str, named_at: Location) -> Catalog:
        """Return the texts of a file; if it cannot be read, all that name it share the finding at its first use."""
        if path not in self._files:
            try:
                document = parse_document(path, read_named_text(self.tree, path, named_at))
                self._files[path] = self._read_document(document)
            except ManifestError as error:
                self._files[path] = Catalog(findings=error.findings)
        return self._files[path]

    def _read_document(self, document: Document) -> Catalog:
        top = Location(document.file, 1, 1)
        if not isinstance(document.value, dict):
            message = f"{document.file} contains no texts"
            return Catalog(findings=(Finding("value", message, "Write `greeting: Hello`, one a line.", location=top),))
        locations = {".".join(at): location for at, location in document.locations.items()}
        return self._texts(document.value, Node(None, top, locations).location_of)

    def _texts(self, values: Mapping[str, Any], location_of: LocationOf) -> Catalog:
        texts: dict[str, Expanded] = {}
        findings: list[Finding] = []
        for name, value in _flatten(values):
            location = location_of(name)
            if value is None:
                findings.append(Finding("null", f"the text {name} has no value", location=location))
            elif not isinstance(value, str):
                message = f"the text {name} must be text; put it in quotes"
                findings.append(Finding("value", message, location=location))
            elif name in texts:
                message = f"the text {name} is declared twice"
                findings.append(Finding("duplicate-key", message, "Keep one of them.", location=location))
            else:
                expander = self.expander.with_resolvers(text=_text_in_text)
                texts[name] = expander.expand(SourceText(value, location))
                findings += texts[name].findings
        return Catalog(texts=texts, findings=tuple(findings))


def _wrong_path(value: Any, location: Location) -> Finding:
    if not isinstance(value, str) or not value:
        way_out = "A text cannot have the name file here."
        return Finding("value", "texts.file must be a path", way_out, location=location)
    message, way_out = f"{value!r} leads out of the project folder", "Keep catalogs inside the project."
    return Finding("outside-project", message, way_out, location=location)


def _text_in_text(placeholder: Placeholder) -> Expanded:
    message = f"{placeholder} is inside a text"
    way_out = "Texts may contain ${var.NAME} and template language, but no other texts."
    return placeholder.failed(Finding("placeholder", message, way_out))


def _flatten(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each dotted name and its value."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
