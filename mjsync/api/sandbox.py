"""Try messages in the sandbox of Send v3.1, which checks everything and delivers nothing.

Source: mjsync/docs/mailjet-api.md, section 17.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from mjsync.api.client import BaseClient
from mjsync.api.responses import Response
from mjsync.api.transport import ForbiddenCallError, GuardedTransport
from mjsync.errors import BadAnswer

PATH = "/v3.1/send"
MAX_MESSAGES = 50
"""Messages of one call: Mailjet's maximum."""

REFUSED = (400, 403)
"""The statuses of a call with a message that fails."""


class SandboxTransport(GuardedTransport):
    """Send `POST /v3.1/send` only, with `SandboxMode: true` set in every body, whatever the caller passed."""

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
        self._request_log.on_request("POST")
        return self._inner.handle_request(forced)


class SandboxClient(BaseClient):
    """A client that can only try messages."""

    _root = "/v3.1/"
    _transport = SandboxTransport

    def try_messages(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the result of each message, in one request for every MAX_MESSAGES of them. Raises ApiError."""
        results: list[dict[str, Any]] = []
        for start in range(0, len(messages), MAX_MESSAGES):
            batch = list(messages[start : start + MAX_MESSAGES])
            answer = self._call("POST", "send", body={"Messages": batch})
            found = _messages(answer)
            if found is None or len(found) != len(batch):
                if not answer.is_success:
                    raise answer.error()
                message = "what came back is not an answer of this API: it has no result for each message"
                raise BadAnswer(message, "Check the base URL and the proxy.", call=answer.call, status=answer.status)
            results += found
        return results

    def _has_result(self, answer: Response) -> bool:
        """Return whether an answer is no failure, or has the results of its messages all the same."""
        return answer.is_success or (answer.status in REFUSED and _messages(answer) is not None)


def _messages(answer: Response) -> list[dict[str, Any]] | None:
    """Return the results of a call's messages, None where there are none."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return None
    results = document.get("Messages") if isinstance(document, dict) else None
    return results if isinstance(results, list) and all(isinstance(each, dict) for each in results) else None
