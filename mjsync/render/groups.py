"""Find differences with a common cause in several changes: a shared part, a placeholder, a default, a compiler.

A difference is common where several changes have it: the same words replaced in a text, or the same two values
of a field. Its cause is where the new text is written: the manifests know it of every character of a body.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any, NamedTuple

from mjsync.engine.plan import Action, Change, FieldChange, Plan
from mjsync.errors import counted
from mjsync.render.text import visible
from mjsync.render.text_diff import (
    DiffLine,
    LineDiff,
    Range,
    compare_lines,
    line_starts,
    pair_lines,
    phrase,
    split_lines,
    word_changes,
)
from mjsync.render.wording import as_text, counted_kind, format_value, is_long, side_lines
from mjsync.resources.body import Body

MIN_CHANGES = 2
"""Changes that a difference of a known cause must be in to be a group."""
MIN_UNNAMED = 3
"""The same for a difference whose cause is not known."""
MAX_EQUAL_NOTES = 5
"""Changes that have an equal note each; of more of them it is written once."""


Lines = tuple[str, ...]


class Hunk(NamedTuple):
    """Words of a text that were replaced: their range, and the whole lines around them."""

    range: Range
    removed: Lines
    added: Lines


class Difference(NamedTuple):
    """One difference of one change: its field, its cause if known, what was replaced, and its hunk in a text."""

    change: Change
    field: FieldChange
    cause: str
    content: tuple[Any, ...]
    hunk: Hunk | None = None

    @property
    def key(self) -> tuple[int, str]:
        """The step and the path that it belongs to."""
        return self.change.step, self.field.path

    @property
    def is_derived(self) -> bool:
        """Whether the field is made from another one, such as HTML from MJML."""
        value = self.change.entry.values.get(self.field.path) if self.change.entry else None
        return isinstance(value, Body) and bool(value.made_by)

    @property
    def phrase(self) -> tuple[str, str]:
        """What was replaced with what, in a few words; empty for a compiler, which changes more than that."""
        if self.hunk:
            return phrase(as_text(self.field.before), as_text(self.field.after), self.hunk.range)
        if self.cause == "compiler":
            return "", ""
        before, after = (
            value if isinstance(value, str) else format_value(value) for value in (self.field.before, self.field.after)
        )
        return before, after


class Group(NamedTuple):
    """Changes with one cause: its id (`part.footer`, `default.from.email`, `same-1`), its difference, the changes."""

    id: str
    path: str
    phrases: tuple[tuple[str, str], ...]
    lines: tuple[DiffLine, ...]
    changes: tuple[Change, ...]

    @property
    def title(self) -> str:
        """The cause in words: `part footer`, `the default of from.email`, `the same change of html`."""
        kind, _, name = self.id.partition(".")
        if kind == "default":
            return f"the default of {name}"
        if kind == "compiler":
            return "the MJML compiler"
        return f"{kind} {name}" if name else f"the same change of {self.path}"

    @property
    def headline(self) -> str:
        """The cause and its reach in words: `part footer changes 30 mails`."""
        kinds = {change.kind.name for change in self.changes}
        number = len(self.changes)
        reach = counted_kind(kinds.pop(), number) if len(kinds) == 1 else counted(number, "object")
        return f"{self.title} changes {reach}"


@dataclass(frozen=True)
class Grouping:
    """The groups of a plan, and what each field of a change has beside them.

    `rest` maps step and path to the field without the differences of its groups, and the ids of these groups; a field
    that groups explain whole is None there. `blocks` maps them to the lines (removed, added) that no group has.
    `diffs` maps them to the different lines of a text, found for the groups already. `notes` are those of many changes,
    with their number.
    """

    groups: tuple[Group, ...] = ()
    rest: Mapping[tuple[int, str], tuple[FieldChange | None, tuple[str, ...]]] = dataclass_field(default_factory=dict)
    blocks: Mapping[tuple[int, str], Sequence[tuple[Lines, Lines]]] = dataclass_field(default_factory=dict)
    diffs: Mapping[tuple[int, str], LineDiff] = dataclass_field(default_factory=dict)
    notes: Mapping[str, int] = dataclass_field(default_factory=dict)

    def field(self, change: Change, field: FieldChange) -> tuple[FieldChange | None, tuple[str, ...]]:
        """Return what a field has beside groups (None for nothing), and the ids of its groups."""
        return self.rest.get((change.step, field.path), (field, ()))

    @cached_property
    def by_step(self) -> Mapping[int, tuple[Group, ...]]:
        """The groups that a change belongs to, by its step."""
        found: dict[int, tuple[Group, ...]] = {}
        for group in self.groups:
            for change in group.changes:
                found[change.step] = (*found.get(change.step, ()), group)
        return found


def group_changes(plan: Plan) -> Grouping:
    """Group the differences of a plan's updates by cause."""
    notes = Counter(note for change in plan.changes for note in change.notes)
    repeated = {note: count for note, count in notes.items() if count > MAX_EQUAL_NOTES}
    changes = [change for change in plan.changes if change.action in (Action.UPDATE, Action.RENAME) and change.entry]
    if not changes:
        return Grouping(notes=repeated)
    fields = [
        (change, field) for change in changes for field in change.fields if field.path != change.kind.rename_field
    ]
    diffs = {
        (change.step, field.path): compare_lines(as_text(field.before), as_text(field.after))
        for change, field in fields
        if _is_compared(change, field)
    }
    differences = [
        each for change, field in fields for each in _differences(change, field, diffs.get((change.step, field.path)))
    ]
    by_key: dict[tuple[str, str, tuple[Any, ...]], list[Difference]] = {}
    for each in differences:
        by_key.setdefault((each.cause, each.field.path, each.content), []).append(each)
    by_cause: dict[tuple[Any, ...], list[list[Difference]]] = {}
    for (cause, path, _), found in by_key.items():
        steps = {each.change.step for each in found}
        named = cause or _shared_statement(found)
        if len(steps) >= (MIN_CHANGES if named else MIN_UNNAMED):
            by_cause.setdefault((named,) if named else ("", path, frozenset(steps)), []).append(found)
    by_cause = _with_derived(by_cause)
    groups = tuple(_group(key[0] or f"same-{number}", found) for number, (key, found) in enumerate(by_cause.items(), 1))
    used: dict[tuple[int, str], list[tuple[Difference, str]]] = {}
    for group, all_found in zip(groups, by_cause.values(), strict=True):
        for each in (each for same in all_found for each in same):
            used.setdefault(each.key, []).append((each, group.id))
    blocks: dict[tuple[int, str], dict[tuple[Lines, Lines], None]] = {}
    for each in differences:
        if each.hunk and all(each is not other for other, _ in used.get(each.key, ())):
            blocks.setdefault(each.key, {})[each.hunk.removed, each.hunk.added] = None
    rest = {key: _rest(found) for key, found in used.items()}
    return Grouping(groups, rest, {key: tuple(found) for key, found in blocks.items()}, diffs, repeated)


def _is_compiled(change: Change, field: FieldChange) -> bool:
    """Return whether another compiler is what changes a field."""
    has_other = any(note.startswith("compiler:") for note in change.notes)
    return has_other and field.path in change.kind.derived_fields


def _is_compared(change: Change, field: FieldChange) -> bool:
    """Return whether differences are looked for within a field: a text with two sides."""
    has_sides = bool(as_text(field.before) and as_text(field.after))
    return has_sides and (field.is_text or is_long(field)) and not _is_compiled(change, field)


def _differences(change: Change, field: FieldChange, diff: LineDiff | None) -> Iterator[Difference]:
    """Yield the differences of a field; `diff` has the different lines of a text."""
    if _is_compiled(change, field):
        yield Difference(change, field, "compiler", ())
        return
    if diff is None:
        is_text = field.is_text or is_long(field)
        if not is_text and (not field.secret or field.after_tag):
            values = (str(field.before), str(field.after), field.before_tag, field.after_tag)
            yield Difference(change, field, "", values)
        return
    before, after = as_text(field.before), as_text(field.after)
    line, place = 1, 0
    for hunk in _hunks(before, after, diff):
        start = hunk.range.after_start
        line, place = line + after.count("\n", place, start), start
        cause = _cause(change, field, line, start - after.rfind("\n", 0, start))
        words = before[slice(*hunk.range[:2])], after[slice(*hunk.range[2:])]
        yield Difference(change, field, cause, words if cause else (words, hunk.removed, hunk.added), hunk)


def _hunks(before: str, after: str, diff: LineDiff) -> Iterator[Hunk]:
    """Yield each replaced run of words of two texts, found in their different lines."""
    old, new = split_lines(before, after, is_broken=diff.is_broken)
    starts, new_starts = (line_starts(side, is_broken=diff.is_broken) for side in (before, after))
    for tag, a, b, c, d in (operation for group in diff.groups for operation in group):
        if tag == "equal":
            continue
        start, new_start = starts[a], new_starts[c]
        sides = before[start : starts[b]], after[new_start : new_starts[d]]
        for found in word_changes(*(side.rstrip("\r\n") for side in sides)):
            place = Range(*(start + at for at in found[:2]), *(new_start + at for at in found[2:]))
            if before[slice(*place[:2])].strip() or after[slice(*place[2:])].strip():
                yield Hunk(place, tuple(old[a:b]), tuple(new[c:d]))


def _cause(change: Change, field: FieldChange, line: int, column: int) -> str:
    """Return what the new text at a position comes from: a part, a placeholder, a file; empty if unknown."""
    body = change.entry.values.get(field.path) if change.entry else None
    if not isinstance(body, Body) or body.made_by:
        return ""
    named = body.source_map.cause(line, column) if body.source_map else ""
    return named if named.startswith(("part.", "var.")) else f"file.{body.file}" if body.file else ""


def _shared_statement(found: Sequence[Difference]) -> str:
    """Return the default that several entries got a value from: its location is in none of them."""
    path = found[0].field.path
    entries = [difference.change.entry for difference in found if difference.change.entry]
    locations = {entry.location_of(path) for entry in entries}
    if len(locations) > 1 or found[0].hunk or found[0].is_derived:
        return ""
    owners = {entry.location for entry in entries}
    return f"default.{path}" if len(owners) > 1 else f"entry.{entries[0].location}"


def _with_derived(
    by_cause: dict[tuple[Any, ...], list[list[Difference]]],
) -> dict[tuple[Any, ...], list[list[Difference]]]:
    """Let what a part changes in derived fields, such as HTML made from MJML, join the group of the part."""
    steps = {key: {difference.change.step for same in found for difference in same} for key, found in by_cause.items()}
    joined: dict[tuple[Any, ...], list[list[Difference]]] = {}
    for key, found in by_cause.items():
        is_derived = not key[0] and all(same[0].is_derived for same in found)
        source = next((other for other in by_cause if other[0] and steps[other] == steps[key]), None)
        joined.setdefault(source if is_derived and source else key, []).extend(found)
    return joined


def _group(name: str, found: Sequence[Sequence[Difference]]) -> Group:
    firsts = [same[0] for same in found]
    changes = {difference.change.step: difference.change for same in found for difference in same}
    lines = dict.fromkeys(line for same in found for line in _lines(same))
    paths = ", ".join(dict.fromkeys(first.field.path for first in firsts))
    phrases = tuple(dict.fromkeys(first.phrase for first in firsts if any(first.phrase)))
    return Group(name, paths, phrases, tuple(lines), tuple(changes[step] for step in sorted(changes)))


def _lines(same: Sequence[Difference]) -> Iterator[DiffLine]:
    """Yield one difference as lines of a diff: whole lines where they are the same in all changes, else the words."""
    first = same[0]
    if first.hunk is None:
        yield from side_lines(first.field) if first.cause != "compiler" else ()
    elif all(other.hunk and other.hunk[1:] == first.hunk[1:] for other in same):
        yield from pair_lines(*([visible(line) for line in side] for side in (first.hunk.removed, first.hunk.added)))
    else:
        yield from (DiffLine(sign, visible(words)) for sign, words in zip("-+", first.phrase, strict=True) if words)


def _rest(used: Sequence[tuple[Difference, str]]) -> tuple[FieldChange | None, tuple[str, ...]]:
    """Return the field with the differences of its groups applied to the old side; None where nothing is left."""
    field, ids = used[0][0].field, tuple(dict.fromkeys(group for _, group in used))
    ranges = sorted((difference.hunk.range for difference, _ in used if difference.hunk), reverse=True)
    if not ranges:
        return None, ids
    before, after = as_text(field.before), as_text(field.after)
    for found in ranges:
        before = before[: found.before_start] + after[slice(*found[2:])] + before[found.before_end :]
    return (None if before.split() == after.split() else replace(field, before=before)), ids
