"""Write a CSV backup of subscriptions and property values before they are deleted; it can be resumed."""

import csv
import os
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from mjsync.engine.plan import Change, Plan
from mjsync.errors import MjsyncError, WrongUse
from mjsync.resources.live import Reader

COLUMNS = ("address", "id", "row", "contact_id", "email", "name", "value")
"""`row` is the place in Mailjet's listing, from 0: an export that was stopped goes on from the last one."""

_HEADER = ",".join(COLUMNS).encode() + b"\r\n"

OVERLAP = 1000
"""Rows read again when an export goes on: listings shift while contacts come and go."""


Object = tuple[str, int]
"""Address and id: an address alone may be another account's."""


@dataclass(slots=True)
class _Resume:
    """Where a stopped export resumes for one object: the next row, and the last contact written."""

    start: int = 0
    contacts: deque[str] = field(default_factory=lambda: deque(maxlen=2 * OVERLAP))


def export_contacts(plan: Plan, reader: Reader, file: Path) -> bool:
    """Write what subscribers and contacts have of each object that the plan deletes; return whether there was any.

    An export that was stopped is beside FILE as FILE.part. Raises WrongUse, ApiError, MjsyncError.
    """
    touching = [
        change
        for change in plan.changes
        if change.affected_contacts is not None and change.affected_contacts.number != 0
    ]
    if not touching:
        return False
    if file.exists():
        message = f"--export {file} exists already"
        raise WrongUse(message, "Name a new file: an export is never written over.")
    part = file.with_name(f"{file.name}.part")
    try:
        written = _resume_points(part)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "a", newline="", encoding="utf-8") as out:
            _write(touching, reader, out, written)
        part.replace(file)
    except OSError as error:
        message = f"--export {file} cannot be written: {error.strerror}"
        raise MjsyncError(message, "Nothing was changed. Name another file.") from None
    return True


def _write(changes: list[Change], reader: Reader, out: TextIO, written: Mapping[Object, _Resume]) -> None:
    writer = csv.DictWriter(out, COLUMNS, restval="")
    if out.seek(0, os.SEEK_END) == 0:
        writer.writeheader()
    for change in changes:
        assert change.live is not None  # noqa: S101 - only a live object touches people
        address, number = str(change.address), change.live.id
        resume = written[address, number]
        start, known = max(0, resume.start - OVERLAP), frozenset(resume.contacts)
        for place, held in enumerate(change.kind.backup_rows(reader, change.live, start), start):
            # a property's contacts without a value are left out
            if str(held["contact_id"]) not in known and held.get("value", "") is not None:
                writer.writerow({"address": address, "id": number, "row": place, **held})
    out.flush()
    os.fsync(out.fileno())


def _resume_points(part: Path) -> Mapping[Object, _Resume]:
    """Return where each object's rows end in the file; an incomplete last record is cut off."""
    found: defaultdict[Object, _Resume] = defaultdict(_Resume)
    whole = 0
    if not part.exists():
        return found
    with part.open("rb") as file:
        if not _HEADER.startswith(file.read(len(_HEADER))):
            message = f"{part} exists and is not an unfinished export"
            raise WrongUse(message, "Move it, or name another file.")
        file.seek(0)
        lines = _Lines(file)
        try:
            for row in csv.DictReader(lines, strict=True):
                if not lines.is_ended:
                    break
                resume = found[row["address"], int(row["id"])]
                resume.start = int(row["row"]) + 1
                resume.contacts.append(row["contact_id"])
                whole = lines.seen
        except csv.Error:
            pass  # quotes that were opened and never closed: the end was torn
    os.truncate(part, whole)
    return found


@dataclass(slots=True)
class _Lines:
    """The lines of a file as text: how many bytes were taken, and whether the last line came to its end."""

    file: BinaryIO
    seen: int = 0
    is_ended: bool = False

    def __iter__(self) -> Iterator[str]:
        for line in self.file:
            self.seen += len(line)
            self.is_ended = line.endswith(b"\r\n")
            yield line.decode("utf-8", "replace")
