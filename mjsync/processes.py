"""Share work on many items among forked processes, one for each CPU."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Share(Generic[Item, Result]):
    """The work on some of the items, which another process does unless there is none."""

    work: Callable[[Sequence[Item]], Result]
    items: Sequence[Item]
    process: BaseProcess | None = None
    connection: Connection | None = None

    def result(self) -> Result:
        """Return the result; the work is done here where a process ended without one."""
        if self.connection is None or self.process is None:
            return self.work(self.items)
        try:
            result: Result = self.connection.recv()
        except (EOFError, OSError):
            result = self.work(self.items)
        self.process.join()
        return result


def share(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> list[Share[Item, Result]]:
    """Start the work on the items in as many processes as there are CPUs; results must be values that can be pickled.

    There is one share, and no process, where there is one CPU, where other threads run, since a fork would break their
    locks, in a daemonic process, which may have no children, and elsewhere than on Linux.
    """
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    count = min(cpus, MAX_PROCESSES)
    if count == 1 or threading.active_count() > 1 or current_process().daemon:
        return [Share(work, items)]
    return [_started(work, items[number::count]) for number in range(count)]


def _started(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> Share[Item, Result]:
    """Start a process that ends with its work, or with ours."""
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, items, sender, receiver), daemon=True)
    process.start()
    sender.close()
    return Share(work, items, process, receiver)


def _run(
    work: Callable[[Sequence[Item]], Result], items: Sequence[Item], sender: Connection, receiver: Connection
) -> None:
    receiver.close()  # else a process whose parent was killed would wait for ever until its result is read
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: ours ends the others
    with suppress(Exception):  # our process meets the same again, and reports it
        sender.send(work(items))
