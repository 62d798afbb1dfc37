"""Apply a fault to a request: replace, corrupt or delay its response, or let reads see old data."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mjsync.emulator.faults import LONGEST_WAIT, ConnectionClosed, Fault
from mjsync.emulator.responses import Response, classic_json, envelope, html_response, json_response
from mjsync.emulator.store import Table

CORRUPTING = frozenset({"truncated", "wrong-type"})
GATEWAY = frozenset({502, 503, 504})
TITLES = {
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}
# Recorded with this text and an upper-case identifier (sample error-500-database-get).
IDENTIFIER = "00000000-0000-0000-9396-2A2101E9DBF1"


class RequestCounter:
    """Counts requests as they arrive, so that a delayed request can wait for later ones."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def add(self) -> int:
        """Count one more request; returns how many there have been."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()
            return self._count

    def wait_for(self, count: int, seconds: float) -> None:
        """Return when `count` requests have arrived, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._count >= count, timeout=seconds)


def replacement_response(fault: Fault, method: str) -> Response:
    """Return the response a fault gives instead of the correct one.

    Raises:
        ConnectionClosed: the fault closes the connection.
    """
    if fault.name == "close":
        raise ConnectionClosed("the emulator closed the connection because of a fault")
    return status_response(fault.status, body=fault.body, retry_after=fault.retry_after, method=method)


def corrupted(fault: Fault, response: Response) -> Response:
    """Return the correct response, cut in half or replaced by an HTML page with the same status."""
    if fault.name == "truncated":
        return Response(response.status, response.body[: len(response.body) // 2], response.headers, response.reason)
    return Response(response.status, b"<html><body>Please wait</body></html>", (("Content-Type", "text/html"),))


def endless(response: Response, limit: int) -> Response:
    """Return a listing with its rows repeated until the page is full, as if there were always more."""
    if response.status != 200:  # noqa: PLR2004 - HTTP
        return response
    rows = json.loads(response.body)["Data"]
    texts = [classic_json(rows[place % len(rows)]) for place in range(limit)] if rows else []
    return json_response(200, envelope(texts, count=len(texts), total=len(texts), newer=False), newer=False)


def status_response(status: int, *, body: str = "", retry_after: int | None = None, method: str = "GET") -> Response:
    """Return an error response as Mailjet or the gateway in front of it words it.

    Source: mjsync/docs/mailjet-api.md, sections 3 and 6.
    """
    title = TITLES.get(status, "Error")
    kind = body or ("text" if status == 429 else "html" if status in GATEWAY else "json")  # noqa: PLR2004 - HTTP
    if kind == "html":
        response = html_response(status, f"{status} {title}")
    elif kind == "text":
        response = Response(status, title.encode(), (("Content-Type", "text/plain"),), title)
    else:
        text = f"Unexpected database error during {method}" if status == 500 else f"Unexpected error: {title}"  # noqa: PLR2004 - HTTP
        shape = {"ErrorInfo": "", "ErrorMessage": text, "StatusCode": status}
        identified = {"ErrorIdentifier": IDENTIFIER, **shape} if status >= 500 else shape  # noqa: PLR2004 - HTTP
        response = json_response(status, classic_json(identified), newer=False, reason=title)
    if kind in {"empty", "truncated"}:
        length = len(response.body) // 2 if kind == "truncated" else 0
        response = Response(status, response.body[:length], response.headers, title)
    if retry_after is None:
        return response
    headers = (*response.headers, ("Retry-After", str(retry_after)))
    return Response(response.status, response.body, headers, response.reason)


def delay_request(
    fault: Fault, counter: RequestCounter, count: int, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Hold back the request that was number `count`: for a time, or until enough later ones have arrived."""
    if fault.requests is None:
        sleep(fault.seconds)
    else:
        counter.wait_for(count + fault.requests, LONGEST_WAIT)


@dataclass(slots=True)
class StaleCopy:
    """The tables of a resource and its content before a write, and how long reads still see them."""

    tables: Mapping[str, Table]
    reads: int | None  # None: until the time is over
    until: float  # seconds since 1970


class ReadLag:
    """The resources of one account whose reads return old data."""

    def __init__(self) -> None:
        self._copies: dict[str, StaleCopy] = {}

    def start(self, resource: str, copy: StaleCopy) -> None:
        """Let reads of a resource see a copy from before a write."""
        self._copies.setdefault(resource, copy)

    def clear(self) -> None:
        """Let every read see current data."""
        self._copies.clear()

    def count_read(self, resource: str, now: float) -> None:
        """Count one read of a resource; ends its lag when it has lasted long enough."""
        copy = self._copies.get(resource)
        if copy is None:
            return
        is_over = now >= copy.until if copy.reads is None else copy.reads == 0
        if is_over:
            del self._copies[resource]
        elif copy.reads is not None:
            copy.reads -= 1

    def table(self, name: str) -> Table | None:
        """Return the old table while its resource lags; content tables are named `resource/detailcontent`."""
        copy = self._copies.get(name.partition("/")[0])
        return copy.tables.get(name) if copy else None
