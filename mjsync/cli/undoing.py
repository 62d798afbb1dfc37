"""From a receipt to the plan that takes its run back."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from mjsync.api import ReadClient
from mjsync.cli.account import Workplace, project_of, workplace
from mjsync.cli.applying import Errand
from mjsync.cli.approving import approved, known
from mjsync.cli.asked import Asked
from mjsync.cli.globals import Globals
from mjsync.cli.progress import Meter
from mjsync.engine.plan import Plan
from mjsync.engine.scope import Thresholds
from mjsync.engine.target import is_target
from mjsync.engine.undo import Undo, build_undo_plan
from mjsync.errors import Finding, ManifestError, Refused, WrongUse
from mjsync.journal.receipt import Receipt
from mjsync.journal.run_store import RunStore
from mjsync.resources.address import Address


def workplace_of(
    named: str, options: Globals, asked: Asked, recover: Callable[[Errand], None]
) -> tuple[Workplace, Receipt]:
    """The receipt, and the environment it is of; runs that were killed get theirs first. Raises WrongUse."""
    tree, _ = project_of(options)
    recover(Errand(workplace(options, any_environment=True), asked))
    receipt = RunStore.of(tree.root, asked.receipts).find(named)
    environment = str(receipt.document["environment"])
    if options.environment not in (None, environment):
        message = f"that run was on {environment}, not on {options.environment}"
        raise WrongUse(message, f"Say -e {environment}, or leave it out.")
    return workplace(replace(options, environment=environment)), receipt


def plan_back(receipt: Receipt, place: Workplace, client: ReadClient, asked: Asked, meter: Meter) -> Plan:
    """What takes the run back. Raises Refused where the key is of another account, WrongUse, ApiError.

    Ratio guards do not stand against it: it deletes what that run made and nobody changed since.
    """
    past = [step for step in receipt.steps() if is_target(step.address, asked.targets)]
    for target in asked.targets:
        if not any(is_target(step.address, (target,)) for step in past):
            message = f"--target {target} fits nothing that run did"
            raise WrongUse(message, f"`mjsync runs show {receipt.id}` lists its steps.")
    scope = place.scope(meter, asked.concurrency)
    scope = replace(
        scope,
        approvals=asked.approvals,
        known_objects=known(place, asked) | frozenset(receipt.known_objects),
        thresholds=Thresholds(1.0, 1.0, scope.thresholds.max_people),
    )
    try:
        plan = build_undo_plan(past, Undo(client, scope, str(receipt.path), _protected(place)))
    finally:
        meter.done()
    if not receipt.is_of(place.name, plan.account):
        message = f"that run was on account {receipt.document['account']}, and this key's is {plan.account}"
        raise Refused([Finding("wrong-account", message, "Use the keys of that account.")])
    return replace(approved(plan, place, asked), requests=client.trace.counts)


def _protected(place: Workplace) -> frozenset[Address]:
    """What the manifests protect now; broken manifests must not stand in the way of taking a run back."""
    with suppress(ManifestError):
        entries = place.load(strict=False).desired.entries
        return frozenset(address for address, entry in entries.items() if entry.resource.protect)
    return frozenset()
