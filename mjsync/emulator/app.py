"""The WSGI app: who asks, for what, what goes wrong, and the answer as bytes."""

import hmac
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from mjsync.emulator import answers, control
from mjsync.emulator.answers import Answer, Refusal
from mjsync.emulator.call import Call
from mjsync.emulator.content import content_of
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.faults import ConnectionClosed, Fault
from mjsync.emulator.incoming import Environ, Incoming, read_incoming
from mjsync.emulator.lag import Held
from mjsync.emulator.log import Request, masked
from mjsync.emulator.mishaps import SPOILERS, instead, spoiled, status_answer, wait
from mjsync.emulator.rest import answer_call
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.sending import answer_send
from mjsync.emulator.service import Service
from mjsync.emulator.tripwires import trips
from mjsync.emulator.world import World

StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], Any]
NO_BODY = frozenset({204, 304})


class App:
    """The WSGI callable of one emulator."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionClosed: a fault wants the client to get no answer.
        """
        incoming = read_incoming(environ)
        answer = self._control(incoming) if incoming.kind == "control" else self._api(incoming)
        headers = list(answer.headers)
        if answer.status not in NO_BODY:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(answer.status_line, headers)
        return [] if incoming.method == "HEAD" else [answer.body]

    def _control(self, incoming: Incoming) -> Answer:
        what, query, payload = incoming.parts["what"], incoming.query, incoming.payload
        return control.answer(self._service, what, incoming.method, query, payload)

    def _api(self, incoming: Incoming) -> Answer:
        """Answer in Mailjet's name, or do what a fault says."""
        service = self._service
        place = service.arrivals.note()
        with service.lock:
            fault = service.faults.next(incoming.method, incoming.path)
        if fault is not None and fault.name == "delay":
            wait(fault, service.arrivals, place, service.sleep)
        with service.lock:
            world = self._who(incoming)
            try:
                answer = self._struck(incoming, world, fault)
            except ConnectionClosed:
                self._note(incoming, world, status=0)
                raise
            self._note(incoming, world, status=answer.status)
            return answer

    def _struck(self, incoming: Incoming, world: World | None, fault: Fault | None) -> Answer:
        if fault is None or fault.name == "delay":
            return self._handled(incoming, world)
        if fault.name == "lag":
            return self._lagging(incoming, world, fault)
        if fault.name in SPOILERS:
            return spoiled(fault, self._handled(incoming, world))
        if fault.is_committed:
            self._handled(incoming, world)
        return instead(fault, incoming.method)

    def _lagging(self, incoming: Incoming, world: World | None, fault: Fault) -> Answer:
        """Handle a write, and let reads of its resource be behind for a while."""
        if world is None or incoming.endpoint is None:
            return self._handled(incoming, world)
        resource = incoming.endpoint.name
        before = {name: world.table(name).copy() for name in (resource, content_of(resource))}
        answer = self._handled(incoming, world)
        if answer.status < 300 and incoming.method != "GET":  # noqa: PLR2004 - a success
            world.lag.hold(resource, Held(before, fault.requests, world.clock() + fault.seconds))
        return answer

    def _who(self, incoming: Incoming) -> World | None:
        """The world of the key pair, if it is one."""
        world = self._service.worlds.get(incoming.user)
        if world and hmac.compare_digest(world.keys.secret_key.encode(), incoming.password.encode()):
            return world
        return None

    def _handled(self, incoming: Incoming, world: World | None) -> Answer:
        """The right answer."""
        is_v3 = incoming.path.startswith("/v3/")
        if not is_v3 and incoming.kind not in {"send", "erasure"}:
            return answers.html(404, "404 Not Found")
        if world is None:
            return answers.unauthorized(newer=incoming.speaks_newer)
        if not self._service.may_call(world):
            settings = world.settings
            retry_after = 1 if settings.on("rate_limit_retry_after") else None
            return status_answer(429, body=str(settings["rate_limit_body"]), retry_after=retry_after)
        if trips(incoming.method, incoming.path):
            self._service.trip(f"{incoming.method} {incoming.path}")
        try:
            return self._routed(incoming, world)
        except Refusal as refusal:
            return answers.refused(refusal, newer=incoming.speaks_newer)

    def _routed(self, incoming: Incoming, world: World) -> Answer:
        if incoming.kind == "rest" and incoming.endpoint:
            return answer_call(world, _call(world, incoming, incoming.endpoint))
        if incoming.kind == "data":
            return _upload(world, incoming)
        if incoming.kind == "erasure":
            return Answer(200, b"", (("Content-Type", answers.NEWER_TYPE),))
        if incoming.kind == "send":
            return self._send(incoming, world)
        return answers.unknown_path(incoming.path.removeprefix("/v3/").rstrip("/"))

    def _send(self, incoming: Incoming, world: World) -> Answer:
        sandbox = answer_send(world, incoming.method, incoming.payload)
        if sandbox.wanted_mail:
            self._service.trip(f"{incoming.method} {incoming.path}")
        self._service.outbox.extend({"account": world.account, **each} for each in sandbox.accepted)
        return sandbox.answer

    def _note(self, incoming: Incoming, world: World | None, *, status: int) -> None:
        account = world.account if world else None
        body = masked(incoming.payload.readable())
        entry = Request(incoming.method, incoming.path, masked(incoming.pairs), body, status, account)
        self._service.requests.append(entry)


def _call(world: World, incoming: Incoming, endpoint: Endpoint) -> Call:
    is_json = "json" in incoming.content_type.casefold()
    if not incoming.payload.is_empty and not is_json and world.settings.on("content_type_needed"):
        raise Refusal(400, "A JSON Content-Type is needed")
    key, action = incoming.parts.get("key", ""), incoming.parts.get("action", "").casefold()
    return Call(incoming.method, endpoint, incoming.query, incoming.payload, key, action)


def _upload(world: World, incoming: Incoming) -> Answer:
    """Raw data is counted and dropped; the answer is a bare object (API sheet 1 and 2)."""
    known = world.table(incoming.parts["resource"].casefold()).rows
    key = incoming.parts["key"]
    if not is_number(key) or int(key) not in known:
        raise Refusal(404, "Source object not found")
    return answers.json_answer(200, answers.classic_text({"ID": 1}), newer=False)
