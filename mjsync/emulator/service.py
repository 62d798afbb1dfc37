"""The state behind the door: accounts and their worlds, switches, the request log, snapshots."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mjsync.emulator import seeds
from mjsync.emulator.log import Request
from mjsync.emulator.store import Snapshot, Store
from mjsync.emulator.switches import Settings, Value
from mjsync.emulator.world import Account, World

State = Mapping[str, Any]


class Service:
    """Everything the WSGI app and the control door work on. Hold `lock` while using it."""

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        settings: Mapping[str, Value] | None = None,
        db: Path | str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lock = threading.RLock()
        self.settings = Settings(settings)
        self.clock = clock
        self.store = Store(db)
        self.worlds = {each.api_key: World(each, self.store, self.settings, clock) for each in accounts}
        self.requests: list[Request] = []
        self.tripwires: list[str] = []
        self.outbox: list[dict[str, Any]] = []
        self._snapshots: dict[str, Snapshot] = {}
        for world in self.worlds.values():
            if self.store.resources(world.account):
                world.reindex()
            else:
                seeds.fill(world, {})

    def world(self, account: int | None = None) -> World:
        """The world of an account by its number; without one, the first.

        Raises:
            KeyError: there is no such account.
        """
        for each in self.worlds.values():
            if account in {None, each.account}:
                return each
        raise KeyError(account)

    def turn(self, switch: str, value: Value | None) -> None:
        """Set a switch; unique keys follow at once.

        Raises:
            ValueError: there is no such switch, or the value does not fit.
        """
        with self.lock:
            self.settings.set(switch, value)
            for world in self.worlds.values():
                world.reindex()

    def load(self, state: State, account: int | None = None) -> None:
        """Replace an account's rows: a resource the state names is what it says, any other is fresh.

        Raises:
            ValueError: the state is none; nothing is changed then.
        """
        with self.lock:
            before, world = self.store.snapshot(), self.world(account)
            try:
                self.store.clear(world.account)
                seeds.fill(world, state)
            except ValueError:
                self.store.restore(before)
                raise

    def reset(self) -> None:
        """Every account fresh again; log, outbox and tripwires empty. Switches stay."""
        with self.lock:
            for world in self.worlds.values():
                self.store.clear(world.account)
                seeds.fill(world, {})
            self.requests.clear()
            self.outbox.clear()
            self.tripwires.clear()

    def snapshot(self) -> str:
        """Keep everything stored as it is now; the name brings it back."""
        with self.lock:
            name = f"snapshot-{len(self._snapshots) + 1}"
            self._snapshots[name] = self.store.snapshot()
            return name

    def restore(self, name: str) -> None:
        """Be as at a snapshot again.

        Raises:
            KeyError: there is no such snapshot.
        """
        with self.lock:
            self.store.restore(self._snapshots[name])

    def trip(self, what: str) -> None:
        """Note an attempt to send mail or to change contacts."""
        self.tripwires.append(what)
