"""The emulator's Python interface."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mjsync.emulator import seeds
from mjsync.emulator.account_store import Account
from mjsync.emulator.app import App
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.faults import Spec
from mjsync.emulator.inbox import Inbox, Mail, Renderer
from mjsync.emulator.request import LoggedRequest
from mjsync.emulator.serve import serving
from mjsync.emulator.service import Bodies, Clock, Service
from mjsync.emulator.store import Row
from mjsync.emulator.switches import Settings, Value
from mjsync.emulator.webhook_delivery import ATTEMPTS


class Emulator:
    """A local Mailjet: a WSGI app, and a server on a free loopback port inside a `with` block.

    Several key pairs can share one emulator; each has its own rows. Where a method takes `account`, it is the
    numeric id of a key, by default the first.

    With `inbox`, real sends are accepted and kept as mails, which `/inbox` shows; `renderer` renders the template
    language in them. Nothing leaves the machine.
    """

    def __init__(  # noqa: PLR0913 - one keyword per option
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
        clock: Clock | None = None,
        inbox: bool = False,
        renderer: Renderer | None = None,
    ) -> None:
        self.api_key = api_key
        self.secret_key = secret_key
        self.account = account
        all_accounts = (Account(api_key, secret_key, account), *accounts)
        self._service = Service(all_accounts, Settings(settings), db, clock or Clock())
        self._service.faults.add(faults)
        if inbox:
            self._service.inbox = Inbox(renderer)
        self.app = App(self._service)
        self._server = contextlib.ExitStack()
        self._base_url = ""
        self._service.start(None if state is None else seeds.read_state(state))

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
        """Set `base_url` while a server runs for this emulator."""
        self._base_url = base_url
        try:
            yield
        finally:
            self._base_url = ""

    def close(self) -> None:
        """Close the database file, if there is one; the emulator cannot be used afterwards."""
        self._service.store.close()

    @property
    def base_url(self) -> str:
        """The server's base URL.

        Raises:
            RuntimeError: the server is not running.
        """
        if not self._base_url:
            raise RuntimeError("the emulator listens only inside `with emulator:`")
        return self._base_url

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every request so far, in order, with secrets masked."""
        return tuple(self._service.requests)

    def clear_requests(self) -> None:
        """Empty the request log."""
        self._service.requests.clear()

    @property
    def environment(self) -> dict[str, str]:
        """The three environment variables that point a client here.

        Raises:
            RuntimeError: the server is not running.
        """
        return {
            "MJSYNC_BASE_URL": self.base_url,
            "MJ_APIKEY_PUBLIC": self.api_key,
            "MJ_APIKEY_PRIVATE": self.secret_key,
        }

    @property
    def outbox(self) -> tuple[dict[str, Any], ...]:
        """Every message that a send accepted, as it was sent, with the id of the sending account."""
        return tuple(self._service.outbox)

    @property
    def inbox(self) -> tuple[Mail, ...]:
        """Every mail that was sent while there is an inbox, oldest first."""
        return tuple(self._service.inbox.mails) if self._service.inbox else ()

    @property
    def tripwires(self) -> int:
        """How many requests would have sent mail or changed contacts."""
        return len(self._service.forbidden_calls)

    def state(self, account: int | None = None) -> dict[str, list[Row]]:
        """Return every stored row by resource, soft-deleted ones included, templates with their content."""
        with self._service.lock:
            return seeds.dump_rows(self._service.account(account))

    def load(self, state: Mapping[str, Any] | Path | str, account: int | None = None) -> None:
        """Replace all rows by a mapping as `state` returns it, or a JSON file of one.

        Raises:
            ValueError: the state is not valid; nothing is changed then.
        """
        self._service.load(seeds.read_state(state), account)

    def rows(self, resource: str, account: int | None = None) -> list[Row]:
        """Return the stored rows of one resource, soft-deleted ones included.

        Raises:
            KeyError: there is no such resource.
        """
        with self._service.lock:
            rows = self._service.account(account).table(endpoints()[resource].name).rows
            return [dict(row) for row in rows.values()]

    def insert(self, resource: str, values: Mapping[str, Any], account: int | None = None) -> Row:
        """Store one row without a request, by the rules of POST; read-only properties may be set.

        Raises:
            ValueError: there is no such resource, or Mailjet would refuse the row.
        """
        with self._service.lock:
            return dict(seeds.insert(self._service.account(account), resource, values, is_validated=True))

    def set(self, switch: str, value: Value | None) -> None:
        """Set a switch; None restores its default.

        Raises:
            ValueError: there is no such switch, or the value does not fit it.
        """
        self._service.set_switch(switch, value)

    def fault(self, spec: Spec) -> None:
        """Add a fault; `faults.py` documents how they are written.

        Raises:
            ValueError: the fault is not valid.
        """
        with self._service.lock:
            self._service.faults.add([spec])

    def clear_faults(self) -> None:
        """Remove every fault."""
        with self._service.lock:
            self._service.faults.armed.clear()

    def deliver(
        self, *, events: Bodies = (), mails: Bodies = (), attempts: int = ATTEMPTS, account: int | None = None
    ) -> list[dict[str, Any]]:
        """Call the account's webhooks with events, its parse routes with mails; loopback URLs only.

        Events need at least their `event`, mails may have a `Recipient`; the rest is filled in. Attempts follow
        one another at once; `at` is the second at which Mailjet would have made them.
        """
        deliveries = self._service.deliver(events=events, mails=mails, attempts=attempts, account_id=account)
        return [each.as_dict() for each in deliveries]

    def snapshot(self) -> str:
        """Save everything stored; returns the name to restore it by."""
        return self._service.snapshot()

    def restore(self, snapshot: str) -> None:
        """Bring a snapshot back.

        Raises:
            KeyError: there is no such snapshot.
        """
        self._service.restore(snapshot)

    def reset(self) -> None:
        """Make every account fresh; empty the log, outbox and faults. Switches stay as they are."""
        self._service.reset()
