"""The plan for a terminal: Terraform's signs, one line a change, texts as a short diff."""

from collections.abc import Iterator

from mjsync.engine.plan import Action, Change, FieldChange, Guard, Plan, Result
from mjsync.errors import Finding
from mjsync.render.differences import diff_lines
from mjsync.render.lines import Line, diff_line
from mjsync.render.text import LONGEST_LINE, MOST_LINES, columns, padded, size, visible
from mjsync.render.values import as_text, is_long, moved, people, quoted

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.REPLACE: "±", Action.RENAME: "→"}
STYLES = {"+": "green", "~": "yellow", "-": "red", "±": "magenta", "→": "cyan"}
RESULTS = {"applied": "done", "failed": "failed", "skipped": "skipped", "unknown": "unknown"}

WIDTH = 120
"""Columns of the page, where no terminal says otherwise."""
WIDEST_ADDRESS, WIDEST_NAME = 44, 28
"""Columns that addresses, and names of fields, are aligned to; longer ones stick out."""


def plan_lines(plan: Plan, width: int = WIDTH) -> Iterator[Line]:
    """The plan, line by line, for a page of so many columns."""
    widths = [columns(visible(str(change.address))) for change in plan.changes]
    aligned = max((wide for wide in widths if wide <= WIDEST_ADDRESS), default=0)
    for change in plan.changes:
        yield from change_lines(change, aligned, width)
    if plan.changes:
        yield "", ""
    for guard in plan.guards:
        yield from _guard_lines(guard)
    yield from _totals(plan)


def change_lines(change: Change, aligned: int = 0, width: int = WIDTH) -> Iterator[Line]:
    """One change: its line, then its fields, then its notes; `aligned` is the column that what happens starts at."""
    sign = SIGNS[change.action]
    yield f"{sign} {padded(visible(str(change.address)), aligned)}  {headline(change)}", f"bold {STYLES[sign]}"
    # The headline of anything but an update says the name.
    fields = [field for field in change.fields if field.path != "name" or change.action is Action.UPDATE]
    names = max((len(field.path) for field in fields if len(field.path) <= WIDEST_NAME), default=0)
    for field in fields:
        named = f"    {padded(f'{visible(field.path)}:', names + 1)} "
        yield from _field_lines(field, named, width, is_new=change.action in (Action.CREATE, Action.REPLACE))
    if change.people is not None and change.people.number != 0:
        yield f"    ! touches {people(change)}", "bold red"
    for note in change.notes:
        yield f"    # {visible(note)}", "dim"


def result_lines(results: tuple[Result, ...]) -> Iterator[Line]:
    """What became of each step that was not simply applied, and the counts."""
    for result in results:
        if result.error:
            style = "dim" if result.status == "skipped" else "bold red"
            yield f"{RESULTS[result.status]:8} {visible(str(result.error))}", style
    complete = all(result.status == "applied" for result in results)
    yield f"{verdict(results)}.", "bold green" if complete else "bold red"


def verdict(results: tuple[Result, ...]) -> str:
    """How an apply ended: `Apply complete: 3 applied`."""
    counts = {status: sum(result.status == status for result in results) for status in RESULTS}
    said = [f"{counts[status]} {status}" for status in RESULTS if counts[status] or status == "applied"]
    return f"Apply {'complete' if counts['applied'] == len(results) else 'ended in part'}: {', '.join(said)}"


def finding_lines(findings: tuple[Finding, ...]) -> Iterator[Line]:
    """Each finding, errors in red; codes that `lint:` can weigh are told."""
    for finding in findings:
        style = "red" if finding.severity == "error" else "yellow"
        code = f" [{finding.code}]" if finding.code.startswith("MJS") else ""
        yield f"{finding.severity}: {visible(str(finding))}{code}", style


def headline(change: Change) -> str:
    """What happens to which object: `update "Weekly" (id 7)`."""
    number = f" (id {change.live.id})" if change.live else ""
    if change.action is Action.RENAME and change.live:
        return f"rename {quoted(change.live.name)} → {quoted(change.name)}{number}"
    named = "" if change.name == change.address.handle else f" {quoted(change.name)}"
    return f"{change.action.value}{named}{number}"


def summary(plan: Plan) -> str:
    """The plan in one line."""
    if not plan.changes:
        return f"No changes. {plan.unchanged} objects match."
    parts = [f"{plan.count(action)} to {action.value}" for action in Action if plan.count(action)]
    return f"Plan: {', '.join(parts)}; {plan.unchanged} unchanged, {plan.unmanaged} unmanaged."


def _field_lines(change: FieldChange, named: str, width: int, *, is_new: bool) -> Iterator[Line]:
    line = f"{named}{moved(change, is_new=is_new)}"
    if is_new or change.secret:
        yield line, ""
        return
    both_texts = isinstance(change.before, str) and isinstance(change.after, str)
    if not is_long(change) and not (both_texts and columns(line) > width):
        yield line, ""
        return
    before, after = as_text(change.before), as_text(change.after)
    yield f"{named}{size(before)} → {size(after)}", ""
    indent = " " * 6
    longest = min(LONGEST_LINE, max(width - len(indent) - 1, 20))
    yield from (diff_line(line, indent, longest) for line in diff_lines(before, after, MOST_LINES))


def _guard_lines(guard: Guard) -> Iterator[Line]:
    if guard.lifted:
        yield f"approved: {visible(guard.address)}: {visible(guard.message)}", "dim"
        return
    yield f"refused: {visible(guard.address)}: {visible(guard.message)}", "bold red"
    yield f"         to allow it: {visible(guard.allow)}", "red"


def _totals(plan: Plan) -> Iterator[Line]:
    for kind in plan.unreadable:
        yield f"not read: {kind.kind}: {visible(str(kind.reason))}", "bold red"
    if not plan.changes:
        yield summary(plan), "bold green"
        return
    yield summary(plan), "bold"
    yield f"Digest: {plan.digest}", "dim"
