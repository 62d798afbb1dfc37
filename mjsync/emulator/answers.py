"""How answers look on the wire: two JSON styles, the envelope and the error shapes (API sheet 1 to 3)."""

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


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def status_line(self) -> str:
        """Status and reason phrase, as WSGI wants them."""
        return f"{self.status} {self.reason or REASONS.get(self.status, 'Unknown')}"


class Refusal(Exception):
    """Mailjet says no; each backend words it in its own error shape."""

    def __init__(
        self, status: int, message: str, *, info: Any = "", code: str = "", related: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.info = info
        self.code = code
        self.related = related


def invalid_property(name: str, reason: str) -> Refusal:
    """The refusal of one property's value. Source: API sheet 3.2, MJ08 around MJ04."""
    return Refusal(400, "Object properties invalid", info=f"MJ08 Property {name} is invalid: {reason}")


def not_found() -> Refusal:
    """The refusal for an unknown id or key."""
    return Refusal(404, "Object not found")


def classic_text(value: Any) -> str:
    r"""JSON as the classic backend writes it: spaces around colons and inside braces, `/` as `\/`."""
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{_scalar(key)} : {classic_text(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(classic_text, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("/", "\\/")


def newer_text(value: Any) -> str:
    """JSON as the newer backend writes it: compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def envelope(rows: Iterable[str], *, count: int, total: int, newer: bool) -> str:
    """The frame around rows that are already JSON text."""
    if newer:
        return f'{{"Count":{count},"Data":[{",".join(rows)}],"Total":{total}}}\n'
    return f'{{ "Count" : {count}, "Data" : [{", ".join(rows)}], "Total" : {total} }}'


def json_answer(status: int, text: str, *, newer: bool, reason: str = "") -> Answer:
    """An answer with JSON in the style of one backend."""
    headers = [("Content-Type", NEWER_TYPE if newer else CLASSIC_TYPE)]
    if newer:
        headers.append(("X-Mj-Request-Guid", str(uuid.uuid4())))
    return Answer(status, text.encode(errors="replace"), tuple(headers), reason)


def empty(status: int) -> Answer:
    """204 and 304 announce JSON and carry nothing (API sheet 2)."""
    return Answer(status, b"", (("Content-Type", CLASSIC_TYPE),))


def refused(refusal: Refusal, *, newer: bool) -> Answer:
    """The error shape of one backend: A on the classic, B on the newer (API sheet 3.1)."""
    if not newer:
        shape_a = {"ErrorInfo": refusal.info, "ErrorMessage": refusal.message, "StatusCode": refusal.status}
        return json_answer(refusal.status, classic_text(shape_a), newer=False, reason=_phrase(refusal.message))
    shape_b: dict[str, Any] = {}
    if refusal.code:
        shape_b["ErrorCode"] = refusal.code
    else:
        shape_b["ErrorIdentifier"] = str(uuid.uuid4())
    shape_b["StatusCode"] = refusal.status
    shape_b["ErrorMessage"] = MISSING_NEWER if refusal.status == 404 else refusal.message  # noqa: PLR2004 - HTTP
    if refusal.related:
        shape_b["ErrorRelatedTo"] = list(refusal.related)
    return json_answer(refusal.status, newer_text(shape_b), newer=True)


def _phrase(message: str) -> str:
    """The message as reason phrase, as recorded, where a status line can hold it."""
    return message if message.isascii() and message.isprintable() and len(message) < LONGEST_PHRASE else ""


def unauthorized(*, newer: bool) -> Answer:
    """Wrong keys: nothing but a challenge on the classic backend, shape B on the newer (API sheet 3.2)."""
    if newer:
        return refused(Refusal(401, AUTH_FAILURE), newer=True)
    challenge = ("WWW-Authenticate", 'Basic realm="Provide an apiKey and secretKey"')
    return Answer(401, b"", (("Content-Type", "text/html"), challenge))


def html(status: int, title: str) -> Answer:
    """A gateway's page, as for paths no service answers."""
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, page.encode(), (("Content-Type", "text/html"),))


def unknown_path(path: str) -> Answer:
    """A v3 path that names no module is a 500 (recorded); the text leaves out `/v3/` and the query."""
    shape = {
        "ErrorInfo": "EFPWebError",
        "ErrorMessage": f'Could not determine HTTP module for request "{path}"',
        "StatusCode": 500,
    }
    return json_answer(500, classic_text(shape), newer=False, reason="Internal error")
