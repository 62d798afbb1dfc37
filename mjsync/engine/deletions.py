"""What is to go: tombstoned objects, and under the policy `all` those that no manifest names.

Hands off means: what is neither tombstoned nor of a kind that is pruned is never looked at beyond its listing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mjsync.engine.impact import with_impact
from mjsync.engine.plan import Action, Change
from mjsync.engine.read import Account, map_concurrently
from mjsync.engine.scope import Scope
from mjsync.engine.target import is_target
from mjsync.errors import Finding
from mjsync.resources import KINDS, READ_ONLY_KINDS
from mjsync.resources.address import Address
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
            return with_impact(change, reader, self.scope.thresholds.max_people)

        return map_concurrently(deletion, list(self._going(unmanaged)), self.scope, "deletes")

    def warnings(self) -> Iterator[Finding]:
        """Kinds that are to be pruned though no manifest has their section."""
        for kind, policy in sorted(self.scope.policies.items()):
            if policy == "all" and kind not in self.desired.kinds and not self.scope.targets:
                section = KINDS[kind].section
                message = f"{section} are to be pruned, but no manifest has that section: nothing is deleted"
                yield Finding("prune-absent", message, f"Add `{section}: {{}}` if none is wanted.", "warning")

    def address(self, live: Live) -> Address:
        """The address of what no entry names: its remote name, with the id behind it where that is not enough."""
        plain = Address(live.kind, live.name)
        is_shared = sum(other.name == live.name for other in self.account.live[live.kind]) > 1
        return Address(live.kind, f"{live.name}#{live.id}") if is_shared or plain in self.desired.entries else plain

    @property
    def _tombstoned(self) -> set[tuple[str, str]]:
        return {(tomb.kind, tomb.key) for tomb in self.desired.tombstones}

    def _going(self, unmanaged: Mapping[str, Sequence[Live]]) -> Iterator[Live]:
        tombstoned = self._tombstoned
        for kind, things in unmanaged.items():
            if kind in READ_ONLY_KINDS:
                continue
            prunes = self.scope.policies.get(kind) == "all" and kind in self.desired.kinds
            for live in things:
                goes = _name(live) in tombstoned or (prunes and self._is_prunable(live))
                if goes and is_target(self.address(live), self.scope.targets):
                    yield live

    def _is_prunable(self, live: Live) -> bool:
        globs = self.scope.ignored.get(live.kind, ())
        return live.key not in KINDS[live.kind].builtin_keys and not any(fnmatchcase(live.name, glob) for glob in globs)


def _name(live: Live) -> tuple[str, str]:
    """What a tombstone would call a live object."""
    return live.kind, KINDS[live.kind].tombstone_key(live.name.strip())
