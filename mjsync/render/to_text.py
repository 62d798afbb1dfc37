"""Write the plan for a terminal: one line per change with Terraform's signs, texts as a short diff."""

import json
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from mjsync.engine.plan import Action, Change, FieldChange, Guard, Plan, Result
from mjsync.errors import Finding
from mjsync.render.groups import Group, Grouping, group_changes
from mjsync.render.terminal_lines import Line, Marked, diff_line
from mjsync.render.text import (
    LONGEST_LINE,
    MOST_LINES,
    abridged,
    columns,
    cut,
    finding_text,
    padded,
    size,
    sizes,
    visible,
)
from mjsync.render.text_diff import DiffLine, common, diff_lines
from mjsync.render.wording import (
    RESULTS,
    SIGNS,
    affected_people,
    apply_outcome,
    as_text,
    format_change,
    headline,
    is_long,
    note_text,
    plan_totals,
    side_lines,
)

if TYPE_CHECKING:
    from mjsync.engine.explain import ExplainedField, Explanation

STYLES = {"+": "green", "~": "yellow", "-": "red", "±": "magenta", "→": "cyan"}

Detail = Literal["brief", "normal", "wide"]

MIN_WIDTH = 40
"""Columns that prose is not wrapped below."""
WIDTH = 120
"""Columns of the page, where no terminal says otherwise."""
INDENT = " " * 6
"""The indentation of the lines of a diff."""
MAX_RAW_VALUE = 500
"""Characters of a raw value that `--explain` shows; longer ones are cut, with their size."""
RAW_CONTEXT = 60
"""Characters shown on both sides of the first difference of two long raw values."""
WIDEST_ADDRESS, WIDEST_NAME = 44, 28
"""Columns that addresses, and names of fields, are aligned to; longer ones stick out."""


def plan_lines(plan: Plan, terminal: int | None = None, detail: Detail = "normal") -> Iterator[Line]:
    """Yield the plan line by line for a terminal of `terminal` columns; None is a page, whose prose is not wrapped.

    `detail` brief leaves out the fields; wide shows all lines, uncut, and common differences in each change too.
    """
    grouping = Grouping() if detail == "wide" else group_changes(plan)
    for group in grouping.groups:
        yield from _group_lines(group, terminal, detail)
    widths = [columns(visible(str(change.address))) for change in plan.changes]
    aligned = max((wide for wide in widths if wide <= WIDEST_ADDRESS), default=0)
    theirs = [change for change in plan.changes if change.origin == "theirs"]
    for change in (change for change in plan.changes if change.origin != "theirs"):
        yield from change_lines(change, aligned, terminal, grouping, detail)
    if theirs:
        yield "", ""
        yield "Changed in Mailjet since the deployed commit:", "bold"
    for change in theirs:
        yield from change_lines(change, aligned, terminal, grouping, detail)
    if plan.changes:
        yield "", ""
    for note, count in grouping.notes.items():
        yield from wrapped(f"# {visible(note_text(note))} ({count} changes)", terminal, 2, "dim")
    for guard in plan.guards:
        yield from _guard_lines(guard, terminal)
    for kind, reason in plan.unreadable.items():
        yield from wrapped(f"not read: {kind}: {visible(str(reason))}", terminal, 10, "bold red")
    if plan.changes:
        yield from wrapped(plan_totals(plan), terminal, 6, "bold")
        yield f"Digest: {plan.digest}", "dim"
    else:
        yield plan_totals(plan), "bold green"


def change_lines(
    change: Change,
    aligned: int = 0,
    terminal: int | None = None,
    grouping: Grouping = Grouping(),  # noqa: B008 - an immutable value
    detail: Detail = "normal",
) -> Iterator[Line]:
    """Yield one change: its headline, its fields, its notes; `aligned` is the column at which headlines start."""
    sign = SIGNS[change.action]
    yield f"{sign} {padded(visible(str(change.address)), aligned)}  {headline(change)}", f"bold {STYLES[sign]}"
    # The headline of anything but an update has the name.
    shown_above = change.kind.rename_field if change.action is not Action.UPDATE else ""
    fields = [field for field in change.fields if field.path != shown_above]
    names = max((len(field.path) for field in fields if len(field.path) <= WIDEST_NAME), default=0)
    width = (terminal or WIDTH) if detail != "wide" else sys.maxsize
    for field in fields if detail != "brief" else ():
        named = f"    {padded(f'{visible(field.path)}:', names + 1)} "
        rest, groups = grouping.field(change, field)
        if groups:
            yield f"{named}{visible(', '.join(groups))}{' (above)' if rest is None else ' (above), and:'}", "dim"
        if rest:
            yield from _field_lines(rest, named, width, is_new=change.action in (Action.CREATE, Action.REPLACE))
    if people := affected_people(change):
        yield f"    ! touches {people}", "bold red"
    for note in change.notes if detail != "brief" else ():
        if note not in grouping.notes:
            yield from wrapped(f"    # {visible(note_text(note))}", terminal, 6, "dim")


def _group_lines(group: Group, terminal: int | None, detail: Detail) -> Iterator[Line]:
    """Yield a common difference: its cause, its lines, and the addresses of its changes."""
    yield f"* {visible(group.id)}  {visible(group.headline)} ({visible(group.path)})", "bold yellow"
    if detail != "brief":
        yield from _rows(group.lines[:MOST_LINES], terminal or WIDTH)
    addresses = ", ".join(visible(str(change.address)) for change in group.changes)
    yield from wrapped(f"    {addresses}", terminal, 4, "dim")


def result_lines(results: tuple[Result, ...]) -> Iterator[Line]:
    """Yield each step that was not applied, and the counts."""
    for result in results:
        if result.error:
            style = "dim" if result.status == "skipped" else "bold red"
            yield f"{RESULTS[result.status]:8} {visible(str(result.error))}", style
    complete = all(result.status == "applied" for result in results)
    yield f"{apply_outcome(results)}.", "bold green" if complete else "bold red"


def finding_lines(findings: tuple[Finding, ...], terminal: int | None = None) -> Iterator[Line]:
    """Yield each finding, errors in red."""
    for finding in abridged(findings):
        style = "red" if finding.severity == "error" else "yellow"
        yield from wrapped(f"{finding.severity}: {finding_text(finding)}", terminal, 4, style)


def _field_lines(change: FieldChange, named: str, width: int, *, is_new: bool) -> Iterator[Line]:
    if is_new or change.secret:
        used = len(f'"… ({size(str(change.after))})"') + (len(" (secret)") if change.secret else 0)
        longest = max(width - columns(named) - used, MIN_WIDTH // 2)
        longest = longest if width == sys.maxsize else min(longest, LONGEST_LINE)
        yield f"{named}{format_change(change, is_new=is_new, longest=longest)}", ""
        return
    if is_long(change):
        before, after = as_text(change.before), as_text(change.after)
        yield f"{named}{sizes(before, after)}", ""
        yield from _rows(diff_lines(before, after, MOST_LINES if width != sys.maxsize else width), width)
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
    longest = width if width == sys.maxsize else min(LONGEST_LINE, max(width - len(INDENT) - 1, MIN_WIDTH))
    yield from (diff_line(line, INDENT, longest) for line in lines)


def _guard_lines(guard: Guard, terminal: int | None) -> Iterator[Line]:
    verdict, style = ("approved", "dim") if guard.lifted else ("refused", "bold red")
    yield from wrapped(f"{verdict}: {visible(guard.address)}: {visible(guard.message)}", terminal, 9, style)
    if not guard.lifted:
        yield f"         to allow it: {visible(guard.allow)}", "red"


def wrapped(text: str, width: int | None, indent: int, style: str) -> Iterator[Line]:
    """Wrap prose to a width, all but the first line indented; unchanged where the width is None."""
    lines = [text]
    if width is not None and columns(text) > width:
        lines = textwrap.wrap(
            text,
            max(width, MIN_WIDTH),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    yield from ((line, style) for line in lines)


def explanation_lines(explanation: "Explanation") -> Iterator[Line]:
    """Yield the explanation of `plan --explain`, line by line."""
    entry, live = explanation.entry, explanation.live
    there = f"id {live.id}, {visible(live.name)!r}" if live else "nothing on the account"
    yield f"{visible(str(entry.address))}: {there}; stated at {entry.location}", "bold"
    for field in explanation.fields:
        verdict, style = ("equal", "green") if field.is_equal else ("differs", "yellow")
        yield f"  {field.name}: {verdict}", style
        yield from ((f"    {line}", "") for line in _sides(field))
        yield from ((f"    normalised: {visible(rule)}", "dim") for rule in field.rules)


def _sides(field: "ExplainedField") -> Iterator[str]:
    """Yield both sides of a field, and where they begin to differ if they are too long to be seen whole."""
    if field.wire:
        yield f"on the wire  {field.wire[0]} = {_raw(field.wire[1])}"
    yield f"live         {_raw(field.live)}"
    yield f"stated       {_raw(field.stated)}"
    if field.rules and (field.folded_live, field.folded_stated) != (field.live, field.stated):
        yield f"compared     {_raw(field.folded_live)} with {_raw(field.folded_stated)}"
    live, stated = field.folded_live, field.folded_stated
    are_texts = isinstance(live, str) and isinstance(stated, str)
    if live != stated and are_texts and max(len(live), len(stated)) >= MAX_RAW_VALUE:
        at, _ = common(live, stated)
        shown = slice(max(at - RAW_CONTEXT, 0), at + RAW_CONTEXT)
        yield f"from character {at + 1} on"
        yield from (f"  {side:10} {_raw(text[shown])}" for side, text in (("live", live), ("stated", stated)))


def _raw(value: Any) -> str:
    """Return a value as JSON, which shows blanks and line ends as they are."""
    return cut(json.dumps(value, ensure_ascii=False, default=list), MAX_RAW_VALUE)
