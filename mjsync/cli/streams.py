"""What each thread prints, kept apart: several environments run side by side, and are told one after another."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Capture = Callable[[Callable[[], int], str], tuple[int, str, str]]
"""Runs work in the calling thread, its format known; gives its exit code, what it printed, and its complaints."""


class _Divided(io.TextIOBase):
    """A stream that keeps apart what threads write which asked for it; all else goes on."""

    def __init__(self, under: TextIO) -> None:
        self.under = under
        self.mine = threading.local()

    def write(self, text: str) -> int:
        """Keep or pass on; bytes are refused, which is how click tells a text stream."""
        if not isinstance(text, str):
            raise TypeError(text)
        kept: list[str] | None = getattr(self.mine, "kept", None)
        if kept is None:
            return self.under.write(text)
        kept.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""
        self.under.flush()

    def isatty(self) -> bool:
        """What is kept is read later, not on a terminal."""
        return getattr(self.mine, "kept", None) is None and self.under.isatty()

    def take(self) -> str:
        """What this thread wrote since `begin`."""
        kept: list[str] = self.mine.kept
        self.mine.kept = None
        return "".join(kept)

    def begin(self) -> None:
        """From now on keep what this thread writes."""
        self.mine.kept = []


@contextmanager
def streams_of_threads() -> Iterator[Capture]:
    """Divide stdout and stderr by thread while the block runs."""
    from mjsync.cli.error_reporting import report_failure

    out, err = _Divided(sys.stdout), _Divided(sys.stderr)

    def capture(work: Callable[[], int], form: str) -> tuple[int, str, str]:
        out.begin()
        err.begin()
        try:
            code = work() or 0
        except BaseException as error:  # noqa: BLE001 - one account's failure must not hide the others
            code = report_failure(error, ["--format", form])
        return code, out.take(), err.take()

    sys.stdout, sys.stderr = out, err
    try:
        yield capture
    finally:
        sys.stdout, sys.stderr = out.under, err.under
