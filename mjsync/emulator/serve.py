"""Serve the emulator over a socket with waitress, and stop it cleanly."""

import contextlib
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Protocol

# waitress comes without types
from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.channel import ClientDisconnected, HTTPChannel  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]

from mjsync.emulator.faults import ConnectionClosed

THREADS = 32
POLL = 0.5  # seconds
PIECE = 1 << 17  # bytes received or sent at once; waitress's own 8,192 and 1 wake its main loop far more often


class _Task(WSGITask):  # type: ignore[misc]
    """A request whose connection a fault may close without a response."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, with the seconds that the request waited for a thread."""
        return {**super().get_environment(), "mjsync.waited": time.monotonic() - self.channel.arrived}

    def execute(self) -> None:
        try:
            super().execute()
        except ConnectionClosed as closed:
            raise ClientDisconnected from closed


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task

    def received(self, data: bytes) -> Any:
        """Note when the last bytes of a request arrived."""
        self.arrived = time.monotonic()
        return super().received(data)


class Server:
    """A listening socket and the threads behind it."""

    def __init__(self, app: Callable[..., Any], host: str = "127.0.0.1", port: int = 0) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # its warnings about queue depth are noise here
        self._sockets: dict[int, Any] = {}
        is_v6 = ":" in host
        listening = socket.create_server((host, port), family=socket.AF_INET6 if is_v6 else socket.AF_INET)
        self._server = create_server(
            app, map=self._sockets, sockets=[listening], threads=THREADS, recv_bytes=PIECE, ident=""
        )
        self._server.adj.send_bytes = PIECE
        self._server.channel_class = _Channel
        self._stopping = threading.Event()
        self.base_url = f"http://{f'[{host}]' if is_v6 else host}:{self._server.effective_port}"

    def run(self) -> None:
        """Answer until `stop` is called."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=POLL, use_poll=True, map=self._sockets, count=1)

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()
        self._server.pull_trigger()

    def close(self) -> None:
        """Close every socket and thread."""
        self._server.task_dispatcher.shutdown()
        self._server.trigger.close()
        wasyncore.close_all(self._sockets, ignore_all=True)


@contextlib.contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """Serve on a free loopback port while the block runs; yields the base URL."""
    server = Server(app)
    thread = threading.Thread(target=server.run, name="mjsync-emulator", daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.stop()
        thread.join()
        server.close()


class Served(Protocol):
    """Anything that can be served: an app that gets its base URL and is closed at the end."""

    @property
    def app(self) -> Callable[..., Any]:
        """The WSGI app."""

    def listening_at(self, base_url: str) -> AbstractContextManager[None]:
        """Set the base URL while it is served."""

    def close(self) -> None:
        """Close the database file."""


def serve_forever(emulator: Served, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted or terminated, then close everything, the database file too.

    `announce` gets the base URL once clients may connect.

    Raises:
        OSError: the port is not available.
    """
    server = Server(emulator.app, host, port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.stop()

    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if is_main else None
    try:
        with emulator.listening_at(server.base_url):
            announce(server.base_url)
            server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()
        emulator.close()
        if before is not None:
            signal.signal(signal.SIGTERM, before)
