"""Faults at work: what becomes of a request that one of them strikes."""

import threading
import time
from collections.abc import Callable

from mjsync.emulator.answers import Answer, classic_text, html, json_answer
from mjsync.emulator.faults import LONGEST_WAIT, ConnectionClosed, Fault

SPOILERS = frozenset({"truncated", "wrong-type"})
GATEWAY = frozenset({502, 503, 504})
TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}
# Recorded with this text and an upper-case identifier (sample error-500-database-get).
IDENTIFIER = "00000000-0000-0000-9396-2A2101E9DBF1"


class Arrivals:
    """Counts requests as they come, for those that wait for others."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def note(self) -> int:
        """Count one more; says how many there were."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()
            return self._count

    def wait_for(self, count: int, seconds: float) -> None:
        """Return when so many have come, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._count >= count, timeout=seconds)


def instead(fault: Fault, method: str) -> Answer:
    """What a request with this method is answered with instead of the right answer.

    Raises:
        ConnectionClosed: nothing at all.
    """
    if fault.name == "close":
        raise ConnectionClosed("the emulator closed the connection, as a fault told it")
    return status_answer(fault.status, body=fault.body, retry_after=fault.retry_after, method=method)


def spoiled(fault: Fault, answer: Answer) -> Answer:
    """The right answer, cut in half or under a wrong type."""
    if fault.name == "truncated":
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers, answer.reason)
    return Answer(answer.status, b"<html><body>Please wait</body></html>", (("Content-Type", "text/html"),))


def status_answer(status: int, *, body: str = "", retry_after: int | None = None, method: str = "GET") -> Answer:
    """An error as the service or the gateway before it words it (API sheet 3 and 6)."""
    title = TITLES.get(status, "Error")
    kind = body or ("text" if status == 429 else "html" if status in GATEWAY else "json")  # noqa: PLR2004 - HTTP
    if kind == "html":
        answer = html(status, f"{status} {title}")
    elif kind == "text":
        answer = Answer(status, title.encode(), (("Content-Type", "text/plain"),), title)
    else:
        texts = {500: f"Unexpected database error during {method}"}
        text = texts.get(status, f"Unexpected error: {title}")
        shape = {"ErrorInfo": "", "ErrorMessage": text, "StatusCode": status}
        identified = {"ErrorIdentifier": IDENTIFIER, **shape} if status >= 500 else shape  # noqa: PLR2004 - HTTP
        answer = json_answer(status, classic_text(identified), newer=False, reason=title)
    if retry_after is None:
        return answer
    return Answer(answer.status, answer.body, (*answer.headers, ("Retry-After", str(retry_after))), answer.reason)


def wait(fault: Fault, arrivals: Arrivals, place: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Hold a request back: for a time, or until so many more have come."""
    if fault.requests is None:
        sleep(fault.seconds)
    else:
        arrivals.wait_for(place + fault.requests, LONGEST_WAIT)
