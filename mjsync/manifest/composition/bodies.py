"""Read the text parts of mails: from a field or a file, expanded, or made from another part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.expand import Expanded, Expander, SourceText
from mjsync.manifest.loading.document import validate_model
from mjsync.manifest.loading.files import Tree, read_text, resolve_path
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import Body, SourcePosition

Converter = Callable[[str, str], str]
"""Makes one part from another: source text and the file it is in, to text. Raises ManifestError."""


class BodyFile(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """`{file: …}`, and whether placeholders in the file are replaced."""

    file: Annotated[str, Field(min_length=1)]
    substitute: bool = False


@cache
def body_words(kind: Kind) -> frozenset[str]:
    """Return the fields of a kind that contain a text part."""
    return frozenset(
        info.alias or name
        for name, info in kind.model.model_fields.items()
        if Body in (info.annotation, *get_args(info.annotation))
    )


def read_source(tree: Tree, value: Any, location_of: Callable[[str], Location]) -> SourceText:
    """Read the text of a string or of `{file: …}`; `location_of` locates its keys. Raises ManifestError."""
    if isinstance(value, str):
        return SourceText(value, location_of(""))
    settings = validate_model(BodyFile, value, location_of)
    location = location_of("file")
    path = resolve_path(location.file, settings.file)
    if path is None:
        message = f"{settings.file!r} leads out of the project folder"
        raise ManifestError(
            [Finding("outside-project", message, "Keep body files inside the project.", location=location)]
        )
    return SourceText(read_named_text(tree, path, location), Location(path), settings.substitute)


def read_named_text(tree: Tree, path: str, named_at: Location) -> str:
    """Read a file that a manifest names; an error about the whole file is located where it is named."""
    try:
        return read_text(tree, path)
    except ManifestError as error:
        raise ManifestError(
            finding if finding.location and finding.location.line else finding.at(named_at)
            for finding in error.findings
        ) from None


def read_body(tree: Tree, expander: Expander, source: SourceText) -> tuple[Body, Expanded]:
    """Expand a text part; the body reads its file again when its text is needed, and keeps none in memory."""
    expanded = expander.expand(source)
    file = source.file
    if file is None:
        return Body(lambda: expanded.text, origin=_SourceMap(lambda: expanded)), expanded
    if not source.has_placeholders:
        return Body(lambda: read_text(tree, file), file), expanded

    def expand_again() -> Expanded:
        return expander.expand(SourceText(read_text(tree, file), Location(file)))

    return Body(lambda: expand_again().text, file, origin=_SourceMap(expand_again)), expanded


@dataclass(slots=True)
class _SourceMap:
    """Finds where the characters of a body were written; the text is expanded again at the first question."""

    expand: Callable[[], Expanded]
    _expanded: Expanded | None = None

    def spot(self, line: int, column: int) -> SourcePosition:
        """Return where the character at a line and column of the text was written."""
        expanded = self._again()
        return expanded.position_at_offset(expanded.offset(line, column))

    def cause(self, line: int, column: int) -> str:
        """Return the placeholder that a character comes from, as `part.footer`; empty where it is in the body."""
        expanded = self._again()
        return expanded.span_at(expanded.offset(line, column)).placeholder

    def parts(self) -> tuple[tuple[Address, Location], ...]:
        """Return the shared parts in the text, and where each is named."""
        return tuple(self._again().parts())

    def _again(self) -> Expanded:
        if self._expanded is None:
            self._expanded = self.expand()
        return self._expanded


def derive_bodies(values: Mapping[str, Any], kind: Kind, converters: Mapping[str, Converter]) -> dict[str, Body]:
    """Return the parts that are made from others: because they are not stated, or because they are stated as `auto`."""
    derived = dict[str, Body]()
    for word, (source, converter) in kind.derived_fields.items():
        if word not in values and source in values and converter in converters:
            derived[word] = _converted(converter, converters[converter], values[source])
    for word, (source, converter) in kind.generated_on_auto.items():
        origin = derived.get(source, values.get(source))
        if word in values and values[word].is_auto and origin is not None and converter in converters:
            derived[word] = _converted(converter, converters[converter], origin)
    return derived


def _converted(name: str, convert: Converter, source: Body) -> Body:
    def read() -> str:
        try:
            return convert(source.text(), source.file or "")
        except ManifestError as error:
            raise ManifestError(_traced(finding, source) for finding in error.findings) from None

    return Body(read, source.file, made_by=str(getattr(convert, "label", name)))


def _traced(finding: Finding, source: Body) -> Finding:
    """Return a finding in an expanded source, located where that was written; an include has locations of its own."""
    at = finding.location
    if not source.origin or not at or not at.line or not at.column or at.file != (source.file or ""):
        return finding
    position = source.origin.spot(at.line, at.column)
    return replace(finding, message=finding.message + position.inside, location=position.location)
