"""Compare a plan with the reviewed one by digests: only its steps, or those that are left, may be applied.

Digests are the same on every machine.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mjsync.engine.plan import Action, Change, FieldChange, Guard, Plan

_MARK = 24
"""Hexadecimal digits of a mark: 96 bits, as many as a change of one field in one step needs."""


def with_digest(change: Change, account: int | None) -> Change:
    """Return the change with the digest of its step and the marks of its fields.

    The step's is SHA-256 over account, address, action, object id and each field's before and after. Values enter as
    they compare (order where it does not count, line ends, blanks), references as the manifest writes them, secrets as
    their tag; runtime fields, notes and the order of steps do not enter. Each value is written as JSON once.
    """
    fields, marks = list[str](), dict[str, tuple[str, str]]()
    for field in sorted(change.fields, key=lambda field: field.path):
        before, after = map(_json, _sides(change, field))
        fields.append(f"[{_json(field.path)},{before},{after}]")
        marks[field.path] = _mark(before), _mark(after)
    content = {
        "account": _json(account),
        "action": _json(change.action.value),
        "address": _json(str(change.address)),
        "fields": f"[{','.join(fields)}]",
        "id": _json(change.live.id if change.live else None),
    }
    text = ",".join(f'"{word}":{value}' for word, value in content.items())
    return replace(change, digest=_digest(f"{{{text}}}"), field_digests=marks)


def plan_digest(steps: Iterable[str]) -> str:
    """SHA-256 over the sorted digests of the steps."""
    return _digest(_json(sorted(steps)))


def value_mark(value: Any) -> str:
    """Return a short hash of one normalized value; equal marks mean equal values."""
    return _mark(_json(value))


def _sides(change: Change, field: FieldChange) -> tuple[Any, Any]:
    if field.secret:
        return field.before_tag, field.after_tag
    after = field.after if field.stated is None else field.stated
    spec = change.kind.spec(field.path)
    return spec.normalized(field.before), spec.normalized(after)


def _mark(text: str) -> str:
    return _NO_VALUE if text == "null" else hashlib.sha256(text.encode()).hexdigest()[:_MARK]


_NO_VALUE = hashlib.sha256(b"null").hexdigest()[:_MARK]
"""The mark of null: that of each field of a create before it."""


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _json(value: Any) -> str:
    """Return a value as canonical JSON: equal values give equal text, which is ASCII."""
    return "null" if value is None else _encode(value)


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
    """Return a guard for each step that was not approved; nothing on the command line lifts it."""
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
    """Return the approved step that contains a change: the same object, each field with the same before and after."""
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
        yield f"changed on the account since the review: {', '.join(moved)}"
    if desired := [
        path for path, (_, after) in change.field_digests.items() if step.marks.get(path, ("", after))[1] != after
    ]:
        yield f"the manifests changed since the review: {', '.join(desired)}"
    if more := [path for path in change.field_digests if path not in step.marks]:
        yield f"differs now, and did not in the review: {', '.join(more)}"


def _object(number: int | None) -> str:
    return "no such object" if number is None else f"id {number}"


def _guard(change: Change, plan: Plan, message: str) -> Guard:
    return Guard(
        "digest", str(change.address), message, f"review the plan as it is now, then use --digest {plan.digest}"
    )
