"""The plan: ordered changes, guards and warnings, as values, and digests of them that are the same on every machine."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from operator import attrgetter
from typing import Any, Literal

from pydantic_core import to_json

from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.desired import Entry
from mjsync.resources.live import Count, Live, Values

Risk = Literal["none", "people", "irreversible"]
Origin = Literal["yours", "theirs", "conflict"]
"""Who changed a value since the deployed commit: the manifests, somebody in Mailjet, or both differently."""
Status = Literal["applied", "failed", "skipped", "unknown"]


class Action(Enum):
    """What a change does to one resource."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    REPLACE = "replace"
    DELETE = "delete"

    @property
    def deletes(self) -> bool:
        """Whether an object that is there goes away."""
        return self in (Action.REPLACE, Action.DELETE)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, in manifest words. Secrets are masked, with a tag where there is a key.

    `stated` is the new value with references as the manifest writes them, where that differs from `after`. `origin` is
    None where no deployed commit is known.
    """

    path: str
    before: Any
    after: Any
    secret: bool = False
    before_tag: str | None = None
    after_tag: str | None = None
    stated: Any = None
    is_text: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource, with its live and its desired state.

    `entry` is None for a delete, `live` None for a create; a create with a `live` brings that soft-deleted object back.
    `references` are the addresses that the values of its entry refer to, `named` is the (kind, remote name) of what
    their texts name. `secrets` are paths of fields that are secret though no entry states it. `needs` are the addresses
    of steps that come first. `usage` counts what else names the object. `field_digests` maps the path of each field to
    the digests of its value before and after.
    """

    action: Action
    address: Address
    kind: Kind
    name: str
    entry: Entry | None = field(default=None, repr=False)
    live: Live | None = field(default=None, repr=False)
    fields: tuple[FieldChange, ...] = ()
    references: frozenset[Address] = field(default=frozenset(), repr=False)
    named: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    needs: tuple[Address, ...] = ()
    notes: tuple[str, ...] = ()
    risk: Risk = "none"
    affected_contacts: Count | None = None
    usage: Mapping[str, int | None] = field(default_factory=dict)
    is_tombstoned: bool = False
    secrets: frozenset[str] = frozenset()
    digest: str = ""
    field_digests: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    step: int = 0
    origin: Origin | None = None

    @property
    def changed(self) -> frozenset[str]:
        """The top-level fields that change."""
        return frozenset(change.path.partition(".")[0] for change in self.fields)


@dataclass(frozen=True, slots=True)
class Result:
    """How one step ended; `id` is the object's, where it is known.

    `found`: the object of a create existed already, made by somebody else, and is not for this run to delete.
    """

    change: Change
    status: Status
    id: int | None = None
    error: Finding | None = None
    warnings: tuple[Finding, ...] = ()
    found: bool = False


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """Fields of an object at one time, in manifest words and without secrets, as a receipt stores them.

    `masked` maps the dotted path of each value that was hidden to its tag (None without a key); such a value can be
    told from another, but never written back.
    """

    id: int | None
    fields: Values
    masked: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step of an earlier run: what it did, to which object, what was there before and what it wrote.

    `id` is the object's after the step, `before.id` before it; `status` is unknown where the run was killed.
    """

    action: Action
    address: Address
    kind: Kind
    name: str
    status: Status
    id: int | None = None
    before: RecordedObject | None = None
    after: RecordedObject | None = None
    found: bool = False
    affected_contacts: Count | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """One reason to refuse the plan, with the exact flag or line that would allow just that."""

    code: str
    address: str
    message: str
    allow: str
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What would make the account match the manifests, in the order it would be done.

    `deployed` is the commit that was applied last, `commit` the one that is checked out, where they are known;
    `uncommitted` are files that were read and differ from the latter. `undoes` is the id of the run that it takes back,
    if it is an undo. With `is_drift` it would bring the account back to the deployed commit. `unused` has an error for
    each option that matches nothing here. `unreadable` maps each kind that this key may not read to the reason: only
    its own steps fail.
    """

    environment: str
    account: int | None
    changes: tuple[Change, ...] = ()
    guards: tuple[Guard, ...] = ()
    warnings: tuple[Finding, ...] = ()
    unused: tuple[Finding, ...] = ()
    unreadable: Mapping[str, Finding] = field(default_factory=dict)
    unchanged: int = 0
    unmanaged: int = 0
    digest: str = ""
    ids: Mapping[Address, int] = field(default_factory=dict, repr=False)
    requests: Mapping[str, int] = field(default_factory=dict)
    deployed: str | None = None
    commit: str | None = None
    uncommitted: tuple[str, ...] = ()
    undoes: str | None = None
    is_drift: bool = False
    is_rehearsed: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether a guard refuses it."""
        return any(not guard.lifted for guard in self.guards)

    def count(self, action: Action) -> int:
        """Return how many changes are of one action."""
        return sum(change.action is action for change in self.changes)


def with_digest(change: Change, account: int | None, needs: Sequence[Address] = (), step: int = 0) -> Change:
    """Return the change with its place in the plan, the digest of its step, and the marks of its fields.

    The step's is SHA-256 over account, address, action, object id and each field's before and after. Values enter as
    they compare (order where it does not count, line ends, blanks), references as the manifest writes them, secrets as
    their tag; runtime fields, notes and the order of steps do not enter. Each value is written as JSON once.
    """
    fields, marks = list[str](), dict[str, tuple[str, str]]()
    for each in sorted(change.fields, key=attrgetter("path")):
        sides = each.before_tag, each.after_tag
        if not each.secret:
            spec = change.kind.spec(each.path)
            stated = each.after if each.stated is None else each.stated
            sides = spec.normalized(each.before), spec.normalized(stated)
        before, after = map(_json, sides)
        fields.append(f"[{_json(each.path)},{before},{after}]")
        marks[each.path] = _mark(before), _mark(after)
    content = {
        "account": _json(account),
        "action": _json(change.action.value),
        "address": _json(str(change.address)),
        "fields": f"[{','.join(fields)}]",
        "id": _json(change.live.id if change.live else None),
    }
    text = ",".join(f'"{word}":{value}' for word, value in content.items())
    return replace(change, needs=tuple(needs), step=step, digest=_digest(f"{{{text}}}"), field_digests=marks)


def plan_digest(steps: Iterable[str]) -> str:
    """SHA-256 over the sorted digests of the steps."""
    return _digest(_json(sorted(steps)))


def value_mark(value: Any) -> str:
    """Return a short hash of one normalized value; equal marks mean equal values."""
    return _mark(_json(value))


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


_MARK = 24
"""Hexadecimal digits of a mark: 96 bits, as many as a change of one field in one step needs."""

_NO_VALUE = hashlib.sha256(b"null").hexdigest()[:_MARK]
"""The mark of null: that of each field of a create before it."""


def _mark(text: str) -> str:
    return _NO_VALUE if text == "null" else hashlib.sha256(text.encode()).hexdigest()[:_MARK]


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _json(value: Any) -> str:
    """Return a value as canonical JSON: equal values give equal text, which is ASCII."""
    if isinstance(value, str) and value.isascii() and "\x7f" not in value:
        return to_json(value).decode()  # the same text in a third of the time
    return "null" if value is None else _encode(value)
