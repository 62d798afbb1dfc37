"""Compare with the deployed commit: which objects the manifests declared, and who changed what since."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from mjsync.engine.plan import FieldChange, Origin, value_mark
from mjsync.errors import Location
from mjsync.redaction import is_secret
from mjsync.resources.address import Address, resolve
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Live, value_at

DriftPolicy = Literal["overwrite", "refuse", "adopt"]
"""What an apply does with edits made in Mailjet: write over them, stop, or leave them as they are."""

_UNSTATED = object()


@dataclass(frozen=True, slots=True)
class OwnedObject:
    """An object that the deployed commit declares; `since` is the commit that its line in the manifests is from."""

    address: Address
    name: str
    location: Location
    since: str | None


@dataclass(frozen=True)
class Deployed:
    """The manifests of the commit that was applied last.

    `account` is the id of the account that it was applied to, None where it is not recorded; with `may_be_elsewhere`
    nobody knows whether that is this one, and no object is taken for one that was declared. `written` holds (kind, id,
    path, mark of the value) of what receipts of later, incomplete runs record as written: such a value is not an edit
    made in Mailjet.
    """

    commit: str
    desired: Desired
    written: frozenset[tuple[str, int, str, str]] = frozenset()
    account: int | None = None
    may_be_elsewhere: bool = False

    @property
    def name(self) -> str:
        """The commit as messages name it."""
        return f"the deployed commit {self.commit[:12]}"

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Entry]:
        return {(entry.address.kind, entry.key): entry for entry in self.desired.entries.values()}

    def entry_of(self, live: Live) -> Entry | None:
        """Return the entry that declared a live object, None where none did."""
        return self._by_key.get((live.kind, live.key))

    def owns(self, live: Live) -> bool:
        """Return whether a live object is one that was declared: a name from the environment may have been another."""
        entry = self.entry_of(live)
        return entry is not None and not self.may_be_elsewhere and entry.secrets.isdisjoint(entry.kind.key_fields)

    def former_entry(self, entry: Entry) -> Entry | None:
        """Return the entry that declared the same resource: the one of its address, or of its key."""
        return self.desired.entries.get(entry.address) or self._by_key.get((entry.address.kind, entry.key))

    def dropped_kinds(self, desired: Desired) -> frozenset[str]:
        """Return the kinds of entries that are not declared any more."""
        declared = {(entry.address.kind, entry.key) for entry in desired.entries.values()}
        return frozenset(kind for kind, _ in self._by_key.keys() - declared)


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Compares deployed, live and desired values. `ids` are the remote ids of the deployed commit's addresses."""

    deployed: Deployed
    ids: Mapping[Address, int] = field(default_factory=dict)

    @classmethod
    def of(cls, deployed: Deployed, live: Iterable[Live]) -> "ThreeWay":
        """Return the comparison with what was deployed; `live` are all objects of the account."""
        found = ((deployed.entry_of(each), each.id) for each in live)
        return cls(deployed, {entry.address: number for entry, number in found if entry})

    def with_origins(self, entry: Entry, live: Live, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
        """Return the field changes of an update, each with who changed it."""
        base = self.deployed.entry_of(live) or self.deployed.former_entry(entry)
        return tuple(replace(each, origin=self._origin(each, entry, live, base)) for each in fields)

    def of_create(self, entry: Entry) -> Origin:
        """Return who is behind a create: `theirs` where the object was deployed and is gone from the account."""
        base = self.deployed.former_entry(entry)
        if base is None or base.address in self.ids:
            return "yours"
        return "theirs" if is_same_declaration(entry, base) else "conflict"

    def of_delete(self, live: Live, *, is_tombstoned: bool) -> Origin:
        """Return who is behind a delete: a conflict where the object was also edited since it was deployed."""
        base = self.deployed.entry_of(live)
        if is_tombstoned or base is None:
            return "yours" if is_tombstoned else "theirs"
        is_edited = any(
            self._differs(base, live, name, value)
            for name, value in base.values.items()
            if not is_secret(name, base.secrets)
        )
        return "conflict" if is_edited else "yours"

    def _origin(self, change: FieldChange, entry: Entry, live: Live, base: Entry | None) -> Origin:
        path, spec = change.path, entry.kind.spec(change.path)
        stated = _UNSTATED if base is None else read_bodies(value_at(base.values, path, _UNSTATED))
        if stated is _UNSTATED or base is None or is_secret(path, entry.secrets | base.secrets):
            return "yours"
        if (live.kind, live.id, path, value_mark(spec.normalized(change.before))) in self.deployed.written:
            return "yours"
        if spec.normalized(resolve(stated, self.ids)) == spec.normalized(value_at(live.fields, path)):
            return "yours"
        desired = read_bodies(value_at(entry.values, path, _UNSTATED))
        return "theirs" if spec.normalized(stated) == spec.normalized(desired) else "conflict"

    def _differs(self, base: Entry, live: Live, name: str, value: Any) -> bool:
        spec = base.kind.spec(name)
        stated, there = resolve(read_bodies(value), self.ids), live.fields.get(name)
        if not isinstance(stated, Mapping):
            return bool(spec.normalized(stated) != spec.normalized(there))
        paths = ((f"{name}.{key}", inner) for key, inner in stated.items())
        return any(spec.normalized(inner) != spec.normalized(value_at(live.fields, path)) for path, inner in paths)


def is_same_declaration(entry: Entry, base: Entry) -> bool:
    """Return whether everything that an entry states is what another states too."""
    kind = entry.kind
    return all(
        kind.spec(name).normalized(read_bodies(value)) == kind.spec(name).normalized(read_bodies(base.values.get(name)))
        for name, value in entry.values.items()
    )


def combined_origin(fields: Iterable[FieldChange]) -> Origin | None:
    """Return the origin of a change: a conflict if one field is, `theirs` if all fields are, else `yours`."""
    origins = {each.origin for each in fields}
    if "conflict" in origins:
        return "conflict"
    return "theirs" if origins == {"theirs"} else None if origins <= {None} else "yours"


def split_adopted(
    fields: tuple[FieldChange, ...], is_adopted: Callable[[Origin | None], bool]
) -> tuple[tuple[FieldChange, ...], tuple[str, ...]]:
    """Return the field changes to make, and the paths of those that are left as they are in Mailjet."""
    kept = tuple(each for each in fields if not is_adopted(each.origin))
    return kept, tuple(each.path for each in fields if each not in kept)


def origin_notes(fields: Iterable[FieldChange], live: Live) -> Iterator[str]:
    """Yield what reviewers should know of fields that were edited in Mailjet, with the time where Mailjet has it."""
    since = live.row.get("LastUpdatedAt")
    when = f", last on {since}" if since else ""
    for origin, what in (("theirs", "edited in Mailjet"), ("conflict", "changed both here and in Mailjet")):
        if paths := [each.path for each in fields if each.origin == origin]:
            yield f"{what} since the deployed commit{when}: {', '.join(paths)}"
