"""How many calls a key may make: a token bucket (API sheet section 6; figures are not public)."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Tokens of one key; each call takes one, time brings them back."""

    tokens: float = 0.0
    filled_at: float | None = None  # seconds since 1970; None: never used, so full

    def take(self, now: float, *, rate: float, burst: float) -> bool:
        """Whether there was a token to take; `rate` is tokens a second, `burst` what a full bucket holds."""
        size = burst or max(rate, 1.0)
        if self.filled_at is None:
            self.tokens = size
        else:
            self.tokens = min(size, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
