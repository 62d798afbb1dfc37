"""How one value of a field reads in a line."""

import sys
from typing import Any

from mjsync.engine.plan import Change, FieldChange
from mjsync.render.text import LONGEST_LINE, cut, size
from mjsync.render.text_diff import DiffLine, changed_words


def shown(value: Any, longest: int = LONGEST_LINE) -> str:
    """A value in one line: texts quoted, those of several lines by their size, others cut."""
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(cut(str(item), longest) for item in value)}]"
    if isinstance(value, str) and value.count("\n") > 1:
        return f"{size(value)}, {len(value.splitlines())} lines"
    return quoted(value, longest) if isinstance(value, str) else cut(str(value), longest)


def quoted(text: str, longest: int = LONGEST_LINE) -> str:
    """A text in quotes, cut where it is long."""
    return f'"{cut(text, longest)}"'


def side_lines(change: FieldChange) -> tuple[DiffLine, DiffLine]:
    """Both sides of a field as lines of a diff, uncut, the words that changed marked."""
    before, after = shown(change.before, sys.maxsize), shown(change.after, sys.maxsize)
    gone, come = changed_words(before, after)
    return DiffLine("-", before, gone), DiffLine("+", after, come)


def format_change(change: FieldChange, *, is_new: bool, longest: int = LONGEST_LINE) -> str:
    """A field's move in one line; of a secret only whether it differs."""
    if is_new:
        return f"{shown(change.after, longest)}{' (secret)' if change.secret else ''}"
    line = f"{shown(change.before)} → {shown(change.after)}"
    if not change.secret or change.after_tag is None:
        return line
    return f"{line} (secret, {'differs' if change.before_tag != change.after_tag else 'the same'})"


def is_long(change: FieldChange) -> bool:
    """Whether the field is better shown as a diff than in one line."""
    sides = (change.before, change.after)
    lines = change.is_text and any(isinstance(side, str) and side for side in sides)
    return lines or any(isinstance(side, str) and "\n" in side.strip("\n") for side in sides)


def as_text(value: Any) -> str:
    """A value as the text a diff is made of."""
    return "" if value is None else str(value)


def people(change: Change) -> str:
    """How many people a change touches: `1840 subscribers`, `at least 12 contacts`."""
    count = change.affected_contacts
    if count is None or count.number is None:
        return f"an unknown number of {change.kind.contact_noun}"
    return f"{'' if count.exact else 'at least '}{count.number} {change.kind.contact_noun}"
