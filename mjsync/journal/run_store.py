"""Store journals and receipts in a folder that only its owner may read, and that git ignores."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from mjsync.engine.plan import Plan
from mjsync.errors import WrongUse
from mjsync.journal.journal import Clock, Journal, JournalLost, RecordRedactor, RunHeader
from mjsync.journal.receipt import HEAD, Receipt
from mjsync.journal.record import FORMAT, STEPS, RunRecord

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a journal that is open there cannot be removed by another run
    fcntl = None  # type: ignore[assignment]

_RUNNING = ".jsonl"
_WRITE = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)  # Windows has no O_NOFOLLOW


@dataclass(slots=True)
class OpenRun:
    """A run whose journal is open; `end` makes its receipt."""

    journal: Journal
    _file: FileIO
    _path: Path
    _receipts: Path
    _clock: Clock

    def end(self, outcome: str | None = None) -> Path:
        """Turn the journal into a receipt. Raises JournalLost where that cannot be written."""
        now = self._clock().isoformat(timespec="milliseconds")
        try:
            return _write_receipt(self._path, self.journal.record, self._receipts, outcome, now)
        except OSError as error:
            message = f"the receipt cannot be written: {error.strerror}"
            raise JournalLost(message, f"The journal has it all: {self._path}; the next apply tries again.") from None
        finally:
            self._file.close()


@dataclass(frozen=True, slots=True)
class RunStore:
    """The receipts of a project, and the journals of runs that have not ended."""

    receipts: Path
    journals: Path

    def begin(self, head: RunHeader, plan: Plan, redactor: RecordRedactor, clock: Clock) -> OpenRun:
        """Open the journal of a run and put its head on disk. Raises JournalLost."""
        path = self.journals / f"{head.id}{_RUNNING}"
        passing = path.with_suffix(".new")
        try:
            for folder in (self.receipts, self.journals):
                make_private_folder(folder)
            file = FileIO(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            _locked(file)
            journal = Journal(file, redactor, clock)
            journal.begin(head, plan)
            passing.rename(path)
            _fsync_folder(self.journals)
        except OSError as error:
            message = f"the journal cannot be opened: {error.strerror} ({error.filename})"
            raise JournalLost(message, "Make that folder writable: mjsync applies nothing without a journal.") from None
        return OpenRun(journal, file, path, self.receipts, clock)

    def recover(self) -> Iterator[Receipt]:
        """Make the receipts of runs that were killed, and of those alone; other files are left alone."""
        for path in sorted(self.journals.glob(f"*{_RUNNING}")):
            with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
                _locked(file)
                yield self.read(_write_receipt(path, RunRecord.read(path), self.receipts, "killed", None))

    def all(self, *, whole: bool = False) -> Iterator[Receipt]:
        """Yield every receipt, newest first, without its steps unless `whole`; other files are skipped."""
        for path in sorted(filter(Path.is_file, self.receipts.glob("*.json")), reverse=True):
            with contextlib.suppress(WrongUse):
                yield self.read(path, whole=whole)

    def known_objects(self, environment: str) -> frozenset[tuple[str, int]]:
        """Return kind and id of every object that a receipt of an environment records as made or changed."""
        receipts = (receipt for receipt in self.all() if receipt.is_of(environment, None))
        return frozenset(pair for receipt in receipts for pair in receipt.known_objects)

    def find(self, named: str | None, environments: str | None = None) -> Receipt:
        """Return the receipt at a path, or of an id. Raises WrongUse, also for a run on another environment."""
        if named is None:
            raise WrongUse("the receipt of a run is missing", "`mjsync runs` lists them, newest first.")
        for path in (self.receipts / f"{named}.json", Path(named)):
            if path.is_file():
                receipt = self.read(path)
                if not receipt.matches(environments):
                    message = f"that run was on {receipt.environment}, not on {environments}"
                    raise WrongUse(message, f"Use -e {receipt.environment}, or leave it out.")
                return receipt
        message = f"{named} is not a receipt: neither a file nor the id of a run in {self.receipts}"
        raise WrongUse(message, "`mjsync runs` prints the ids; --receipts names another folder.")

    def read(self, path: Path, *, whole: bool = True) -> Receipt:
        """Return the receipt in a file. Raises WrongUse."""
        try:
            document = json.loads(path.read_bytes()) if whole else _head(path)
        except (OSError, ValueError) as error:
            message = f"{path} cannot be read as a receipt: {error}"
            raise WrongUse(message, "Name a file that apply wrote.") from None
        if not isinstance(document, dict) or document.get("format") != FORMAT or not document.keys() >= HEAD:
            message = f"{path} is not a receipt of this version (no {FORMAT})"
            raise WrongUse(message, "Name a file that apply wrote.")
        return Receipt(document, path)


def _write_receipt(journal: Path, record: RunRecord, receipts: Path, outcome: str | None, ended: str | None) -> Path:
    """Write the receipt of a run in one step, and then delete its journal."""
    make_private_folder(receipts)
    receipt = receipts / f"{journal.stem}.json"
    passing = receipt.with_suffix(".new")
    with os.fdopen(os.open(passing, _WRITE | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(record.receipt(journal, outcome, ended))
        file.flush()
        os.fsync(file.fileno())
    passing.replace(receipt)
    _fsync_folder(receipts)
    journal.unlink()
    return receipt


def _head(path: Path) -> Any:
    """Return a receipt but for its steps: its first line, where it still is as it was written."""
    with path.open(encoding="utf-8") as lines:
        line = lines.readline().rstrip("\n")
    return json.loads(line.removesuffix(STEPS) + "}" if line.endswith(STEPS) else path.read_bytes())


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; `.mjsync` above it too, with a .gitignore of its own.

    Raises OSError where one of them is a symbolic link: a commit could make mjsync write outside of the project.
    """
    home = folder.parent
    if home.name == ".mjsync":
        for path in (home, home / ".gitignore", folder):
            if path.is_symlink():
                raise OSError(errno.ELOOP, "it is a symbolic link", str(path))
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        with os.fdopen(os.open(home / ".gitignore", _WRITE, 0o600), "w") as ignore:
            ignore.write("*\n")
        _fsync_folder(home.parent)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _fsync_folder(home)


def _fsync_folder(folder: Path) -> None:
    """Sync a folder: a file that is synced alone may still lose its name."""
    if os.name != "posix":  # pragma: no cover - Windows opens no folders
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems know no such thing
            raise
    finally:
        os.close(opened)


def _locked(file: FileIO | BufferedReader) -> None:
    """Lock the file until it is closed. Raises BlockingIOError while another run has locked it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
