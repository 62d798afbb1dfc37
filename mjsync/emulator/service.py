"""The state of one emulator: accounts, switches, faults, request log, outbox and snapshots."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mjsync.emulator import seeds
from mjsync.emulator.account_store import Account, AccountStore
from mjsync.emulator.fault_injection import RequestCounter
from mjsync.emulator.faults import Faults
from mjsync.emulator.inbox import Inbox
from mjsync.emulator.request import LoggedRequest
from mjsync.emulator.store import Snapshot, Store
from mjsync.emulator.switches import Settings, Value
from mjsync.emulator.webhook_delivery import ATTEMPTS, Delivery, event_deliveries, mail_deliveries, send

State: TypeAlias = Mapping[str, Any]
Bodies: TypeAlias = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Clock:
    """The functions that tell the time and sleep; tests pass their own."""

    now: Callable[[], float] = time.time  # seconds since 1970
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class TokenBucket:
    """The rate limit of one key: each call takes a token, time brings tokens back.

    Source: mjsync/docs/mailjet-api.md, section 6; Mailjet does not publish the figures.
    """

    tokens: float = 0.0
    filled_at: float | None = None  # seconds since 1970; None: never used, so full

    def take(self, now: float, *, rate: float, burst: float) -> bool:
        """Take a token if there is one; `rate` is tokens per second, `burst` the size of a full bucket."""
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


class Service:
    """Everything the WSGI app and the control API work on. Hold `lock` while using it."""

    def __init__(self, accounts: Iterable[Account], settings: Settings, db: Path | str | None, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self.now, self.sleep = clock.now, clock.sleep
        self.store = Store(db)
        self.accounts = {each.api_key: AccountStore(each, self.store, settings, clock.now) for each in accounts}
        self.requests: list[LoggedRequest] = []
        self.forbidden_calls: list[str] = []
        self.outbox: list[dict[str, Any]] = []
        self.inbox: Inbox | None = None
        self.faults = Faults()
        self.arrivals = RequestCounter()
        self._buckets = {each: TokenBucket() for each in self.accounts}
        self._snapshots: dict[str, Snapshot] = {}

    def start(self, state: State | None) -> None:
        """Continue with the rows of the database file, or with a fresh account where it has none.

        A state replaces all rows of the first account.

        Raises:
            ValueError: the state is not valid.
        """
        for place, account in enumerate(self.accounts.values()):
            if place == 0 and state is not None:
                self.load(state)
            elif self.store.resources(account.id):
                account.reindex()
            else:
                seeds.load_rows(account, {})

    def account(self, account_id: int | None = None) -> AccountStore:
        """Return the account with this id; the first account for None.

        Raises:
            KeyError: there is no such account.
        """
        for each in self.accounts.values():
            if account_id in {None, each.id}:
                return each
        raise KeyError(f"no account has the number {account_id}")

    def is_within_rate_limit(self, account: AccountStore) -> bool:
        """Count a call against the key's rate limit; false when it is over the limit."""
        rate = float(self.settings["rate_limit"])
        burst = float(self.settings["rate_limit_burst"])
        return not rate or self._buckets[account.keys.api_key].take(account.seconds(), rate=rate, burst=burst)

    def set_switch(self, switch: str, value: Value | None) -> None:
        """Set a switch and index all unique keys again.

        Raises:
            ValueError: there is no such switch, or the value does not fit.
        """
        with self.lock:
            self.settings.set(switch, value)
            for account in self.accounts.values():
                account.reindex()

    def load(self, state: State, account_id: int | None = None) -> None:
        """Replace an account's rows; resources that the state does not name become those of a fresh account.

        Raises:
            ValueError: the state is not valid; nothing is changed then.
        """
        with self.lock:
            before, account = self.store.snapshot(), self.account(account_id)
            try:
                self._refill(account, state)
            except ValueError:
                self.store.restore(before)
                raise

    def _refill(self, account: AccountStore, state: State) -> None:
        self.store.clear(account.id)
        account.read_lag.clear()
        seeds.load_rows(account, state)

    def reset(self) -> None:
        """Make every account fresh; empty the log, outbox, faults and forbidden calls. Switches stay."""
        with self.lock:
            for account in self.accounts.values():
                self._refill(account, {})
            self.requests.clear()
            self.outbox.clear()
            if self.inbox is not None:
                self.inbox.mails.clear()
            self.forbidden_calls.clear()
            self.faults.armed.clear()

    def snapshot(self) -> str:
        """Save everything stored; returns the name to restore it by."""
        with self.lock:
            name = f"snapshot-{len(self._snapshots) + 1}"
            self._snapshots[name] = self.store.snapshot()
            return name

    def restore(self, name: str) -> None:
        """Bring a snapshot back.

        Raises:
            KeyError: there is no such snapshot.
        """
        with self.lock:
            self.store.restore(self._snapshots[name])
            for account in self.accounts.values():
                account.read_lag.clear()
                account.reindex()

    def deliver(
        self, *, events: Bodies = (), mails: Bodies = (), attempts: int = ATTEMPTS, account_id: int | None = None
    ) -> list[Delivery]:
        """Call the account's receivers; a webhook that never answers 200 is marked dead and its backup is called."""
        with self.lock:
            account, events = self.account(account_id), list(events)
            first = event_deliveries(account, events, backup=False)
            covered = {each["event"] for delivery in first for each in _events_of(delivery)}
            uncovered = [each for each in events if each.get("event") not in covered]
            later = [*event_deliveries(account, uncovered, backup=True), *mail_deliveries(account, mails)]
        failed = self._send(account, first, attempts)
        with self.lock:
            later += event_deliveries(account, failed, backup=True)
        self._send(account, later, attempts)
        return [*first, *later]

    def _send(self, account: AccountStore, deliveries: list[Delivery], attempts: int) -> list[Mapping[str, Any]]:
        """Deliver without the lock, since a receiver may call back; returns the events that did not arrive."""
        failed: list[Mapping[str, Any]] = []
        for each in deliveries:
            send(each, attempts)
            if each.is_done or each.resource != "eventcallbackurl":
                continue
            failed += _events_of(each)
            with self.lock:
                account.write("eventcallbackurl", {**each.row, "Status": "dead"})
        return failed


def _events_of(delivery: Delivery) -> list[Mapping[str, Any]]:
    return delivery.body if isinstance(delivery.body, list) else [delivery.body]
