"""Build a plan: read, match, compare, order, guard."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from mjsync.engine.approval import unmatched_approvals, with_manifest_approvals
from mjsync.engine.deletions import Deletions
from mjsync.engine.deployed import ThreeWay
from mjsync.engine.diff import Compared, Comparison, adopted
from mjsync.engine.guards import guards, missing_references, unverified_values, values_to_verify
from mjsync.engine.match import match
from mjsync.engine.plan import Action, Change, Plan, plan_digest, with_digest
from mjsync.engine.read import Account, read_account, unknown_account_warning
from mjsync.engine.scope import Scope, is_target
from mjsync.errors import Finding, PlanError, WrongUse
from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired
from mjsync.resources.entry_model import referenced_names
from mjsync.resources.live import Reader


def build_plan(desired: Desired, reader: Reader, scope: Scope) -> Plan:
    """Plan the changes that make the account match the manifests; change nothing.

    Raises PlanError, Refused (another account), WrongUse (an option that matches nothing), ApiError.
    """
    scope = replace(scope, declared=frozenset(desired.entries))
    selected, dependencies = select_targets(desired, scope.targets)
    dropped = scope.deployed.dropped_kinds(desired) if scope.deployed else ()
    kinds = selected.kinds_named | {kind for kind in dropped if may_match(scope.targets, kind)}
    account = read_account(kinds | {kind for _, _, kind in values_to_verify(selected)}, reader, scope)
    scope = with_manifest_approvals(scope.for_account(account.id), desired)
    matches = match(desired, account.live)
    pairs = matches.pairs
    lasting = {address: live.id for address, live in pairs.items() if address not in scope.replaces}
    three_way = ThreeWay.of(scope.deployed, account.objects) if scope.deployed else None
    comparison, deletions = Comparison(reader, scope, lasting, three_way), Deletions(desired, account, scope, three_way)
    entries = [entry for entry in selected.entries.values() if entry.address.kind in account.live]
    compared = list(comparison.pairs([(each, pairs[each.address]) for each in entries if each.address in pairs]))
    others = list(comparison.missing([entry for entry in entries if entry.address not in pairs]))
    others += deletions.deletes(matches.unmanaged, reader)
    left = [change for change in others if scope.adopts(change.address, change.origin)]
    made = [change for change in others if not scope.adopts(change.address, change.origin)]
    plan = finish_plan(compared, made, account, scope, kinds)
    plan = check_unused(plan, scope, _target_addresses(desired, scope, account) if scope.targets else ())
    warnings = (
        *plan.warnings,
        *dependencies,
        *unknown_account_warning(account),
        *matches.findings,
        *(finding for item in compared for finding in item.warnings),
        *(finding for change in left for finding in adopted(change.address, (), change.entry)),
        *deletions.warnings(matches.unmanaged),
        *unverified_values(selected, account),
    )
    unmanaged = sum(len(objects) for kind, objects in matches.unmanaged.items() if kind in kinds)
    return replace(
        plan,
        guards=(*plan.guards, *missing_references(plan.changes, left)),
        warnings=(*warnings, *unmatched_approvals(scope, plan.changes, warnings)),
        unreadable={kind: reason for kind, reason in sorted(account.refused.items()) if kind in kinds},
        unchanged=sum(item.change is None for item in compared),
        unmanaged=unmanaged - sum(change.is_tombstoned for change in plan.changes),
        ids={address: live.id for address, live in pairs.items()},
        deployed=scope.deployed.commit if scope.deployed else None,
    )


def finish_plan(
    compared: Collection[Compared], others: Iterable[Change], account: Account, scope: Scope, kinds: Iterable[str]
) -> Plan:
    """Order, digest and guard all changes: the end of every plan. Ratios count the live objects of these kinds."""
    changes = [*(item.change for item in compared if item.change), *others]
    in_order = tuple(
        with_digest(change, account.id, needs, step) for step, (change, needs) in enumerate(ordered(changes), 1)
    )
    conflicts = {item.change.address: item.conflict for item in compared if item.change and item.conflict}
    live = {kind: len(account.live[kind]) for kind in kinds if kind in account.live}
    found = guards(in_order, conflicts, live, scope)
    digest = plan_digest(change.digest for change in in_order)
    return Plan(scope.environment, account.id, in_order, found, scope.warnings, digest=digest)


def ordered(changes: Sequence[Change]) -> Iterator[tuple[Change, Sequence[Address]]]:
    """Yield each change with its needs, in an order that keeps them; equal input gives equal order.

    Live objects may contain each other's ids: where all needs together form a cycle, those on live ids are dropped.
    Raises PlanError for a cycle that is left, and for two changes of one address.
    """
    by_address: dict[Address, Change] = {}
    doubles = [change for change in changes if by_address.setdefault(change.address, change) is not change]
    if doubles:
        message = "two changes of the plan have this address"
        way_out = "Rename one of the two objects in Mailjet, then plan again."
        raise PlanError(Finding("ambiguous", message, way_out, address=str(change.address)) for change in doubles)
    for is_firm in (False, True):
        needs = _needs(changes, is_firm=is_firm)
        sorter = TopologicalSorter(needs)
        try:
            sorter.prepare()
            break
        except CycleError as error:
            circle = " → ".join(str(address) for address in error.args[1])
    else:
        way_out = "Break the cycle; apply in two steps if names are swapped."
        raise PlanError([Finding("cycle", f"these changes need each other: {circle}", way_out)])
    ready: list[tuple[bool, int, Address]] = []
    while sorter.is_active():
        for address in sorter.get_ready():
            change = by_address[address]
            deletes = change.action is Action.DELETE  # last, and in the reverse order of kinds
            heappush(ready, (deletes, -change.kind.order if deletes else change.kind.order, address))
        address = heappop(ready)[-1]
        yield by_address[address], needs[address]
        sorter.done(address)


def _needs(changes: Sequence[Change], *, is_firm: bool) -> dict[Address, list[Address]]:
    """Return what comes before each change: what it refers to, what frees its key, what still uses what it deletes.

    With `is_firm`, a reference to an object that already exists is no need.
    """
    with_entry = [(change, change.entry) for change in changes if change.entry]
    with_live = [(change, change.live) for change in changes if change.live and change.action is not Action.CREATE]
    deletes = [(change, live) for change, live in with_live if change.action is Action.DELETE]
    renames = [(change, live) for change, live in with_live if change.action is Action.RENAME]
    is_new = {change.address: change.action in (Action.CREATE, Action.REPLACE) for change, _ in with_entry}
    named = {(change.kind.name, entry.key): change.address for change, entry in with_entry}
    freed = {(change.kind.name, live.key): change.address for change, live in (*renames, *deletes)}
    users: dict[tuple[str, str], list[Address]] = {}
    for change, live in with_live if deletes else ():
        for used in referenced_names(change.kind.model, live.fields):
            users.setdefault(used, []).append(change.address)
    needs = {change.address: set[Address]() for change in changes}
    for change, entry in with_entry:
        key, needed = (change.kind.name, entry.key), needs[change.address]
        needed.update(
            target
            for target in change.references
            if is_new.get(target, False) or (target in is_new and target != change.address and not is_firm)
        )
        needed.update(named[used] for used in change.named if used in named)
        if change.action in (Action.CREATE, Action.RENAME) and key in freed:
            needed.add(freed[key])
    for change, live in deletes:
        needs[change.address].update(users.get((change.kind.name, live.key), ()))
    return {address: sorted(others) for address, others in needs.items()}


def check_unused(plan: Plan, scope: Scope, known: Collection[Address] = ()) -> Plan:
    """Raise WrongUse for a target, replaced address or approval that matches nothing.

    Return the plan with an error for each where options are shared. `known` are the addresses that a target may match.
    """
    unused = list[Finding]()
    for target in scope.targets:
        if not any(is_target(address, (target,)) for address in known):
            message = f"--target {target} matches nothing in the manifests or on the account"
            way_out = "Addresses are a kind and a handle: template.order-confirmation, or 'segment.*'."
            unused.append(Finding(WrongUse.code, message, way_out))
    for address in sorted(scope.replaces - scope.declared):
        message = f"--replace {address} matches nothing in the manifests"
        way_out = "Addresses are a kind and a handle: template.order-confirmation."
        unused.append(Finding(WrongUse.code, message, way_out))
    guarded = {f"{guard.code}:{guard.address}" for guard in plan.guards}
    addresses = {str(change.address) for change in plan.changes}
    for approval in scope.approvals:
        if approval not in guarded | addresses:
            message = f"--approve {approval} matches nothing in this plan"
            unused.append(Finding(WrongUse.code, message, "Copy the flag that the refusal prints; there are no globs."))
    if unused and not scope.is_shared:
        raise WrongUse(unused[0].message, unused[0].way_out)
    return replace(plan, unused=tuple(unused))


def select_targets(desired: Desired, targets: tuple[str, ...]) -> tuple[Desired, tuple[Finding, ...]]:
    """Select what the targets match and what that needs; a warning for each dependency that no target matches."""
    if not targets:
        return desired, ()
    matched = {address for address in desired.entries if is_target(address, targets)}
    tombstones = tuple(tomb for tomb in desired.tombstones if is_target(Address(tomb.kind, tomb.name), targets))
    needed = _closure(matched, desired)
    dependencies = tuple(
        desired.entries[address].finding("target-needs", "included: a target needs it", "")
        for address in sorted(needed - matched)
    )
    kinds = {address.kind for address in needed} | {tomb.kind for tomb in tombstones}
    kinds |= {kind for kind in desired.kinds if may_match(targets, kind)}
    entries = {address: desired.entries[address] for address in needed}
    return replace(desired, entries=entries, tombstones=tombstones, kinds=frozenset(kinds)), dependencies


def may_match(targets: Iterable[str], kind: str) -> bool:
    """Return whether a target, or all where there is none, may match an address of this kind.

    What the account has is not known yet.
    """
    words = [target.partition(".")[0] for target in targets]
    return not words or any(word == kind or any(sign in word for sign in "*?[") for word in words)


def _target_addresses(desired: Desired, scope: Scope, account: Account) -> set[Address]:
    """Return what a target may match: all that is declared (now or when deployed), tombstoned or live."""
    live = (Address(each.kind, each.name) for each in account.objects)
    former = scope.deployed.desired.entries if scope.deployed else ()
    return {*desired.entries, *(Address(tomb.kind, tomb.name) for tomb in desired.tombstones), *live, *former}


def _closure(matched: set[Address], desired: Desired) -> set[Address]:
    """Return these addresses, and all that they need."""
    by_name = {(entry.address.kind, entry.key): entry.address for entry in desired.entries.values()}
    needed, todo = set(matched), list(matched)
    while todo:
        entry = desired.entries[todo.pop()]
        values = {name: read_bodies(value) for name, value in entry.values.items()}
        names = referenced_names(entry.kind.model, values)
        used = {*references(values), *(by_name[name] for name in names if name in by_name)}
        more = (used & desired.entries.keys()) - needed
        needed |= more
        todo += more
    return needed
