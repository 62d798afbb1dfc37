"""A stage whose applies write a journal, so that they can be undone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from mjsync.engine.apply import Run, apply
from mjsync.engine.plan import Plan, Result
from mjsync.engine.undo import Undo, build_undo_plan
from mjsync.journal.journal import RecordRedactor, RunHeader
from mjsync.journal.receipt import Receipt
from mjsync.journal.run_store import RunStore
from mjsync.redaction import Redactor, Tagger
from tests.stage import Counting, Cut, Stage, nothing

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Recorded(Stage):
    """Stores receipts in `root`; each run is one second later."""

    root: Path = Path()
    _runs: count = field(default_factory=count)

    @property
    def folder(self) -> RunStore:
        """The folder of its receipts."""
        return RunStore(self.root / ".mjsync/receipts", self.root / ".mjsync/journal")

    def carry_out(self, plan: Plan, *, writes: int | None = None) -> tuple[Receipt, tuple[Result, ...]]:
        """Apply a plan, killed after so many writes if a number is given; return the receipt, and any results."""
        number = next(self._runs)
        clock: Callable[[], datetime] = lambda: START + timedelta(seconds=number)  # noqa: E731
        head = RunHeader(f"run-{number:03}", "apply", "ann", "0.1.0", "http://localhost", plan.digest)
        redactor = RecordRedactor(
            Redactor.of({*self.secrets, *self.environ.values()}), Tagger.of(self.emulator.secret_key)
        )
        running = self.folder.begin(head, plan, redactor, clock)
        with self.writer() as client:
            client.request_log.listeners.append(running.journal.record_call)
            writer: Any = client if writes is None else Counting(client, writes)
            try:
                results = apply(plan, Run(writer, running.journal, nothing, concurrency=1, sleep=nothing))
            except Cut:
                running._file.close()
                (receipt,) = self.folder.recover()
                return receipt, ()
        return self.folder.read(running.end()), results

    def back(self, receipt: Receipt, **scope: Any) -> Plan:
        """Return the plan that undoes a run."""
        with self.reader() as reader:
            known = frozenset(receipt.known_objects)
            return build_undo_plan(
                tuple(receipt.steps()), Undo(reader, self.scope(known_objects=known, **scope), str(receipt.path))
            )
