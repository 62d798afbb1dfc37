"""Parse a WSGI environment into a request: route, query, credentials and JSON body; and log it with secrets masked.

Calls that would send mail or change contacts are recognised here too.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NoReturn, TypeAlias

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from mjsync.emulator.endpoints import Endpoint, endpoints
from mjsync.emulator.responses import ApiError

Environ: TypeAlias = dict[str, Any]

ROUTES = Map(
    [
        Rule("/v3/REST/<resource>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>", endpoint="rest"),
        Rule("/v3/REST/<resource>/<key>/<action>/<action_id>", endpoint="rest"),
        Rule("/v3/DATA/<resource>/<key>/<data_type>/<mime>", endpoint="data"),
        Rule("/v3.1/send", endpoint="send"),
        Rule("/v3/send", endpoint="legacy_send"),
        Rule("/v4/contacts/<key>", endpoint="erasure"),
        Rule("/_emulator/<command>", endpoint="control"),
        Rule("/inbox", endpoint="inbox"),
        Rule("/inbox/<number>", endpoint="inbox"),
    ],
    strict_slashes=False,
    merge_slashes=False,
).bind("emulator")

USERINFO = re.compile(r"(?i)(https?://)[^/?#@\s]+@")
SECRET_NAMES = frozenset({"secretkey", "token", "sharedaccesssignature"})
MASK = "***"

_WRITES = "POST|PUT|DELETE"
_FORBIDDEN = re.compile(
    "|".join(
        (
            rf"({_WRITES}) /v3/REST/(contact|contactdata|contacthistorydata|listrecipient|csvimport)(/.*)?",
            r"POST /v3/REST/contactslist/[^/]+/(managecontact|managemanycontacts|importlist)(/.*)?",
            rf"({_WRITES}) /v3/REST/(campaigndraft|newsletter)/[^/]+/(send|test|schedule)(/.*)?",
            r"POST /v3/REST/(sender|metasender)(/.*)?",  # Mailjet mails the address that is to be confirmed
            rf"({_WRITES}) /v3/DATA/.*",
            r"POST /v3/send/?",
            r"DELETE /v4/contacts/.*",
        )
    )
)


@dataclass(frozen=True)
class RequestBody:
    """The bytes of a request's body; its JSON is parsed once, when first needed."""

    raw: bytes

    @property
    def is_empty(self) -> bool:
        """Whether the body has nothing but whitespace."""
        return not self.raw.strip()

    @cached_property
    def _parsed(self) -> tuple[Any, ValueError | RecursionError | None]:
        try:
            return json.loads(self.raw, parse_constant=_reject_constant), None
        except (ValueError, RecursionError) as error:
            return None, error

    @property
    def value(self) -> Any:
        """The JSON value.

        Raises:
            ValueError: the body is not JSON.
        """
        value, error = self._parsed
        if error is not None:
            raise ValueError(str(error)) from error
        return value

    @property
    def error_position(self) -> tuple[int, str]:
        """Offset of the first character that is not valid JSON (from 0), and that character."""
        offset = int(getattr(self._parsed[1], "pos", 0))
        return offset, self.raw.decode(errors="replace")[offset : offset + 1]

    def for_log(self) -> Any:
        """Return the JSON value, or the text of a body that is not JSON; None for an empty body."""
        if not self.raw:
            return None
        value, error = self._parsed
        return self.raw.decode(errors="replace") if error else value


def _reject_constant(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser would accept."""
    raise ValueError(f"{word} is not a JSON value")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request."""

    method: str
    path: str
    route: str  # the endpoint name of the matching rule in ROUTES; empty for none
    parts: dict[str, str]  # variable parts of the path
    query: dict[str, str]  # parameter names in lower case
    raw_query: dict[str, str]  # parameter names as sent
    body: RequestBody
    content_type: str
    host: str
    user: str
    password: str

    @property
    def endpoint(self) -> Endpoint | None:
        """The resource in the path, if it exists."""
        return endpoints().get(self.parts.get("resource", ""))

    @property
    def is_newer_backend(self) -> bool:
        """Whether one of Mailjet's newer services answers this path."""
        if self.route == "rest" and self.endpoint:
            return self.endpoint.is_newer
        return not self.path.startswith("/v3/")


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """One authenticated request to a REST resource."""

    method: str
    endpoint: Endpoint
    query: Mapping[str, str]
    body: RequestBody
    key: str = ""
    action: str = ""

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object of the body, whatever its Content-Type; an empty body is an empty object.

        Raises:
            ApiError: 400 for a body that is not JSON, 405 for an array (there are no bulk writes).
        """
        if self.body.is_empty:
            return {}
        try:
            value = self.body.value
        except ValueError as error:
            offset, found = self.body.error_position
            text = f'Invalid json input: expected "{{", but found "{found}" at stream position {offset + 1}'
            raise ApiError(400, text) from error
        if isinstance(value, dict):
            return value
        raise ApiError(405, "Method not allowed")


def read_request(environ: Environ) -> HttpRequest:
    """Read the request of a WSGI environment.

    Raises:
        ClientDisconnected: the body ended before its Content-Length.
    """
    request = Request({**environ, "PATH_INFO": _as_wsgi(environ.get("PATH_INFO", ""))})
    route, parts = _match(request.path)
    pairs = list(request.args.items(multi=True))
    auth = request.authorization
    body = request.get_data()
    return HttpRequest(
        method=request.method,
        path=request.path,
        route=route,
        parts=parts,
        query=read_query(pairs),
        raw_query=dict(reversed(pairs)),
        body=RequestBody(body),
        content_type=request.headers.get("Content-Type", ""),
        host=request.headers.get("Host", ""),
        user=(auth and auth.username) or "",
        password=(auth and auth.password) or "",
    )


def read_query(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map parameter names in lower case to values; the first of a repeated parameter counts."""
    query: dict[str, str] = {}
    for name, value in pairs:
        query.setdefault(name.casefold(), value)
    return query


def _match(path: str) -> tuple[str, dict[str, str]]:
    try:
        route, parts = ROUTES.match(path)
    except HTTPException:
        return "", {}
    return str(route), {name: str(value) for name, value in parts.items()}


def _as_wsgi(path: str) -> str:
    """Encode a path as WSGI requires, UTF-8 bytes read as Latin-1; some in-process clients pass text."""
    try:
        path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path.encode().decode("latin-1")
    return path


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request and the status of its response; status 0 means the connection was closed instead."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    account: int | None  # numeric id of the API key; None when the credentials were missing or wrong

    def as_dict(self) -> dict[str, Any]:
        """Return the request as a JSON object."""
        return asdict(self)


def mask_secrets(value: Any, name: str = "") -> Any:
    """Replace secrets by `***`: userinfo in URLs, and values of keys known to be secret."""
    if isinstance(value, dict):
        return {key: mask_secrets(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [mask_secrets(each, name) for each in value]
    if isinstance(value, str):
        if name.casefold() in SECRET_NAMES:
            return MASK
        if name.casefold() == "url":
            return USERINFO.sub(rf"\1{MASK}@", value)
    return value


def is_forbidden_call(method: str, path: str) -> bool:
    """Return whether a request would send mail or change contacts; `/v3.1/send` depends on its body instead."""
    return _FORBIDDEN.fullmatch(f"{method} {path}") is not None
