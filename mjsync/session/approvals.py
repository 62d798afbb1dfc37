"""Compare a plan with the one that was reviewed: a plan file, a digest, or a plan that was shown."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mjsync.engine.approval import Approval, ApprovedStep, unapproved
from mjsync.engine.plan import Action, Guard, Plan
from mjsync.errors import WrongUse
from mjsync.journal.run_store import RunStore
from mjsync.redaction import Tagger
from mjsync.session.options import PlanOptions, file_for

PLAN_FORMAT, PLANS_FORMAT = "mjsync-plan/1", "mjsync-plans/1"


def approval_guards(plan: Plan, options: PlanOptions, store: RunStore, tagger: Tagger) -> tuple[Guard, ...]:
    """Return a guard for each step that was not reviewed. Raises WrongUse where the plan file is not one."""
    approvals = []
    if options.plan_file is not None:
        approvals.append(_from_file(file_for(plan.environment, options.plan_file), plan.environment))
    if options.digest is not None:
        approvals.append(_from_receipts(plan, options.digest, store, tagger))
    if options.reviewed is not None:
        approvals.append(_from_plan(options.reviewed))
    return tuple(guard for approval in approvals for guard in unapproved(plan, approval))


def _from_plan(plan: Plan) -> Approval:
    steps = tuple(
        ApprovedStep(
            str(change.address),
            change.action,
            change.live.id if change.live else None,
            change.digest,
            change.field_digests,
        )
        for change in plan.changes
    )
    return Approval(plan.digest, plan.account, steps, is_whole=True)


def _from_file(file: Path, environment: str) -> Approval:
    """Return what a plan file approves; a file of several environments has a plan for each."""
    way_out = "Name a file that `mjsync plan --out plan.json` wrote."
    try:
        document = json.loads(file.read_bytes())
        if document["format"] == PLANS_FORMAT:
            document = next((each for each in document["plans"] if each["environment"] == environment), document)
        if document["format"] != PLAN_FORMAT:
            message = f"{file} contains no {PLAN_FORMAT} of {environment}, but {document['format']}"
            raise WrongUse(message, way_out)
        steps = tuple(_step(change) for change in document["changes"])
        account = document["account"]
        return Approval(document["digest"], None if account is None else int(account), steps, is_whole=True)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise WrongUse(message, way_out) from None
    except (ValueError, KeyError, TypeError):
        message = f"{file} is not a plan file"
        raise WrongUse(message, way_out) from None


def _from_receipts(plan: Plan, digest: str, store: RunStore, tagger: Tagger) -> Approval:
    """Return what is approved by a digest: its plan, and the steps that signed receipts of runs under it record."""
    runs = [
        receipt
        for receipt in store.all(whole=True)
        if receipt.document["approved"] == digest
        and receipt.is_of(plan.environment, plan.account)
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
