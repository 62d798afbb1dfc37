"""Texts as somebody wrote them: in a file that a manifest points to, or in a field of the manifest itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.composition.models import checked
from mjsync.manifest.composition.placeholders import Found
from mjsync.manifest.loading.files import Tree, joined, text_of
from mjsync.resources.body import Spot

BYTE_ORDER_MARK = "\ufeff"


class BodyFile(BaseModel):
    """`{file: …}`, and whether placeholders in the file are replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(min_length=1)]
    substitute: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One text; `place` is the field of a manifest that holds it, or a file without line and column.

    `is_substituted` says whether its placeholders are replaced.
    """

    text: str
    place: Place
    is_substituted: bool = True

    @property
    def file(self) -> str | None:
        """The file that it is the whole of."""
        return None if self.place.line else self.place.file

    def spot(self, offset: int) -> Spot:
        """Where the character at an offset stands; a byte order mark takes no column."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        column -= line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        return Spot(self.place, line, column) if self.place.line else Spot(Place(self.place.file, line, column))

    def problems(self, found: Found) -> list[Finding]:
        """What is wrong with its placeholders, each where it stands."""
        spots = [self.spot(offset) for offset in found.offsets]
        return [_inside(problem, spot) for problem, spot in zip(found.problems, spots, strict=True)]


def sheet_of(tree: Tree, value: Any, at: Callable[[str], Place]) -> Sheet | list[Finding]:
    """The text that a string or `{file: …}` stands for, or what is wrong with it; `at` gives the place of its keys."""
    if isinstance(value, str):
        return Sheet(value, at(""))
    settings = checked(BodyFile, value, at)
    if isinstance(settings, list):
        return settings
    place = at("file")
    path = joined(place.file, settings.file)
    if path is None:
        message = f"{settings.file!r} leads out of the project folder"
        return [Finding("outside-project", message, "Keep body files inside the project.", place=place)]
    try:
        return Sheet(text_of(tree, path), Place(path), settings.substitute)
    except ManifestError as error:
        return [_pointed(finding, place) for finding in error.findings]


def _inside(finding: Finding, spot: Spot) -> Finding:
    return Finding(finding.code, finding.message + spot.inside, finding.way_out, finding.severity, place=spot.place)


def _pointed(finding: Finding, place: Place) -> Finding:
    """A complaint about a whole file, at the place that names it; one about a line of it stays there."""
    return finding if finding.place and finding.place.line else finding.at(place)
