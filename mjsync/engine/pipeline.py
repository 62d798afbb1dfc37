"""The road from what is asked to a plan: read, match, compare, order, guard."""

from mjsync.engine.compare import Comparison
from mjsync.engine.digest import digested, plan_digest
from mjsync.engine.guard import guards
from mjsync.engine.knowledge import doubts, knowledge_needed
from mjsync.engine.match import match
from mjsync.engine.order import ordered
from mjsync.engine.plan import Plan, Unreadable
from mjsync.engine.prune import Prune
from mjsync.engine.read import Account, check_pin, read, whose
from mjsync.engine.scope import Scope
from mjsync.engine.target import check_targets, targeted
from mjsync.resources import KNOWLEDGE
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader


def make_plan(desired: Desired, reader: Reader, scope: Scope) -> Plan:
    """Say what would make the account match the manifests; change nothing.

    Raises PlanError, Refused (another account), WrongUse (a target or an approval that fits nothing), ApiError.
    """
    wanted, taken = targeted(desired, scope.targets)
    account = read(wanted.kinds_named | knowledge_needed(wanted), reader, scope)
    check_pin(account, scope)
    matches = match(desired, account.live)
    check_targets(scope.targets, desired, account)
    ids = {address: live.id for address, live in matches.pairs.items()}
    entries = [entry for entry in wanted.entries.values() if entry.address.kind in account.live]
    known = {address: number for address, number in ids.items() if address not in scope.replaces}
    comparison = Comparison(reader, scope, known)
    pairs = [(entry, matches.pairs[entry.address]) for entry in entries if entry.address in matches.pairs]
    compared = list(comparison.pairs(pairs))
    prune = Prune(desired, account, scope)
    deletes = prune.deletes(matches.unmanaged, reader)
    updates = [outcome.change for outcome in compared if outcome.change]
    creates = comparison.missing([entry for entry in entries if entry.address not in matches.pairs])
    changes = tuple(digested(change, account.id) for change in ordered([*updates, *creates, *deletes]))
    conflicts = {item.change.address: item.conflict for item in compared if item.change and item.conflict}
    live = {kind: len(things) for kind, things in account.live.items() if kind not in KNOWLEDGE}
    said = (finding for item in compared for finding in item.warnings)
    return Plan(
        environment=scope.environment,
        account=account.id,
        changes=changes,
        guards=guards(changes, conflicts, live, scope),
        warnings=(
            *scope.warnings,
            *taken,
            *whose(account),
            *matches.warnings,
            *said,
            *prune.warnings(),
            *doubts(wanted, account),
        ),
        unreadable=_unreadable(wanted, account),
        unchanged=len(pairs) - len(updates),
        unmanaged=sum(live.values()) - len(matches.pairs) - sum(change.is_tombstoned for change in changes),
        digest=plan_digest(change.digest for change in changes),
        ids=ids,
    )


def _unreadable(desired: Desired, account: Account) -> tuple[Unreadable, ...]:
    return tuple(
        Unreadable(kind, reason, tuple(entry.address for entry in desired.of_kind(kind)))
        for kind, reason in sorted(account.refused.items())
        if kind not in KNOWLEDGE
    )
