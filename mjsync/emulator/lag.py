"""Reads that come too early: for a while a resource shows what it held before a write."""

from collections.abc import Mapping
from dataclasses import dataclass

from mjsync.emulator.store import Table


@dataclass(slots=True)
class Held:
    """What a resource and its content held before a write, and how long reads still see it."""

    tables: Mapping[str, Table]
    reads: int | None  # None: until the time is over
    until: float  # seconds since 1970


class Lag:
    """The resources of one account whose reads are behind."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def hold(self, resource: str, held: Held) -> None:
        """Let reads of a resource see earlier tables."""
        self._held.setdefault(resource, held)

    def clear(self) -> None:
        """Let every read see what is there."""
        self._held.clear()

    def begin_read(self, resource: str, now: float) -> None:
        """Count one read; when as many were behind as should be, this one is not."""
        held = self._held.get(resource)
        if held is None:
            return
        is_over = now >= held.until if held.reads is None else held.reads == 0
        if is_over:
            del self._held[resource]
        elif held.reads is not None:
            held.reads -= 1

    def seen(self, table: str) -> Table | None:
        """The earlier table, while reads are behind; content is named `resource/detailcontent`."""
        held = self._held.get(table.partition("/")[0])
        return held.tables.get(table) if held else None
