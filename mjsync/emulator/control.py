"""The emulator's own door, `/_emulator/…`: no part of Mailjet, needs no key."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mjsync.emulator import seeds
from mjsync.emulator.answers import Answer
from mjsync.emulator.service import Service

Query = Mapping[str, str]


def answer(service: Service, what: str, method: str, query: Query, payload: bytes) -> Answer:
    """Do what was asked of the emulator itself."""
    action = ACTIONS.get((what, method))
    if action is None:
        ways = ", ".join(f"{verb} /_emulator/{name}" for name, verb in ACTIONS)
        return _json(404, {"error": f"not known: {method} /_emulator/{what}", "known": ways})
    try:
        body = json.loads(payload) if payload else {}
        with service.lock:
            return _json(200, action(service, query, body))
    except (ValueError, KeyError) as error:
        return _json(400, {"error": str(error)})


def _json(status: int, value: Any) -> Answer:
    body = json.dumps(value, ensure_ascii=False, indent=1).encode()
    return Answer(status, body, (("Content-Type", "application/json"),))


def _account(query: Query) -> int | None:
    return int(query["account"]) if "account" in query else None


def _read_requests(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001 - one signature for all
    return [each.as_dict() for each in service.requests]


def _clear_requests(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    service.requests.clear()
    return []


def _reset(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    service.reset()
    return {}


def _read_state(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    return seeds.dump(service.world(_account(query)))


def _replace_state(service: Service, query: Query, body: Any) -> Any:
    service.load(body, _account(query))
    return seeds.dump(service.world(_account(query)))


def _read_settings(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    return service.settings.as_dict()


def _turn(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    for switch, value in body.items():
        service.turn(switch, value)
    return service.settings.as_dict()


def _snapshot(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    return {"snapshot": service.snapshot()}


def _restore(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    service.restore(body["snapshot"])
    return {}


def _read_tripwires(service: Service, query: Query, body: Any) -> Any:  # noqa: ARG001
    return service.tripwires


ACTIONS: Mapping[tuple[str, str], Callable[[Service, Query, Any], Any]] = {
    ("requests", "GET"): _read_requests,
    ("requests", "DELETE"): _clear_requests,
    ("reset", "POST"): _reset,
    ("state", "GET"): _read_state,
    ("state", "PUT"): _replace_state,
    ("settings", "GET"): _read_settings,
    ("settings", "PUT"): _turn,
    ("snapshot", "POST"): _snapshot,
    ("restore", "POST"): _restore,
    ("tripwires", "GET"): _read_tripwires,
}
