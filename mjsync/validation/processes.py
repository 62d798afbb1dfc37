"""Share work on many items among forked processes, one for each CPU."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_PROCESSES = 8


def in_processes(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yield the result of the work on each share of the items; results must be values that can be pickled.

    This process has a share too, and does the work of one that ended without a result. It does all of it where there
    is one CPU, where other threads run, since a fork would break their locks, and elsewhere than on Linux.
    """
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    count = min(cpus, MAX_PROCESSES) if threading.active_count() == 1 else 1
    own, *others = (items[number::count] for number in range(count))
    started = [(share, *_start(work, share)) for share in others]
    yield work(own)
    for share, process, connection in started:
        try:
            yield connection.recv()
        except (EOFError, OSError):
            yield work(share)
        process.join()


def _start(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> tuple[BaseProcess, Connection]:
    """Start a process that ends with its work or with ours; return it, and the connection that brings its result."""
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, items, sender), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _run(work: Callable[[Sequence[Item]], Result], items: Sequence[Item], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: ours ends the others
    with suppress(Exception):  # our process meets the same again, and reports it
        sender.send(work(items))
