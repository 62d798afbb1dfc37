"""Try messages in the sandbox of Send v3.1, which checks everything and delivers nothing.

Source: mjsync/docs/mailjet-api.md, section 17.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import httpx

from mjsync.api.connection import Connector
from mjsync.api.responses import Response
from mjsync.api.retry import RetryableError, call_with_retries, parse_retry_after
from mjsync.api.transport import ForbiddenCallError, RequestLog
from mjsync.errors import BadAnswer, Call

PATH = "/v3.1/send"
MAX_MESSAGES = 50
"""Messages of one call: Mailjet's maximum."""

_TOO_MANY = 429


class SandboxTransport(httpx.BaseTransport):
    """Send `POST /v3.1/send` only, with `SandboxMode: true` set in every body, whatever the caller passed."""

    def __init__(self, inner: httpx.BaseTransport, trace: RequestLog) -> None:
        self._inner = inner
        self._trace = trace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Set the sandbox mode and pass the request on. Raises ForbiddenCallError for any other call."""
        path = request.url.raw_path.decode("ascii")
        if (request.method, path) != ("POST", PATH):
            message = f"{request.method} {path} is not a call mjsync makes"
            raise ForbiddenCallError(message)
        body = {**json.loads(request.read()), "SandboxMode": True}
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
        forced = httpx.Request("POST", request.url, headers=headers, content=content, extensions=request.extensions)
        self._trace.on_request("POST")
        return self._inner.handle_request(forced)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class SandboxClient:
    """A client that can only try messages."""

    def __init__(
        self,
        base_url: str,
        keys: tuple[str, str],
        *,
        trace: RequestLog | None = None,
        retry_budget: float = 60.0,
        connect: Callable[[], httpx.BaseTransport] | None = None,
    ) -> None:
        self.trace = trace or RequestLog()
        self._retry_budget = retry_budget
        self._connector = Connector(base_url)
        transport = SandboxTransport((connect or self._connector.transport)(), self.trace)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"), auth=keys, transport=transport, headers=headers, timeout=60, trust_env=False
        )

    def try_messages(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the result of each message, in one request for every MAX_MESSAGES of them. Raises ApiError."""
        results: list[dict[str, Any]] = []
        for start in range(0, len(messages), MAX_MESSAGES):
            batch = messages[start : start + MAX_MESSAGES]
            results += call_with_retries(lambda batch=batch: self._send(batch), self._retry_budget)  # type: ignore[misc] # the default binds the batch
        return results

    def _send(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        request = self._client.build_request("POST", PATH, json={"Messages": list(messages)})
        call, started, status = Call("POST", PATH), time.perf_counter(), None
        try:
            response = self._client.send(request)
            status = response.status_code
        except (httpx.RequestError, OSError) as fault:
            raise self._connector.error(call, fault) from fault
        finally:
            self.trace.on_response(request, status, time.perf_counter() - started)
        answer = Response(call, response.status_code, response.headers, response.content)
        if response.status_code == _TOO_MANY:
            raise RetryableError(answer.error(), parse_retry_after(response.headers.get("retry-after")))
        return _results(answer, len(messages))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _results(answer: Response, count: int) -> list[dict[str, Any]]:
    """Return the results of a call's messages; a call with a failing message is 400 or 403, and has them too."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    results = document.get("Messages") if isinstance(document, dict) else None
    if isinstance(results, list) and len(results) == count and all(isinstance(each, dict) for each in results):
        return results
    if not answer.is_success:
        raise answer.error()
    message = "what came back is not an answer of this API: it has no result for each message"
    raise BadAnswer(message, "Check the base URL and the proxy.", call=answer.call, status=answer.status)
