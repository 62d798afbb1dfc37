"""Apply a plan: read each object again, write the intent to the journal, send the requests, check the answers."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue

from mjsync.engine.plan import Change, Plan, Result
from mjsync.engine.step import Journal, Step
from mjsync.errors import FAILED, IN_SYNC, PARTIAL, Finding, MjsyncError
from mjsync.resources.address import Address
from mjsync.resources.live import Writer

SYNC_AFTER = 0.05
"""Seconds without a step that ends, after which the outcomes so far are put on disk; the next intent does it too."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a plan is applied: the client that writes, the journal, a callback for results, and the event that stops it.

    Once `stop` is set no step begins; those under way end as usual. `concurrency` is how many requests the client
    has in flight; a quarter more steps are under way, since those that write their intents wait for the disk.
    """

    writer: Writer
    journal: Journal
    watch: Callable[[Result], None]
    stop: threading.Event = field(default_factory=threading.Event)
    concurrency: int = 10
    sleep: Callable[[float], None] = time.sleep


def apply(plan: Plan, run: Run) -> tuple[Result, ...]:
    """Do every step, independent ones concurrently; skip each step of which a need was not applied.

    Results in plan order.
    """
    changes = {change.address: change for change in plan.changes}
    sorter = TopologicalSorter({change.address: change.needs for change in plan.changes})
    sorter.prepare()
    results: dict[Address, Result] = {}
    ids = dict(plan.ids)
    done: SimpleQueue[Future[Result]] = SimpleQueue()  # wait() would look at every future for each that ends
    with ThreadPoolExecutor(run.concurrency + run.concurrency // 4) as pool:
        while sorter.is_active():
            for address in sorter.get_ready():
                change = changes[address]
                lost = next((need for need in change.needs if results[need].status != "applied"), None)
                pool.submit(_run_step, change, lost, ids, plan.account, run).add_done_callback(done.put)
            result = _next_done(done, run).result()
            address = result.change.address
            results[address] = result
            if result.status == "applied" and result.id is not None and result.change.entry:
                ids[address] = result.id
            run.watch(result)
            sorter.done(address)
    return tuple(results[change.address] for change in plan.changes)


def _next_done(done: SimpleQueue[Future[Result]], run: Run) -> Future[Result]:
    try:
        return done.get(timeout=SYNC_AFTER)
    except Empty:
        with contextlib.suppress(MjsyncError):  # the next record raises it again
            run.journal.sync()
        return done.get()


def exit_code(results: Iterable[Result], *, written: int, missing: bool) -> int:
    """Return the exit code.

    IN_SYNC (0) where all is done, PARTIAL (5) where something was written and something else was not or may not have
    been, FAILED (1) where nothing was written. `written` counts the writes that Mailjet carried out; `missing`: some
    steps could not be planned.
    """
    statuses = {result.status for result in results}
    if "unknown" in statuses:
        return PARTIAL
    if statuses <= {"applied"} and not missing:
        return IN_SYNC
    return PARTIAL if written or "applied" in statuses else FAILED


def _run_step(
    change: Change, lost: Address | None, ids: Mapping[Address, int], account: int | None, run: Run
) -> Result:
    """Do a step and record how it ended, unless a need of it is lost or the run was stopped: then it is skipped.

    Where the journal fails, no further step begins.
    """
    if lost is not None:
        result = _skipped(change, "needs", f"needs {lost}, which was not applied")
    elif run.stop.is_set():
        result = _skipped(change, "stopped", "the run was stopped before it")
    else:
        result = Step(change, ids, run.writer, run.journal, run.sleep, account).do()
    try:
        run.journal.record_outcome(result)
    except MjsyncError as error:
        run.stop.set()
        return replace(result, warnings=(*result.warnings, *error.findings))
    return result


def _skipped(change: Change, code: str, message: str) -> Result:
    return Result(change, "skipped", error=Finding(code, message, "Apply again.", address=str(change.address)))
