"""The emulator's own door, `/_emulator/…`: no part of Mailjet, needs no key."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mjsync.emulator import seeds
from mjsync.emulator.answers import Answer
from mjsync.emulator.deliveries import ATTEMPTS
from mjsync.emulator.payload import Payload
from mjsync.emulator.service import Service

Query: TypeAlias = Mapping[str, str]
Act: TypeAlias = Callable[[Service, Query, Any], Any]


def answer(service: Service, what: str, method: str, query: Query, payload: Payload) -> Answer:
    """Do what was asked of the emulator itself."""
    act = ACTS.get((method, what))
    if act is None:
        ways = [f"{verb} /_emulator/{name}" for verb, name in ACTS]
        return _json(404, {"error": f"not known: {method} /_emulator/{what}", "known": ways})
    try:
        body = {} if payload.is_empty else payload.value
        return _json(200, act(service, query, body))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _json(400, {"error": str(error.args[0] if error.args else error)})


def _json(status: int, value: Any) -> Answer:
    body = json.dumps(value, ensure_ascii=False, indent=1).encode()
    return Answer(status, body, (("Content-Type", "application/json"),))


def _account(query: Query) -> int | None:
    return int(query["account"]) if "account" in query else None


def _requests(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return [each.as_dict() for each in service.requests]


def _forget_requests(service: Service, _query: Query, _body: Any) -> Any:
    service.requests.clear()
    return []


def _outbox(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return list(service.outbox)


def _empty_outbox(service: Service, _query: Query, _body: Any) -> Any:
    service.outbox.clear()
    return []


def _tripwires(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return list(service.tripwires)


def _reset(service: Service, _query: Query, _body: Any) -> Any:
    service.reset()
    return {}


def _state(service: Service, query: Query, _body: Any) -> Any:
    with service.lock:
        return seeds.dump(service.world(_account(query)))


def _load(service: Service, query: Query, body: Any) -> Any:
    service.load(body, _account(query))
    return _state(service, query, None)


def _settings(service: Service, _query: Query, _body: Any) -> Any:
    return service.settings.as_dict()


def _turn(service: Service, _query: Query, body: Any) -> Any:
    for switch, value in body.items():
        service.turn(switch, value)
    return service.settings.as_dict()


def _faults(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        return service.faults.as_json()


def _arm(service: Service, _query: Query, body: Any) -> Any:
    with service.lock:
        service.faults.add(body if isinstance(body, list) else [body])
        return service.faults.as_json()


def _disarm(service: Service, _query: Query, _body: Any) -> Any:
    with service.lock:
        service.faults.armed.clear()
        return []


def _snapshot(service: Service, _query: Query, _body: Any) -> Any:
    return {"snapshot": service.snapshot()}


def _restore(service: Service, _query: Query, body: Any) -> Any:
    service.restore(body["snapshot"])
    return {}


def _deliver(service: Service, query: Query, body: Any) -> Any:
    done = service.deliver(
        events=body.get("events", ()),
        mails=body.get("mails", ()),
        attempts=int(body.get("attempts", ATTEMPTS)),
        account=_account(query),
    )
    return [each.as_dict() for each in done]


ACTS: Mapping[tuple[str, str], Act] = {
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _forget_requests,
    ("GET", "outbox"): _outbox,
    ("DELETE", "outbox"): _empty_outbox,
    ("GET", "tripwires"): _tripwires,
    ("POST", "reset"): _reset,
    ("GET", "state"): _state,
    ("PUT", "state"): _load,
    ("GET", "settings"): _settings,
    ("PUT", "settings"): _turn,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _arm,
    ("DELETE", "faults"): _disarm,
    ("POST", "snapshot"): _snapshot,
    ("POST", "restore"): _restore,
    ("POST", "deliver"): _deliver,
}
