"""Base models of entries: what a manifest may set of one resource."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mjsync.resources.field_roles import TRIMMED, FieldSpec, NotSent, Wire


class EntryModel(BaseModel):
    """What a manifest may set in one entry of a section."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    protect: Annotated[bool, NotSent()] = Field(default=False, description="Never deleted or replaced.")

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            message = "has no value"
            raise ValueError(message)
        return value

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Keys that the object had before."""
        return ()

    def values(self, handle: str) -> dict[str, Any]:
        """Return the stated fields in manifest words, identity included; bodies are not read."""
        del handle
        stated = self.model_dump(exclude_unset=True, by_alias=True)
        return {word: value for word, value in stated.items() if not field_specs(type(self))[word].role(NotSent)}


class NamedEntry(EntryModel):
    """An entry whose object people name; the name can be changed in place."""

    name: Annotated[str, Wire("Name"), TRIMMED] = Field(
        default="",
        min_length=1,
        description="The remote name; the handle where unstated.",
        examples=["Weekly newsletter"],
    )
    renamed_from: Annotated[tuple[str, ...], NotSent()] = Field(
        default=(),
        description="Former remote names: such an object is renamed in place, its id and people kept.",
        examples=[["Newsletter"]],
    )

    @field_validator("renamed_from", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Former remote names."""
        return self.renamed_from

    def values(self, handle: str) -> dict[str, Any]:
        """Return the stated fields; the remote name is always stated."""
        stated = super().values(handle)
        return {"name": self.name or handle, **{word: value for word, value in stated.items() if word != "name"}}


def stated_fields(model: EntryModel) -> frozenset[str]:
    """Return the fields that a manifest states, by their names in manifests."""
    return frozenset(type(model).model_fields[name].alias or name for name in model.model_fields_set)


@cache
def field_specs(model: type[EntryModel]) -> Mapping[str, FieldSpec]:
    """Return the fields by their names in manifests, in the order of the class."""
    return {
        info.alias or name: FieldSpec(info.alias or name, tuple(info.metadata))
        for name, info in model.model_fields.items()
    }
