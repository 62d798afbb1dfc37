"""Which objects are deleted: tombstoned ones, those that are no longer declared, under `all` those that never were.

Nothing else is looked at beyond its listing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from mjsync.engine.deployed import ThreeWay
from mjsync.engine.impact import with_impact
from mjsync.engine.plan import Action, Change
from mjsync.engine.read import Account, map_concurrently
from mjsync.engine.scope import Scope
from mjsync.engine.target import is_target
from mjsync.errors import Finding
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.base import Operation
from mjsync.resources.desired import Desired
from mjsync.resources.live import Live, Reader


@dataclass(frozen=True, slots=True)
class Deletions:
    """Finds what is to go. `desired` is all that is asked, whatever the targets."""

    desired: Desired
    account: Account
    scope: Scope

    def deletes(self, unmanaged: Mapping[str, Sequence[Live]], reader: Reader) -> list[Change]:
        """A delete for each object that is to go, its content read for the receipt."""
        tombstoned = self._tombstoned

        def deletion(header: Live) -> Change:
            kind = KINDS[header.kind]
            live = kind.with_content(reader, header)
            named = _name(header) in tombstoned
            change = Change(Action.DELETE, self.address(header), kind, header.name, live=live, is_tombstoned=named)
            if self.scope.deployed:
                three_way = ThreeWay(self.scope.deployed, self.scope.deployed.ids(self.account.objects))
                change = replace(change, origin=three_way.of_delete(live, is_tombstoned=named))
            return with_impact(change, reader, self.scope.people_limit(change.address))

        return map_concurrently(deletion, list(self._going(unmanaged)), self.scope, "deletes")

    def warnings(self, unmanaged: Mapping[str, Sequence[Live]]) -> Iterator[Finding]:
        """Yield a warning for each object that is no longer declared and stays, and for each kind without a section."""
        for live in (live for objects in unmanaged.values() for live in objects):
            if self._is_dropped(live) and self.scope.policies.get(live.kind) == "never":
                section = KINDS[live.kind].section
                way_out = f"Add `delete: {{{section}: declared}}` to mjsync.yaml to delete it, or declare it again."
                message = "no longer declared, left alone"
                yield Finding("no-longer-declared", message, way_out, "warning", str(self.address(live)))
        for kind, policy in sorted(self.scope.policies.items()):
            if policy == "all" and kind not in self.desired.kinds and not self.scope.targets:
                section = KINDS[kind].section
                message = f"{section} are to be pruned, but no manifest has that section: nothing is deleted"
                yield Finding("prune-absent", message, f"Add `{section}: {{}}` if none is wanted.", "warning")

    def address(self, live: Live) -> Address:
        """Return the address of an object that no entry declares.

        It is the one that the deployed commit gave it, else its remote name, with the id where that is not enough.
        """
        former = self.scope.deployed.entry_of(live) if self.scope.deployed else None
        if former and former.address not in self.desired.entries:
            return former.address
        plain = Address(live.kind, live.name)
        is_shared = sum(other.name == live.name for other in self.account.live[live.kind]) > 1
        return Address(live.kind, f"{live.name}#{live.id}") if is_shared or plain in self.desired.entries else plain

    @property
    def _tombstoned(self) -> set[tuple[str, str]]:
        return {(tomb.kind, tomb.key) for tomb in self.desired.tombstones}

    def _going(self, unmanaged: Mapping[str, Sequence[Live]]) -> Iterator[Live]:
        tombstoned = self._tombstoned
        for kind, things in unmanaged.items():
            if not KINDS[kind].can(Operation.DELETE):
                continue
            policy = self.scope.policies.get(kind)
            prunes = policy == "all" and kind in self.desired.kinds
            for live in things:
                goes = _name(live) in tombstoned or (prunes and self._is_prunable(live))
                goes = goes or (policy == "declared" and self._is_dropped(live))
                if goes and is_target(self.address(live), self.scope.targets):
                    yield live

    def _is_dropped(self, live: Live) -> bool:
        """Whether the deployed commit declared an object that no entry declares now."""
        return self.scope.deployed is not None and self.scope.deployed.entry_of(live) is not None

    def _is_prunable(self, live: Live) -> bool:
        globs = self.scope.ignored.get(live.kind, ())
        return live.key not in KINDS[live.kind].builtin_keys and not any(fnmatchcase(live.name, glob) for glob in globs)


def _name(live: Live) -> tuple[str, str]:
    """What a tombstone would call a live object."""
    return live.kind, KINDS[live.kind].tombstone_key(live.name.strip())
