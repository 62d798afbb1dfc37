"""Show the progress of long reads on stderr: one line that is updated on a terminal, plain lines elsewhere."""

import sys
import threading
import time

import click

from mjsync.engine.scope import Progress

LINE_INTERVAL, UPDATE_INTERVAL = 5.0, 0.1
"""Seconds between plain lines, and between updates on a terminal."""
WORDS = {"account": "listing the account", "bodies": "reading bodies", "deletes": "reading what will be deleted"}


class ProgressLine:
    """Shows progress, from any thread; nothing if quiet, or if the work ends before the first interval."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False
        self._lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        """Show how far the work is."""
        if self._quiet:
            return
        with self._lock:
            now = time.monotonic()
            text = f"{WORDS.get(progress.what, progress.what)}: {progress.done} of {progress.total}"
            if self._is_terminal and now - self._last >= UPDATE_INTERVAL:
                click.echo(f"\r\x1b[K{text}", err=True, nl=False)
                self._shown, self._last = True, now
            elif not self._is_terminal and now - self._last >= LINE_INTERVAL:
                click.echo(text, err=True)
                self._last = now

    def clear(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False
