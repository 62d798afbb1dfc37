"""Text parts that manifests point to: found, checked once, and read again when they are needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.composed import ComposedText, Composer, LazySourceMap, verbatim
from mjsync.manifest.composition.parts import Parts
from mjsync.manifest.composition.placeholders import Expansion, Substitution
from mjsync.manifest.composition.sources import SourceText, read_source
from mjsync.manifest.composition.translations import TEXT, Catalog
from mjsync.manifest.loading.files import Tree, read_text
from mjsync.resources.base import Resource
from mjsync.resources.body import Body

Converter = Callable[[str, str], str]
"""Makes one part from another: source text and the file it stands in, to text. Raises ManifestError."""


def body_words(kind: type[Resource]) -> frozenset[str]:
    """The words of a kind that hold a text part."""
    return frozenset(
        info.alias or name
        for name, info in kind.model_fields.items()
        if Body in (info.annotation, *get_args(info.annotation))
    )


@dataclass(frozen=True, slots=True)
class Bodies:
    """Reads text parts from a tree of files, and puts shared parts into them."""

    tree: Tree
    substitution: Substitution
    shared: Parts

    def speaking(self, catalogue: Catalog) -> "Bodies":
        """The same, with the texts of a locale."""
        substitution = self.substitution.looking_up({TEXT: catalogue.look_up})
        return replace(self, substitution=substitution, shared=self.shared.speaking(catalogue.text))

    def body(self, value: Any, at: Callable[[str], Location], found: Expansion) -> Body | list[Finding]:
        """The part that a text or `{file: …}` stands for, or what is wrong; `at` gives the place of its keys."""
        sheet = read_source(self.tree, value, at)
        if isinstance(sheet, list):
            return sheet
        inside = Expansion()
        woven = self._woven(sheet, inside)
        found.merge(inside)
        if inside.problems or inside.is_broken:
            return sheet.problems(inside)
        file = sheet.file
        if file is None:
            return Body(lambda: woven.text, origin=LazySourceMap(lambda: woven))
        if not sheet.is_substituted:
            return Body(lambda: read_text(self.tree, file), file)

        def weave() -> ComposedText:
            return self._woven(SourceText(read_text(self.tree, file), Location(file)), Expansion())

        return Body(lambda: weave().text, file, origin=LazySourceMap(weave))

    def _woven(self, sheet: SourceText, found: Expansion) -> ComposedText:
        if not sheet.is_substituted:
            return verbatim(sheet, found)
        return Composer(sheet, self.substitution, self.shared.lookups, found).compose()


def derive_fields(values: Mapping[str, Any], kind: type[Resource], makers: Mapping[str, Converter]) -> dict[str, Body]:
    """The parts that are made from others: because they are unstated, or because they are stated as `auto`."""
    made = dict[str, Body]()
    for word, (source, maker) in kind.derived_fields.items():
        if word not in values and source in values and maker in makers:
            made[word] = _made(maker, makers[maker], values[source])
    for word, (source, maker) in kind.generated_on_auto.items():
        origin = made.get(source, values.get(source))
        if word in values and values[word].is_auto and origin is not None and maker in makers:
            made[word] = _made(maker, makers[maker], origin)
    return made


def _made(name: str, maker: Converter, source: Body) -> Body:
    def made() -> str:
        try:
            return maker(source.text(), source.file or "")
        except ManifestError as error:
            raise ManifestError(_traced(finding, source) for finding in error.findings) from None

    return Body(made, source.file, made_by=name)


def _traced(finding: Finding, source: Body) -> Finding:
    """What is wrong with a woven source, where that was written; an include has places of its own."""
    place = finding.location
    if not source.origin or not place or not place.line or not place.column or place.file != (source.file or ""):
        return finding
    spot = source.origin.spot(place.line, place.column)
    return replace(finding, message=finding.message + spot.inside, location=spot.location)
