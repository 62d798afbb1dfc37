"""Find what is deleted: tombstones, what the deployed commit declared, and what no manifest names under `all`."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property

from mjsync.engine.deployed import ThreeWay
from mjsync.engine.guards import with_impact
from mjsync.engine.plan import Action, Change
from mjsync.engine.read import Account, map_concurrently
from mjsync.engine.scope import Scope, is_target
from mjsync.errors import Finding
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.base import Operation
from mjsync.resources.desired import Desired
from mjsync.resources.live import Live, Reader


@dataclass(frozen=True)
class Deletions:
    """Finds what to delete. `desired` is everything that is declared, whatever the targets."""

    desired: Desired
    account: Account
    scope: Scope
    three_way: ThreeWay | None = None

    def deletes(self, unmanaged: Mapping[str, Sequence[Live]], reader: Reader) -> list[Change]:
        """Return a delete for each object that is to go, its content read for the receipt."""
        tombstoned = {(tomb.kind, tomb.key) for tomb in self.desired.tombstones}

        def deletion(header: Live) -> Change:
            kind = KINDS[header.kind]
            live = kind.with_content(reader, header)
            named = _name(header) in tombstoned
            change = Change(Action.DELETE, self.address(header), kind, header.name, live=live, is_tombstoned=named)
            if self.three_way:
                change = replace(change, origin=self.three_way.of_delete(live, is_tombstoned=named))
            return with_impact(change, reader, self.scope.people_limit(change.address))

        return list(map_concurrently(deletion, list(self._going(unmanaged, tombstoned)), self.scope, "deletes"))

    def warnings(self, unmanaged: Mapping[str, Sequence[Live]]) -> Iterator[Finding]:
        """Yield a warning for each object that is no longer declared and stays, and for each kind without a section."""
        for live in (live for objects in unmanaged.values() for live in objects):
            if self.scope.deployed is None or self.scope.deployed.entry_of(live) is None:
                continue
            if self.scope.policies.get(live.kind) == "declared" and not self._is_owned(live):
                named = "its name came from the environment, and may have changed"
                is_unsure = self.scope.deployed.may_be_elsewhere
                message = f"no longer declared, left alone: {'this account may be another' if is_unsure else named}"
                way_out = "Name it under `removed:` to delete it."
                yield Finding("no-longer-declared", message, way_out, "warning", str(self.address(live)))
            if self.scope.policies.get(live.kind) == "never":
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

        It is the one that the deployed commit gave it alone, else its remote name, with the id where another object has
        that name or address.
        """
        deployed = self.scope.deployed
        former = deployed.entry_of(live) if deployed else None
        if former and self._keys[live.kind, live.key] == 1 and former.address not in self.desired.entries:
            return former.address
        plain = Address(live.kind, live.name)
        is_declared = plain in self.desired.entries or (deployed is not None and plain in deployed.desired.entries)
        is_taken = is_declared or self._names[live.kind, live.name] > 1
        return Address(live.kind, f"{live.name}#{live.id}") if is_taken else plain

    @cached_property
    def _keys(self) -> Counter[tuple[str, str]]:
        return Counter((live.kind, live.key) for live in self.account.objects)

    @cached_property
    def _names(self) -> Counter[tuple[str, str]]:
        return Counter((live.kind, live.name) for live in self.account.objects)

    def _going(self, unmanaged: Mapping[str, Sequence[Live]], tombstoned: Container[tuple[str, str]]) -> Iterator[Live]:
        """Yield each object that a tombstone names or that the policy of its kind deletes."""
        for kind, objects in unmanaged.items():
            if KINDS[kind].refusal(Operation.DELETE):
                continue
            policy = self.scope.policies.get(kind)
            prunes, globs = policy == "all" and kind in self.desired.kinds, self.scope.ignored.get(kind, ())
            entries = self.desired.of_kind(kind)  # their keys stay, whatever their case, and former ones too
            stays = {_folded(kind, key) for entry in entries for key in (entry.key, *entry.model.former_keys)}
            for live in objects:
                key = _folded(kind, live.key)
                is_kept = key in KINDS[kind].builtin_keys or any(fnmatchcase(live.name, glob) for glob in globs)
                goes = (prunes and not is_kept) or (policy == "declared" and self._is_owned(live))
                goes = _name(live) in tombstoned or (goes and key not in stays)
                if goes and is_target(self.address(live), self.scope.targets):
                    yield live

    def _is_owned(self, live: Live) -> bool:
        return self.scope.deployed is not None and self.scope.deployed.owns(live)


def _folded(kind: str, key: str) -> str:
    """Return a key as it is compared with others of its kind: in lower case where case does not count."""
    return key.strip().lower() if KINDS[kind].keys_ignore_case else key.strip()


def _name(live: Live) -> tuple[str, str]:
    """Return the address that a tombstone has for a live object."""
    return live.kind, KINDS[live.kind].tombstone_key(live.name.strip())
