"""Parse responses: the objects of an answer, or one typed error, in each of the JSON shapes that Mailjet uses.

Source: mjsync/docs/mailjet-api.md, section 3 (four shapes, and bodies that are empty, text or HTML)
and section 20, trap 23 (401).
"""

import html
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import httpx

from mjsync.api.pacing import Limits
from mjsync.errors import (
    ApiError,
    AuthFailed,
    BadAnswer,
    Call,
    Duplicate,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    Unclear,
)

NOT_CHANGED = 304
_TAG = re.compile(r"<(style|script)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)
_SHOWN = 200
_SERVER_FAULT = 500
_NO_SUCH_ROUTE = "EFPWebError"


@dataclass(frozen=True, slots=True)
class _Message:
    """The message of a failure from Mailjet, whichever of its JSON shapes it has.

    `info` is ErrorInfo (a string, or an object kept as it came), `code` is ErrorCode, `identifier` is ErrorIdentifier.
    """

    message: str = ""
    info: Any = ""
    code: str = ""
    identifier: str = ""

    def __str__(self) -> str:
        info = _flat(self.info)
        text = " ".join(part for part in (self.message, f"({info})" if info else "", self.code) if part)
        return f"{text} [quote {self.identifier} to Mailjet]" if self.identifier else text


@dataclass(frozen=True)
class Response:
    """A response: its status, its headers in lower case, and the whole body."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def read(cls, call: Call, response: httpx.Response, limits: Limits) -> "Response":
        """Read all of a response that has begun. Raises BadAnswer once it is longer than the limits."""
        headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        chunks, size, ends = [], 0, time.monotonic() + limits.max_response_seconds
        # httpx's own iterators take as long as the rest of reading, and are needed for compressed bodies alone
        stream = response.iter_bytes() if "content-encoding" in headers else cast("Iterable[bytes]", response.stream)
        try:
            for chunk in stream:
                size += len(chunk)
                if size > limits.max_response_bytes or time.monotonic() > ends:
                    bounds = f"{limits.max_response_bytes} bytes, or {limits.max_response_seconds:g} s"
                    message = f"the answer is longer than {bounds}"
                    raise BadAnswer(message, "Check the base URL.", call=call, status=response.status_code)
                chunks.append(chunk)
        finally:
            response.close()
        return cls(call, response.status_code, headers, b"".join(chunks))

    @property
    def is_success(self) -> bool:
        """200, 201, 204 and 304: a PUT that changes nothing answers 304 with an empty body."""
        return self.status in (200, 201, 204, NOT_CHANGED)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The objects of the envelope. Raises BadAnswer where it is none; Count and Total are not trusted."""
        try:
            document = json.loads(self.body)
        except ValueError:
            raise self._bad(f"is a web page{_title(self.body)}" if self.is_page else "is not JSON") from None
        data = document.get("Data") if isinstance(document, dict) else None
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise self._bad("is not an answer of this API: it has no list of objects under Data")
        return data

    @property
    def total(self) -> int | None:
        """The number of matches, in the answer to a request with countOnly."""
        total = self._document.get("Total")
        return total if isinstance(total, int) else None

    @property
    def is_page(self) -> bool:
        """Whether the body is a web page."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"

    @property
    def is_server_fault(self) -> bool:
        """Whether the server failed, which may pass; for a route that does not exist it answers 500 too."""
        return self.status >= _SERVER_FAULT and self._document.get("ErrorInfo") != _NO_SUCH_ROUTE

    def row(self) -> dict[str, Any]:
        """Return the one object of the envelope. Raises BadAnswer."""
        if not self.rows:
            raise self._bad("contains no object")
        return self.rows[0]

    def error(self) -> ApiError:
        """Return the failure this answer stands for."""
        words, document = _Message(_excerpt(self.body)), self._document
        if document:
            words = _Message(
                message=str(document.get("ErrorMessage") or ""),
                info=document.get("ErrorInfo") or "",
                code=str(document.get("ErrorCode") or ""),
                identifier=str(document.get("ErrorIdentifier") or ""),
            )
        kind, what, way_out = self._meaning(words)
        return kind(what, way_out, call=self.call, status=self.status, words=str(words))

    def _bad(self, what: str) -> ApiError:
        kind = Unclear if self.call.method == "POST" else BadAnswer
        return kind(
            f"what came back {what}",
            "Try again; if it stays, check the base URL and the proxies between here and Mailjet.",
            call=self.call,
            status=self.status,
            words=_excerpt(self.body),
        )

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        """Return the JSON object of the body; empty where it is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def _meaning(self, words: _Message) -> tuple[type[ApiError], str, str]:
        text = f"{words.message} {words.info}".lower()
        if self.status == 401:  # noqa: PLR2004 - the one status with three meanings
            return self._meaning_of_401(words)
        if self.status == 400 and (words.code == "ps-0015" or "already exists" in text):  # noqa: PLR2004
            return Duplicate, "Mailjet says that it exists already", "Plan again to see what is there now."
        if 300 <= self.status < 400:  # noqa: PLR2004 - redirects are never followed: they could lead the keys away
            return BadAnswer, "the server redirects elsewhere", "Check the base URL; mjsync follows no redirect."
        is_of_mailjet = bool(self._document.get("ErrorMessage"))
        # a read that meets a gateway's 404 knows nothing
        is_refusal = self.status not in (403, 408, 429) and (self.call.method != "GET" or self.status not in _WORDLESS)
        if 400 <= self.status < 500 and not is_of_mailjet and is_refusal:  # noqa: PLR2004
            what = "this was refused on the way to Mailjet, or by Mailjet without a reason"
            return Rejected, what, "Check the base URL and the proxy, and what their answer says."
        if self.status >= _SERVER_FAULT or (self.status in _WORDLESS and not is_of_mailjet):
            kind = Unclear if self.call.method == "POST" else BadAnswer
            return kind, _WORDLESS.get(self.status, "Mailjet's server failed"), "Try again later."
        return _BY_STATUS.get(self.status, (Rejected, "Mailjet refused it", "Correct what its message names."))

    def _meaning_of_401(self, words: _Message) -> tuple[type[ApiError], str, str]:
        if "www-authenticate" in self.headers or words.identifier or not words.message:
            return (
                AuthFailed,
                "Mailjet does not accept this key pair",
                "Check MJ_APIKEY_PUBLIC and MJ_APIKEY_PRIVATE, or the two that mjsync.yaml names, and the base URL.",
            )
        if "MJ19" in words.message or words.message.startswith("Internal error:"):
            return Rejected, "Mailjet refused a value (its 401 is not about the key)", "Set another value."
        return _FORBIDDEN


_WORDLESS: Mapping[int, str] = {
    404: "a page is missing on the way to Mailjet, which says nothing about the object",
    408: "the request took too long",
}
"""What these mean where Mailjet did not word them: a gateway's 404 is not the absence of an object."""

_FORBIDDEN = (Forbidden, "this key may not do that", "Use a key, or a plan, that may; the key itself is good.")
_BY_STATUS: Mapping[int, tuple[type[ApiError], str, str]] = {
    403: _FORBIDDEN,
    404: (NotFound, "there is no such object", "It may have been deleted meanwhile: plan again."),
    429: (RateLimited, "too many requests for this key", "Wait, lower --concurrency, or raise --retry-budget."),
}


def _title(body: bytes) -> str:
    """Return the title of a web page, as the end of a sentence."""
    found = _TITLE.search(body.decode("utf-8", "replace"))
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    return f" titled {title[:_SHOWN]!r}" if title else ""


def _excerpt(body: bytes) -> str:
    """Return the first words of a body, without tags, styles and scripts."""
    text = " ".join(html.unescape(_TAG.sub(" ", body.decode("utf-8", "replace"))).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _flat(value: Any) -> str:
    """Return an ErrorInfo object in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_flat(inner) for inner in value)
    return str(value)
