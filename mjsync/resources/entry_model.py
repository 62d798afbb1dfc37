"""Base models of entries, and the roles of their fields: names in Mailjet's JSON, comparison, references.

A role is put beside the type: `url: Annotated[str, Wire("Url"), SecretUrl()]`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from mjsync.resources.body import Body

Role = TypeVar("Role")


def _as_it_is(value: Any) -> Any:
    return value


class Wire(NamedTuple):
    """The field's name in Mailjet's JSON, and how its values are spelled there."""

    name: str
    encode: Callable[[Any], Any] = _as_it_is
    decode: Callable[[Any], Any] = _as_it_is


class Key:
    """Part of what identifies an object within its kind; the first such field is the handle where it is unstated."""


class NoOuterBlanks:
    """Manifests must write the text without blanks around it: Mailjet may or may not keep them."""


class NotSent:
    """A setting of mjsync itself: it is neither sent nor compared."""


class FormerKey(NamedTuple):
    """The key that the field had in manifests before: read, with a warning, until a major version removes it.

    `values` are the values of that key to those of the field; if there are any, another one was never valid, and the
    key is not read. `since` is the version that renamed it.
    """

    key: str
    since: str
    values: Mapping[Any, Any] = {}

    def value_of(self, old: Any) -> Any:
        """Return the field's value for one of the former key; None where it has none."""
        is_known = not isinstance(old, bool | dict | list) and old in self.values  # True would be found as 1
        return self.values.get(old) if is_known else None if self.values else old


class CreateOnly(NamedTuple):
    """Set when the object is created; `why` is the reason that it cannot be changed afterwards."""

    why: str


class Normalize(NamedTuple):
    """Values with the same normal form are equal; applied to both sides. `rule` is a sentence for reviewers.

    Values of another type than `types` have no normal form, and stay as they are.
    """

    rule: str
    normalize: Callable[[Any], Any]
    types: type | tuple[type, ...] = str


class MultilineText:
    """Long text, shown as a diff by line."""


class SegmentExpression:
    """A condition on contacts: reports say it in words too."""


class ShownInMail:
    """Part of the mail that reviewers must see: it may contain no value of the environment."""


class SecretUrl:
    """A URL that may contain a password or a token: masked wherever it is shown."""


class RefersTo(NamedTuple):
    """Text that names resources of another kind by their remote names; gives the order."""

    kind: str
    names: Callable[[str], Iterable[str]]


class VerifiedBy(NamedTuple):
    """A value, or one part of it, that a read-only kind should know; a plan warns where it does not."""

    kind: str
    part: str = ""


class FieldSpec(NamedTuple):
    """One field of a kind: its name in manifests and its roles."""

    name: str
    roles: tuple[Any, ...]

    def role(self, role: type[Role]) -> Role | None:
        """Return the field's role of one sort, if it has it."""
        for mark in self.roles:
            if isinstance(mark, role):
                return mark
        return None

    def normalized(self, value: Any) -> Any:
        """Normalize a value for comparison: null, '' and [] are equal; then the rules of the field apply."""
        for mark in self.roles:
            if isinstance(mark, Normalize) and isinstance(value, mark.types):
                value = mark.normalize(value)
        return None if isinstance(value, (str, list, dict, tuple)) and not value else value


TRIMMED = Normalize("outer blanks do not count", str.strip)
LINE_ENDS = Normalize("LF and CRLF are equal", lambda text: text.replace("\r\n", "\n") if "\r" in text else text)
UNORDERED = Normalize("order does not count", lambda values: sorted(set(values)), (list, tuple))


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
        return getattr(self, RENAMED_FROM, ())

    def values(self, handle: str) -> dict[str, Any]:
        """Return the stated fields as in manifests, identity included; bodies are not read."""
        dumped = self.model_dump(exclude_unset=True, by_alias=True)
        not_sent, first = fields_with(type(self), NotSent), next(iter(fields_with(type(self), Key)))
        stated = {name: value for name, value in dumped.items() if name not in not_sent}
        key = {first: stated.get(first) or handle}
        return key | stated | key


RENAMED_FROM = "renamed_from"
"""The field of former keys, in the models of kinds whose first key field can be changed in place."""


FormerNames = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    NotSent(),
    Field(
        description="Former remote names: such an object is renamed in place, its id and people kept.",
        examples=[["Newsletter"]],
    ),
]
"""The type of `renamed_from`: one name or several."""


class NamedEntry(EntryModel):
    """An entry whose object people name; the name can be changed in place."""

    name: Annotated[str, Wire("Name"), TRIMMED, NoOuterBlanks(), Key()] = Field(
        default="",
        min_length=1,
        description="The remote name; the handle where unstated.",
        examples=["Weekly newsletter"],
    )
    renamed_from: FormerNames = ()


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


@cache
def fields_with(model: type[EntryModel], role: type[Role]) -> Mapping[str, Role]:
    """Return the fields that have a role, each with its role, in the order of the class."""
    return {name: found for name, spec in field_specs(model).items() if (found := spec.role(role))}


def referenced_names(model: type[EntryModel], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each (kind, remote name) that the text of these fields names; bodies are read already."""
    for field_name in fields_with(model, RefersTo):
        text = values.get(field_name)
        for role in field_specs(model)[field_name].roles:
            if isinstance(role, RefersTo) and isinstance(text, str):
                yield from ((role.kind, name) for name in role.names(text))


@cache
def body_fields(model: type[EntryModel]) -> frozenset[str]:
    """Return the fields that contain a text part of a mail."""
    return frozenset(
        info.alias or name
        for name, info in model.model_fields.items()
        if Body in (info.annotation, *get_args(info.annotation))
    )
