"""How far long work is: one line that moves on a terminal, a plain line now and then elsewhere."""

import sys
import threading
import time

import click

from mjsync.engine.scope import Progress

STEP = 5.0
"""Seconds between plain lines."""
WORDS = {"account": "listing the account", "bodies": "reading bodies", "deletes": "reading what is to go"}


class Meter:
    """Shows progress on stderr; quiet on request, and for work that is over before anyone could wonder."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False
        self._lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        """Take in how far the work is."""
        if self._quiet:
            return
        with self._lock:
            now = time.monotonic()
            text = f"{WORDS.get(progress.what, progress.what)}: {progress.done} of {progress.total}"
            if self._live and now - self._last >= 0.1:  # noqa: PLR2004 - seconds: ten times a second is enough
                click.echo(f"\r\x1b[K{text}", err=True, nl=False)
                self._shown, self._last = True, now
            elif not self._live and now - self._last >= STEP:
                click.echo(text, err=True)
                self._last = now

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False
