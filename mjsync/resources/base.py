"""Base classes of kinds: operations, identity, requests and checks of a resource.

What a manifest may set of it is its `model`. There is one instance of each kind, in `mjsync.resources.KINDS`.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, ClassVar

from mjsync.errors import BadAnswer
from mjsync.resources.body import read_bodies
from mjsync.resources.entry_model import (
    RENAMED_FROM,
    CreateOnly,
    EntryModel,
    FieldSpec,
    Key,
    NoOuterBlanks,
    SecretUrl,
    Wire,
    field_specs,
    fields_with,
)
from mjsync.resources.live import Count, Live, Problem, Reader, Row, SoftDelete, Values, Writer


class Operation(Enum):
    """What mjsync may do to the objects of a kind, besides reading them; the value is the HTTP method."""

    CREATE = "POST"
    UPDATE = "PUT"
    DELETE = "DELETE"


class Kind:
    """One kind of resource: what it declares, and the requests that read and write it."""

    name: ClassVar[str]
    """The name in addresses."""
    noun: ClassVar[str] = ""
    """What readers of reports call its objects, where that is not the kind's name."""
    section: ClassVar[str] = ""
    """The section in manifests; empty for a kind that no manifest declares."""
    endpoint: ClassVar[str]
    """The path of its collection, below the REST root."""
    order: ClassVar[int]
    """The kind's position in plans, where no reference decides."""
    model: ClassVar[type[EntryModel]]
    """What an entry may set."""
    operations: ClassVar[frozenset[Operation]] = frozenset(Operation)
    """What mjsync may do to its objects; empty for a kind that is only read."""
    refusals: ClassVar[Mapping[Operation, str]] = {}
    """Why an operation is not among them: the end of an error message."""
    keys_ignore_case: ClassVar[bool] = False
    """Whether two entries whose keys differ only in case are refused."""
    other_calls: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Method and path of each further request that the kind makes; `{id}` stands for a number."""
    filters: ClassVar[Mapping[str, str]] = {}
    """Query of its listing; a row that has such a field with another text is left out: Mailjet may ignore a filter."""
    example: ClassVar[Mapping[str, Any]] = {}
    """A handle and an entry, for the reference pages and the tests."""
    content_path: ClassVar[str] = ""
    """The path of a second endpoint that has a part of it, one request more for each object; `{id}` is its id."""
    soft_delete: ClassVar[SoftDelete | None] = None
    """How deleted objects stay, where they do."""
    shorthand: ClassVar[str] = ""
    """The field that an entry may state alone, without its key."""
    contact_noun: ClassVar[str] = "contacts"
    """What the contacts that a delete affects are called in messages."""
    contact_count_field: ClassVar[str] = ""
    """The field of the listing that counts them, where there is one."""
    builtin_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that a fresh account has: deleted only by a tombstone."""
    similarity_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that suggest a rename without `renamed_from` where a delete and a create have equal values."""
    derived_fields: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Field to the field it is converted from when unstated, and the name of the converter."""
    generated_on_auto: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Field to the field it is converted from where its text is `auto`, and the name of the converter."""
    locale_field: ClassVar[str] = ""
    """The field with the language, of a kind of which one entry may declare one object for each locale."""

    # --- the declaration

    @property
    def title(self) -> str:
        """The kind's name in schemas."""
        return type(self).__name__

    @property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that identify an object within its kind, the first of them defaulting to the handle."""
        return tuple(fields_with(self.model, Key))

    @property
    def rename_field(self) -> str:
        """The key field that can be changed in place; empty where the model has no `renamed_from`."""
        return self.key_fields[0] if RENAMED_FROM in self.specs() else ""

    @property
    def identity_fields(self) -> frozenset[str]:
        """The fields that tell an object from others of its kind, now or formerly: no two entries share them."""
        return frozenset({*self.key_fields, *({RENAMED_FROM} & self.specs().keys())})

    def refusal(self, operation: Operation) -> str:
        """Return why mjsync does not do this to its objects, as the end of a sentence; empty where it does."""
        if operation in self.operations:
            return ""
        return self.refusals.get(operation, f"mjsync cannot {operation.name.lower()} {self.section or self.name}")

    @property
    def calls(self) -> Iterator[tuple[str, str]]:
        """Method and path below the REST root of every request that the kind may make; nothing else is sent."""
        one = f"{self.endpoint}/{{id}}"
        writes = {Operation.CREATE: self.endpoint, Operation.UPDATE: one, Operation.DELETE: one}
        yield from (("GET", self.endpoint), ("GET", one), *self.other_calls)
        yield from ((operation.value, writes[operation]) for operation in self.operations)

    # --- identity

    def key_of(self, handle: str, values: Values) -> str:
        """Return the key that identifies the object within its kind."""
        return str(values.get(self.key_fields[0]) or handle)

    def live_name(self, fields: Values) -> str:
        """Return the name of a live object for people."""
        return self.key_of("", fields)

    def tombstone_key(self, name: str) -> str:
        """Return the form of a name in which a tombstone and a live object are compared."""
        return name

    # --- fields

    def specs(self) -> Mapping[str, FieldSpec]:
        """Return the fields by their names in manifests, in the order of the model."""
        return field_specs(self.model)

    def spec(self, path: str) -> FieldSpec:
        """Return the field that a dotted path belongs to."""
        return self.specs()[path.partition(".")[0]]

    def from_shorthand(self, value: Any) -> Any:
        """Return an entry's short form written out."""
        return {self.shorthand: value} if self.shorthand and isinstance(value, str) else value

    def defaults(self, stated: frozenset[str]) -> Mapping[str, Any]:
        """Return the value that a create sends for each optional field, given the fields that are set."""
        fields = self.model.model_fields.items()
        return {info.alias or name: info.default for name, info in fields if not info.is_required()}

    @property
    def required_fields(self) -> frozenset[str]:
        """The fields without which nothing can be created."""
        return frozenset(self.specs()) - self.defaults(frozenset()).keys()

    def from_wire(self, row: Row, content: Row | None = None) -> Live:
        """Return the live object with the fields of manifests; those that no manifest can state are left in its row.

        Raises BadAnswer where it has no id: it could be neither reported nor changed.
        """
        if not str(row.get("ID")).isdecimal():
            message = "the answer contains an object without an id"
            raise BadAnswer(message, "Try again; if it stays, check the proxies between here and Mailjet.")
        wires = fields_with(self.model, Wire).items()
        fields = {field: wire.decode(row.get(wire.name)) for field, wire in wires if wire.name in row}
        key = self.key_of("", fields).strip()
        return Live(self.name, int(row["ID"]), key, self.live_name(fields), fields, row, content)

    def to_wire(self, values: Values) -> dict[str, Any]:
        """Return the values that are set in Mailjet's JSON."""
        wires = fields_with(self.model, Wire).items()
        return {wire.name: wire.encode(read_bodies(values[field])) for field, wire in wires if field in values}

    def is_live(self, row: Row) -> bool:
        """Return whether a row of the listing is not deleted, and is one that the filters ask for."""
        if self.soft_delete and row.get(self.soft_delete.marker) == self.soft_delete.value:
            return False
        return all(row[name] == value for name, value in self.filters.items() if isinstance(row.get(name), str))

    def is_editable(self, field: str) -> bool:
        """Return whether the field can be changed after creation."""
        return self.spec(field).role(CreateOnly) is None

    def has_credentials(self, path: str) -> bool:
        """Return whether the field is a URL that may contain a password or a token."""
        return self.spec(path).role(SecretUrl) is not None

    # --- checks, for validation and plans

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Yield what is wrong with an entry beyond the types of its fields."""
        for field in fields_with(self.model, NoOuterBlanks):
            text = values.get(field)
            if isinstance(text, str) and text != text.strip():
                yield Problem(field, f"{field} has blanks around it", "Remove them: Mailjet may or may not keep them.")

    def live_warnings(self, live: Live) -> Iterable[Problem]:
        """Return what reviewers should know of a live object, though no manifest can change it."""
        return ()

    def unmanageable_fields(self, live: Live) -> Iterable[Problem]:
        """Return the fields of a live object that no manifest can state, each with the reason."""
        return ()

    def change_warnings(self, changed: frozenset[str]) -> Iterable[Problem]:
        """Return what reviewers should be warned of in a change to these fields; `about` is the warning's code."""
        return ()

    def notes(self, values: Values, changed: frozenset[str]) -> Iterable[str]:
        """Return what reviewers should know of a write of these values that changes these fields."""
        return ()

    def conflict(self, live: Live, values: Values, changed: frozenset[str]) -> Problem | None:
        """Return why these changes would overwrite work that no manifest contains; `about` is the guard's code."""
        return None

    def unverified(self, value: str, known: Iterable[Live]) -> Problem | None:
        """Return a warning where none of the live objects confirms a value that has the role VerifiedBy this kind."""
        return None

    def is_similar(self, live: Live, values: Values) -> bool:
        """Return whether a deleted and a created object look like one that was renamed without stating it."""
        return any(
            (normalized := self.spec(field).normalized(read_bodies(values.get(field)))) is not None
            and normalized == self.spec(field).normalized(live.fields.get(field))
            for field in self.similarity_fields
        )

    def affected_contacts(self, reader: Reader, live: Live, limit: int) -> Count | None:
        """Count the contacts that a delete affects, not far beyond the limit; None where it can never affect any."""
        return None

    def backup_rows(self, reader: Reader, live: Live, start: int) -> Iterable[Mapping[str, Any]]:
        """Return what its contacts lose with it: rows of contact_id and email, name or value, from row `start` on."""
        return ()

    def loss_on_delete(self, live: Live) -> str:
        """Return what deleting it loses for good; empty where it can be created again."""
        return ""

    # --- requests, overridden only where Mailjet is unusual

    def list_live(self, reader: Reader) -> Iterator[Live]:
        """Return every live object, without its content."""
        return (self.from_wire(row) for row in reader.rows(self.endpoint, self.filters) if self.is_live(row))

    def list_soft_deleted(self, reader: Reader) -> list[Live]:
        """Return every soft-deleted object that could come back."""
        rows = reader.rows(self.endpoint, self.soft_delete.filters) if self.soft_delete else ()
        return [self.from_wire(row) for row in rows if not self.is_live(row)]

    def with_content(self, reader: Reader, live: Live) -> Live:
        """Return the same object with its content."""
        return live

    def fetch(self, reader: Reader, live: Live) -> Live:
        """Return the object as it is now, content included. Raises NotFound, also where it is soft-deleted."""
        return self.with_content(reader, self.from_wire(reader.get(f"{self.endpoint}/{live.id}")))

    def create(self, writer: Writer, values: Values) -> Live:
        """Create an object, and return Mailjet's answer."""
        return self.from_wire(writer.post(self.endpoint, self.to_wire(values)))

    def update(self, writer: Writer, live: Live, values: Values, changed: frozenset[str]) -> Live | None:
        """Change the fields in `changed`, and return Mailjet's answer; None where nothing changed."""
        return self.put(writer, live, self.to_wire({field: values[field] for field in values if field in changed}))

    def restore(self, writer: Writer, live: Live, values: Values) -> Live | None:
        """Bring a soft-deleted object back, with the stated values."""
        assert self.soft_delete  # noqa: S101 - only a soft-deleted object comes back
        return self.put(writer, live, {**self.to_wire(values), **self.soft_delete.restore})

    def put(self, writer: Writer, live: Live, body: Row) -> Live | None:
        """Change an object, and return Mailjet's answer; None where nothing changed."""
        row = writer.put(f"{self.endpoint}/{live.id}", body)
        return None if row is None else self.from_wire(row)

    def delete(self, writer: Writer, live: Live) -> None:
        """Delete an object."""
        writer.delete(f"{self.endpoint}/{live.id}")
