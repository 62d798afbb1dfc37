"""Write the journal of one run: an intent before the calls of each step, an outcome after them, one JSON line each."""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import FileIO
from typing import Any

from mjsync.engine.plan import Change, Plan, Result
from mjsync.errors import MjsyncError
from mjsync.journal.record import RunRecord
from mjsync.redaction import Redactor, Tagger, redact_field
from mjsync.resources.body import ReadOnlyText
from mjsync.resources.live import Live, Values, leaves


@dataclass(frozen=True, slots=True)
class RecordRedactor:
    """Masks fields (values of environment variables, credentials in URLs), and known secrets in any other text.

    Mail bodies are masked by value alone: they must come back byte for byte.
    """

    masker: Redactor
    tagger: Tagger | None = None

    def recorded(self, change: Change, values: Values, number: int | None) -> dict[str, Any]:
        """Return these fields of a change's object as they may be kept: a RecordedObject in JSON."""
        secrets = change.secrets | (change.entry.secrets if change.entry else frozenset())
        masked: dict[str, str | None] = {}
        fields: dict[str, Any] = {word: {} for word, value in values.items() if isinstance(value, Mapping)}
        for path, leaf in leaves(values):
            is_url = change.kind.has_credentials(path)
            shown = redact_field(self.masker.redact_known_in(leaf), path, secrets, is_url=is_url)
            if isinstance(leaf, ReadOnlyText) or shown != (list(leaf) if isinstance(leaf, tuple) else leaf):
                masked[path] = None if self.tagger is None else self.tagger.tag(leaf)
            word, dot, key = path.partition(".")
            if dot:
                fields[word][key] = shown
            else:
                fields[word] = shown
        return {"id": number, "fields": fields, "masked": masked}

    def raw_content(self, live: Live) -> Any:
        """Return the content as Mailjet sent it, where the fields cannot hold all of it; else None.

        Headers are left out: the fields have them, with the secret ones masked.
        """
        if live.content is None or not any(isinstance(value, ReadOnlyText) for value in live.fields.values()):
            return None
        return self.masker.redact_known_in({key: value for key, value in live.content.items() if key != "Headers"})


Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What is recorded of a run once: which command, who, on what, approved by what.

    `approved` is the digest of the plan that was reviewed; `undoes` the id of the run that this one takes back.
    A `rehearsed` run was carried out on an emulator first.
    """

    id: str
    command: str
    who: str
    version: str
    base_url: str
    approved: str
    undoes: str | None = None
    rehearsed: bool = False


class JournalLost(MjsyncError):
    """The journal cannot be written, so that no further step may begin."""

    code = "journal"


class Journal:
    """Keeps the journal of one run; safe to use from many threads, each of which does one step at a time.

    A line is written at once, so that a killed process loses none. An intent is also on disk before `record_intent`
    returns; one fsync covers all lines that were written before it began. Nothing waits for an outcome to be on disk:
    the next intent takes it along, or `sync`. After a line that could not be written, or synced, there are no more.
    `record` has what the lines say.
    """

    def __init__(self, file: FileIO, redactor: RecordRedactor, clock: Clock) -> None:
        self.record = RunRecord()
        self._file = file
        self._redactor = redactor
        self._by_field = replace(redactor, masker=Redactor(()))
        self._escaped = tuple(json.dumps(secret)[1:-1] for secret in redactor.masker.secrets)
        self._clock = clock
        self._lock, self._sync_lock = threading.Lock(), threading.Lock()
        self._written = self._synced = self._size = 0
        self._error: Exception | None = None
        self._of_thread = threading.local()

    def begin(self, head: RunHeader, plan: Plan) -> None:
        """Record that the run begins, with every step it may take, on disk. Raises JournalLost."""

        def content(redactor: RecordRedactor) -> dict[str, Any]:
            steps = [
                {
                    "step": change.step,
                    "address": str(change.address),
                    "kind": change.kind.name,
                    "name": change.name,
                    "action": change.action.value,
                    "digest": change.digest,
                    "marks": change.field_digests,
                    "people": change.affected_contacts
                    and {"number": change.affected_contacts.number, "exact": change.affected_contacts.exact},
                    "id": change.live.id if change.live else None,
                }
                for change in plan.changes
            ]
            steps = redactor.masker.redact_known_in(steps)
            return {
                "id": head.id,
                "command": head.command,
                "who": head.who,
                "version": head.version,
                "started": self._now(),
                "environment": plan.environment,
                "account": plan.account,
                "base_url": head.base_url,
                "digest": plan.digest,
                "approved": head.approved,
                "undoes": head.undoes,
                **({"rehearsed": True} if head.rehearsed else {}),
                "pid": os.getpid(),
                "seal": sign(redactor.tagger, head.approved, steps),
                "steps": steps,
            }

        self._write("run", content, is_synced=True)

    def record_intent(self, change: Change, before: Live | None, values: Values) -> None:
        """Record that a step is about to write; it is on disk then. Raises JournalLost."""
        written = {word: value for word, value in values.items() if change.live is None or word in change.changed}

        def content(redactor: RecordRedactor) -> dict[str, Any]:
            kept = None if before is None else redactor.raw_content(before)
            return {
                "address": str(change.address),
                "started": self._now(),
                "before": None if before is None else redactor.recorded(change, before.fields, before.id),
                "after": redactor.recorded(change, written, None),
                **({} if kept is None else {"content": kept}),
            }

        self._write("intent", content, is_synced=True)

    def record_outcome(self, result: Result) -> None:
        """Record that a step ended, with the calls of this thread since its last step. Raises JournalLost."""
        calls, self._of_thread.calls = getattr(self._of_thread, "calls", []), []
        outcome = {
            "address": str(result.change.address),
            "ended": self._now(),
            "status": result.status,
            "id": result.id,
            "found": result.found,
            "error": result.error.as_json() if result.error else None,
            "warnings": [warning.as_json() for warning in result.warnings],
            "calls": calls,
        }
        self._write("outcome", lambda _: outcome)

    def record_call(self, method: str, path: str, status: int | None, seconds: float) -> None:
        """Record that a call ended; status None for no answer."""
        calls = self._of_thread.__dict__.setdefault("calls", [])
        calls.append({"method": method, "path": path, "status": status, "ms": round(seconds * 1000)})

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _write(
        self, what: str, content: Callable[[RecordRedactor], Mapping[str, Any]], *, is_synced: bool = False
    ) -> None:
        """Write one line; known secrets are looked for in the whole of it, which is cheaper than in each value.

        Raises JournalLost.
        """
        value = content(self._by_field)
        text = json.dumps({what: value})
        if any(secret in text for secret in self._escaped):
            value = self._redactor.masker.redact_known_in(content(self._redactor))
            text = json.dumps({what: value})
        line = f"{text}\n".encode()
        with self._lock:
            if self._error:
                raise _lost(self._error)
            left = memoryview(line)
            try:
                while left:
                    left = left[self._file.write(left) :]
            except (OSError, ValueError) as error:
                self._error = error  # part of the line may be in the file
                raise _lost(error) from None
            self.record.add(self._size, what, value)
            self._size += len(line)
            self._written += 1
            number = self._written
        if is_synced:
            self.sync(number)

    def sync(self, number: int | None = None) -> None:
        """Return once the lines up to a number, by default all, are on disk. Raises JournalLost."""
        number = self._written if number is None else number
        with self._sync_lock:
            if self._synced >= number:
                return
            if self._error:
                raise _lost(self._error)
            written = self._written
            try:
                os.fsync(self._file.fileno())
            except (OSError, ValueError) as error:
                self._error = error  # the system reports it once, though the lines stay lost
                raise _lost(error) from None
            self._synced = written


def _lost(error: Exception) -> JournalLost:
    message = f"the journal cannot be written: {error}"
    return JournalLost(message, "Free space for the project's .mjsync folder, and apply again.")


def sign(tagger: Tagger | None, approved: str, steps: Sequence[Mapping[str, Any]]) -> str | None:
    """Sign an approval and its steps with this account's keys, so that a receipt from elsewhere approves nothing."""
    shown_steps = [[step[word] for word in ("address", "action", "id", "digest", "marks")] for step in steps]
    return None if tagger is None else tagger.tag(json.dumps([approved, shown_steps], sort_keys=True))
