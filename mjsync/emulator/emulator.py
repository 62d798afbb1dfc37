"""The emulator as Python sees it."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mjsync.emulator import seeds
from mjsync.emulator.app import App
from mjsync.emulator.deliveries import ATTEMPTS
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.faults import Spec
from mjsync.emulator.log import Request
from mjsync.emulator.serve import serving
from mjsync.emulator.service import Bodies, Service, Time
from mjsync.emulator.store import Row
from mjsync.emulator.switches import Settings, Value
from mjsync.emulator.world import Account


class Emulator:
    """A local Mailjet: a WSGI app, and a server on a free loopback port while entered.

    Several key pairs may share one emulator; each sees a world of its own. Where a method takes `account`,
    it is the numeric id of one of them, the first by default.
    """

    def __init__(  # noqa: PLR0913 - the one place where everything is said
        self,
        *,
        api_key: str = "mj-public",
        secret_key: str = "mj-secret",  # noqa: S107 - made up
        account: int = 123456,
        accounts: Iterable[Account] = (),
        settings: Mapping[str, Value] | None = None,
        faults: Iterable[Spec] = (),
        state: Mapping[str, Any] | Path | str | None = None,
        db: Path | str | None = None,
        moments: Time | None = None,
    ) -> None:
        self.api_key = api_key
        self.secret_key = secret_key
        self.account = account
        everybody = (Account(api_key, secret_key, account), *accounts)
        self._service = Service(everybody, Settings(settings), db, moments or Time())
        self._service.faults.add(faults)
        self.app = App(self._service)
        self._server = contextlib.ExitStack()
        self._base_url = ""
        self._service.begin(None if state is None else _read_state(state))

    def __enter__(self) -> Self:
        self._server.enter_context(self.listening_at(self._server.enter_context(serving(self.app))))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.close()

    @contextlib.contextmanager
    def listening_at(self, base_url: str) -> Iterator[None]:
        """Know where a server for this emulator listens, while it does."""
        self._base_url = base_url
        try:
            yield
        finally:
            self._base_url = ""

    def close(self) -> None:
        """Let go of the database file, if there is one; the emulator is of no use then."""
        self._service.store.close()

    @property
    def base_url(self) -> str:
        """Where the server listens, while entered.

        Raises:
            RuntimeError: the emulator was not entered.
        """
        if not self._base_url:
            raise RuntimeError("the emulator listens only inside `with emulator:`")
        return self._base_url

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in order, secrets masked."""
        return tuple(self._service.requests)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._service.requests.clear()

    @property
    def environment(self) -> dict[str, str]:
        """The three variables that point a client here, while entered.

        Raises:
            RuntimeError: the emulator was not entered.
        """
        return {
            "MJSYNC_BASE_URL": self.base_url,
            "MJ_APIKEY_PUBLIC": self.api_key,
            "MJ_APIKEY_PRIVATE": self.secret_key,
        }

    @property
    def outbox(self) -> tuple[dict[str, Any], ...]:
        """Every message a sandbox send was accepted for, as sent, with the account it was sent from."""
        return tuple(self._service.outbox)

    @property
    def tripwires(self) -> int:
        """How many requests would have sent mail or changed contacts."""
        return len(self._service.tripwires)

    def state(self, account: int | None = None) -> dict[str, list[Row]]:
        """Every stored row by resource, soft-deleted ones included, templates with their content."""
        with self._service.lock:
            return seeds.dump(self._service.world(account))

    def load(self, state: Mapping[str, Any] | Path | str, account: int | None = None) -> None:
        """Replace all rows, by a mapping as `state` gives it or a JSON file of one.

        Raises:
            ValueError: the state is none; nothing is changed then.
        """
        self._service.load(_read_state(state), account)

    def rows(self, resource: str, account: int | None = None) -> list[Row]:
        """The stored rows of one resource, soft-deleted ones included.

        Raises:
            KeyError: there is no such resource.
        """
        with self._service.lock:
            rows = self._service.world(account).table(endpoints()[resource].name).rows
            return [dict(row) for row in rows.values()]

    def insert(self, resource: str, values: Mapping[str, Any], account: int | None = None) -> Row:
        """Put one row there without a request, by the rules of POST; read-only properties may be given.

        Raises:
            ValueError: there is no such resource, or Mailjet would refuse the row.
        """
        with self._service.lock:
            return dict(seeds.insert(self._service.world(account), resource, values, is_checked=True))

    def set(self, switch: str, value: Value | None) -> None:
        """Turn a switch; None puts its default back.

        Raises:
            ValueError: there is no such switch, or the value does not fit it.
        """
        self._service.turn(switch, value)

    def fault(self, spec: Spec) -> None:
        """Arm one more fault; `faults.py` says how they are written.

        Raises:
            ValueError: no fault is written like that.
        """
        with self._service.lock:
            self._service.faults.add([spec])

    def clear_faults(self) -> None:
        """Disarm every fault."""
        with self._service.lock:
            self._service.faults.armed.clear()

    def deliver(
        self, *, events: Bodies = (), mails: Bodies = (), attempts: int = ATTEMPTS, account: int | None = None
    ) -> list[dict[str, Any]]:
        """Call the account's webhooks with events, its parse routes with mails; loopback URLs only.

        Events name at least their `event`, mails may name their `Recipient`; the rest is filled in. Attempts
        follow one another at once; `at` says the second Mailjet would have made them in.
        """
        done = self._service.deliver(events=events, mails=mails, attempts=attempts, account=account)
        return [each.as_dict() for each in done]

    def snapshot(self) -> str:
        """Keep everything stored as it is now; the name brings it back."""
        return self._service.snapshot()

    def restore(self, snapshot: str) -> None:
        """Be as at a snapshot again.

        Raises:
            KeyError: there is no such snapshot.
        """
        self._service.restore(snapshot)

    def reset(self) -> None:
        """Every account fresh again, log and outbox empty; switches stay as they are."""
        self._service.reset()


def _read_state(state: Mapping[str, Any] | Path | str) -> Mapping[str, Any]:
    """The state itself, or what a JSON file holds."""
    if isinstance(state, Mapping):
        return state
    value = json.loads(Path(state).read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{state}: an object of resources and their rows was expected")  # noqa: TRY004
    return value
