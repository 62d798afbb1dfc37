"""Handle Ctrl-C: abort what only reads; let writes that are under way end first, unless it comes a second time."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from weakref import WeakSet

from mjsync.errors import FAILED, PARTIAL

STOPPED = "Stopped at once. Writes that were interrupted are in the journal; the next `mjsync apply` resolves them."
STOPPING = "Stopping: requests under way end first. Ctrl-C again stops at once."


class _State:
    """The stop events of all clients of this process, whether a stop was requested, and whether to report it."""

    def __init__(self) -> None:
        self.events: WeakSet[threading.Event] = WeakSet()
        self.is_requested = self.quiet = False

    def stop(self) -> None:
        """Request all clients to stop."""
        self.is_requested = True
        for event in tuple(self.events):
            event.set()


_state = _State()


def register(event: threading.Event) -> None:
    """Set the event at the next Ctrl-C; at once if there was one."""
    _state.events.add(event)
    if _state.is_requested:
        event.set()


def is_stop_requested() -> bool:
    """Return whether a stop was requested: no further run may begin then."""
    return _state.is_requested


@contextmanager
def abort_on_interrupt() -> Iterator[None]:
    """End the block with KeyboardInterrupt at Ctrl-C, and retry no call; a second one exits."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _abort)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _state.is_requested = False


@contextmanager
def finish_on_interrupt(*, quiet: bool) -> Iterator[None]:
    """Let steps under way end, and begin no other, at Ctrl-C or SIGTERM (which CI systems send).

    Blocks may nest, and run in any thread; only the main thread's outermost one handles signals.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _finish:
        yield
        return
    _state.is_requested, _state.quiet = False, quiet
    before = {number: signal.signal(number, _finish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, listener in before.items():
            signal.signal(number, listener)
        _state.is_requested = False


def _abort(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _state.is_requested:
        os._exit(FAILED)
    _state.stop()
    raise KeyboardInterrupt


def _finish(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _state.is_requested:
        _print(STOPPED)
        os._exit(PARTIAL)
    _state.stop()
    if not _state.quiet:
        _print(STOPPING)


def _print(text: str) -> None:
    """Write a line to stderr past its buffer: the interrupted thread may be in the middle of a print."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode())
