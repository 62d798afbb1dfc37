"""What was approved before: the steps of a reviewed plan, and what receipts know of runs under it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mjsync.cli.account import Workplace
from mjsync.cli.asked import Asked, file_for
from mjsync.engine.approval import Approval, ApprovedStep, unapproved
from mjsync.engine.plan import Action, Plan
from mjsync.errors import WrongUse
from mjsync.journal.run_store import RunStore
from mjsync.redaction import Tagger
from mjsync.render.multi_environment import FORMAT as SEVERAL
from mjsync.render.to_json import FORMAT


def known(place: Workplace, asked: Asked) -> frozenset[tuple[str, int]]:
    """Kind and id of every object that a receipt of this environment names as its own."""
    folder = RunStore.of(place.tree.root, asked.receipts)
    return frozenset(
        pair for receipt in folder.all() if receipt.is_of(place.name, None) for pair in receipt.known_objects
    )


def approved(plan: Plan, place: Workplace, asked: Asked) -> Plan:
    """The plan with a guard for each step that was not approved. Raises WrongUse for a plan file that is none."""
    guards = plan.guards
    if asked.plan_file is not None:
        guards += unapproved(plan, _of_file(file_for(place.name, asked.plan_file), place.name))
    if asked.digest is not None:
        guards += unapproved(plan, _of_receipts(plan, place, asked.digest, asked))
    return replace(plan, guards=guards)


def _of_file(file: Path, environment: str) -> Approval:
    """What a plan file approves; one of several environments holds a plan for each."""
    way_out = "Name a file that `mjsync plan --out plan.json` wrote."
    try:
        document = _of_environment(json.loads(file.read_bytes()), environment)
        if document["format"] != FORMAT:
            message = f"{file} holds no {FORMAT} of {environment}, but {document['format']}"
            raise WrongUse(message, way_out)
        steps = tuple(_step(change) for change in document["changes"])
        account = document["account"]
        return Approval(document["digest"], None if account is None else int(account), steps, is_whole=True)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise WrongUse(message, way_out) from None
    except (ValueError, KeyError, TypeError):
        message = f"{file} is no plan"
        raise WrongUse(message, way_out) from None


def _of_environment(document: Mapping[str, Any], environment: str) -> Mapping[str, Any]:
    """The document itself, or the one of this environment in a plan of several."""
    if document["format"] != SEVERAL:
        return document
    return next((plan for plan in document["plans"] if plan["environment"] == environment), document)


def _of_receipts(plan: Plan, place: Workplace, digest: str, asked: Asked) -> Approval:
    folder, tagger = RunStore.of(place.tree.root, asked.receipts), Tagger.of(place.keys()[1])
    runs = [
        receipt
        for receipt in folder.all(whole=True)
        if receipt.document["approved"] == digest
        and receipt.is_of(place.name, plan.account)
        and receipt.is_signed(tagger)
    ]
    begun = tuple(_step(step) for receipt in runs for step in receipt.begun)
    done = frozenset(step for receipt in runs for step in receipt.applied)
    return Approval(digest, plan.account, begun, done)


def _step(step: Mapping[str, Any]) -> ApprovedStep:
    number = step.get("planned_id", step["id"])
    marks = {path: (before, after) for path, (before, after) in step["marks"].items()}
    return ApprovedStep(
        step["address"], Action(step["action"]), None if number is None else int(number), step["digest"], marks
    )
