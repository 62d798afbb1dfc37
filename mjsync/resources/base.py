"""What every kind is made of: its declaration, its fields, its four verbs."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mjsync.errors import BadAnswer
from mjsync.resources.body import read_bodies
from mjsync.resources.field_roles import CreateOnly, FieldSpec, NotSent, SecretUrl, Wire
from mjsync.resources.live import Count, Live, Problem, Reader, Row, Values, Writer


class Resource(BaseModel):
    """One entry of a section: what a manifest states of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: ClassVar[str]
    """The word in addresses."""
    section: ClassVar[str] = ""
    """The word in manifests; empty for a kind that is only read."""
    endpoint: ClassVar[str]
    """The path of its collection, below the REST root."""
    order: ClassVar[int]
    """Its place among the kinds where nothing else decides."""
    filters: ClassVar[Mapping[str, str]] = {}
    """What its listing asks for; checked again here, since Mailjet ignores a filter it does not know."""
    example: ClassVar[Mapping[str, Any]] = {}
    """A handle and an entry, for the reference pages and the tests."""
    has_content: ClassVar[bool] = False
    """Whether a second endpoint holds a part of it, one request an object."""
    undelete_fields: ClassVar[Row] = {}
    """The wire fields that bring a soft-deleted object back."""
    soft_deleted_keeps_name: ClassVar[bool] = False
    """Whether a soft-deleted object still holds its name."""
    names_ignore_case: ClassVar[bool] = False
    """Whether two handles whose names differ in case alone are refused."""
    identity: ClassVar[frozenset[str]] = frozenset()
    """The fields that tell it from others of its kind, now or formerly: no two entries share them."""
    shorthand: ClassVar[str] = ""
    """The field that an entry may state alone, without its key."""
    contact_noun: ClassVar[str] = "contacts"
    """What the people are called that deleting it touches."""
    contact_count_field: ClassVar[str] = ""
    """The wire field of the listing that counts them, where there is one."""
    builtin_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that a fresh account holds: deleted only by a tombstone."""
    similarity_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that, equal on a delete and a create, look like a rename nobody stated."""
    derived_fields: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Field to the field it is made from when unstated, and the name of what makes it."""
    generated_on_auto: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Field to the field it is made from where its text is `auto`, and the name of what makes it."""

    locale_word: ClassVar[str] = ""
    """The field that says its language, of a kind that one entry may declare once for each locale."""

    protect: Annotated[bool, NotSent()] = Field(default=False, description="Never deleted or replaced.")

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            message = "has no value"
            raise ValueError(message)
        return value

    # --- identity

    @classmethod
    def key_of(cls, handle: str, values: Values) -> str:
        """What tells this object from others of its kind."""
        raise NotImplementedError

    @classmethod
    def tombstone_key(cls, name: str) -> str:
        """What a tombstone's name, and the name of a live object, must agree in."""
        return name

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Keys this object had before."""
        return ()

    def values(self, handle: str) -> dict[str, Any]:
        """The stated fields in manifest words, identity included; bodies not yet read."""
        del handle
        stated = self.model_dump(exclude_unset=True, by_alias=True)
        return {word: value for word, value in stated.items() if not self.spec(word).role(NotSent)}

    @classmethod
    def from_shorthand(cls, value: Any) -> Any:
        """An entry's short form written out."""
        return {cls.shorthand: value} if cls.shorthand and isinstance(value, str) else value

    # --- fields

    @classmethod
    @cache
    def specs(cls) -> Mapping[str, FieldSpec]:
        """Manifest word to field, in the order of the class."""
        return {
            info.alias or name: FieldSpec(info.alias or name, tuple(info.metadata))
            for name, info in cls.model_fields.items()
        }

    @classmethod
    def spec(cls, path: str) -> FieldSpec:
        """The field a dotted path belongs to."""
        return cls.specs()[path.partition(".")[0]]

    @classmethod
    def defaults(cls, stated: frozenset[str]) -> Mapping[str, Any]:
        """What each field that may be left unstated is then created with, beside those that are stated."""
        del stated
        return {info.alias or name: info.default for name, info in cls.model_fields.items() if not info.is_required()}

    @classmethod
    def from_wire(cls, row: Row, content: Row | None = None) -> Live:
        """The live object in manifest words; fields that no manifest can state are left in its row.

        Raises BadAnswer where it has no id: nothing could be said of it, or done to it.
        """
        if not str(row.get("ID")).isdecimal():
            message = "what came back holds an object without an id"
            raise BadAnswer(message, "Try again; if it stays, check what stands between here and Mailjet.")
        fields = {
            word: wire.decode(row.get(wire.name))
            for word, spec in cls.specs().items()
            if (wire := spec.role(Wire)) and wire.name in row
        }
        return Live(cls.kind, int(row["ID"]), cls.live_key(fields), cls.live_name(fields), fields, row, content)

    @classmethod
    def live_key(cls, fields: Values) -> str:
        """The key of a live object."""
        return cls.key_of("", fields)

    @classmethod
    def live_name(cls, fields: Values) -> str:
        """What people call a live object."""
        return cls.live_key(fields)

    @classmethod
    def to_wire(cls, values: Values) -> dict[str, Any]:
        """Stated values in Mailjet's JSON."""
        return {
            wire.name: wire.encode(read_bodies(values[word]))
            for word, spec in cls.specs().items()
            if (wire := spec.role(Wire)) and word in values
        }

    @classmethod
    def is_live(cls, row: Row) -> bool:
        """Whether a row of the listing is there for good, and this key's own."""
        del row
        return True

    @classmethod
    def is_editable(cls, word: str) -> bool:
        """Whether the field can be changed after creation."""
        return cls.spec(word).role(CreateOnly) is None

    @classmethod
    def has_credentials(cls, path: str) -> bool:
        """Whether the field is a URL that may hold a password or a token."""
        return cls.spec(path).role(SecretUrl) is not None

    # --- judgements, for validation and plans

    @classmethod
    def problems(cls, handle: str, values: Values) -> Iterator[Problem]:
        """What is wrong with an entry beyond the types of its fields."""
        del handle
        for word in ("name", "description"):
            if (text := values.get(word, "x")) != text.strip():
                yield Problem(word, f"{word} has blanks around it", "Remove them: Mailjet may or may not keep them.")

    @classmethod
    def live_warnings(cls, live: Live) -> Iterator[Problem]:
        """What reviewers should know of a live object, though no manifest can change it."""
        del live
        return iter(())

    @classmethod
    def unmanageable_fields(cls, live: Live) -> Iterator[Problem]:
        """The fields of a live object that no manifest can state, each with the reason."""
        del live
        return iter(())

    @classmethod
    def change_notes(cls, changed: frozenset[str], values: Values, live: Live) -> Iterator[str]:
        """What reviewers should know of a change to these fields."""
        del changed, values, live
        return iter(())

    @classmethod
    def write_notes(cls, values: Values) -> Iterator[str]:
        """What reviewers should know of any write of these values."""
        del values
        return iter(())

    @classmethod
    def is_similar(cls, live: Live, values: Values) -> bool:
        """Whether what is deleted and what is created look like one object that nobody said was renamed."""
        return any(
            (folded := cls.spec(word).normalized(read_bodies(values.get(word)))) is not None
            and folded == cls.spec(word).normalized(live.fields.get(word))
            for word in cls.similarity_fields
        )

    @classmethod
    def conflict(cls, live: Live, values: Values, changed: frozenset[str]) -> Problem | None:
        """Why these changes would overwrite work that the manifests do not know of; `about` is the guard's code."""
        del live, values, changed
        return None

    @classmethod
    def affected_contacts(cls, reader: Reader, live: Live, limit: int) -> Count | None:
        """How many people deleting it touches; counting may stop beyond the limit. None: this kind touches nobody."""
        del reader, live, limit
        return None

    @classmethod
    def backup_rows(cls, reader: Reader, live: Live, start: int) -> Iterator[Mapping[str, Any]]:
        """What its people hold, for a backup: rows of contact_id and email, name or value, from row `start` on."""
        del reader, live, start
        return iter(())

    @classmethod
    def loss_on_delete(cls, live: Live) -> str:
        """What deleting it loses for good; empty where it can be made again."""
        del live
        return ""

    @classmethod
    def verifies(cls, value: str, known: Iterable[Live]) -> bool:
        """Whether one of the live objects stands behind a value; asked of read-only kinds."""
        del value, known
        return True

    @classmethod
    def unverified_message(cls, value: str) -> tuple[str, str]:
        """What a plan warns of when nothing vouches for a value, and the way out."""
        return (f"{value} is not known to this account", "")

    # --- verbs, overridden only where Mailjet is odd

    @classmethod
    def list_live(cls, reader: Reader) -> Iterator[Live]:
        """Every live object, without its content."""
        return (cls.from_wire(row) for row in reader.rows(cls.endpoint, cls.filters) if cls.is_live(row))

    @classmethod
    def list_soft_deleted(cls, reader: Reader) -> Iterator[Live]:
        """Every soft-deleted object that could come back."""
        del reader
        return iter(())

    @classmethod
    def with_content(cls, reader: Reader, live: Live) -> Live:
        """The same object with its content."""
        del reader
        return live

    @classmethod
    def fetch(cls, reader: Reader, live: Live) -> Live:
        """The object as it is now, content included. Raises NotFound, also where it is soft-deleted."""
        return cls.with_content(reader, cls.from_wire(reader.get(f"{cls.endpoint}/{live.id}")))

    @classmethod
    def create(cls, writer: Writer, values: Values) -> Live:
        """Create it; what Mailjet answered."""
        return cls.from_wire(writer.post(cls.endpoint, cls.to_wire(values)))

    @classmethod
    def update(cls, writer: Writer, live: Live, values: Values, changed: frozenset[str]) -> Live | None:
        """Change the fields named by `changed` (manifest words); what Mailjet answered, None for nothing changed."""
        body = cls.to_wire({word: value for word, value in values.items() if word in changed})
        row = writer.put(f"{cls.endpoint}/{live.id}", body)
        return None if row is None else cls.from_wire(row)

    @classmethod
    def delete(cls, writer: Writer, live: Live) -> None:
        """Delete it."""
        writer.delete(f"{cls.endpoint}/{live.id}")

    @classmethod
    def restore(cls, writer: Writer, live: Live, values: Values) -> Live | None:
        """Bring a soft-deleted object back, with the stated values."""
        row = writer.put(f"{cls.endpoint}/{live.id}", {**cls.to_wire(values), **cls.undelete_fields})
        return None if row is None else cls.from_wire(row)
