"""The texts of one locale: found inline or in a file, looked up as `${text.NAME}`, and told apart by who uses them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.document import parse
from mjsync.manifest.layers import Node
from mjsync.manifest.substitution import Found, Substitution
from mjsync.manifest.suggestion import did_you_mean
from mjsync.manifest.tree import Tree, joined, text_of

FILE = "file"
"""The word under `texts` that names a file; what stands beside it goes over what is in the file."""

MISSING, OUTSIDE = "MJS611", "MJS613"


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its own placeholders replaced, what was found in it, and where it stands."""

    text: str
    found: Found
    place: Place


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one locale by dotted name; `file` is where most of them stand.

    `used` gathers the names that were looked up. A catalogue that could not be read is not `is_whole`: nothing is then
    said of what it lacks.
    """

    locale: str
    file: str
    texts: Mapping[str, Text]
    is_whole: bool = True
    used: set[str] = field(default_factory=set)

    def look_up(self, name: str, found: Found) -> str | Finding:
        """One text, or what is wrong with asking for it; what its own placeholders need goes into `found`."""
        text = self.texts.get(name)
        if text is None and self.is_whole:
            message = f"${{text.{name}}} is not among the texts of {self.locale} ({self.file})"
            way_out = "Add it there, or correct the name."
            return Finding(MISSING, message + did_you_mean(name, self.texts), way_out)
        if text is None:
            found.is_whole = False
            return ""
        self.used.add(name)
        found.references += text.found.references
        found.unset |= text.found.unset
        found.from_environment |= text.found.from_environment
        found.is_whole &= text.found.is_whole
        return text.text


def no_catalogue(name: str, found: Found) -> Finding:
    """The answer to `${text.NAME}` where no locale is spoken."""
    found.is_whole = False
    way_out = "Texts belong to `templates: {HANDLE: {locales: {en: {texts: …}}}}`; use ${var.NAME} elsewhere."
    return Finding(OUTSIDE, f"${{text.{name}}} stands in an entry without locales", way_out)


def no_text_in_a_text(name: str, found: Found) -> Finding:
    """The answer to `${text.NAME}` inside a text."""
    found.is_whole = False
    message = f"${{text.{name}}} stands inside a text"
    return Finding("placeholder", message, "Texts hold ${var.NAME} and template language, no other texts.")


@dataclass(slots=True)
class Catalogues:
    """Reads catalogues; a file that several locales or templates name is read once, and complained of once."""

    tree: Tree
    substitution: Substitution
    findings: list[Finding]
    _files: dict[str, Mapping[str, Text] | None] = field(default_factory=dict)

    def catalogue(self, locale: str, stated: Any, at: Callable[[str], Place]) -> Catalogue:
        """The texts that stand under `texts`; `at` gives the place of a path below it."""
        before = len(self.findings)
        if not isinstance(stated, dict):
            self._complain("value", "texts must be a mapping", "Write `greeting: Hello`, or `file: …`.", at(""))
            return Catalogue(locale, at("").file, {}, is_whole=False)
        inline = {name: inner for name, inner in stated.items() if name != FILE}
        texts = self._texts(inline, at)
        file: str | None = at("").file
        if FILE in stated:
            file = self._path(stated[FILE], at(FILE))
            under = self._in_file(file, at(FILE)) if file else None
            texts = {**(under or {}), **texts}
            if under is None:
                return Catalogue(locale, file or at("").file, texts, is_whole=False)
        return Catalogue(locale, file or "", texts, is_whole=len(self.findings) == before)

    def _path(self, stated: Any, place: Place) -> str | None:
        if not isinstance(stated, str) or not stated:
            self._complain("value", "texts.file must be a path", "A text cannot be called file here.", place)
            return None
        path = joined(place.file, stated)
        if path is None:
            message = f"{stated!r} leads out of the project folder"
            self._complain("outside-project", message, "Keep catalogues inside the project.", place)
        return path

    def _in_file(self, path: str, named_at: Place) -> Mapping[str, Text] | None:
        """The texts of a file; None where it cannot be read."""
        if path in self._files:
            return self._files[path]
        self._files[path] = None
        try:
            document = parse(path, text_of(self.tree, path))
        except ManifestError as error:
            self.findings += [each if each.place and each.place.line else each.at(named_at) for each in error.findings]
            return None
        if not isinstance(document.value, dict):
            message = f"{path} holds no texts"
            self._complain("value", message, "Write `greeting: Hello`, one a line.", Place(path, 1, 1))
            return None
        places = {".".join(at): place for at, place in document.places.items()}
        self._files[path] = self._texts(document.value, Node(None, Place(path, 1, 1), places).at)
        return self._files[path]

    def _texts(self, stated: Mapping[str, Any], at: Callable[[str], Place]) -> dict[str, Text]:
        texts: dict[str, Text] = {}
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

    def _text(self, value: str, place: Place) -> Text:
        found = Found()
        text = self.substitution.looking_up({"text": no_text_in_a_text}).apply(value, found)
        self.findings += [problem.at(place) for problem in found.problems]
        return Text(text, found, place)

    def _complain(self, code: str, message: str, way_out: str, place: Place) -> None:
        self.findings.append(Finding(code, message, way_out, place=place))


def _flat(stated: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each dotted name and its value."""
    for name, value in stated.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
