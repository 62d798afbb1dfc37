"""Texts as somebody wrote them: in a file that a manifest points to, or in a field of the manifest itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.models import validate_model
from mjsync.manifest.composition.placeholders import Expansion
from mjsync.manifest.loading.files import Tree, read_text, resolve_path
from mjsync.resources.body import SourcePosition

BYTE_ORDER_MARK = "\ufeff"


class BodyFile(BaseModel):
    """`{file: …}`, and whether placeholders in the file are replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(min_length=1)]
    substitute: bool = False


@dataclass(frozen=True, slots=True)
class SourceText:
    """One text; `place` is the field of a manifest that holds it, or a file without line and column.

    `is_substituted` says whether its placeholders are replaced.
    """

    text: str
    location: Location
    is_substituted: bool = True

    @property
    def file(self) -> str | None:
        """The file that it is the whole of."""
        return None if self.location.line else self.location.file

    def position_at(self, offset: int) -> SourcePosition:
        """Where the character at an offset stands; a byte order mark takes no column."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        column -= line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        return (
            SourcePosition(self.location, line, column)
            if self.location.line
            else SourcePosition(Location(self.location.file, line, column))
        )

    def problems(self, found: Expansion) -> list[Finding]:
        """What is wrong with its placeholders, each where it stands."""
        spots = [self.position_at(offset) for offset in found.offsets]
        return [_inside(problem, spot) for problem, spot in zip(found.problems, spots, strict=True)]


def read_source(tree: Tree, value: Any, at: Callable[[str], Location]) -> SourceText | list[Finding]:
    """The text that a string or `{file: …}` stands for, or what is wrong with it; `at` gives the place of its keys."""
    if isinstance(value, str):
        return SourceText(value, at(""))
    settings = validate_model(BodyFile, value, at)
    if isinstance(settings, list):
        return settings
    place = at("file")
    path = resolve_path(place.file, settings.file)
    if path is None:
        message = f"{settings.file!r} leads out of the project folder"
        return [Finding("outside-project", message, "Keep body files inside the project.", location=place)]
    try:
        return SourceText(read_text(tree, path), Location(path), settings.substitute)
    except ManifestError as error:
        return [_pointed(finding, place) for finding in error.findings]


def _inside(finding: Finding, spot: SourcePosition) -> Finding:
    return Finding(
        finding.code, finding.message + spot.inside, finding.way_out, finding.severity, location=spot.location
    )


def _pointed(finding: Finding, place: Location) -> Finding:
    """A complaint about a whole file, at the place that names it; one about a line of it stays there."""
    return finding if finding.location and finding.location.line else finding.at(place)
