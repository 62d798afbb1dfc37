"""The HTTP client: send one request with the key pair, read all pages of a listing, map failures to errors."""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, Self

import httpx
from pydantic_core import PydanticSerializationError, to_json

from mjsync.api.connection import Connector
from mjsync.api.pacing import Limits, Pacer, RetryableError, call_with_retries, parse_retry_after
from mjsync.api.responses import NOT_CHANGED, Response
from mjsync.api.transport import ALL, READS, AllowedCalls, GuardedTransport, RequestLog
from mjsync.errors import ApiError, BadAnswer, Call, NotFound

PAGE_SIZE = 1000
"""Objects in one page: Mailjet's maximum (its default is 10). Source: mjsync/docs/mailjet-api.md, section 4."""

SHRUNK_PAGE_OVERLAP = 100
"""Objects to step back where a listing has shrunk while it was read."""

MAX_CONNECT_ATTEMPTS = 3
"""Tries to connect to a server that has not answered yet: a wrong base URL should not cost a minute."""

MAX_PAGE_ATTEMPTS = 3
"""Tries where a web page comes back instead of JSON: that is a proxy or another server, and rarely passes."""

COUNT_AFTER = 50_000
"""Objects of one listing after which the account is asked for their number: a listing that never ends stops there."""

MOST_OBJECTS = 200_000
"""Objects of one listing where the account does not say how many there are."""

WITHOUT_BODY = {"PUT": NOT_CHANGED, "DELETE": 204}
"""The success of each method that needs no body; any other one without objects is not Mailjet's."""

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
    "User-Agent": f"mjsync python-httpx/{httpx.__version__}",
}

_TOO_MANY = 429

_parse_url = lru_cache(maxsize=32)(httpx.URL)
"""A URL takes httpx as long to parse as the rest of a request; the objects of a kind are created at one."""


class BaseClient:
    """Sends requests, and retries them. Safe to use from many threads; no two use a connection at once.

    `calls` are the method and path of every request that may be sent, as the kinds declare them.

    Once `stopping` is set, no call is tried again.
    """

    _root = "/v3/REST/"
    _methods = READS
    _transport = GuardedTransport
    """What each connection is wrapped in: it sends allowed calls only."""

    def __init__(  # noqa: PLR0913 - each is one setting of the connection
        self,
        base_url: str,
        keys: tuple[str, str],
        *,
        calls: Iterable[tuple[str, str]] = (),
        limits: Limits | None = None,
        request_log: RequestLog | None = None,
        connect: Callable[[], httpx.BaseTransport] | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.request_log = request_log or RequestLog()
        self._places: SimpleQueue[None] = SimpleQueue()  # a Semaphore is slower: it is written in Python
        for _ in range(self.limits.in_flight):
            self._places.put(None)
        self.pacer = pacer or Pacer()
        self.stopping = threading.Event()
        self.server_date = ""
        """The Date header of the last answer."""
        self._base_url = base_url.rstrip("/")
        login = b64encode(":".join(keys).encode()).decode("ascii")
        host = httpx.URL(base_url).netloc.decode("ascii")
        self._headers = httpx.Headers({"Host": host, **HEADERS, "Authorization": f"Basic {login}"})
        self._extensions = {"timeout": httpx.Timeout(self.limits.timeout).as_dict()}
        self._calls = AllowedCalls(calls)
        self._connector = Connector(base_url)
        self._connect = connect or self._connector.transport
        self._idle: list[httpx.BaseTransport] = []
        self._all: list[httpx.BaseTransport] = []
        self._was_reached = False

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Response:
        """Send a request, and retry failures that may pass. Raises ApiError."""
        request = self._request(method, path, params, body)
        tries = 0

        def attempt() -> Response:
            nonlocal tries
            tries += 1
            self._places.get()
            try:
                self.pacer.wait()
                answer = self._send(request)
            except RetryableError as again:
                if self._gives_up(again, tries):
                    raise again.error from None
                raise
            finally:
                self._places.put(None)
            self._was_reached = True
            if answer.status != _TOO_MANY:
                self.pacer.on_accepted(answer.headers, self.limits.in_flight - self._places.qsize())
            if self._has_result(answer):
                return answer
            error = answer.error()
            if method == "DELETE" and tries > 1 and isinstance(error, NotFound):
                return answer
            raise self._classify(answer, error)

        return call_with_retries(attempt, self.limits.retry_budget, self.stopping)

    def _request(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> httpx.Request:
        """Return a request with all its headers: httpx takes three times as long to find those of a body."""
        headers, content = self._headers.copy(), b""
        if body is not None:
            try:
                content = to_json(body)  # json.dumps takes ten times as long for a body of 20 kB
            except PydanticSerializationError:  # half of a surrogate pair, which a live text may have
                content = json.dumps(body).encode()
            headers["Content-Length"] = str(len(content))
        url = f"{self._base_url}{self._root}{path}"
        return httpx.Request(
            method,
            httpx.URL(url, params=params) if params else _parse_url(url),
            headers=headers,
            stream=httpx.ByteStream(content),
            extensions=self._extensions,
        )

    def _has_result(self, answer: Response) -> bool:
        """Return whether an answer is no failure."""
        return answer.is_success

    def _gives_up(self, again: RetryableError, tries: int) -> bool:
        """Return whether a failure that rarely passes by itself was tried often enough, whatever the budget."""
        is_unreached = not self._was_reached and isinstance(again.__cause__, httpx.ConnectError)
        if again.is_page and self.request_log.on_retry and not self.stopping.is_set():
            self.request_log.on_retry(f"{again.error.call}: {again.error.message} (try {tries} of {MAX_PAGE_ATTEMPTS})")
        return (is_unreached and tries >= MAX_CONNECT_ATTEMPTS) or (again.is_page and tries >= MAX_PAGE_ATTEMPTS)

    def _classify(self, answer: Response, error: ApiError) -> Exception:
        """Return the error itself, or a RetryableError around it."""
        if answer.status == _TOO_MANY:
            wait = parse_retry_after(answer.headers.get("retry-after"))
            self.pacer.on_refused(wait)
            return RetryableError(error, wait)
        if answer.is_server_fault and answer.call.method != "POST":
            return RetryableError(error, parse_retry_after(answer.headers.get("retry-after")))
        return error

    def _send(self, request: httpx.Request) -> Response:
        """Send once, and parse the answer at once, to retry where it is truncated. Raises ApiError, RetryableError."""
        call = Call(request.method, request.url.raw_path.decode("ascii"))
        started, status = time.perf_counter(), None
        try:
            transport = self._idle.pop()  # no other thread uses it, and it was used last
        except IndexError:
            # an `httpx.Client` would add cookies, redirects and log lines, for a quarter of the CPU of a request
            transport = self._transport(self._connect(), self._calls, self._methods, self.request_log)
            self._all.append(transport)
        try:
            response = transport.handle_request(request)
            status = response.status_code
            answer = Response.read(call, response, self.limits)
            self.server_date = answer.headers.get("date", "")
        except (httpx.RequestError, OSError) as fault:
            raise self._connector.error(call, fault) from fault
        finally:
            self._idle.append(transport)
            self.request_log.on_response(request, status, time.perf_counter() - started)
        if call.method != "POST" and answer.is_success and answer.status != WITHOUT_BODY.get(call.method):
            try:
                _ = answer.rows
            except BadAnswer as error:
                raise RetryableError(error, is_page=answer.is_page) from None
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for transport in self._all:
            transport.close()
        self.pacer.close()


class ReadClient(BaseClient):
    """A client that can only GET."""

    def rows(self, endpoint: str, filters: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield each object of a collection, once, from the filter Offset on.

        Pages shift while they are read: each begins with the last object of the one before. Where that is not seen
        again, objects before it went, and the reading steps back; where one comes twice, it is dropped.
        """
        filters = filters or {}
        start = offset = int(filters.get("Offset", 0))
        last, before, bound = set[Any](), set[Any](), COUNT_AFTER
        while True:
            answer = self._call("GET", endpoint, {**filters, "Limit": str(PAGE_SIZE), "Offset": str(offset)})
            page, known = answer.rows, last | before
            if offset > start and not any(row.get("ID") in known for row in page):
                offset = max(start, offset - SHRUNK_PAGE_OVERLAP)
                continue
            fresh = {row.get("ID"): row for row in page if row.get("ID") not in known}
            yield from fresh.values()
            if len(page) < PAGE_SIZE:
                return
            if offset >= bound:
                bound = self._check_bound(answer, endpoint, filters, offset)
            if not fresh:
                message = "two pages of the listing are identical: the server ignores Offset"
                raise BadAnswer(message, "Check the base URL.", call=answer.call, status=answer.status)
            last, before = {row.get("ID") for row in page}, last
            offset += len(page) - 1

    def _check_bound(self, answer: Response, endpoint: str, filters: Mapping[str, str], offset: int) -> int:
        """Return how many objects a long listing may have, by the account's own count. Raises BadAnswer beyond that."""
        counted = self._call("GET", endpoint, {**filters, "countOnly": "1", "Offset": "0"})
        total = counted.total if not counted.rows else None
        bound = MOST_OBJECTS if total is None else total + total // 10 + PAGE_SIZE
        if offset < bound:
            return bound
        known = "the most that mjsync reads" if total is None else f"the account counts {total}"
        message = f"the listing does not end: {offset} objects were read, {known if total is None else f'and {known}'}"
        raise BadAnswer(message, "Check the base URL and the proxy.", call=answer.call, status=answer.status)

    def page(self, path: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of one request, as they are."""
        return self._call("GET", path, filters).rows

    def count(self, endpoint: str, filters: Mapping[str, str] | None = None) -> int | None:
        """Return the number of rows that match, in one request; None where rows came instead of a count."""
        answer = self._call("GET", endpoint, {**(filters or {}), "countOnly": "1"})
        return None if answer.rows else answer.total

    def get(self, path: str) -> dict[str, Any]:
        """Return one object. Raises NotFound."""
        return self._call("GET", path).row()


class Client(ReadClient):
    """A client that can also write what the table allows."""

    _methods = ALL

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object. Raises Unclear where no usable answer came: it may have been carried out."""
        return self._call("POST", path, body=body).row()

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Change an object, and return it; None where nothing changed (304)."""
        answer = self._call("PUT", path, body=body)
        return None if answer.status == NOT_CHANGED else answer.row()

    def delete(self, path: str) -> None:
        """Delete an object; that it is gone already is no error after a retry."""
        self._call("DELETE", path)
