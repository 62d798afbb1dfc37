"""Text parts that manifests point to: found, checked once, and read again when they are needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.checking import checked
from mjsync.manifest.substitution import Found, Lookup, Substitution, check
from mjsync.manifest.tree import Tree, joined, text_of
from mjsync.resources.base import Resource
from mjsync.resources.body import Body

Maker = Callable[[str, str], str]
"""Makes one part from another: source text and the file it stands in, to text. Raises ManifestError."""


class BodyFile(BaseModel):
    """`{file: …}`, and whether placeholders in the file are replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(min_length=1)]
    substitute: bool = False


def body_words(kind: type[Resource]) -> frozenset[str]:
    """The words of a kind that hold a text part."""
    return frozenset(
        info.alias or name
        for name, info in kind.model_fields.items()
        if Body in (info.annotation, *get_args(info.annotation))
    )


@dataclass(frozen=True, slots=True)
class Bodies:
    """Reads text parts from a tree of files."""

    tree: Tree
    substitution: Substitution

    def looking_up(self, lookups: Mapping[str, Lookup]) -> "Bodies":
        """The same, with these words in placeholders too."""
        return Bodies(self.tree, self.substitution.looking_up(lookups))

    def body(self, value: Any, at: Callable[[str], Place], found: Found) -> Body | list[Finding]:
        """The part that `{file: …}` stands for, or what is wrong with it; `at` gives the place of its keys."""
        settings = checked(BodyFile, value, at)
        if isinstance(settings, list):
            return settings
        place = at("file")
        path = joined(place.file, settings.file)
        if path is None:
            message = f"{settings.file!r} leads out of the project folder"
            return [Finding("outside-project", message, "Keep body files inside the project.", place=place)]
        try:
            text = text_of(self.tree, path)
        except ManifestError as error:
            return [_pointed(finding, place) for finding in error.findings]
        inside = Found()
        if settings.substitute:
            self.substitution.apply(text, inside)
        else:
            check(text, inside)
        found.references += inside.references
        found.unset |= inside.unset
        found.from_environment |= inside.from_environment
        if inside.problems:
            spots = zip(inside.problems, inside.offsets, strict=True)
            return [problem.at(_place_in(path, text, offset)) for problem, offset in spots]
        if not settings.substitute:
            return Body(lambda: text_of(self.tree, path), path)
        return Body(lambda: self.substitution.apply(text_of(self.tree, path), Found()), path)


def derived(values: Mapping[str, Any], kind: type[Resource], makers: Mapping[str, Maker]) -> dict[str, Body]:
    """The parts that are made from others: because they are unstated, or because they are stated as `auto`."""
    made = dict[str, Body]()
    for word, (source, maker) in kind.derives.items():
        if word not in values and source in values and maker in makers:
            made[word] = _made(maker, makers[maker], values[source])
    for word, (source, maker) in kind.makes_on_request.items():
        origin = made.get(source, values.get(source))
        if word in values and values[word].is_auto and origin is not None and maker in makers:
            made[word] = _made(maker, makers[maker], origin)
    return made


def _made(name: str, maker: Maker, source: Body) -> Body:
    return Body(lambda: maker(source.text(), source.file or ""), source.file, made_by=name)


def _pointed(finding: Finding, place: Place) -> Finding:
    """A complaint about a whole file, at the place that names it; one about a line of it stays there."""
    return finding if finding.place and finding.place.line else finding.at(place)


def _place_in(path: str, text: str, offset: int) -> Place:
    """Line and column of an offset."""
    return Place(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
