"""Compare two expressions of a segment on contacts: who enters, who leaves, and who cannot be decided offline."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mjsync.account_reports.reading import PAGE_SIZE, AccountReader, contact_of_row
from mjsync.account_reports.segment_evaluation import Contact, Evaluator, undecided_functions
from mjsync.errors import WrongUse
from mjsync.template_language.segments import SegmentExpression, parse_expression

MAX_SAMPLE = 20_000
"""Contacts that are read from the account at most, in 20 requests."""


@dataclass(frozen=True, slots=True)
class SegmentDiff:
    """How many of the contacts match before and after, enter and leave; `before` is empty where there is no segment.

    `undecided` are contacts for which one of the expressions cannot be evaluated, `functions` are why.
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
    source: str
    requests: Mapping[str, int] = field(default_factory=dict)


def compare_segment(
    address: str, expressions: tuple[str, str], contacts: Iterable[Contact], source: str, now: datetime | None = None
) -> SegmentDiff:
    """Evaluate the expressions, before and after, on each contact. Raises WrongUse where one cannot be read."""
    before, after = (_parsed(text) for text in expressions)
    evaluator, counts = Evaluator(now or datetime.now(UTC)), Counter[str]()
    for contact in contacts:
        old = evaluator.matches(before.root, contact) if before.root else False
        new = evaluator.matches(after.root, contact) if after.root else False
        counts.update(_names(old, new))
    functions = {name for each in (before, after) if each.root for name in undecided_functions(each.root)}
    return SegmentDiff(
        address,
        *expressions,
        contacts=counts["contacts"],
        matched_before=counts["before"],
        matched_after=counts["after"],
        enter=counts["enter"],
        leave=counts["leave"],
        undecided=counts["undecided"],
        functions=tuple(sorted(functions)),
        source=source,
    )


def _names(old: bool | None, new: bool | None) -> Iterator[str]:  # noqa: FBT001 - what the two expressions gave
    """Yield what a contact counts as."""
    yield "contacts"
    yield from (name for name, value in (("before", old), ("after", new)) if value)
    if old is None or new is None:
        yield "undecided"
    elif old != new:
        yield "enter" if new else "leave"


def _parsed(text: str) -> SegmentExpression:
    """Parse an expression; an empty one matches nobody. Raises WrongUse."""
    if not text:
        return SegmentExpression("", None, ())
    parsed = parse_expression(text)
    if parsed.root is None:
        raise WrongUse(f"the expression {text!r} cannot be read", "`mjsync validate` shows what is wrong.")
    return parsed


def contacts_of_file(file: Path) -> Iterator[Contact]:
    """Yield each row of a CSV file; its columns are named as properties. Raises WrongUse."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            for row in csv.DictReader(lines):
                yield {str(name).lower(): str(value or "") for name, value in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"--contacts {file} cannot be read: {error}"
        raise WrongUse(message, "Name a CSV file in UTF-8, with the names of properties in its first line.") from None


def sampled_contacts(reader: AccountReader, count: int) -> Iterator[Contact]:
    """Yield the values of the first contacts of the account, in one request for every 1,000 of them."""
    for offset in range(0, min(count, MAX_SAMPLE), PAGE_SIZE):
        limit = min(PAGE_SIZE, count - offset)
        rows = reader.page("contactdata", {"Limit": str(limit), "Offset": str(offset)})
        yield from map(contact_of_row, rows)
        if len(rows) < limit:
            return
