"""Resources that people name: the name is the key, and a rename keeps the object."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from mjsync.resources.base import Resource
from mjsync.resources.field_roles import TRIMMED, NotSent, Wire
from mjsync.resources.live import Values


class NamedResource(Resource):
    """A resource that people name: the name is its key, and it can be renamed in place."""

    identity = frozenset({"name", "renamed_from"})

    name: Annotated[str, Wire("Name"), TRIMMED] = Field(
        default="", min_length=1, description="The remote name; the handle where unstated."
    )
    renamed_from: Annotated[tuple[str, ...], NotSent()] = Field(
        default=(),
        description="Former remote names: such an object is renamed in place, its id and people kept.",
    )

    @field_validator("renamed_from", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @classmethod
    def key_of(cls, handle: str, values: Values) -> str:
        """The remote name; the handle where none is stated."""
        return str(values.get("name") or handle)

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Former remote names."""
        return self.renamed_from

    def values(self, handle: str) -> dict[str, Any]:
        """The stated fields; the remote name is always stated."""
        stated = super().values(handle)
        return {
            "name": self.name or handle,
            **{word: value for word, value in stated.items() if word != "name"},
        }
