"""Write plans, results and findings as JSON documents (`mjsync-plan/1`, `mjsync-findings/1`, `mjsync-error/1`)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mjsync.engine.plan import Action, Change, FieldChange, Plan
from mjsync.errors import Finding
from mjsync.render.groups import Group, Grouping, group_changes
from mjsync.render.text_diff import unified

if TYPE_CHECKING:
    from mjsync.render.report import Report

LONGEST = 64 * 1024
"""Bytes of a value up to which it is written whole; longer ones as size and hash, with a diff."""
SAFE = 2**53
"""Integers beyond it are written as strings: JavaScript would round them."""


def plan_json(plan: Plan, version: str) -> dict[str, Any]:
    """Build the document of a plan."""
    grouping = group_changes(plan)
    return {
        "format": "mjsync-plan/1",
        "version": version,
        "environment": plan.environment,
        "account": number(plan.account),
        "digest": plan.digest,
        **({"deployed": plan.deployed} if plan.deployed else {}),
        **({"rehearsed": True} if plan.is_rehearsed else {}),
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "unchanged": plan.unchanged,
            "unmanaged": plan.unmanaged,
        },
        "requests": dict(plan.requests),
        "groups": [_group(group) for group in grouping.groups],
        "changes": [_change(change, grouping) for change in plan.changes],
        "guards": [asdict(guard) for guard in plan.guards],
        "warnings": [
            *(finding.as_json() for finding in plan.warnings),
            *({**why.as_json(), "severity": "warning", "address": kind} for kind, why in plan.unreadable.items()),
        ],
    }


def report_json(report: "Report") -> dict[str, Any]:
    """Build the document of a report: the plan, after an apply with the result of each change and the receipt."""
    document = plan_json(report.plan, report.version)
    if report.is_applied:
        for change, result in zip(document["changes"], report.results, strict=True):
            change["result"] = result.status
            change["error"] = result.error.as_json() if result.error else None
            change["id"] = number(result.id) if result.id is not None else change["id"]
        document["warnings"] += [warning.as_json() for result in report.results for warning in result.warnings]
        document["receipt"] = report.receipt
    return document


def findings_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Build the document of findings."""
    return {"format": "mjsync-findings/1", "findings": [finding.as_json() for finding in findings]}


def number(value: int | None) -> int | str | None:
    """Write a number as JavaScript can represent it: as text beyond 2^53."""
    return str(value) if value is not None and abs(value) > SAFE else value


def _group(group: Group) -> dict[str, Any]:
    return {
        "group": group.id,
        "message": group.headline,
        "path": group.path,
        "diff": "\n".join(f"{line.sign}{line.text}" for line in group.lines),
        "addresses": [str(change.address) for change in group.changes],
    }


def _change(change: Change, grouping: Grouping) -> dict[str, Any]:
    groups, people = grouping.by_step.get(change.step, ()), change.affected_contacts
    return {
        "step": change.step,
        "address": str(change.address),
        "kind": change.kind.name,
        "handle": change.address.handle,
        "name": change.name,
        "id": number(change.live.id) if change.live else None,
        "action": change.action.value,
        **({"origin": change.origin} if change.origin else {}),
        "digest": change.digest,
        "marks": {path: list(pair) for path, pair in change.field_digests.items()},
        "needs": [str(need) for need in change.needs],
        "group": groups[0].id if groups else None,
        "fields": [_field(field, grouping.field(change, field)[1]) for field in change.fields],
        "risk": change.risk,
        "impact": {
            **({change.kind.contact_noun: people.number, "exact": people.exact} if people else {}),
            **change.usage,
        },
        "notes": list(change.notes),
    }


def _field(change: FieldChange, groups: Sequence[str]) -> dict[str, Any]:
    field: dict[str, Any] = {
        "path": change.path,
        "before": _value(change.before),
        "after": _value(change.after),
        "secret": change.secret,
        **({"group": groups[0]} if groups else {}),
        **({"origin": change.origin} if change.origin else {}),
    }
    if change.secret:
        field |= {"before_tag": change.before_tag, "after_tag": change.after_tag}
    if isinstance(field["before"], Mapping) or isinstance(field["after"], Mapping):
        field["diff"] = "\n".join(unified(str(change.before or ""), str(change.after or "")))
    return field


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    content = value.encode("utf-8", "surrogatepass")
    if len(content) <= LONGEST:
        return value
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
