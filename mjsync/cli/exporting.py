"""A backup of what people hold, as CSV, before deletes that touch them: paged, streamed, taken up where it stopped."""

import csv
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from mjsync.cli.output import Output
from mjsync.engine.plan import Change, Plan
from mjsync.errors import MjsyncError, WrongUse
from mjsync.resources.live import Reader

COLUMNS = ("address", "id", "row", "contact_id", "email", "name", "value")
"""`row` is the place in Mailjet's listing, from 0: an export that was stopped goes on from the last one."""

OVERLAP = 1000
"""Rows read again when an export goes on: listings shift while contacts come and go."""


@dataclass(slots=True)
class _There:
    """What an export that was stopped holds already of one object."""

    start: int = 0
    contacts: set[str] = field(default_factory=set)


def export(plan: Plan, reader: Reader, file: Path, output: Output) -> None:
    """Write what subscribers and contacts hold of each object that goes; nothing is deleted before that is done.

    An export that was stopped lies beside FILE as FILE.part. Raises WrongUse, ApiError, MjsyncError.
    """
    touching = [change for change in plan.changes if change.people is not None and change.people.number != 0]
    if not touching:
        return
    if file.exists():
        message = f"--export {file} exists already"
        raise WrongUse(message, "Name a new file: an export is never written over.")
    part = file.with_name(f"{file.name}.part")
    try:
        there = _there(part)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "a", newline="", encoding="utf-8") as out:
            _write(touching, reader, out, there)
        part.replace(file)
    except OSError as error:
        message = f"--export {file} cannot be written: {error.strerror}"
        raise MjsyncError(message, "Nothing was changed. Name another file.") from None
    output.say(f"Export: {file}")


def _write(changes: list[Change], reader: Reader, out: TextIO, there: Mapping[str, _There]) -> None:
    writer = csv.DictWriter(out, COLUMNS, restval="")
    if out.seek(0, os.SEEK_END) == 0:
        writer.writeheader()
    for change in changes:
        for row in _rows(change, reader, there[str(change.address)]):
            writer.writerow(row)
    out.flush()
    os.fsync(out.fileno())


def _rows(change: Change, reader: Reader, there: _There) -> Iterator[Mapping[str, Any]]:
    """What is not there yet; a property's contacts without a value are left out."""
    assert change.live is not None  # noqa: S101 - only what is there touches people
    start = max(0, there.start - OVERLAP)
    for place, held in enumerate(change.kind.held(reader, change.live, start), start):
        is_new = str(held["contact_id"]) not in there.contacts
        if is_new and held.get("value", "") is not None:
            yield {"address": str(change.address), "id": change.live.id, "row": place, **held}


def _there(part: Path) -> Mapping[str, _There]:
    """What lies there, by address; a last line that was torn is cut off."""
    found: defaultdict[str, _There] = defaultdict(_There)
    if not part.exists():
        return found
    content = part.read_bytes()
    whole = content.rfind(b"\r\n") + 2
    if whole < len(content):
        os.truncate(part, max(0, whole) if b"\r\n" in content else 0)
    with part.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            there = found[row["address"]]
            there.start = int(row["row"]) + 1
            there.contacts.add(row["contact_id"])
    return found
