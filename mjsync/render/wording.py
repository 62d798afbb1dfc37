"""Word the parts of a plan in one line each: values, changes, totals and results, the same in every format."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mjsync.engine.plan import Action, Change, FieldChange, Plan, Result
from mjsync.errors import counted
from mjsync.render.text import LONGEST_LINE, cut, size
from mjsync.render.text_diff import DiffLine, changed_words
from mjsync.resources import KINDS

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.REPLACE: "±", Action.RENAME: "→"}
_VERBS = {
    Action.UPDATE: ("changes", "change"),
    Action.CREATE: ("is new", "are new"),
    Action.RENAME: ("is renamed", "are renamed"),
    Action.REPLACE: ("is deleted and created again", "are deleted and created again"),
    Action.DELETE: ("is deleted", "are deleted"),
}
RESULTS = {"applied": "done", "failed": "failed", "skipped": "skipped", "unknown": "unknown"}


def headline(change: Change) -> str:
    """Return what happens to which object: `update "Weekly" (id 7)`."""
    number = f" (id {change.live.id})" if change.live else ""
    if change.action is Action.RENAME and change.live:
        return f'rename "{cut(change.live.name)}" → "{cut(change.name)}"{number}'
    named = "" if change.name == change.address.handle else f' "{cut(change.name)}"'
    return f"{change.action.value}{named}{number}"


def plan_totals(plan: Plan) -> str:
    """Return the counts of a plan in one line."""
    count, objects = len(plan.changes), counted(len(plan.changes) + plan.unchanged, "object")
    if not plan.changes:
        end = f"{objects} {'matches' if plan.unchanged == 1 else 'match'}."
        return f"Nothing to do in what could be read: {end}" if plan.unreadable else f"No changes. {end}"
    if plan.is_drift:
        verb = "differs" if count == 1 else "differ"
        return f"Drift: {count} of {objects} {verb} from commit {str(plan.deployed)[:12]}."
    parts = [f"{plan.count(action)} to {action.value}" for action in Action if plan.count(action)]
    return f"Plan: {', '.join(parts)}; {plan.unchanged} unchanged, {plan.unmanaged} unmanaged."


def plan_sentence(plan: Plan) -> str:
    """Return a plan in words: `6 mails and 1 segment change; nothing is deleted; nobody loses a subscription`."""
    if not plan.changes:
        return "Nothing changes"
    parts = []
    for action, (one, many) in _VERBS.items():
        kinds = Counter(change.kind.name for change in plan.changes if change.action is action)
        counts = [counted_kind(kind, kinds[kind]) for kind in sorted(kinds, key=lambda kind: not KINDS[kind].noun)]
        if counts:
            *others, last = counts
            objects = f"{', '.join(others)} and {last}" if others else last
            parts.append(f"{objects} {one if kinds.total() == 1 else many}")
    if not any(change.action.deletes for change in plan.changes):
        parts.append("nothing is deleted")
    return "; ".join([*parts, *_losses(plan)])


def _losses(plan: Plan) -> Iterator[str]:
    """Yield what people lose by a plan's deletes."""
    for noun, loss in (("subscribers", "a subscription"), ("contacts", "a value")):
        counts = [
            change.affected_contacts
            for change in plan.changes
            if change.action.deletes and change.affected_contacts and change.kind.contact_noun == noun
        ]
        known = sum(count.number or 0 for count in counts)
        if any(count.number is None for count in counts):
            yield f"an unknown number of {noun} lose {loss}"
        elif known:
            about = "" if all(count.exact for count in counts) else "at least "
            yield f"{about}{counted(known, noun[:-1])} {'lose' if known > 1 else 'loses'} {loss}"
        elif noun == "subscribers":
            yield f"nobody loses {loss}"


def counted_kind(kind: str, count: int) -> str:
    """Return a number of objects of a kind, in the words of the people who read mails: `1 mail`, `2 segments`."""
    return counted(count, KINDS[kind].noun or kind.replace("_", " "))


def apply_outcome(results: tuple[Result, ...]) -> str:
    """Return how an apply ended: `Apply complete: 3 applied`."""
    counts = {status: sum(result.status == status for result in results) for status in RESULTS}
    parts = [f"{counts[status]} {status}" for status in RESULTS if counts[status] or status == "applied"]
    end = "complete" if counts["applied"] == len(results) else "ended in part" if counts["applied"] else "failed"
    return f"Apply {end}: {', '.join(parts)}"


def note_text(note: str) -> str:
    """Return a note of a change for people."""
    return f"{note}: no earlier run or deployed commit has managed this object" if note == "takes over" else note


def affected_people(change: Change) -> str:
    """Return how many people a change touches: `1840 subscribers`, `at least 12 contacts`; empty if it touches none."""
    count = change.affected_contacts
    if count is None or count.number == 0:
        return ""
    if count.number is None:
        return f"an unknown number of {change.kind.contact_noun}"
    people = counted(count.number, change.kind.contact_noun.removesuffix("s"))
    return people if count.exact else f"at least {people}"


def segment_moves(change: Change) -> str:
    """Return how many contacts enter and leave a segment: `12 entering, 3 leaving`; empty where not counted."""
    if "enter" not in change.usage:
        return ""
    return f"{change.usage['enter']:,} entering, {change.usage['leave']:,} leaving"


def format_value(value: Any, longest: int = LONGEST_LINE) -> str:
    """Return a value in one line: texts quoted, texts of several lines by their size, long ones cut."""
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(cut(str(item), longest) for item in value)}]"
    if isinstance(value, str) and value.count("\n") > 1:
        return f"{size(value)}, {len(value.splitlines())} lines"
    shown = cut(str(value), longest)
    return f'"{shown}"' if isinstance(value, str) else shown


def format_change(field: FieldChange, *, is_new: bool, longest: int = LONGEST_LINE) -> str:
    """Return both sides of a field in one line; of a secret only whether it differs."""
    if is_new:
        return f"{format_value(field.after, longest)}{' (secret)' if field.secret else ''}"
    line = f"{format_value(field.before)} → {format_value(field.after)}"
    if not field.secret or field.after_tag is None:
        return line
    return f"{line} (secret, {'differs' if field.before_tag != field.after_tag else 'the same'})"


def side_lines(field: FieldChange) -> tuple[DiffLine, DiffLine]:
    """Return both sides of a field as lines of a diff, uncut, the changed words marked."""
    before, after = format_value(field.before, sys.maxsize), format_value(field.after, sys.maxsize)
    removed, added = changed_words(before, after)
    return DiffLine("-", before, removed), DiffLine("+", after, added)


def is_long(field: FieldChange) -> bool:
    """Return whether the field is better shown as a diff than in one line."""
    sides = [side for side in (field.before, field.after) if isinstance(side, str)]
    is_wide = field.is_text and any(len(side) > LONGEST_LINE for side in sides)
    return is_wide or any("\n" in side.strip("\n") for side in sides)


def as_text(value: Any) -> str:
    """Return a value as the text to compare; None is empty."""
    return "" if value is None else str(value)
