"""The road from what is asked to a plan: read, match, compare, order, guard."""

from mjsync.engine.compare import Compared, Comparison, adopted
from mjsync.engine.deletions import Deletions
from mjsync.engine.deployed import ThreeWay
from mjsync.engine.digest import plan_digest, with_digest
from mjsync.engine.guards import guards
from mjsync.engine.manifest_approvals import with_manifest_approvals
from mjsync.engine.match import Matches, match
from mjsync.engine.order import ordered
from mjsync.engine.plan import Change, Plan, UnreadableKind
from mjsync.engine.read import Account, check_account_pin, read, unknown_account_warning
from mjsync.engine.scope import Scope
from mjsync.engine.target import check_targets, may_match, select_targets
from mjsync.engine.verification import kinds_to_verify, unverified_values
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader


def build_plan(desired: Desired, reader: Reader, scope: Scope) -> Plan:
    """Say what would make the account match the manifests; change nothing.

    Raises PlanError, Refused (another account), WrongUse (a target or an approval that fits nothing), ApiError.
    """
    scope = with_manifest_approvals(scope, desired)
    wanted, taken = select_targets(desired, scope.targets)
    kinds = wanted.kinds_named | _dropped_kinds(desired, scope)
    account = read(kinds | kinds_to_verify(wanted), reader, scope)
    check_account_pin(account, scope)
    matches = match(desired, account.live)
    check_targets(scope, desired, account)
    prune = Deletions(desired, account, scope)
    compared, creates = _compared(wanted, account, matches, _comparison(account, matches, reader, scope))
    updates = [item.change for item in compared if item.change]
    deletes = prune.deletes(matches.unmanaged, reader)
    left = [change for change in (*creates, *deletes) if scope.adopts(change.address, change.origin)]
    creates, deletes = ([change for change in changes if change not in left] for changes in (creates, deletes))
    changes = tuple(with_digest(change, account.id) for change in ordered([*updates, *creates, *deletes]))
    conflicts = {item.change.address: item.conflict for item in compared if item.change and item.conflict}
    live = {kind: len(things) for kind, things in account.live.items() if kind in kinds}
    return Plan(
        environment=scope.environment,
        account=account.id,
        changes=changes,
        guards=guards(changes, conflicts, live, scope),
        warnings=(
            *scope.warnings,
            *taken,
            *unknown_account_warning(account),
            *matches.warnings,
            *(finding for item in compared for finding in item.warnings),
            *(finding for change in left for finding in adopted(change.address, (), change.entry)),
            *prune.warnings(matches.unmanaged),
            *unverified_values(wanted, account),
        ),
        unreadable=_unreadable(wanted, account, kinds),
        unchanged=len(compared) - len(updates),
        unmanaged=sum(live.values()) - len(matches.pairs) - sum(change.is_tombstoned for change in changes),
        digest=plan_digest(change.digest for change in changes),
        ids={address: live.id for address, live in matches.pairs.items()},
        deployed=scope.deployed.commit if scope.deployed else None,
    )


def _dropped_kinds(desired: Desired, scope: Scope) -> frozenset[str]:
    """Return the kinds that are read because the deployed commit declared what no manifest declares now."""
    dropped = scope.deployed.dropped_kinds(desired) if scope.deployed else frozenset[str]()
    return frozenset(kind for kind in dropped if not scope.targets or may_match(scope.targets, kind))


def _comparison(account: Account, matches: Matches, reader: Reader, scope: Scope) -> Comparison:
    three_way = ThreeWay(scope.deployed, scope.deployed.ids(account.objects)) if scope.deployed else None
    return Comparison(reader, scope, _lasting_ids(matches, scope), three_way)


def _compared(
    wanted: Desired, account: Account, matches: Matches, comparison: Comparison
) -> tuple[list[Compared], list[Change]]:
    """The outcome for each entry that means a live object, and a create for each that means none."""
    entries = [entry for entry in wanted.entries.values() if entry.address.kind in account.live]
    pairs = [(entry, matches.pairs[entry.address]) for entry in entries if entry.address in matches.pairs]
    missing = [entry for entry in entries if entry.address not in matches.pairs]
    return list(comparison.pairs(pairs)), list(comparison.missing(missing))


def _lasting_ids(matches: Matches, scope: Scope) -> dict[Address, int]:
    """The remote ids that references may be resolved to; what is replaced gets another."""
    return {address: live.id for address, live in matches.pairs.items() if address not in scope.replaces}


def _unreadable(desired: Desired, account: Account, kinds: frozenset[str]) -> tuple[UnreadableKind, ...]:
    return tuple(
        UnreadableKind(kind, reason, tuple(entry.address for entry in desired.of_kind(kind)))
        for kind, reason in sorted(account.refused.items())
        if kind in kinds
    )
