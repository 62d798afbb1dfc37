"""Approval by digest: the applied plan is the reviewed one, or what is left of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mjsync.engine.digest import plan_digest
from mjsync.engine.plan import Action, Change, Guard, Plan

_MADE = (Action.CREATE, Action.REPLACE)


@dataclass(frozen=True, slots=True)
class ApprovedStep:
    """One step of a reviewed plan; `id` is the object's, None for a create."""

    address: str
    action: Action
    id: int | None
    digest: str
    marks: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved.

    `digest` is the reviewed plan's. `steps` are those that are known: all of them where the plan itself is at hand
    (`is_whole`), else those a receipt of a run so approved tells as begun. `done` are digests of its applied steps.
    """

    digest: str
    account: int | None
    steps: tuple[ApprovedStep, ...] = ()
    done: frozenset[str] = frozenset()
    is_whole: bool = False


def unapproved(plan: Plan, approval: Approval) -> tuple[Guard, ...]:
    """A guard for each step that was not approved; nothing on the command line lifts it."""
    steps = {step.address: step for step in approval.steps}
    if not approval.is_whole:
        covered = [_covered(change, steps) for change in plan.changes]
        digests = {step.digest if step else change.digest for step, change in zip(covered, plan.changes, strict=True)}
        if not plan.changes or approval.digest in (plan.digest, plan_digest(digests | approval.done)):
            return ()
        message = f"the plan is {plan.digest} now, {approval.digest} was approved"
        return tuple(_guard(change, plan, message) for change in plan.changes)
    if approval.account != plan.account:
        message = f"the reviewed plan is for account {approval.account}, this key's is {plan.account}"
        return tuple(_guard(change, plan, message) for change in plan.changes)
    digests = {step.digest for step in approval.steps}
    return tuple(
        _guard(change, plan, _what_moved(change, steps.get(str(change.address))))
        for change in plan.changes
        if change.digest not in digests and not _covered(change, steps)
    )


def _covered(change: Change, steps: Mapping[str, ApprovedStep]) -> ApprovedStep | None:
    """The approved step that a change is a part of: same object, and no field but with the same before and after."""
    step = steps.get(str(change.address))
    if step is None or change.action.deletes or not change.field_digests.items() <= step.marks.items():
        return None
    if change.action is Action.CREATE:
        return step if step.action in _MADE else None
    return step if step.action in _MADE or (change.live and change.live.id == step.id) else None


def _what_moved(change: Change, step: ApprovedStep | None) -> str:
    if step is None:
        return "is not part of the reviewed plan"
    return "; ".join(_differences(change, step)) or "differs from the reviewed plan"


def _differences(change: Change, step: ApprovedStep) -> Iterator[str]:
    number = change.live.id if change.live else None
    if change.action is not step.action:
        yield f"the review saw {step.action.value}, now it is {change.action.value}"
    if number != step.id:
        yield f"the review saw {_object(step.id)}, now there is {_object(number)}"
    if moved := [
        path for path, (before, _) in change.field_digests.items() if step.marks.get(path, (before,))[0] != before
    ]:
        yield f"moved on the account since the review: {', '.join(moved)}"
    if asked := [
        path for path, (_, after) in change.field_digests.items() if step.marks.get(path, ("", after))[1] != after
    ]:
        yield f"the manifests now ask for something else: {', '.join(asked)}"
    if more := [path for path in change.field_digests if path not in step.marks]:
        yield f"differs now and did not then: {', '.join(more)}"


def _object(number: int | None) -> str:
    return "no such object" if number is None else f"id {number}"


def _guard(change: Change, plan: Plan, message: str) -> Guard:
    return Guard(
        "digest", str(change.address), message, f"review the plan as it is now, then say --digest {plan.digest}"
    )
