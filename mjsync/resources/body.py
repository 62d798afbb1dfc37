"""Text parts of a template: read when they are needed, never held by a manifest."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

AUTO = "auto"
"""The text that asks for a part to be made from another."""


class Body:
    """One text part; its text comes from the manifest, a file, or another part.

    `file` is the path relative to the project, where there is one; `made_by` names what makes it from another part.
    """

    __slots__ = ("_read", "file", "made_by")

    def __init__(self, read: Callable[[], str], file: str | None = None, made_by: str = "") -> None:
        self._read = read
        self.file = file
        self.made_by = made_by

    @classmethod
    def inline(cls, text: str) -> "Body":
        """A part whose text stands in the manifest itself."""
        return cls(lambda: text)

    def text(self) -> str:
        """The text, with references to ids in it. Raises ManifestError where a file went away since it was checked."""
        return self._read()

    @property
    def is_auto(self) -> bool:
        """Whether the manifest asks for the part to be made."""
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


class Unwritable(str):
    """Text that stands for a live value no manifest can state: shown and compared, never written."""

    __slots__ = ()


def _as_body(value: Any) -> Body:
    if isinstance(value, Body):
        return value
    if isinstance(value, str):
        return Body.inline(value)
    message = "Input should be a string or a mapping with the key 'file'"
    raise ValueError(message)


def loaded(value: Any) -> Any:
    """The value with every Body in it replaced by its text."""
    if isinstance(value, Body):
        return value.text()
    if isinstance(value, Mapping):
        return {key: loaded(inner) for key, inner in value.items()}
    return value
