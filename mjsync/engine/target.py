"""`--target`: the part of what is asked that an address or a glob picks, with what it needs."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from mjsync.engine.order import referenced_names
from mjsync.engine.read import Account
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, WrongUse
from mjsync.resources.address import Address
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.reference import references


def is_target(address: Address, targets: Iterable[str]) -> bool:
    """Whether an address is picked; everything is where there are no targets."""
    targets = tuple(targets)
    return not targets or any(fnmatchcase(str(address), target) or str(address) == target for target in targets)


def select_targets(desired: Desired, targets: tuple[str, ...]) -> tuple[Desired, tuple[Finding, ...]]:
    """The part that is picked, and what was taken along; what only the account knows is picked once it is read."""
    if not targets:
        return desired, ()
    picked = {address for address in desired.entries if is_target(address, targets)}
    tombstones = tuple(tomb for tomb in desired.tombstones if is_target(Address(tomb.kind, tomb.name), targets))
    needed = _closure(picked, desired)
    taken = tuple(
        Finding(
            "target-needs",
            "taken along: a target needs it",
            "",
            "warning",
            str(address),
            desired.entries[address].location,
        )
        for address in sorted(needed - picked)
    )
    kinds = {address.kind for address in needed} | {tomb.kind for tomb in tombstones}
    kinds |= {kind for kind in desired.kinds if may_match(targets, kind)}
    entries = {address: desired.entries[address] for address in needed}
    return replace(desired, entries=entries, tombstones=tombstones, kinds=frozenset(kinds)), taken


def may_match(targets: Iterable[str], kind: str) -> bool:
    """Whether a target may match an address of this kind: what the account has is not known yet."""
    words = [target.partition(".")[0] for target in targets]
    return any(word == kind or any(sign in word for sign in "*?[") for word in words)


def check_targets(scope: Scope, desired: Desired, account: Account) -> None:
    """Every target matches something declared, now or at the deployed commit, tombstoned or live. Raises WrongUse."""
    live = (Address(each.kind, each.name) for each in account.objects)
    former = scope.deployed.desired.entries if scope.deployed else ()
    known = {*desired.entries, *(Address(tomb.kind, tomb.name) for tomb in desired.tombstones), *live, *former}
    for target in scope.targets:
        if not any(is_target(address, (target,)) for address in known):
            message = f"--target {target} fits nothing in the manifests or on the account"
            raise WrongUse(message, "Addresses are a kind and a handle: template.order-confirmation, or 'segment.*'.")


def _closure(picked: set[Address], desired: Desired) -> set[Address]:
    by_name = {(entry.address.kind, entry.key): entry.address for entry in desired.entries.values()}
    needed, todo = set(picked), list(picked)
    while todo:
        entry = desired.entries[todo.pop()]
        for address in _named(entry, by_name):
            if address in desired.entries and address not in needed:
                needed.add(address)
                todo.append(address)
    return needed


def _named(entry: Entry, by_name: dict[tuple[str, str], Address]) -> Iterable[Address]:
    values = {word: read_bodies(value) for word, value in entry.values.items()}
    yield from references(values)
    yield from (by_name[used] for used in referenced_names(entry.kind, values) if used in by_name)
