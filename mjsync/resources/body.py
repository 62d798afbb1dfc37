"""Text parts of a template, which are read when they are needed and never kept in memory."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from mjsync.errors import Location
from mjsync.resources.address import Address

AUTO = "auto"
"""The text of a part that is generated from another."""


class SourcePosition(NamedTuple):
    """Where a character was written: at a place of a file, or inside a text of a manifest at the place.

    `line` and `column` count inside such a text; both are 0 where the location is enough.
    """

    location: Location
    line: int = 0
    column: int = 0

    @property
    def inside(self) -> str:
        """What a message adds to say where inside the text; nothing for its first character."""
        return f" (line {self.line}, column {self.column})" if (self.line, self.column) > (1, 1) else ""


class SourceMap(Protocol):
    """Maps the characters of a text to where they were written."""

    def spot(self, line: int, column: int) -> SourcePosition:
        """Return where the character at a line and column of the text was written."""

    def cause(self, line: int, column: int) -> str:
        """Return the shared part or placeholder that a character comes from, as `part.footer`; empty for none."""

    def parts(self) -> Iterator[tuple[Address, Location]]:
        """Return the shared parts that the text is made of, and where each is named."""


class Body:
    """One text part; its text comes from the manifest, a file, or another part.

    `text` reads it, with references to ids in it, and raises ManifestError where its file no longer exists. `file` is
    the path relative to the project, where there is one; `made_by` names what makes it from another part. `trace` says
    where its characters come from, where that is not the file as it is.
    """

    __slots__ = ("_source_map", "_trace", "file", "made_by", "text")

    def __init__(
        self,
        text: Callable[[], str],
        file: str | None = None,
        made_by: str = "",
        trace: Callable[[], SourceMap] | None = None,
    ) -> None:
        self.text = text
        self.file = file
        self.made_by = made_by
        self._trace = trace
        self._source_map: SourceMap | None = None

    @property
    def source_map(self) -> SourceMap | None:
        """Where its characters come from, which is found out at the first question; None where it is the file."""
        if self._source_map is None and self._trace:
            self._source_map = self._trace()
        return self._source_map

    @classmethod
    def inline(cls, text: str) -> "Body":
        """Return a part whose text is in the manifest itself."""
        return cls(lambda: text)

    def spot(self, line: int, column: int, stated: Location) -> SourcePosition:
        """Return where a line and column of the text were written; a generated text has none. `stated` is the field."""
        if self.source_map:
            return self.source_map.spot(line, column)
        if self.file is None:
            return SourcePosition(stated, line, column)
        return (
            SourcePosition(Location(self.file)) if self.made_by else SourcePosition(Location(self.file, line, column))
        )

    @property
    def is_auto(self) -> bool:
        """Whether the part is to be generated from another."""
        return not self.file and not self.made_by and self.text() == AUTO

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_as_body)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = handler(core_schema.str_schema())
        file = {
            "type": "object",
            "properties": {
                "file": {"type": "string", "description": "Path relative to the manifest that names it."},
                "substitute": {
                    "type": "boolean",
                    "description": "Replace ${var.x} and ${id.…} in the file too.",
                },
            },
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"anyOf": [text, file]}


class ReadOnlyText(str):
    """Text that stands for a live value no manifest can state: shown and compared, never written."""

    __slots__ = ()


def _as_body(value: Any) -> Body:
    if isinstance(value, Body):
        return value
    if isinstance(value, str):
        return Body.inline(value)
    message = "Input should be a string or a mapping with the key 'file'"
    raise ValueError(message)


def read_bodies(value: Any) -> Any:
    """Return the value with every Body in it replaced by its text."""
    if isinstance(value, Body):
        return value.text()
    if isinstance(value, Mapping):
        return {key: read_bodies(inner) for key, inner in value.items()}
    return value
