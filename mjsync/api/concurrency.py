"""How many requests may be in flight: fewer after a 429, slowly more again while answers are good."""

import threading
from types import TracebackType


class ConcurrencyLimiter:
    """Holds callers until a place is free; `narrow` halves the places, enough `widen` give one back, `most` at best."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places = most
        self._taken = 0
        self._good = 0
        self.peak = 0
        self._free = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return self._places

    def decrease(self) -> None:
        """Halve the places: the server said too many."""
        with self._free:
            self._places = max(1, self._places // 2)
            self._good = 0

    def increase(self) -> None:
        """Count a good answer; as many as there are places give one place back."""
        with self._free:
            self._good += 1
            if self._good >= self._places and self._places < self._most:
                self._places += 1
                self._good = 0
                self._free.notify()

    def __enter__(self) -> None:
        with self._free:
            self._free.wait_for(lambda: self._taken < self._places)
            self._taken += 1
            self.peak = max(self.peak, self._taken)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._free:
            self._taken -= 1
            self._free.notify()
