"""The state behind the door: accounts and their worlds, switches, faults, the request log, snapshots."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mjsync.emulator import seeds
from mjsync.emulator.deliveries import ATTEMPTS, Delivery, deliver, event_deliveries, mail_deliveries
from mjsync.emulator.faults import Faults
from mjsync.emulator.limits import Bucket
from mjsync.emulator.log import Request
from mjsync.emulator.mishaps import Arrivals
from mjsync.emulator.store import Snapshot, Store
from mjsync.emulator.switches import Settings, Value
from mjsync.emulator.world import Account, World

State: TypeAlias = Mapping[str, Any]
Bodies: TypeAlias = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Time:
    """What time is made of, so that tests need none of it."""

    clock: Callable[[], float] = time.time  # seconds since 1970
    sleep: Callable[[float], None] = time.sleep


class Service:
    """Everything the WSGI app and the control door work on. Hold `lock` while using it."""

    def __init__(self, accounts: Iterable[Account], settings: Settings, db: Path | str | None, moments: Time) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self.sleep = moments.sleep
        self.store = Store(db)
        self.worlds = {each.api_key: World(each, self.store, settings, moments.clock) for each in accounts}
        self.requests: list[Request] = []
        self.tripwires: list[str] = []
        self.outbox: list[dict[str, Any]] = []
        self.faults = Faults()
        self.arrivals = Arrivals()
        self._buckets = {each: Bucket() for each in self.worlds}
        self._snapshots: dict[str, Snapshot] = {}

    def begin(self, state: State | None) -> None:
        """Go on with what the database file holds; where it holds nothing, start with fresh accounts.

        A state replaces whatever the first account has.

        Raises:
            ValueError: the state is none.
        """
        for place, world in enumerate(self.worlds.values()):
            if place == 0 and state is not None:
                self.load(state)
            elif self.store.resources(world.account):
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
        raise KeyError(f"no account has the number {account}")

    def may_call(self, world: World) -> bool:
        """Whether the key's rate limit, if there is one, lets one more call through."""
        rate = float(self.settings["rate_limit"])
        burst = float(self.settings["rate_limit_burst"])
        return not rate or self._buckets[world.keys.api_key].take(world.clock(), rate=rate, burst=burst)

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
                self._refill(world, state)
            except ValueError:
                self.store.restore(before)
                raise

    def _refill(self, world: World, state: State) -> None:
        self.store.clear(world.account)
        world.lag.clear()
        seeds.fill(world, state)

    def reset(self) -> None:
        """Every account fresh again; log, outbox, faults and tripwires empty. Switches stay."""
        with self.lock:
            for world in self.worlds.values():
                self._refill(world, {})
            self.requests.clear()
            self.outbox.clear()
            self.tripwires.clear()
            self.faults.armed.clear()

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
            for world in self.worlds.values():
                world.lag.clear()
                world.reindex()

    def trip(self, what: str) -> None:
        """Note an attempt to send mail or to change contacts."""
        self.tripwires.append(what)

    def deliver(
        self, *, events: Bodies = (), mails: Bodies = (), attempts: int = ATTEMPTS, account: int | None = None
    ) -> list[Delivery]:
        """Call the account's receivers; a webhook that never says 200 is dead, and its backup takes over."""
        with self.lock:
            world, events = self.world(account), list(events)
            first = event_deliveries(world, events, backup=False)
            reached = {each["event"] for delivery in first for each in _events_of(delivery)}
            missed = [each for each in events if each.get("event") not in reached]
            later = [*event_deliveries(world, missed, backup=True), *mail_deliveries(world, mails)]
        failed = self._call(world, first, attempts)
        with self.lock:
            later += event_deliveries(world, failed, backup=True)
        self._call(world, later, attempts)
        return [*first, *later]

    def _call(self, world: World, deliveries: list[Delivery], attempts: int) -> list[Mapping[str, Any]]:
        """Deliver outside the lock, since a receiver may call back; says which events did not arrive."""
        failed: list[Mapping[str, Any]] = []
        for each in deliveries:
            deliver(each, attempts)
            if each.is_done or each.resource != "eventcallbackurl":
                continue
            failed += _events_of(each)
            with self.lock:
                world.write("eventcallbackurl", {**each.row, "Status": "dead"})
        return failed


def _events_of(delivery: Delivery) -> list[Mapping[str, Any]]:
    return delivery.body if isinstance(delivery.body, list) else [delivery.body]
