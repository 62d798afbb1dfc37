"""Settings of a plan: the environment, the policies and guards of the project, and the options."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from mjsync.engine.deployed import Deployed, DriftPolicy
from mjsync.engine.plan import Origin
from mjsync.errors import Finding
from mjsync.redaction import Tagger
from mjsync.resources.address import Address
from mjsync.resources.desired import ManifestApproval

OTHER_ACCOUNT = "other-account"
"""The code of the warning that the deployed commit was applied to another account, or may have been."""

Policy = Literal["never", "declared", "all"]


ProgressCallback = Callable[[str, int, int], None]
"""Gets what is read, how many of it are done, and how many there are."""


def ignore_progress(what: str, done: int, total: int) -> None:
    """Ignore progress."""
    del what, done, total


@dataclass(frozen=True, slots=True)
class Scope:
    """Settings that determine a plan, together with the manifests and the account.

    `policies` and `ignored` are by kind. The ratios are shares of a kind's live objects, `max_people` is a number; a
    guard refuses what is above. `targets` are addresses or globs. `known_objects` are (kind, id) of objects that a
    receipt of an earlier run names. `account_pin` is the numeric id of the one API key that may be used. `deployed` is
    what the deployed commit declared, where that is known; `drift` says what happens to edits made in Mailjet, by kind,
    and `decisions` (adopt or overwrite) the same by address. `declared` are the addresses of all entries, whatever the
    targets. With `is_shared` the options are those of several environments: one that matches nothing in this account is
    kept as `unused` of the plan, and is not wrong use.
    """

    environment: str = "default"
    api_key: str = ""
    account_pin: int | None = None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    max_deleted_ratio: float = 0.3
    max_changed_ratio: float = 1.0
    max_people: int = 0
    targets: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    replaces: frozenset[Address] = frozenset()
    is_shared: bool = False
    known_objects: frozenset[tuple[str, int]] = frozenset()
    deployed: Deployed | None = None
    drift: Mapping[str, DriftPolicy] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    manifest_approvals: tuple[ManifestApproval, ...] = ()
    declared: frozenset[Address] = frozenset()
    today: date | None = None
    tagger: Tagger | None = None
    concurrency: int = 10
    warnings: tuple[Finding, ...] = ()
    on_progress: ProgressCallback = ignore_progress

    def for_account(self, account: int | None) -> "Scope":
        """Return the settings without a deployed commit that was applied to another account, with a warning.

        Where the account is not known, the commit still protects objects, but deletes none.
        """
        deployed = self.deployed
        if deployed is None or deployed.account in (None, account):
            return self
        this, and_more = f"is {account}", ", and what it protected is not protected"
        if account is None:
            this, and_more = "is not known", ""
        message = (
            f"{self.environment} was last deployed to account {deployed.account}, and this key's {this}: "
            f"what {deployed.name} declared is not deleted here{and_more}"
        )
        way_out = f"Use the keys of account {deployed.account}; or the next complete apply records the new account."
        warning = Finding(OTHER_ACCOUNT, message, way_out, "warning")
        kept = replace(deployed, may_be_elsewhere=True) if account is None else None
        return replace(self, deployed=kept, warnings=(*self.warnings, warning))

    def people_limit(self, address: Address) -> int:
        """Return how many people a delete of this address may concern, and up to which they are counted."""
        approved = (each.people or 0 for each in self.manifest_approvals if each.target == str(address))
        return max((self.max_people, *approved))

    def adopts(self, address: Address, origin: Origin | None) -> bool:
        """Return whether a value of this origin is left as it is in Mailjet."""
        decision = self.decisions.get(str(address))
        if origin == "theirs" and decision is None:
            return self.drift.get(address.kind) == "adopt"
        return origin in ("theirs", "conflict") and decision == "adopt"


def is_target(address: Address, targets: Iterable[str]) -> bool:
    """Return whether an address is matched; everything is where there are no targets."""
    targets = tuple(targets)
    return not targets or any(fnmatchcase(str(address), target) or str(address) == target for target in targets)
