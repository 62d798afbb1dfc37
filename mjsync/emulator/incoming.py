"""A request as it comes through the door, whatever server or client handed it over."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from mjsync.emulator.endpoints import Endpoint, endpoints
from mjsync.emulator.listing import read_query
from mjsync.emulator.payload import Payload

Environ: TypeAlias = dict[str, Any]

ROUTES = Map(
    [
        Rule("/v3/REST/<resource>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>/<action_id>", endpoint="rest"),
        Rule("/v3/DATA/<resource>/<key>/<data_type>/<mime>", endpoint="data"),
        Rule("/v3.1/send", endpoint="send"),
        Rule("/v4/contacts/<key>", endpoint="erasure"),
        Rule("/_emulator/<what>", endpoint="control"),
    ],
    strict_slashes=False,
    merge_slashes=False,
).bind("emulator")


@dataclass(frozen=True, slots=True)
class Incoming:
    """Method, path and all else of one request."""

    method: str
    path: str
    kind: str  # which route; empty for none
    parts: dict[str, str]  # what the route found in the path
    query: dict[str, str]  # names in lower case
    pairs: dict[str, str]  # names as sent
    payload: Payload
    content_type: str
    user: str
    password: str

    @property
    def endpoint(self) -> Endpoint | None:
        """The resource the path names, if there is one."""
        return endpoints().get(self.parts.get("resource", ""))

    @property
    def speaks_newer(self) -> bool:
        """Whether the newer backend answers."""
        if self.kind == "rest" and self.endpoint:
            return self.endpoint.is_newer
        return not self.path.startswith("/v3/")


def read_incoming(environ: Environ) -> Incoming:
    """The request a WSGI environment holds."""
    request = Request({**environ, "PATH_INFO": _as_wsgi(environ.get("PATH_INFO", ""))})
    kind, parts = _route(request.path)
    pairs = list(request.args.items(multi=True))
    auth = request.authorization
    return Incoming(
        method=request.method,
        path=request.path,
        kind=kind,
        parts=parts,
        query=read_query(pairs),
        pairs=dict(reversed(pairs)),
        payload=Payload(request.get_data()),
        content_type=request.headers.get("Content-Type", ""),
        user=(auth and auth.username) or "",
        password=(auth and auth.password) or "",
    )


def _route(path: str) -> tuple[str, dict[str, str]]:
    try:
        kind, parts = ROUTES.match(path)
    except HTTPException:
        return "", {}
    return str(kind), {name: str(value) for name, value in parts.items()}


def _as_wsgi(path: str) -> str:
    """The path as WSGI demands it, UTF-8 bytes read as Latin-1; some clients in process hand over text."""
    try:
        path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path.encode().decode("latin-1")
    return path
