"""The WSGI app: authenticate a request, apply its fault if there is one, and answer it."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from werkzeug.exceptions import ClientDisconnected

from mjsync.emulator import control, inbox_pages
from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.fault_injection import (
    CORRUPTING,
    StaleCopy,
    corrupted,
    delay_request,
    endless,
    replacement_response,
    status_response,
)
from mjsync.emulator.faults import ConnectionClosed, Fault
from mjsync.emulator.legacy_send import sent_response, to_messages
from mjsync.emulator.listing import page_limit
from mjsync.emulator.request import (
    Environ,
    HttpRequest,
    LoggedRequest,
    ResourceRequest,
    is_forbidden_call,
    mask_secrets,
    read_request,
)
from mjsync.emulator.responses import (
    NEWER_TYPE,
    ApiError,
    Response,
    classic_json,
    error_response,
    html_response,
    json_response,
    unauthorized_response,
    unknown_path_response,
)
from mjsync.emulator.rest import handle_resource
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.rules.templates import content_table
from mjsync.emulator.sending import Sending, parse_send, send_response, validate
from mjsync.emulator.service import Service

StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], Any]
NO_BODY = frozenset({204, 304})


class App:
    """The WSGI callable of one emulator."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionClosed: the client gets no response, because of a fault or an incomplete body.
        """
        try:
            request = read_request(environ)
        except ClientDisconnected as error:
            raise ConnectionClosed("the request's body ended before its Content-Length") from error
        response = self._response(request, environ.get("mjsync.waited", 0.0))
        headers = list(response.headers)
        if response.status not in NO_BODY:
            headers.append(("Content-Length", str(len(response.body))))
        start_response(response.status_line, headers)
        return [] if request.method == "HEAD" else [response.body]

    def _response(self, request: HttpRequest, waited: float) -> Response:
        if request.route == "control":
            return control.handle(self._service, request)
        if request.route == "inbox" and self._service.inbox is not None and request.method in {"GET", "HEAD"}:
            with self._service.lock:
                return inbox_pages.show(self._service.inbox, request)
        return self._api(request, waited)

    def _api(self, request: HttpRequest, waited: float) -> Response:
        """Answer as Mailjet would, unless a fault applies to the request, which waited some seconds for a thread."""
        service = self._service
        arrived, count = service.now() - waited, service.arrivals.add()
        with service.lock:
            fault = service.faults.next(request.method, request.path)
        if fault is not None and fault.name == "delay":
            delay_request(fault, service.arrivals, count, service.sleep)
        with service.lock:
            account = self._authenticate(request)
            try:
                response = self._respond(request, account, fault)
            except ConnectionClosed:
                self._log(request, account, status=0)
                raise
            self._log(request, account, status=response.status)
        if latency := float(service.settings["latency"]):
            service.sleep(max(0.0, arrived + latency - service.now()))
        return response

    def _respond(self, request: HttpRequest, account: AccountStore | None, fault: Fault | None) -> Response:
        if fault is None or fault.name == "delay":
            return self._handle(request, account)
        if fault.name == "lag":
            return self._handle_with_lag(request, account, fault)
        if fault.name == "endless":
            first_page = replace(request, query={**request.query, "offset": "0"})
            return endless(self._handle(first_page, account), page_limit(request.query))
        if fault.name in CORRUPTING:
            return corrupted(fault, self._handle(request, account))
        if fault.is_committed:
            self._handle(request, account)
        return replacement_response(fault, request.method)

    def _handle_with_lag(self, request: HttpRequest, account: AccountStore | None, fault: Fault) -> Response:
        """Handle a write, and let reads of its resource see the data from before it for a while."""
        if account is None or request.endpoint is None:
            return self._handle(request, account)
        resource = request.endpoint.name
        before = {name: account.table(name).copy() for name in (resource, content_table(resource))}
        response = self._handle(request, account)
        if response.status < 300 and request.method != "GET":  # noqa: PLR2004 - a success
            copy = StaleCopy(before, fault.requests, account.seconds() + fault.seconds)
            account.read_lag.start(resource, copy)
        return response

    def _authenticate(self, request: HttpRequest) -> AccountStore | None:
        """Return the account of the key pair, if both keys are right."""
        account = self._service.accounts.get(request.user)
        if account and hmac.compare_digest(account.keys.secret_key.encode(), request.password.encode()):
            return account
        return None

    def _handle(self, request: HttpRequest, account: AccountStore | None) -> Response:
        """Return the correct response."""
        is_v3 = request.path.startswith("/v3/")
        if not is_v3 and request.route not in {"send", "erasure"}:
            return html_response(404, "404 Not Found")
        if account is None:
            return unauthorized_response(newer=request.is_newer_backend)
        if not self._service.is_within_rate_limit(account):
            settings = account.settings
            retry_after = 1 if settings.on("rate_limit_retry_after") else None
            return status_response(429, body=str(settings["rate_limit_body"]), retry_after=retry_after)
        if is_forbidden_call(request.method, request.path):
            self._service.forbidden_calls.append(f"{request.method} {request.path}")
        try:
            return self._dispatch(request, account)
        except ApiError as error:
            return error_response(error, newer=request.is_newer_backend)

    def _dispatch(self, request: HttpRequest, account: AccountStore) -> Response:
        if request.route == "rest" and request.endpoint:
            return handle_resource(account, _resource_request(account, request, request.endpoint))
        if request.route == "data":
            return _upload(account, request)
        if request.route == "erasure":
            return Response(200, b"", (("Content-Type", NEWER_TYPE),))
        if request.route == "send":
            return self._send(request, account)
        if request.route == "legacy_send":
            return self._legacy_send(request, account)
        return unknown_path_response(request.path.removeprefix("/v3/").rstrip("/"))

    def _send(self, request: HttpRequest, account: AccountStore) -> Response:
        """Answer `/v3.1/send`: sandbox sends always, real sends only if there is an inbox to keep them."""
        try:
            sending = parse_send(account, request.method, request.body)
        except ApiError as error:
            return error_response(error, newer=True)
        if not sending.is_sandbox:
            self._service.forbidden_calls.append(f"{request.method} {request.path}")
            if self._service.inbox is None:
                text = "The emulator sends no mail: SandboxMode must be true"
                return error_response(ApiError(403, text, related=("SandboxMode",)), newer=True)
        return send_response(sending, self._accept(account, sending))

    def _legacy_send(self, request: HttpRequest, account: AccountStore) -> Response:
        """Answer `/v3/send`, which has no sandbox mode, if there is an inbox to keep its mails."""
        if self._service.inbox is None:
            return unknown_path_response("send")
        if request.method != "POST":
            raise ApiError(405, "Method not allowed")
        try:
            messages = to_messages(request.body.value)
        except ValueError as error:
            raise ApiError(400, f"Malformed JSON: {error}") from error
        sending = Sending(messages, validate(account, messages), is_sandbox=False)
        if len(sending.accepted) < len(messages):
            return sent_response(sending.results(()))
        return sent_response(self._accept(account, sending))

    def _accept(self, account: AccountStore, sending: Sending) -> list[dict[str, Any]]:
        """Keep the accepted messages; returns the results of all."""
        service, mails = self._service, []
        service.outbox.extend({"account": account.id, **each} for each in sending.accepted)
        if service.inbox is not None:
            for each in sending.accepted:
                mails += service.inbox.receive(account, each, is_sandbox=sending.is_sandbox)
        return sending.results(mails)

    def _log(self, request: HttpRequest, account: AccountStore | None, *, status: int) -> None:
        body, query = mask_secrets(request.body.for_log()), mask_secrets(request.raw_query)
        entry = LoggedRequest(request.method, request.path, query, body, status, account.id if account else None)
        self._service.requests.append(entry)


def _resource_request(account: AccountStore, request: HttpRequest, endpoint: Endpoint) -> ResourceRequest:
    is_json = "json" in request.content_type.casefold()
    if not request.body.is_empty and not is_json and account.settings.on("content_type_needed"):
        raise ApiError(400, "A JSON Content-Type is needed")
    key, action = request.parts.get("key", ""), request.parts.get("action", "").casefold()
    return ResourceRequest(request.method, endpoint, request.query, request.body, key, action)


def _upload(account: AccountStore, request: HttpRequest) -> Response:
    """Count and drop raw data; the response is a bare object.

    Source: mjsync/docs/mailjet-api.md, sections 1 and 2.
    """
    rows = account.table(request.parts["resource"].casefold()).rows
    key = request.parts["key"]
    if not is_number(key) or int(key) not in rows:
        raise ApiError(404, "Source object not found")
    return json_response(200, classic_json({"ID": 1}), newer=False)
