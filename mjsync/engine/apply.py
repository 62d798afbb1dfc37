"""Doing it: the only module that writes. Each step is read again, journalled, done, and its answer looked at."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Protocol

from mjsync.engine.plan import Change, Plan, Result, Status
from mjsync.engine.step import Step
from mjsync.errors import FAILED, IN_SYNC, PARTIAL, Finding
from mjsync.resources.address import Address
from mjsync.resources.live import Live, Writer


class Journal(Protocol):
    """What is on disk before a step's first call, and after its last."""

    def intend(self, change: Change, before: Live | None) -> None:
        """The step begins; `before` is the object as it was read just now."""

    def settle(self, result: Result) -> None:
        """The step ended."""


@dataclass(frozen=True, slots=True)
class Run:
    """What doing a plan needs besides the plan: who writes, who keeps the journal, who watches, and when to stop."""

    writer: Writer
    journal: Journal
    watch: Callable[[Result], None]
    stop: threading.Event = field(default_factory=threading.Event)
    concurrency: int = 10
    sleep: Callable[[float], None] = time.sleep


def apply(plan: Plan, run: Run) -> tuple[Result, ...]:
    """Do every step, independent ones side by side; a step whose needs were not met is skipped.

    Results in plan order.
    """
    changes = {change.address: change for change in plan.changes}
    sorter = TopologicalSorter({change.address: change.needs for change in plan.changes})
    sorter.prepare()
    results: dict[Address, Result] = {}
    ids = dict(plan.ids)
    running: dict[Future[Result], Address] = {}

    def ended(address: Address, result: Result) -> None:
        results[address] = result
        if result.status == "applied" and result.id is not None and result.change.entry:
            ids[address] = result.id
        run.watch(result)
        sorter.done(address)

    with ThreadPoolExecutor(run.concurrency) as pool:
        while sorter.is_active():
            for address in sorter.get_ready():
                change = changes[address]
                if hopeless := _hopeless(change, results, run):
                    ended(address, hopeless)
                else:
                    running[pool.submit(_one, change, ids, run)] = address
            if running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    ended(running.pop(future), future.result())
    return tuple(results[change.address] for change in plan.changes)


def exit_code(results: Iterable[Result], *, written: int, missing: bool) -> int:
    """0 all done; 5 something was written and something asked for was not; 1 nothing was written.

    `written` counts the writes that Mailjet carried out; `missing` says that steps could not even be planned.
    """
    statuses = {result.status for result in results}
    if "unknown" in statuses:
        return PARTIAL
    if statuses <= {"applied"} and not missing:
        return IN_SYNC
    return PARTIAL if written or "applied" in statuses else FAILED


def _one(change: Change, ids: Mapping[Address, int], run: Run) -> Result:
    if run.stop.is_set():
        return _stopped(change)
    done = Step(change, ids, run.writer, run.journal.intend, run.sleep).do()
    status: Status = "applied" if done.error is None else "unknown" if done.unknown else "failed"
    result = Result(change, status, done.id, done.error, done.warnings)
    run.journal.settle(result)
    return result


def _hopeless(change: Change, results: Mapping[Address, Result], run: Run) -> Result | None:
    """The result of a step that can no longer be done: what it needs was not applied, or the run is to stop."""
    if run.stop.is_set():
        return _stopped(change)
    lost = next((need for need in change.needs if results[need].status != "applied"), None)
    if lost is None:
        return None
    finding = Finding("needs", f"needs {lost}, which was not applied", "Apply again.", address=str(change.address))
    return Result(change, "skipped", error=finding)


def _stopped(change: Change) -> Result:
    finding = Finding("stopped", "the run was stopped before it", "Apply again.", address=str(change.address))
    return Result(change, "skipped", error=finding)
