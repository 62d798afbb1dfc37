"""Ctrl-C: what only reads is broken off; of what writes, what is under way ends first, or at a second one nothing."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from weakref import WeakSet

from mjsync.errors import FAILED, PARTIAL

AT_ONCE = "Stopped at once. The journal holds what was begun; the next apply settles it."
FIRST = "Stopping: what is under way ends first. Ctrl-C again stops at once."


@dataclass(slots=True)
class _Runs:
    """What stops the clients of this process, whether they were asked to stop, and whether to say so."""

    stops: WeakSet[threading.Event] = field(default_factory=WeakSet)
    asked: bool = False
    quiet: bool = False

    def stop(self) -> None:
        """Ask all of them."""
        self.asked = True
        for stop in tuple(self.stops):
            stop.set()


_runs = _Runs()


def stoppable(stop: threading.Event) -> None:
    """From now on a Ctrl-C sets the event; one that came before sets it at once."""
    _runs.stops.add(stop)
    if _runs.asked:
        stop.set()


def is_asked() -> bool:
    """Whether the runs of this process were asked to stop: what has not begun is not begun then."""
    return _runs.asked


@contextmanager
def breakable() -> Iterator[None]:
    """While the block runs, Ctrl-C ends it with KeyboardInterrupt, and no call is tried again; a second one exits."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _broken_off)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _runs.asked = False


@contextmanager
def interruptible(*, quiet: bool) -> Iterator[None]:
    """While the block runs, Ctrl-C (and SIGTERM, as CI systems send it) stops the runs that are under way.

    Blocks nest, and run in any thread; the main thread's outermost one listens.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _interrupted:
        yield
        return
    _runs.asked, _runs.quiet = False, quiet
    before = {number: signal.signal(number, _interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, listener in before.items():
            signal.signal(number, listener)
        _runs.asked = False


def _broken_off(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _runs.asked:
        os._exit(FAILED)
    _runs.stop()
    raise KeyboardInterrupt


def _interrupted(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _runs.asked:
        _tell(AT_ONCE)
        os._exit(PARTIAL)
    _runs.stop()
    if not _runs.quiet:
        _tell(FIRST)


def _tell(text: str) -> None:
    """Say it on stderr, past its buffer: the interrupted thread may be in the middle of a print."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode())
