"""The WSGI app: who asks, for what, and the answer as bytes."""

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as HttpRequest

from mjsync.emulator import answers, control
from mjsync.emulator.answers import Answer, Refusal
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.listing import read_query
from mjsync.emulator.log import Request, masked
from mjsync.emulator.rest import Call, answer_call
from mjsync.emulator.service import Service
from mjsync.emulator.world import World

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

ROUTES = Map(
    [
        Rule("/v3/REST/<resource>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>/<action_id>", endpoint="rest"),
        Rule("/_emulator/<what>", endpoint="control"),
    ],
    strict_slashes=False,
    merge_slashes=False,
).bind("emulator")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came through the door."""

    method: str
    path: str
    query: dict[str, str]  # names in lower case
    pairs: dict[str, str]  # names as sent
    payload: bytes
    content_type: str
    user: str
    password: str


class App:
    """The WSGI callable of one emulator."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._answer(_incoming(environ))
        headers = list(answer.headers)
        if answer.status not in {204, 304}:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(answer.status_line, headers)
        return [answer.body]

    def _answer(self, incoming: Incoming) -> Answer:
        kind, parts = _route(incoming.path)
        if kind == "control":
            return control.answer(
                self._service, parts["what"], incoming.method, incoming.query, incoming.payload
            )
        with self._service.lock:
            world = self._who(incoming)
            answer = self._answer_api(incoming, world, kind, parts)
            self._note(incoming, world, answer)
        return answer

    def _who(self, incoming: Incoming) -> World | None:
        """The world of the key pair, if it is one."""
        world = self._service.worlds.get(incoming.user)
        if world and hmac.compare_digest(world.keys.secret_key.encode(), incoming.password.encode()):
            return world
        return None

    def _answer_api(
        self, incoming: Incoming, world: World | None, kind: str, parts: dict[str, str]
    ) -> Answer:
        endpoint = endpoints().get(parts.get("resource", ""))
        newer = endpoint is not None and endpoint.is_newer
        if not incoming.path.startswith("/v3/"):
            return answers.html(404, "404 Not Found")
        if world is None:
            return answers.unauthorized(newer=newer)
        if kind != "rest" or endpoint is None:
            return answers.unknown_path(incoming.path.removeprefix("/v3/").rstrip("/"))
        try:
            return answer_call(world, _call(world, incoming, parts))
        except Refusal as refusal:
            return answers.refused(refusal, newer=newer)

    def _note(self, incoming: Incoming, world: World | None, answer: Answer) -> None:
        account = world.account if world else None
        body = masked(_readable(incoming.payload))
        entry = Request(incoming.method, incoming.path, incoming.pairs, body, answer.status, account)
        self._service.requests.append(entry)


def _call(world: World, incoming: Incoming, parts: dict[str, str]) -> Call:
    is_json = "json" in incoming.content_type.casefold()
    if incoming.payload and not is_json and world.settings.on("content_type_needed"):
        raise Refusal(400, "A JSON Content-Type is needed")
    endpoint = endpoints()[parts["resource"]]
    key, action = parts.get("key", ""), parts.get("action", "").casefold()
    return Call(incoming.method, endpoint, incoming.query, incoming.payload, key, action)


def _route(path: str) -> tuple[str, dict[str, str]]:
    try:
        kind, parts = ROUTES.match(path)
    except HTTPException:
        return "", {}
    return str(kind), {name: str(value) for name, value in parts.items()}


def _incoming(environ: Environ) -> Incoming:
    environ["PATH_INFO"] = _as_wsgi(environ.get("PATH_INFO", ""))
    request = HttpRequest(environ)
    pairs = list(request.args.items(multi=True))
    auth = request.authorization
    return Incoming(
        method=request.method,
        path=request.path,
        query=read_query(pairs),
        pairs=dict(reversed(pairs)),
        payload=request.get_data(),
        content_type=request.headers.get("Content-Type", ""),
        user=(auth and auth.username) or "",
        password=(auth and auth.password) or "",
    )


def _as_wsgi(path: str) -> str:
    """The path as WSGI demands it, UTF-8 bytes read as Latin-1; some clients in process hand over text."""
    try:
        path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path.encode().decode("latin-1")
    return path


def _readable(payload: bytes) -> Any:
    """A body as JSON, else as text; None for none."""
    if not payload:
        return None
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload.decode(errors="replace")
