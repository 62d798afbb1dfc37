"""One request at a time: the base URL, the key pair, paging, and what failures mean."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.request import getproxies, proxy_bypass

import httpx

from mjsync.api.allowed import AllowedCalls
from mjsync.api.concurrency import ConcurrencyLimiter
from mjsync.api.responses import NOT_CHANGED, Response
from mjsync.api.retry import RetryableError, call_with_retries, parse_retry_after
from mjsync.api.transport import ALL, READS, GuardedTransport, RequestLog
from mjsync.errors import ApiError, BadAnswer, Call, NotFound, Unclear, Unreachable

PAGE_SIZE = 1000
"""Objects asked for at once: Mailjet's maximum (its default is 10). Source: mjsync/docs/mailjet-api.md, section 4."""

SHRUNK_PAGE_OVERLAP = 100
"""Objects to step back where a listing has shrunk while it was read."""

MAX_CONNECT_ATTEMPTS = 3
"""Tries to connect to a server that has not answered yet: a wrong base URL should not cost a minute."""

WITHOUT_BODY = {"PUT": NOT_CHANGED, "DELETE": 204}
"""The success of each method that needs no body; any other one without objects is not Mailjet's."""

_TOO_MANY, _SERVER_FAULT = 429, 500
_NO_SUCH_ROUTE = "EFPWebError"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost: requests in flight, seconds of retries for each call, bytes and seconds of one answer.

    `timeout` is in seconds without a byte, `answer_time` in seconds from the first byte to the last.
    """

    in_flight: int = 10
    retry_budget: float = 60.0
    max_response_bytes: int = 64 * 1024 * 1024
    timeout: float = 60.0
    max_response_seconds: float = 600.0


class ReadClient:
    """A client that can only GET. Safe to use from many threads; each has its own connections.

    `calls` are the method and path of every request that may be sent, as the kinds declare them.

    Once `stopping` is set, no call is tried again.
    """

    _methods = READS

    def __init__(  # noqa: PLR0913 - each is one setting of the connection
        self,
        base_url: str,
        keys: tuple[str, str],
        *,
        calls: Iterable[tuple[str, str]],
        limits: Limits | None = None,
        trace: RequestLog | None = None,
        connect: Callable[[], httpx.BaseTransport] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.trace = trace or RequestLog()
        self.gate = ConcurrencyLimiter(self.limits.in_flight)
        self.stopping = threading.Event()
        self._base_url = base_url.rstrip("/")
        self._keys = keys
        self._calls = AllowedCalls(calls)
        self._connect = connect or _transport_factory(base_url)
        self._mine = threading.local()
        self._all: list[httpx.Client] = []
        self._was_reached = False

    # --- reading

    def rows(self, endpoint: str, filters: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Each object of a collection, once, from the filter Offset on.

        Pages shift while they are read: each begins with the last object of the one before. Where that is not seen
        again, objects before it went, and the reading steps back; where one comes twice, it is dropped.
        """
        filters = filters or {}
        start = offset = int(filters.get("Offset", 0))
        last, before = set[Any](), set[Any]()
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
            if not fresh:
                message = "one page of the listing is like the other: Offset is not looked at"
                raise BadAnswer(message, "Check the base URL.", call=answer.call, status=answer.status)
            last, before = {row.get("ID") for row in page}, last
            offset += len(page) - 1

    def get(self, path: str) -> dict[str, Any]:
        """One object. Raises NotFound."""
        return self._call("GET", path).row()

    # --- one call

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Response:
        """Send until it succeeds or is not worth another try. Raises ApiError."""
        tries = 0

        def attempt() -> Response:
            nonlocal tries
            tries += 1
            with self.gate:
                answer = self._send_limited(tries, lambda: self._send(method, path, params, body))
            if answer.is_success:
                self.gate.increase()
                return answer
            error = answer.error()
            if method == "DELETE" and tries > 1 and isinstance(error, NotFound):
                return answer
            raise self._classify(answer, error)

        return call_with_retries(attempt, self.limits.retry_budget, self.stopping)

    def _send_limited(self, tries: int, send: Callable[[], Response]) -> Response:
        """The answer; a server that was never once reached is given up after a few tries, not after the budget."""
        try:
            answer = send()
        except RetryableError as again:
            if (
                not self._was_reached
                and tries >= MAX_CONNECT_ATTEMPTS
                and isinstance(again.__cause__, httpx.ConnectError)
            ):
                raise again.error from None
            raise
        self._was_reached = True
        return answer

    def _classify(self, answer: Response, error: ApiError) -> Exception:
        """The error itself, or a promise to try again."""
        if answer.status == _TOO_MANY:
            self.gate.decrease()
            return RetryableError(error, parse_retry_after(answer.headers.get("retry-after")))
        is_fault = answer.status >= _SERVER_FAULT and error.words.info != _NO_SUCH_ROUTE
        if is_fault and answer.call.method != "POST":
            return RetryableError(error, parse_retry_after(answer.headers.get("retry-after")))
        return error

    def _send(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> Response:
        client = self._client()
        request = client.build_request(
            method,
            f"/v3/REST/{path}",
            params=params or None,
            content=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
        )
        call = Call(method, request.url.raw_path.decode("ascii"))
        started = time.perf_counter()
        status = None
        try:
            response = client.send(request, stream=True)
            status = response.status_code
            answer = Response(call, status, response.headers, self._read_limited(response, call))
        except (httpx.RequestError, OSError) as fault:
            raise _network_error(call, fault) from fault
        finally:
            self.trace.on_response(request, status, time.perf_counter() - started)
        if method != "POST" and answer.is_success and answer.status != WITHOUT_BODY.get(method):
            _parsed(answer)
        return answer

    def _read_limited(self, response: httpx.Response, call: Call) -> bytes:
        """The whole body. Raises BadAnswer once it is longer than the limits."""
        most = self.limits
        chunks, size, ends = [], 0, time.monotonic() + most.max_response_seconds
        try:
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > most.max_response_bytes or time.monotonic() > ends:
                    bounds = f"{most.max_response_bytes} bytes, or {most.max_response_seconds:g} s"
                    message = f"the answer is longer than {bounds}"
                    raise BadAnswer(message, "Check the base URL.", call=call, status=response.status_code)
                chunks.append(chunk)
        finally:
            response.close()
        return b"".join(chunks)

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._mine, "client", None)
        if client is None:
            client = self._mine.client = httpx.Client(
                base_url=self._base_url,
                auth=self._keys,
                transport=GuardedTransport(self._connect(), self._calls, self._methods, self.trace),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                timeout=self.limits.timeout,
                follow_redirects=False,
                trust_env=False,
            )
            self._all.append(client)
        return client

    def close(self) -> None:
        """Close the connections of every thread."""
        for client in self._all:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Client(ReadClient):
    """A client that can also write what the table allows."""

    _methods = ALL

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create. Raises Unclear where no usable answer came: it may have been carried out."""
        return self._call("POST", path, body=body).row()

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Change; None where nothing changed (304)."""
        answer = self._call("PUT", path, body=body)
        return None if answer.status == NOT_CHANGED else answer.row()

    def delete(self, path: str) -> None:
        """Delete; already gone is no error after a retry."""
        self._call("DELETE", path)


def _parsed(answer: Response) -> None:
    """Look into the body at once: a truncated one is worth another try. Raises AgainError."""
    try:
        _ = answer.rows
    except BadAnswer as error:
        raise RetryableError(error) from None


def _network_error(call: Call, fault: Exception) -> Exception:
    """What no answer means: another try where that is safe, else an outcome that must be looked up."""
    way_out = "Check the network, the base URL and the proxy settings."
    reason = str(fault) or type(fault).__name__
    never_sent = isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    if call.method == "POST" and not never_sent:
        return Unclear(f"no answer came ({reason})", way_out, call=call)
    return RetryableError(Unreachable(f"no answer came ({reason})", way_out, call=call))


def _transport_factory(base_url: str) -> Callable[[], httpx.BaseTransport]:
    """Makes transports that share one SSL context (the system's trust store) and follow the proxy variables.

    Plain http is for loopback, and goes there directly: a proxy would read the keys.
    """
    url = httpx.URL(base_url)
    if url.scheme == "http":
        return lambda: httpx.HTTPTransport(verify=False)
    proxies = {} if proxy_bypass(url.host) else getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    context = ssl.create_default_context()  # making one costs up to 0.3 s
    try:
        httpx.HTTPTransport(verify=context, proxy=proxy).close()
    except (ImportError, ValueError, httpx.InvalidURL):
        message = "the proxy that HTTPS_PROXY, or ALL_PROXY, names cannot be used"
        raise Unreachable(message, "Give the URL of an HTTP proxy, or name the host in NO_PROXY.") from None
    return lambda: httpx.HTTPTransport(verify=context, proxy=proxy)
