"""The control API, `/_emulator/…`: not part of Mailjet, needs no key."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mjsync.emulator import seeds
from mjsync.emulator.inbox import Mail
from mjsync.emulator.request import HttpRequest
from mjsync.emulator.responses import Response
from mjsync.emulator.service import Service
from mjsync.emulator.webhook_delivery import ATTEMPTS

Query: TypeAlias = Mapping[str, str]
Command: TypeAlias = Callable[[Service, Query, Any], Any]


def handle(service: Service, request: HttpRequest) -> Response:
    """Run one command of the control API."""
    name = request.parts["command"]
    command = COMMANDS.get((request.method, name))
    if command is None:
        known = [f"{verb} /_emulator/{each}" for verb, each in COMMANDS]
        return _json(404, {"error": f"not known: {request.method} /_emulator/{name}", "known": known})
    try:
        body = {} if request.body.is_empty else request.body.value
        return _json(200, command(service, request.query, body))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _json(400, {"error": str(error.args[0] if error.args else error)})


def _json(status: int, value: Any) -> Response:
    body = json.dumps(value, ensure_ascii=False, indent=1).encode()
    return Response(status, body, (("Content-Type", "application/json"),))


def _account_id(query: Query) -> int | None:
    return int(query["account"]) if "account" in query else None


def _requests(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return [each.as_dict() for each in service.requests]


def _clear_requests(service: Service, _query: Query, _body: Any) -> Any:
    service.requests.clear()
    return []


def _outbox(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return list(service.outbox)


def _clear_outbox(service: Service, _query: Query, _body: Any) -> Any:
    service.outbox.clear()
    return []


def _inbox(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return [each.as_dict() for each in _mails(service)]


def _clear_inbox(service: Service, _query: Query, _body: Any) -> Any:
    _mails(service).clear()
    return []


def _mails(service: Service) -> list[Mail]:
    if service.inbox is None:
        raise ValueError("there is no inbox; start the emulator with --inbox")
    return service.inbox.mails


def _forbidden_calls(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return list(service.forbidden_calls)


def _reset(service: Service, _query: Query, _body: Any) -> Any:
    service.reset()
    return {}


def _state(service: Service, query: Query, _body: Any) -> Any:
    with service.lock:
        return seeds.dump_rows(service.account(_account_id(query)))


def _load_state(service: Service, query: Query, body: Any) -> Any:
    service.load(body, _account_id(query))
    return _state(service, query, None)


def _settings(service: Service, _query: Query, _body: Any) -> Any:
    return service.settings.as_dict()


def _set_switches(service: Service, _query: Query, body: Any) -> Any:
    for switch, value in body.items():
        service.set_switch(switch, value)
    return service.settings.as_dict()


def _faults(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return service.faults.as_json()


def _add_faults(service: Service, _query: Query, body: Any) -> Any:
    with service.lock:
        service.faults.add(body if isinstance(body, list) else [body])
        return service.faults.as_json()


def _clear_faults(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        service.faults.armed.clear()
        return []


def _snapshot(service: Service, _query: Query, _body: Any) -> Any:
    return {"snapshot": service.snapshot()}


def _restore(service: Service, _query: Query, body: Any) -> Any:
    service.restore(body["snapshot"])
    return {}


def _deliver(service: Service, query: Query, body: Any) -> Any:
    deliveries = service.deliver(
        events=body.get("events", ()),
        mails=body.get("mails", ()),
        attempts=int(body.get("attempts", ATTEMPTS)),
        account_id=_account_id(query),
    )
    return [each.as_dict() for each in deliveries]


COMMANDS: Mapping[tuple[str, str], Command] = {
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "outbox"): _outbox,
    ("DELETE", "outbox"): _clear_outbox,
    ("GET", "inbox"): _inbox,
    ("DELETE", "inbox"): _clear_inbox,
    ("GET", "tripwires"): _forbidden_calls,
    ("POST", "reset"): _reset,
    ("GET", "state"): _state,
    ("PUT", "state"): _load_state,
    ("GET", "settings"): _settings,
    ("PUT", "settings"): _set_switches,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "snapshot"): _snapshot,
    ("POST", "restore"): _restore,
    ("POST", "deliver"): _deliver,
}
