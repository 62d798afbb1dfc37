"""Limit what a run costs: the pace of its requests, set or learnt from the server, and which are sent again.

GET, PUT and DELETE change nothing when repeated. A POST is repeated only where it was certainly not carried out: it was
answered 429, or no connection was made. The back-off is stamina's.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from mjsync.errors import ApiError

FIRST_WAIT, LONGEST_WAIT, JITTER = 0.5, 8.0, 0.5
"""Seconds; four 429 in a row are over in under 10 s, well inside the default budget of 60 s."""

SURE_AFTER = 50
"""Requests accepted before a 429, from which on their number shows the server's rate."""

MIN_RATE = 20.0
"""Requests per second after a 429 that shows nothing, such as one at the start."""

GROWTH, UNSURE_GROWTH, FIRST_GROWTH = 0.02, 1.0, 10.0
"""Share that the rate grows by in a second: times the seconds since the last 429 where one showed it, else as it is.

The last is for a run without a 429.
"""

WAVE = 1.0
"""Seconds after a 429 in which others belong to the same, and the rate does not grow."""

FIRST_WAVE = 0.82
"""Seconds at the start in which the rate does not grow: 215 a second meet a limit of 100 a second after 0.78 s."""

PAUSE = 0.2
"""Seconds after a 429 in which no request starts, where the server names no time: turns were given out before it."""

BURST = 0.8
"""Share of a second's requests that may start at once: limits begin with about a second's worth of tokens."""

_LONGEST_HOLD = 60.0
_UNIX_TIME = 1e6


@dataclass(frozen=True, slots=True)
class Pace:
    """A server's limit: requests per second, how many may come at once, and whether a 429 showed it."""

    rate: float
    burst: float = 0.0
    is_sure: bool = True


def first_pace(writes: int = 0) -> Pace:
    """Return the pace of so many writes where nothing is known about the server.

    With answers after 50 ms, about one write in a hundred is under way at the first 429, and refused.
    """
    return Pace(max(215.0, 0.19 * writes), burst=10.0, is_sure=False)


class Pacer:
    """Gives each request its turn; without a rate none waits until the first 429. Safe in threads.

    Limits are token buckets, mostly with one second's worth of tokens at the start: n requests accepted in t seconds
    before the first 429 mean a rate of n / (1 + t). Later, when the tokens are known to be used up, n / t. A rate falls
    at each wave of 429s, and grows while requests wait for it; one that is `is_fixed` stays. `remember` gets the pace
    at the end, unless too few requests were accepted for it to say anything about the server.
    """

    def __init__(
        self,
        pace: Pace | None = None,
        *,
        is_fixed: bool = False,
        remember: Callable[[Pace], None] = lambda _: None,
    ) -> None:
        self.rate = pace.rate if pace else None
        self.burst = pace.burst if pace else 0.0
        self._is_sure = pace is not None and pace.is_sure
        self._is_fixed = is_fixed
        self._remember = remember
        self._lock = threading.Lock()
        self._next = self._held = self._lowered = -math.inf
        self._begun: float | None = None
        self._grown = 0.0
        self._accepted = self._total = 0
        self._is_refused = False

    def turn(self, reserved: float | None = None) -> float:
        """Reserve the time of a request, by `time.monotonic`; a reserved one stays, unless a hold came between."""
        with self._lock:
            if reserved is not None and reserved >= self._held:
                return reserved
            now = time.monotonic()
            if self._begun is None:
                self._begun, self._grown = now, now + FIRST_WAVE
            turn = max(now, self._held)
            if self.rate is not None:
                turn = max(turn, self._next - self.burst / self.rate)
                if turn > now > self._grown and not self._is_fixed:
                    since = now - self._begun
                    growth = GROWTH * since if self._is_sure else UNSURE_GROWTH if self._is_refused else FIRST_GROWTH
                    self.rate *= 1 + growth * (now - self._grown)
                self._grown = max(now, self._grown)
                self._next = max(self._next, turn) + 1 / self.rate
            return turn

    def wait(self) -> None:
        """Sleep until it is the turn of a request."""
        turn = self.turn()
        while (seconds := turn - time.monotonic()) > 0:
            time.sleep(seconds)
            turn = self.turn(turn)

    def on_accepted(self, headers: Mapping[str, str], in_flight: int = 0) -> None:
        """Count an answer that is not a 429; where its headers say that no more remain, the next requests are held.

        `in_flight` is how many requests are under way: they come off what remains.
        """
        with self._lock:
            self._accepted += 1
            self._total += 1
            remaining, reset = _number(headers, "remaining"), _number(headers, "reset")
            if remaining is not None and remaining - in_flight < 1 and reset is not None:
                self._hold(reset - time.time() if reset > _UNIX_TIME else reset)

    def on_refused(self, retry_after: float | None) -> None:
        """Slow down after a 429; with `retry_after` no request starts for so many seconds."""
        with self._lock:
            now = time.monotonic()
            begun = now if self._begun is None else self._begun
            if not self._is_fixed and now - self._lowered >= WAVE and now >= begun:
                self._lower(now - begun)
                self._lowered, self._accepted, self._is_refused = now, 0, True
                begun = now
            self._hold(PAUSE if retry_after is None else retry_after)
            self._begun = max(begun, self._held) if retry_after else begun  # nothing is accepted during a hold
            self._grown = max(self._begun, now) + WAVE

    def close(self) -> None:
        """Remember the pace, where 429s showed it, or where none came at a pace that was not sure."""
        is_known = self._is_sure == self._is_refused and self._total >= SURE_AFTER
        if self.rate is not None and not self._is_fixed and is_known:
            self._remember(Pace(round(self.rate, 1), round(self.burst, 1), self._is_sure))

    def _lower(self, seconds: float) -> None:
        """Set the rate after the first 429 of a wave, so many seconds after the last wave or the start."""
        shown = self._accepted / (seconds + (0.0 if self._is_refused else WAVE)) if self._accepted else 0.0
        if self._accepted >= SURE_AFTER or (self._is_refused and seconds >= WAVE):
            if not self._is_sure and not self._is_refused:
                self.burst = BURST * shown
            fastest = 0.95 * self.rate if self.rate is not None and self._is_sure else math.inf
            self.rate = max(1.0, min(fastest, 0.97 * shown))
            self._is_sure = True
        elif self.rate is None or not self._is_sure:
            self.rate = max(MIN_RATE, 0.95 * shown)
        else:
            self.rate, self.burst = max(1.0, 0.95 * self.rate), 0.0

    def _hold(self, seconds: float) -> None:
        """Start no request for so many seconds, and none at once after that."""
        self._held = max(self._held, time.monotonic() + min(max(seconds, 0.0), _LONGEST_HOLD))
        self._next = max(self._next, self._held + (self.burst / self.rate if self.rate else 0.0))


def _number(headers: Mapping[str, str], name: str) -> float | None:
    """Return the number in a rate limit header, with or without the X- in front; None where there is none."""
    text = headers.get(f"x-ratelimit-{name}") or headers.get(f"ratelimit-{name}")
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost: requests in flight, seconds of retries for each call, bytes and seconds of one answer.

    `timeout` is in seconds without a byte, `max_response_seconds` in seconds from the first byte to the last.
    """

    in_flight: int = 10
    retry_budget: float = 60.0
    max_response_bytes: int = 64 * 1024 * 1024
    timeout: float = 60.0
    max_response_seconds: float = 600.0


Result = TypeVar("Result")


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
