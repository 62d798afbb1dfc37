"""Decide which failures are tried again, and for how long; limit how many requests are in flight.

GET, PUT and DELETE change nothing when repeated. A POST is repeated only where it was certainly not carried out: it was
answered 429, or no connection was made. The back-off is stamina's.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from queue import SimpleQueue
from types import TracebackType
from typing import TypeVar

from mjsync.errors import ApiError

Result = TypeVar("Result")

FIRST_WAIT, LONGEST_WAIT, JITTER = 0.5, 8.0, 0.5
"""Seconds; four 429 in a row are over in under 10 s, well inside the default budget of 60 s."""


class RetryableError(Exception):
    """A failure worth another try; `wait` is in seconds where the server named a time, else None.

    `is_page` says that a web page came back instead of JSON.
    """

    def __init__(self, error: ApiError, wait: float | None = None, *, is_page: bool = False) -> None:
        super().__init__(str(error))
        self.is_page = is_page
        self.error = error
        self.wait = wait


def call_with_retries(attempt: Callable[[], Result], budget: float, stopping: threading.Event | None = None) -> Result:
    """Return the attempt's result; retry on RetryableError for at most `budget` seconds. Raises the last ApiError.

    Nothing is tried again once `stopping` is set.
    """
    ends = time.monotonic() + budget
    try:
        return attempt()
    except RetryableError as error:
        failures = [error]
    import stamina  # here, because most runs repeat nothing
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks(())

    def patience(error: Exception) -> bool | float:
        """Return how long to wait: as long as the server asks for, unless the budget is over before that."""
        if not isinstance(error, RetryableError) or (stopping and stopping.is_set()):
            return False
        if error.wait is None:
            return True
        return error.wait if time.monotonic() + error.wait <= ends else False

    try:
        for context in stamina.retry_context(
            on=patience,
            attempts=None if budget else 1,
            timeout=budget or None,
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
            wait_jitter=JITTER,
        ):
            with context:
                if failures:  # the call that failed before is the first attempt: stamina counts it, and waits
                    raise failures.pop()
                return attempt()
    except RetryableError as ended:
        raise ended.error from None
    raise AssertionError  # stamina ends with a result or an error


def parse_retry_after(retry_after: str | None) -> float | None:
    """Parse a Retry-After header, a number or a date, into seconds; None where it is neither."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


class ConcurrencyLimiter:
    """Holds callers until one of the places is free; `taken` is how many are not."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._free: SimpleQueue[None] = SimpleQueue()  # a Semaphore is slower: it is written in Python
        for _ in range(places):
            self._free.put(None)

    @property
    def taken(self) -> int:
        """How many places are taken now."""
        return self._places - self._free.qsize()

    def __enter__(self) -> None:
        self._free.get()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._free.put(None)
