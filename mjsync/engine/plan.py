"""The plan: ordered changes, guards and warnings, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

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
