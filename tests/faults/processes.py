"""Real `mjsync` processes, and a WSGI app in front of the emulator that acts on the n-th request."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mjsync.emulator.faults import ConnectionClosed

REPOSITORY = Path(__file__).parents[2]


class Door:
    """Passes requests on to the emulator, and acts on the n-th of them, before or after it is handled.

    `act` gets the process that is watched. `runs` is how many runs must have planned before the first write passes.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self.seen = 0
        self.at = 0
        self.is_after = False
        self.act: Callable[[subprocess.Popen[str]], None] = subprocess.Popen.kill
        self.closes = True
        self.runs = 0
        self._planning = 0
        self._planned = threading.Event()

    def arm(self, at: int, *, is_after: bool) -> None:
        """Act on the n-th request from now on, counted from 1."""
        self.seen, self.at, self.is_after = 0, at, is_after
        self._started.clear()

    def watch(self, process: subprocess.Popen[str]) -> None:
        """Set the process that is acted on."""
        self._process = process
        self._started.set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a request on, or act."""
        with self._lock:
            self.seen += 1
            strikes = self.seen == self.at
        self._hold(environ["REQUEST_METHOD"], environ["QUERY_STRING"])
        if not strikes:
            return self._app(environ, start_response)
        answer = list(self._app(environ, start_response)) if self.is_after or not self.closes else []
        self._started.wait(10)
        assert self._process is not None
        self.act(self._process)
        if self.closes:
            raise ConnectionClosed
        return answer

    def _hold(self, method: str, query: str) -> None:
        """Hold writes back until all plans are made: each plan looks once, near its end, for deleted lists."""
        if "IsDeleted=true" in query:
            self._planning += 1
            if self._planning >= self.runs:
                self._planned.set()
        elif method != "GET" and self.runs:
            self._planned.wait(10)


def started(root: Path, url: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a process of the command line in this project."""
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY), "MJSYNC_BASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "-m", "mjsync", "-C", str(root), *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
