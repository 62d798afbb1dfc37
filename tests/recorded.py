"""A stage whose applies are journalled, so that they can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from mjsync.engine.apply import Run, apply
from mjsync.engine.plan import Plan, Result
from mjsync.engine.undo import Undo, undo_plan
from mjsync.journal.image_redactor import Veil
from mjsync.journal.journal import Head
from mjsync.journal.receipt import Receipt
from mjsync.journal.run_store import Folder
from mjsync.redaction import Masker, Tagger
from tests.stage import Counting, Cut, Stage, nothing

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Recorded(Stage):
    """Keeps receipts in `root`; time passes by a second a run."""

    root: Path = Path()
    secrets: frozenset[str] = frozenset()
    _runs: count = field(default_factory=count)

    @property
    def folder(self) -> Folder:
        """Where its receipts are."""
        return Folder.of(self.root)

    def carry_out(self, plan: Plan, *, writes: int | None = None) -> tuple[Receipt, tuple[Result, ...]]:
        """Do a plan, killed after so many writes where a number is given; the receipt, and the results if it lived."""
        number = next(self._runs)
        clock: Callable[[], datetime] = lambda: START + timedelta(seconds=number)  # noqa: E731
        head = Head(f"run-{number:03}", "apply", "ann", "0.1.0", "http://localhost", plan.digest)
        veil = Veil(Masker.of({*self.secrets, *self.environ.values()}), Tagger.of(self.emulator.secret_key))
        running = self.folder.begin(head, plan, veil, clock)
        with self.writer() as client:
            client.trace.also(running.journal.heard)
            writer: Any = client if writes is None else Counting(client, writes)
            try:
                results = apply(plan, Run(writer, running.journal, nothing, concurrency=1, sleep=nothing))
            except Cut:
                running._file.close()
                (receipt,) = self.folder.recover()
                return receipt, ()
        return self.folder.read(running.end()), results

    def back(self, receipt: Receipt, **scope: Any) -> Plan:
        """The plan that takes a run back."""
        with self.reader() as reader:
            known = frozenset(receipt.known)
            return undo_plan(tuple(receipt.past()), Undo(reader, self.scope(known=known, **scope), str(receipt.path)))
