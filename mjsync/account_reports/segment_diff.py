"""Compare two expressions of a segment on contacts: who enters, who leaves, and who cannot be decided offline."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from mjsync.account_reports.reading import PAGE_SIZE, PageReader, contact_of_row
from mjsync.account_reports.segment_evaluation import Contact, Evaluator, undecided_functions
from mjsync.engine.plan import Change, Plan
from mjsync.errors import ApiError, WrongUse, counted
from mjsync.template_language.segments import Condition, Property, all_segment_nodes, parse_expression

MAX_SAMPLE = 20_000
"""Contacts that are read from the account at most, in 20 requests."""
DEFAULT_SAMPLE = 1000
"""Contacts that are read where no number is named."""
MAX_KNOWN = 10_000
"""Combinations of values whose outcome is kept."""

Outcome = tuple[bool | None, bool | None]
"""Whether a contact matches before and after; None where that cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts to evaluate expressions on: their values, read once, and where they are from.

    `columns` are the properties that a file has, in lower case; None where each contact names its own.
    """

    rows: Iterable[Contact]
    source: str
    columns: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SegmentDiff:
    """How many of the contacts match before and after, enter and leave; `before` is empty where there is no segment.

    `undecided` are contacts for which one of the expressions cannot be evaluated, `functions` are why. `missing` are
    properties that the file of contacts has no column for.
    """

    address: str
    before: str
    after: str
    contacts: int
    matched_before: int
    matched_after: int
    enter: int
    leave: int
    undecided: int
    functions: tuple[str, ...]
    missing: tuple[str, ...]
    source: str
    requests: Mapping[str, int] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """How many contacts enter and leave, in one sentence."""
        moves = f"{self.enter:,} entering, {self.leave:,} leaving"
        matching = f"matching {self.matched_before:,} before, {self.matched_after:,} after"
        return f"of {counted(self.contacts, 'contact', ',')} ({self.source}): {moves}; {matching}"

    @property
    def limits(self) -> Iterator[str]:
        """What could not be evaluated, in sentences."""
        if self.undecided:
            why = f"{', '.join(self.functions)} cannot be evaluated offline"
            values = "their values have another type than the expression"
            yield f"{counted(self.undecided, 'contact', ',')} undecided: {why if self.functions else values}"
        if self.missing:
            yield f"the file has no column {', '.join(self.missing)}: contacts count as having no value of it"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Both expressions of one segment, and how many contacts match before and after; None where that is undecided.

    `names` are the properties that the expressions use, by their name in lower case. Contacts with equal values of them
    are evaluated once.
    """

    address: str
    expressions: tuple[str, str]
    roots: tuple[Condition | None, Condition | None]
    names: Mapping[str, str]
    counts: Counter[Outcome] = field(default_factory=Counter)
    _known: dict[tuple[str | None, ...], Outcome] = field(default_factory=dict)

    @classmethod
    def of(cls, address: str, before: str, after: str) -> "_Comparison":
        """Parse both expressions. Raises WrongUse."""
        roots = (_parsed(before), _parsed(after))
        used = {node.name for root in roots if root for node in all_segment_nodes(root) if isinstance(node, Property)}
        return cls(address, (before, after), roots, {name.lower(): name for name in sorted(used)})

    def add(self, contact: Contact, evaluator: Evaluator) -> None:
        """Count one contact."""
        values = tuple(map(contact.get, self.names))
        outcome = self._known.get(values)
        if outcome is None:
            before, after = (evaluator.matches(root, contact) if root else False for root in self.roots)
            outcome = before, after
            if len(self._known) < MAX_KNOWN:
                self._known[values] = outcome
        self.counts[outcome] += 1

    def result(self, contacts: Contacts) -> SegmentDiff:
        """Return the counts."""
        nodes = [node for root in self.roots if root for node in all_segment_nodes(root)]
        known = self.names if contacts.columns is None else contacts.columns
        return SegmentDiff(
            self.address,
            *self.expressions,
            contacts=self.counts.total(),
            matched_before=sum(count for (before, _), count in self.counts.items() if before),
            matched_after=sum(count for (_, after), count in self.counts.items() if after),
            enter=self.counts[False, True],
            leave=self.counts[True, False],
            undecided=sum(count for outcome, count in self.counts.items() if None in outcome),
            functions=tuple(sorted(set(undecided_functions(nodes)))),
            missing=tuple(name for lower, name in self.names.items() if lower not in known),
            source=contacts.source,
        )


def compare_segment(address: str, expressions: tuple[str, str], contacts: Contacts) -> SegmentDiff:
    """Evaluate the expressions, before and after, on each contact. Raises WrongUse where one cannot be read."""
    comparison = _Comparison.of(address, *expressions)
    _count([comparison], contacts)
    return comparison.result(contacts)


def with_segment_diffs(plan: Plan, contacts: Contacts) -> Plan:
    """Add to each segment that is new or gets another expression how many contacts enter and leave.

    The contacts are read once for all of them, and not at all where there is none. What cannot be compared is a note.
    """
    comparisons: dict[str, _Comparison] = {}
    notes: dict[str, str] = {}
    for change in plan.changes:
        if change.kind.name == "segment" and change.entry and (change.live is None or "expression" in change.changed):
            live, address = change.live.fields if change.live else {}, str(change.address)
            expressions = (str(each.get("expression") or "") for each in (live, change.entry.values))
            try:
                comparisons[address] = _Comparison.of(address, *expressions)
            except WrongUse as error:
                notes[address] = error.message
    try:
        _count([*comparisons.values()], contacts)
    except ApiError as error:
        notes |= dict.fromkeys(comparisons, error.message)
        comparisons = {}
    diffs = {address: comparison.result(contacts) for address, comparison in comparisons.items()}
    return replace(plan, changes=tuple(_with_diff(change, diffs, notes) for change in plan.changes))


def _with_diff(change: Change, diffs: Mapping[str, SegmentDiff], notes: Mapping[str, str]) -> Change:
    if note := notes.get(str(change.address)):
        return replace(change, notes=(*change.notes, f"who enters and leaves could not be counted: {note}"))
    if (diff := diffs.get(str(change.address))) is None:
        return change
    counts = {
        "compared": diff.contacts,
        "matched_before": diff.matched_before,
        "matched_after": diff.matched_after,
        "enter": diff.enter,
        "leave": diff.leave,
        "undecided": diff.undecided,
    }
    return replace(change, usage={**change.usage, **counts}, notes=(*change.notes, diff.summary, *diff.limits))


def _count(comparisons: list[_Comparison], contacts: Contacts) -> None:
    evaluator = Evaluator(datetime.now(UTC))
    for contact in contacts.rows if comparisons else ():
        for comparison in comparisons:
            comparison.add(contact, evaluator)


def _parsed(text: str) -> Condition | None:
    """Parse an expression; an empty one matches nobody. Raises WrongUse."""
    root = parse_expression(text).root if text else None
    if text and root is None:
        raise WrongUse(f"the expression {text!r} cannot be read", "`mjsync validate` shows what is wrong.")
    return root


def contacts_of_file(file: Path) -> Contacts:
    """Return the contacts of a CSV file; its columns are named as properties.

    Raises WrongUse where it cannot be read; the rows raise it too.
    """
    rows = _rows_of_file(file)
    return Contacts(rows, file.name, frozenset(next(rows)))


def _rows_of_file(file: Path) -> Iterator[Contact]:
    """Yield the header, with empty values, and then each row. Columns are separated by commas, semicolons or tabs."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            header = lines.readline()
            separator = max(",;\t", key=header.count)
            columns = [name.strip().lower() for name in next(csv.reader([header], delimiter=separator), [])]
            yield dict.fromkeys(columns, "")
            for row in csv.reader(lines, delimiter=separator):
                yield dict(zip(columns, row, strict=False))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"--contacts {file} cannot be read: {error}"
        raise WrongUse(message, "Name a CSV file in UTF-8, with the names of properties in its first line.") from None


def sampled_contacts(reader: PageReader, count: int) -> Contacts:
    """Return the first contacts of the account, read in one request for every 1,000 of them."""
    return Contacts(_sampled(reader, min(count, MAX_SAMPLE)), "the first of the account")


def _sampled(reader: PageReader, count: int) -> Iterator[Contact]:
    for offset in range(0, count, PAGE_SIZE):
        limit = min(PAGE_SIZE, count - offset)
        rows = reader.page("contactdata", {"Limit": str(limit), "Offset": str(offset)})
        yield from map(contact_of_row, rows)
        if len(rows) < limit:
            return
