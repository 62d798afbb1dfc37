"""Reads that come too early: for a while a resource shows what it held before a write."""

from dataclasses import dataclass

from mjsync.emulator.store import Table


@dataclass(slots=True)
class Held:
    """What a resource held before a write, and how long reads still see it."""

    table: Table
    reads: int | None  # None: until the time is over
    until: float  # seconds since 1970


class Lag:
    """The resources of one account whose reads are behind."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def hold(self, resource: str, held: Held) -> None:
        """Let reads of a resource see an earlier table."""
        self._held.setdefault(resource, held)

    def begin_read(self, resource: str, now: float) -> None:
        """Count one read; the last one that is behind was the one before."""
        held = self._held.get(resource)
        if held is None:
            return
        is_over = now >= held.until if held.reads is None else held.reads == 0
        if is_over:
            del self._held[resource]
        elif held.reads is not None:
            held.reads -= 1

    def seen(self, resource: str) -> Table | None:
        """The earlier table, while reads are behind."""
        held = self._held.get(resource)
        return held.table if held else None
