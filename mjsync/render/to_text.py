"""The plan for a terminal: Terraform's signs, one line a change, texts as a short diff."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mjsync.engine.plan import Action, Change, FieldChange, Guard, Plan, Result
from mjsync.errors import Finding
from mjsync.render.text import MOST_LINES, cut, size, unified, visible

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.REPLACE: "±", Action.RENAME: "→"}
STYLES = {"+": "green", "~": "yellow", "-": "red", "±": "magenta", "→": "cyan"}
RESULTS = {"applied": "done", "failed": "failed", "skipped": "skipped", "unknown": "unknown"}

Line = tuple[str, str]
"""A line and its style: a colour, `bold`, `dim`, or nothing."""


def plan_lines(plan: Plan) -> Iterator[Line]:
    """The plan, line by line."""
    width = max((len(visible(str(change.address))) for change in plan.changes), default=0)
    for change in plan.changes:
        yield from change_lines(change, width)
    if plan.changes:
        yield "", ""
    for guard in plan.guards:
        yield from _guard_lines(guard)
    yield from _totals(plan)


def change_lines(change: Change, width: int = 0) -> Iterator[Line]:
    """One change: its line, then its fields, then its notes."""
    sign = SIGNS[change.action]
    yield f"{sign} {visible(str(change.address)):{width}}  {_headline(change)}", f"bold {STYLES[sign]}"
    for field in change.fields:
        if field.path == "name" and change.action is not Action.UPDATE:
            continue  # the headline says it
        yield from _field_lines(field, is_new=change.action in (Action.CREATE, Action.REPLACE))
    if change.people is not None and change.people.number != 0:
        yield f"    ! touches {_people(change)}", "bold red"
    for note in change.notes:
        yield f"    # {visible(note)}", "dim"


def result_lines(results: tuple[Result, ...]) -> Iterator[Line]:
    """What became of each step that was not simply applied, and the counts."""
    for result in results:
        if result.error:
            style = "dim" if result.status == "skipped" else "bold red"
            yield f"{RESULTS[result.status]:8} {_finding(result.error)}", style
    counts = {status: sum(result.status == status for result in results) for status in RESULTS}
    said = [f"{counts[status]} {status}" for status in RESULTS if counts[status] or status == "applied"]
    complete = counts["applied"] == len(results)
    yield (
        f"Apply {'complete' if complete else 'ended in part'}: {', '.join(said)}.",
        "bold green" if complete else "bold red",
    )


def finding_lines(findings: tuple[Finding, ...]) -> Iterator[Line]:
    """Each finding, errors in red."""
    for finding in findings:
        yield f"{finding.severity}: {_finding(finding)}", "red" if finding.severity == "error" else "yellow"


def _headline(change: Change) -> str:
    number = f" (id {change.live.id})" if change.live else ""
    if change.action is Action.RENAME and change.live:
        return f"rename {_quoted(change.live.name)} → {_quoted(change.name)}{number}"
    named = "" if change.name == change.address.handle else f" {_quoted(change.name)}"
    return f"{change.action.value}{named}{number}"


def _field_lines(change: FieldChange, *, is_new: bool) -> Iterator[Line]:
    if change.secret:
        yield f"    {change.path}: {_secret(change, is_new=is_new)}", ""
    elif is_new:
        yield f"    {change.path}: {_value(change.after)}", ""
    elif _is_long(change):
        before, after = _text(change.before), _text(change.after)
        yield f"    {change.path}: {size(before)} → {size(after)}", ""
        diff = unified(before, after)
        for line in islice(diff, MOST_LINES):
            yield f"      {line[:1]}{cut(line[1:])}", {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
        rest = sum(1 for _ in diff)
        if rest:
            yield f"      … {rest} more lines of this diff", "dim"
    else:
        yield f"    {change.path}: {_value(change.before)} → {_value(change.after)}", ""


def _secret(change: FieldChange, *, is_new: bool) -> str:
    if is_new:
        return f"{_value(change.after)} (secret)"
    differ = change.before_tag != change.after_tag
    said = "" if change.after_tag is None else " (secret, differs)" if differ else " (secret, the same)"
    return f"{_value(change.before)} → {_value(change.after)}{said}"


def _is_long(change: FieldChange) -> bool:
    sides = (change.before, change.after)
    lines = change.is_text and any(isinstance(side, str) and side for side in sides)
    return lines or any(isinstance(side, str) and "\n" in side.strip("\n") for side in sides)


def _value(value: Any) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(cut(str(item)) for item in value)}]"
    if isinstance(value, str) and value.count("\n") > 1:
        return f"{size(value)}, {len(value.splitlines())} lines"
    return _quoted(value) if isinstance(value, str) else cut(str(value))


def _quoted(text: str) -> str:
    return f'"{cut(text)}"'


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _people(change: Change) -> str:
    count = change.people
    if count is None or count.number is None:
        return f"an unknown number of {change.kind.people_word}"
    return f"{'' if count.exact else 'at least '}{count.number} {change.kind.people_word}"


def _guard_lines(guard: Guard) -> Iterator[Line]:
    if guard.lifted:
        yield f"approved: {visible(guard.address)}: {visible(guard.message)}", "dim"
        return
    yield f"refused: {visible(guard.address)}: {visible(guard.message)}", "bold red"
    yield f"         to allow it: {visible(guard.allow)}", "red"


def _totals(plan: Plan) -> Iterator[Line]:
    for kind in plan.unreadable:
        yield f"not read: {kind.kind}: {_finding(kind.reason)}", "bold red"
    if not plan.changes:
        yield f"No changes. {plan.unchanged} objects match.", "bold green"
        return
    parts = [f"{plan.count(action)} to {action.value}" for action in Action if plan.count(action)]
    yield f"Plan: {', '.join(parts)}; {plan.unchanged} unchanged, {plan.unmanaged} unmanaged.", "bold"
    yield f"Digest: {plan.digest}", "dim"


def _finding(finding: Finding) -> str:
    return visible(str(finding))
