"""Build HTTP responses: two JSON styles, the envelope and the error shapes.

Source: mjsync/docs/mailjet-api.md, sections 1 to 3.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CLASSIC_TYPE = "application/json"
NEWER_TYPE = "application/json; charset=UTF-8"
LONGEST_PHRASE = 200  # characters
REASONS = {
    200: "OK",
    201: "Created",
    204: "No content",
    304: "Content not changed",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method not allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
AUTH_FAILURE = (
    "API key authentication/authorization failure. You may be unauthorized to access the API or your API key "
    "may be expired. Visit API keys management section to check your keys."
)
MISSING_NEWER = "The resource with the specified ID you are trying to reach does not exist."

_CLASSIC = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make an encoder for each value
_NEWER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def status_line(self) -> str:
        """Status and reason phrase, for WSGI."""
        return f"{self.status} {self.reason or REASONS.get(self.status, 'Unknown')}"


class ApiError(Exception):
    """Mailjet refuses the request; each backend writes it in its own error shape."""

    def __init__(
        self, status: int, message: str, *, info: Any = "", code: str = "", related: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.info = info
        self.code = code
        self.related = related


def invalid_property(name: str, reason: str) -> ApiError:
    """Return the error for a property's value: MJ08 around a reason.

    Source: mjsync/docs/mailjet-api.md, section 3.2.
    """
    return ApiError(400, "Object properties invalid", info=f"MJ08 Property {name} is invalid: {reason}")


def not_found() -> ApiError:
    """Return the error for an unknown id or key."""
    return ApiError(404, "Object not found")


def classic_json(value: Any) -> str:
    r"""Write JSON as the classic backend does: spaces around colons and inside braces, `/` as `\/`."""
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{_scalar(key)} : {classic_json(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(classic_json, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    return _CLASSIC.encode(value).replace("/", "\\/")


def newer_json(value: Any) -> str:
    """Write JSON as the newer backends do: compact."""
    return _NEWER.encode(value)


def envelope(rows: Iterable[str], *, count: int, total: int, newer: bool) -> str:
    """Put rows that are already JSON text into the envelope."""
    if newer:
        return f'{{"Count":{count},"Data":[{",".join(rows)}],"Total":{total}}}\n'
    return f'{{ "Count" : {count}, "Data" : [{", ".join(rows)}], "Total" : {total} }}'


def json_response(status: int, text: str, *, newer: bool, reason: str = "") -> Response:
    """Return a response with JSON text in the style of one backend."""
    headers = [("Content-Type", NEWER_TYPE if newer else CLASSIC_TYPE)]
    if newer:
        headers.append(("X-Mj-Request-Guid", str(uuid.uuid4())))
    return Response(status, text.encode(errors="replace"), tuple(headers), reason)


def empty_response(status: int) -> Response:
    """Return a 204 or 304: a JSON content type and no body.

    Source: mjsync/docs/mailjet-api.md, section 2.
    """
    return Response(status, b"", (("Content-Type", CLASSIC_TYPE),))


def error_response(error: ApiError, *, newer: bool) -> Response:
    """Return the response for an error: shape A on the classic backend, shape B on the newer ones.

    Source: mjsync/docs/mailjet-api.md, section 3.1.
    """
    if not newer:
        shape_a = {"ErrorInfo": error.info, "ErrorMessage": error.message, "StatusCode": error.status}
        return json_response(error.status, classic_json(shape_a), newer=False, reason=_reason_phrase(error.message))
    shape_b: dict[str, Any] = {}
    if error.code:
        shape_b["ErrorCode"] = error.code
    else:
        shape_b["ErrorIdentifier"] = str(uuid.uuid4())
    shape_b["StatusCode"] = error.status
    shape_b["ErrorMessage"] = MISSING_NEWER if error.status == 404 else error.message  # noqa: PLR2004 - HTTP
    if error.related:
        shape_b["ErrorRelatedTo"] = list(error.related)
    return json_response(error.status, newer_json(shape_b), newer=True)


def _reason_phrase(message: str) -> str:
    """Return the message as reason phrase (recorded), where a status line allows it."""
    return message if message.isascii() and message.isprintable() and len(message) < LONGEST_PHRASE else ""


def unauthorized_response(*, newer: bool) -> Response:
    """Return the response to wrong keys: an empty 401 with a challenge, or shape B on the newer backends.

    Source: mjsync/docs/mailjet-api.md, section 3.2.
    """
    if newer:
        return error_response(ApiError(401, AUTH_FAILURE), newer=True)
    challenge = ("WWW-Authenticate", 'Basic realm="Provide an apiKey and secretKey"')
    return Response(401, b"", (("Content-Type", "text/html"), challenge))


def html_response(status: int, title: str) -> Response:
    """Return the HTML error page of a gateway, as for paths that no service handles."""
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(status, page.encode(), (("Content-Type", "text/html"),))


def unknown_path_response(path: str) -> Response:
    """Return the 500 for a v3 path without a module (recorded); its text leaves out `/v3/` and the query."""
    shape = {
        "ErrorInfo": "EFPWebError",
        "ErrorMessage": f'Could not determine HTTP module for request "{path}"',
        "StatusCode": 500,
    }
    return json_response(500, classic_json(shape), newer=False, reason="Internal error")
