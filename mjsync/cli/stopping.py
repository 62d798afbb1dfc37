"""Ctrl-C: the first lets what is under way end and begins nothing more, the second ends the process at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import click

from mjsync.errors import PARTIAL

AT_ONCE = "Stopped at once. The journal holds what was begun; the next apply settles it."
FIRST = "Stopping: what is under way ends first. Ctrl-C again stops at once."


@dataclass(slots=True)
class _Runs:
    """The runs of this process that are under way, whether they were asked to stop, and where to say so."""

    under_way: list[threading.Event] = field(default_factory=list)
    asked: bool = False
    say: Callable[[str], None] = click.echo


_runs = _Runs()


@contextmanager
def interruptible(say: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, Ctrl-C (and SIGTERM, as CI systems send it) stops the runs that are under way.

    Blocks nest, and run in any thread; the main thread's outermost one listens.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _interrupted:
        yield
        return
    _runs.asked, _runs.say = False, say
    before = {number: signal.signal(number, _interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, listener in before.items():
            signal.signal(number, listener)


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """While the block runs, a Ctrl-C sets the event; one that came before sets it at once."""
    _runs.under_way.append(stop)
    if _runs.asked:
        stop.set()
    try:
        yield
    finally:
        _runs.under_way.remove(stop)


def _interrupted(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _runs.asked:
        click.echo(AT_ONCE, err=True)
        os._exit(PARTIAL)
    _runs.asked = True
    for stop in _runs.under_way:
        stop.set()
    _runs.say(FIRST)
