"""State what a run may cost; apart from the client, so that settings load without an HTTP library."""

from dataclasses import dataclass


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
