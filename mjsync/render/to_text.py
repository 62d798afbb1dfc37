"""The plan for a terminal: Terraform's signs, one line a change, texts as a short diff."""

from collections.abc import Iterable, Iterator

from mjsync.engine.plan import Action, Change, FieldChange, Guard, Plan, Result
from mjsync.errors import Finding
from mjsync.render.terminal_lines import NARROWEST, Line, Marked, diff_line, wrapped
from mjsync.render.text import LONGEST_LINE, MOST_LINES, columns, padded, size, visible
from mjsync.render.text_diff import DiffLine, diff_lines
from mjsync.render.values import as_text, format_change, is_long, people, quoted, side_lines

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.REPLACE: "±", Action.RENAME: "→"}
STYLES = {"+": "green", "~": "yellow", "-": "red", "±": "magenta", "→": "cyan"}
RESULTS = {"applied": "done", "failed": "failed", "skipped": "skipped", "unknown": "unknown"}

WIDTH = 120
"""Columns of the page, where no terminal says otherwise."""
INDENT = " " * 6
"""Stands before the lines of a diff."""
WIDEST_ADDRESS, WIDEST_NAME = 44, 28
"""Columns that addresses, and names of fields, are aligned to; longer ones stick out."""


def plan_lines(plan: Plan, terminal: int | None = None) -> Iterator[Line]:
    """The plan, line by line, for a terminal of so many columns; None stands for a page, whose prose is not wrapped."""
    widths = [columns(visible(str(change.address))) for change in plan.changes]
    aligned = max((wide for wide in widths if wide <= WIDEST_ADDRESS), default=0)
    for change in plan.changes:
        yield from change_lines(change, aligned, terminal)
    if plan.changes:
        yield "", ""
    for guard in plan.guards:
        yield from _guard_lines(guard, terminal)
    yield from _totals(plan, terminal)


def change_lines(change: Change, aligned: int = 0, terminal: int | None = None) -> Iterator[Line]:
    """One change: its line, then its fields, then its notes; `aligned` is the column that what happens starts at."""
    sign = SIGNS[change.action]
    yield f"{sign} {padded(visible(str(change.address)), aligned)}  {headline(change)}", f"bold {STYLES[sign]}"
    # The headline of anything but an update says the name.
    fields = [field for field in change.fields if field.path != "name" or change.action is Action.UPDATE]
    names = max((len(field.path) for field in fields if len(field.path) <= WIDEST_NAME), default=0)
    for field in fields:
        named = f"    {padded(f'{visible(field.path)}:', names + 1)} "
        yield from _field_lines(
            field, named, terminal or WIDTH, is_new=change.action in (Action.CREATE, Action.REPLACE)
        )
    if change.affected_contacts is not None and change.affected_contacts.number != 0:
        yield f"    ! touches {people(change)}", "bold red"
    for note in change.notes:
        yield from ((line, "dim") for line in wrapped(f"    # {visible(note)}", terminal, 6))


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


def finding_lines(findings: tuple[Finding, ...], terminal: int | None = None) -> Iterator[Line]:
    """Each finding, errors in red; codes that `lint:` can weigh are told."""
    for finding in findings:
        style = "red" if finding.severity == "error" else "yellow"
        code = f" [{finding.code}]" if finding.code.startswith("MJS") else ""
        said = f"{finding.severity}: {visible(str(finding))}{code}"
        yield from ((line, style) for line in wrapped(said, terminal, 4))


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
    if is_new or change.secret:
        taken = len(f'"… ({size(as_text(change.after))})"') + (len(" (secret)") if change.secret else 0)
        room = max(width - columns(named) - taken, NARROWEST // 2)
        yield f"{named}{format_change(change, is_new=is_new, longest=min(room, LONGEST_LINE))}", ""
        return
    if is_long(change):
        before, after = as_text(change.before), as_text(change.after)
        yield f"{named}{size(before)} → {size(after)}", ""
        yield from _rows(diff_lines(before, after, MOST_LINES), width)
        return
    old, new = side_lines(change)
    line = f"{named}{old.text} → {new.text}"
    if columns(line) > width:
        yield named.rstrip(), ""
        yield from _rows((old, new), width)
        return
    starts = ((len(named), old), (len(line) - len(new.text), new))
    marks = tuple((start + first, start + last) for start, side in starts for first, last in side.marks)
    yield Marked(line, marks), ""


def _rows(lines: Iterable[DiffLine], width: int) -> Iterator[Line]:
    longest = min(LONGEST_LINE, max(width - len(INDENT) - 1, NARROWEST))
    yield from (diff_line(line, INDENT, longest) for line in lines)


def _guard_lines(guard: Guard, terminal: int | None) -> Iterator[Line]:
    verdict, style = ("approved", "dim") if guard.lifted else ("refused", "bold red")
    said = f"{verdict}: {visible(guard.address)}: {visible(guard.message)}"
    yield from ((line, style) for line in wrapped(said, terminal, 9))
    if not guard.lifted:
        yield f"         to allow it: {visible(guard.allow)}", "red"


def _totals(plan: Plan, terminal: int | None) -> Iterator[Line]:
    for kind in plan.unreadable:
        said = f"not read: {kind.kind}: {visible(str(kind.reason))}"
        yield from ((line, "bold red") for line in wrapped(said, terminal, 10))
    if not plan.changes:
        yield summary(plan), "bold green"
        return
    yield from ((line, "bold") for line in wrapped(summary(plan), terminal, 6))
    yield f"Digest: {plan.digest}", "dim"
