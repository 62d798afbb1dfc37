"""What a run may cost, and the pace of its requests: a rate that is set, or learnt from the server's refusals."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SURE_AFTER = 50
"""Requests accepted before a 429, from which on their number shows the server's rate."""

MIN_RATE = 20.0
"""Requests per second after a 429 that shows nothing, such as one at the start."""

GROWTH, FAST_GROWTH = 0.01, 1.0
"""Share of the rate that it grows by in a second without a 429, once it was learnt and before."""

WAVE = 1.0
"""Seconds after a 429 in which others belong to the same: these requests were under way."""

_LONGEST_HOLD = 60.0
_UNIX_TIME = 1e6


class Pacer:
    """Makes each request wait for its turn; without a rate none waits until the first 429. Safe in threads.

    Limits are token buckets, mostly with one second's worth of tokens at the start: n requests accepted in t seconds
    before the first 429 mean a rate of n / (1 + t). After that the rate grows slowly, and falls at each further 429.
    A rate that is `is_fixed` stays. `rate` is in requests per second, None where it is not known; `remember` gets it
    at the end, unless too few requests were accepted for it to say anything about the server.
    """

    def __init__(
        self,
        rate: float | None = None,
        *,
        is_fixed: bool = False,
        remember: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.rate = rate
        self._remember = remember
        self._is_learnt = False
        self._is_fixed = is_fixed
        self._is_sure = rate is not None
        self._lock = threading.Lock()
        self._next = -math.inf
        self._begun: float | None = None
        self._grown = 0.0
        self._lowered = -math.inf
        self._accepted = 0

    def delay(self) -> float:
        """Reserve the next turn, and return the seconds until it comes."""
        with self._lock:
            now = time.monotonic()
            if self._begun is None:
                self._begun = self._grown = now
            if self.rate is None:
                return max(0.0, self._next - now)
            self._grow(now)
            turn = max(now, self._next)
            self._next = turn + 1 / self.rate
            return turn - now

    def on_accepted(self, headers: Mapping[str, str]) -> None:
        """Count an answer that is not a 429; one that says that nothing remains holds the next requests."""
        with self._lock:
            self._accepted += 1
            remaining, reset = _number(headers, "remaining"), _number(headers, "reset")
            if remaining is not None and remaining < 1 and reset is not None:
                seconds = reset - time.time() if reset > _UNIX_TIME else reset
                self._hold(seconds)

    def on_refused(self, retry_after: float | None) -> None:
        """Slow down after a 429; with `retry_after` no request starts for so many seconds."""
        with self._lock:
            now = time.monotonic()
            held_until = self._hold(retry_after or 0.0)
            if self._is_fixed or now - self._lowered < WAVE:
                return
            seconds = now - (now if self._begun is None else self._begun)
            self._is_learnt = self._is_learnt or self._accepted >= SURE_AFTER
            if self.rate is None:
                self._is_sure = self._accepted >= SURE_AFTER
                self.rate = max(MIN_RATE, 0.95 * self._accepted / (WAVE + seconds))
            else:
                shown = self._accepted / seconds if seconds >= WAVE else math.inf
                self.rate = max(1.0, min(0.9 * self.rate, 0.98 * shown))
                self._is_sure = True
            self._lowered = self._grown = now
            self._begun = held_until  # nothing is accepted during a hold: it must not make the server look slow
            self._accepted = 0

    def close(self) -> None:
        """Remember the rate, if it was learnt or corrected."""
        if self._is_learnt and self.rate is not None and not self._is_fixed:
            self._remember(self.rate)

    def _hold(self, seconds: float) -> float:
        """Start no request for so many seconds, and return the time when they are over."""
        until = time.monotonic() + min(max(seconds, 0.0), _LONGEST_HOLD)
        self._next = max(self._next, until)
        return until

    def _grow(self, now: float) -> None:
        if self.rate is not None and not self._is_fixed:
            self.rate *= (1 + (GROWTH if self._is_sure else FAST_GROWTH)) ** (now - self._grown)
            self._grown = now


def _number(headers: Mapping[str, str], name: str) -> float | None:
    """The number in a rate limit header, with or without the X- in front; None where there is none."""
    text = headers.get(f"x-ratelimit-{name}") or headers.get(f"ratelimit-{name}")
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost: requests in flight, seconds of retries for each call, bytes and seconds of one answer.

    `rate` is in requests per second, None to learn it. `timeout` is in seconds without a byte, `max_response_seconds`
    in seconds from the first byte to the last.
    """

    in_flight: int = 10
    retry_budget: float = 60.0
    rate: float | None = None
    max_response_bytes: int = 64 * 1024 * 1024
    timeout: float = 60.0
    max_response_seconds: float = 600.0
