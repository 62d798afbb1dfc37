"""The transport that every request passes: it lets only allowed calls through, and counts them.

No allowed path sends mail or touches a contact: the kinds declare none, and no flag, plugin or redirect can add one.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

REDIRECT = 300
READS = frozenset({"GET"})
_WILDCARDS = {"{id}": r"\d+", "{key}": r"[^/]+"}
ALL = frozenset({"GET", "POST", "PUT", "DELETE"})


class AllowedCalls:
    """A table of methods and paths below the REST root; `{id}` stands for a number, `{key}` for one path segment."""

    def __init__(self, calls: Iterable[tuple[str, str]]) -> None:
        paths: dict[str, list[str]] = {}
        for method, path in sorted(calls):
            pattern = "".join(_WILDCARDS.get(part) or re.escape(part) for part in re.split(r"(\{\w+\})", path))
            paths.setdefault(method, []).append(pattern)
        self._patterns = {method: re.compile(f"/v3/REST/(?:{'|'.join(some)})") for method, some in paths.items()}

    def allows(self, method: str, path: str) -> bool:
        """Return whether a request is in the table; paths compare whole, as they are sent."""
        return method in self._patterns and self._patterns[method].fullmatch(path) is not None


Listener = Callable[[str, str, int | None, float], None]
"""Gets method, path, status and seconds of a call."""


class ForbiddenCallError(RuntimeError):
    """A call that is not in the table of allowed calls: a bug of mjsync, stopped before it was sent."""


@dataclass(slots=True)
class RequestLog:
    """Counts requests by method, and reports each call to its listeners, in the thread that made the request.

    `on_retry` gets a sentence for each call that is tried again because a web page came back instead of JSON.
    `written` counts the writes that Mailjet says it carried out.
    """

    listeners: list[Listener | None] = field(default_factory=list)
    on_retry: Callable[[str], None] | None = None
    written: int = 0
    _sent: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on_request(self, method: str) -> None:
        """Count a request that goes out now."""
        with self._lock:
            self._sent[method] += 1

    def on_response(self, request: httpx.Request, status: int | None, seconds: float) -> None:
        """Report to the listeners how a request ended; status None for no answer."""
        if request.method != "GET" and status is not None and status < REDIRECT:
            with self._lock:
                self.written += 1
        for listen in filter(None, self.listeners):
            listen(request.method, request.url.raw_path.decode("ascii"), status, seconds)

    @property
    def counts(self) -> dict[str, int]:
        """Method to the number of requests really sent, in alphabetical order."""
        with self._lock:
            return dict(sorted(self._sent.items()))


class GuardedTransport(httpx.BaseTransport):
    """A transport that sends what the table allows, of the methods that this client may use."""

    def __init__(
        self, inner: httpx.BaseTransport, calls: AllowedCalls, methods: frozenset[str], request_log: RequestLog
    ) -> None:
        self._inner = inner
        self._calls = calls
        self._methods = methods
        self._request_log = request_log

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on. Raises ForbiddenCallError where it may not be sent."""
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        if request.method not in self._methods or not self._calls.allows(request.method, path):
            message = f"{request.method} {path} is not a call mjsync makes"
            raise ForbiddenCallError(message)
        self._request_log.on_request(request.method)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
