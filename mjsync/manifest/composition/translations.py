"""The texts of one locale: found inline or in a file, looked up as `${text.NAME}`, and told apart by who uses them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.composed import Composer, Part, verbatim
from mjsync.manifest.composition.placeholders import Expansion, Substitution
from mjsync.manifest.composition.sources import SourceText
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import Tree, read_text, resolve_path
from mjsync.manifest.loading.layers import Node
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources.body import SourcePosition

FILE = "file"
"""The word under `texts` that names a file; what stands beside it goes over what is in the file."""

TEXT = "text"
"""The word in placeholders of texts."""
MISSING, UNSPOKEN = "MJS611", "MJS613"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The texts of one locale by dotted name; `file` is where most of them stand.

    `used` gathers the names that were looked up. A catalogue that could not be read is not `is_whole`: nothing is then
    said of what it lacks.
    """

    locale: str = ""
    file: str = ""
    texts: Mapping[str, Part] = field(default_factory=dict)
    is_whole: bool = True
    used: set[str] = field(default_factory=set)

    def text(self, name: str, spot: SourcePosition | None = None) -> Part | Finding | None:
        """One text, or what is wrong with asking for it; None where that is said of the catalogue itself."""
        del spot
        if name in self.texts:
            self.used.add(name)
            return self.texts[name]
        if not self.is_whole:
            return None
        if not self.locale:
            way_out = "Texts belong to `templates: {HANDLE: {locales: {en: {texts: …}}}}`; use ${var.NAME} elsewhere."
            return Finding(UNSPOKEN, f"${{{TEXT}.{name}}} is asked for by an entry without locales", way_out)
        message = f"${{{TEXT}.{name}}} is not among the texts of {self.locale} ({self.file})"
        return Finding(MISSING, message + did_you_mean(name, self.texts), "Add it there, or correct the name.")

    def look_up(self, name: str, found: Expansion) -> str | Finding:
        """The same for a text that is not woven."""
        text = self.text(name)
        if isinstance(text, tuple):
            found.merge(text[1])
            return text[0].text
        found.is_broken |= text is None
        return text or ""


NO_TEXTS = Catalog()
"""Where no locale is spoken."""


def keep_placeholder(name: str, spot: SourcePosition) -> Part:
    """Stands for a text of any locale where a part is looked at for itself."""
    return verbatim(SourceText(f"${{{TEXT}.{name}}}", spot.location), Expansion()), Expansion()


def _no_text(name: str, spot: SourcePosition) -> Finding:
    del spot
    message = f"${{{TEXT}.{name}}} stands inside a text"
    return Finding("placeholder", message, "Texts hold ${var.NAME} and template language, no other texts.")


@dataclass(slots=True)
class CatalogLoader:
    """Reads catalogues; a file that several locales or templates name is read once, and complained of once."""

    tree: Tree
    substitution: Substitution
    findings: list[Finding]
    _files: dict[str, Mapping[str, Part] | None] = field(default_factory=dict)

    def catalog(self, locale: str, stated: Any, at: Callable[[str], Location]) -> Catalog:
        """The texts that stand under `texts`; `at` gives the place of a path below it."""
        before = len(self.findings)
        if not isinstance(stated, dict):
            self._complain("value", "texts must be a mapping", "Write `greeting: Hello`, or `file: …`.", at(""))
            return Catalog(locale, at("").file, {}, is_whole=False)
        inline = {name: inner for name, inner in stated.items() if name != FILE}
        texts = self._texts(inline, at)
        file: str | None = at("").file
        if FILE in stated:
            file = self._path(stated[FILE], at(FILE))
            under = self._in_file(file, at(FILE)) if file else None
            texts = {**(under or {}), **texts}
            if under is None:
                return Catalog(locale, file or at("").file, texts, is_whole=False)
        return Catalog(locale, file or "", texts, is_whole=len(self.findings) == before)

    def _path(self, stated: Any, place: Location) -> str | None:
        if not isinstance(stated, str) or not stated:
            self._complain("value", "texts.file must be a path", "A text cannot be called file here.", place)
            return None
        path = resolve_path(place.file, stated)
        if path is None:
            message = f"{stated!r} leads out of the project folder"
            self._complain("outside-project", message, "Keep catalogues inside the project.", place)
        return path

    def _in_file(self, path: str, named_at: Location) -> Mapping[str, Part] | None:
        """The texts of a file; None where it cannot be read."""
        if path in self._files:
            return self._files[path]
        self._files[path] = None
        try:
            document = parse_document(path, read_text(self.tree, path))
        except ManifestError as error:
            self.findings += [
                each if each.location and each.location.line else each.at(named_at) for each in error.findings
            ]
            return None
        if not isinstance(document.value, dict):
            message = f"{path} holds no texts"
            self._complain("value", message, "Write `greeting: Hello`, one a line.", Location(path, 1, 1))
            return None
        places = {".".join(at): place for at, place in document.locations.items()}
        self._files[path] = self._texts(document.value, Node(None, Location(path, 1, 1), places).location_of)
        return self._files[path]

    def _texts(self, stated: Mapping[str, Any], at: Callable[[str], Location]) -> dict[str, Part]:
        texts: dict[str, Part] = {}
        for name, value in _flat(stated):
            place = at(name)
            if not isinstance(value, str):
                what = "has no value" if value is None else "must be text; put it in quotes"
                self._complain("null" if value is None else "value", f"the text {name} {what}", "", place)
            elif name in texts:
                self._complain("duplicate-key", f"the text {name} stands here twice", "Keep one of them.", place)
            else:
                texts[name] = self._text(value, place)
        return texts

    def _text(self, value: str, place: Location) -> Part:
        sheet, found = SourceText(value, place), Expansion()
        woven = Composer(sheet, self.substitution, {TEXT: _no_text}, found).compose()
        self.findings += sheet.problems(found)
        return woven, found

    def _complain(self, code: str, message: str, way_out: str, place: Location) -> None:
        self.findings.append(Finding(code, message, way_out, location=place))


def _flat(stated: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each dotted name and its value."""
    for name, value in stated.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
