"""Handle requests to the v3 REST resources, and the API's description of them, `metadata`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.actions import handle_action
from mjsync.emulator.endpoints import Endpoint, Property, endpoints
from mjsync.emulator.listing import list_rows
from mjsync.emulator.request import ResourceRequest
from mjsync.emulator.responses import (
    ApiError,
    Response,
    classic_json,
    empty_response,
    envelope,
    json_response,
    not_found,
)
from mjsync.emulator.store import Row

NOT_OFFERED = frozenset({("apikey", "POST"), ("apikey", "PUT")})  # would create or change key pairs
API_VERSION = "3.0.11095"


def handle_resource(account: AccountStore, request: ResourceRequest) -> Response:
    """Answer a request to one resource.

    Raises:
        ApiError: Mailjet would refuse the request.
    """
    if request.method == "GET":
        account.read_lag.count_read(request.endpoint.name, account.seconds())
    if request.endpoint.name == "metadata":
        return _metadata(request.method, request.key)
    if request.action:
        return handle_action(account, request)
    if not request.endpoint.offers(request.method):
        if account.settings.on("operation_refusal_is_empty"):
            return Response(401, b"", (("Content-Type", "text/html"),))
        raise ApiError(401, "Operation not allowed")
    if (request.endpoint.name, request.method) in NOT_OFFERED:
        raise ApiError(403, f"The emulator does not offer {request.method} on {request.endpoint.name}")
    handlers = {"GET": _read, "PUT": _update, "DELETE": _delete} if request.key else {"GET": _list, "POST": _create}
    return handlers.get(request.method, _not_allowed)(account, request)


def _not_allowed(account: AccountStore, request: ResourceRequest) -> Response:  # noqa: ARG001 - one signature for all
    if (request.endpoint.name, request.method) == ("contactdata", "PUT"):
        raise not_found()
    raise ApiError(405, "Method not allowed")


def _list(account: AccountStore, request: ResourceRequest) -> Response:
    account.rules(request.endpoint).validate_query(request.query)
    text = list_rows(account, request.endpoint, request.query)
    return json_response(200, text, newer=request.endpoint.is_newer)


def _read(account: AccountStore, request: ResourceRequest) -> Response:
    rows = account.rules(request.endpoint).rows_for_key(request.key, account)
    if rows is not None:
        texts = [account.row_json(request.endpoint, row, request.query) for row in rows]
        return json_response(200, envelope(texts, count=len(rows), total=len(rows), newer=False), newer=False)
    row = account.find(request.endpoint, request.key, to_read=True)
    response = _one_row(account, request, row, status=200)
    account.apply_runtime_changes(request.endpoint, [row])
    return response


def _create(account: AccountStore, request: ResourceRequest) -> Response:
    return _one_row(account, request, account.create(request.endpoint, request.json_object()), status=201)


def _update(account: AccountStore, request: ResourceRequest) -> Response:
    before, body = account.find(request.endpoint, request.key), request.json_object()
    after = account.update(request.endpoint, before, body)
    if after is None and _is_304(account, request, body):
        return empty_response(304)
    return _one_row(account, request, after or before, status=200)


def _is_304(account: AccountStore, request: ResourceRequest, body: Mapping[str, Any]) -> bool:
    """Return whether a PUT that changes nothing answers 304; switches decide.

    Source: mjsync/docs/mailjet-api.md, section 19, rows 4 and 34.
    """
    known = request.endpoint.by_input_name
    only_read_only = bool(body) and all(known[name.casefold()].read_only for name in body if name.casefold() in known)
    if only_read_only and not account.settings.on("read_only_put_is_304"):
        return False
    switch = account.rules(request.endpoint).unchanged_switch
    return not switch or account.settings.on(switch)


def _delete(account: AccountStore, request: ResourceRequest) -> Response:
    account.rules(request.endpoint).delete(account.find(request.endpoint, request.key), account)
    return empty_response(204)


def _one_row(account: AccountStore, request: ResourceRequest, row: Row, *, status: int) -> Response:
    newer = request.endpoint.is_newer
    text = envelope([account.row_json(request.endpoint, row, request.query)], count=1, total=1, newer=newer)
    return json_response(status, text, newer=newer)


def _metadata(method: str, key: str) -> Response:
    """Describe one resource, or all of them whatever page the query asks for (recorded).

    Raises:
        ApiError: 404 for an unknown name, 401 for a write.
    """
    if method != "GET":
        raise ApiError(401, "Operation not allowed")
    if not key:
        return json_response(200, _all_metadata(), newer=False)
    if key not in endpoints():
        raise not_found()
    text = envelope([classic_json(_describe(endpoints()[key]))], count=1, total=1, newer=False)
    return json_response(200, text, newer=False)


@cache
def _all_metadata() -> str:
    rows = [classic_json(_describe(endpoints()[name])) for name in sorted(endpoints())]
    return envelope(rows, count=len(rows), total=len(rows), newer=False)


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    """Describe a resource in the recorded shape; parameters of actions and prose are not known."""
    filters = sorted({**endpoint.filters, **endpoint.newer_filters}.items(), key=lambda each: each[0].casefold())
    return {
        "Actions": [_action(name, methods) for name, methods in endpoint.actions.items()],
        "APIVersion": API_VERSION,
        "Description": "",
        "Filters": [_filter(name, kind) for name, kind in filters],
        "IsReadOnly": endpoint.read_only,
        "Name": endpoint.name,
        "Properties": [_property(each) for each in sorted(endpoint.properties, key=lambda each: each.name.casefold())],
        "PublicOperations": ", ".join(endpoint.operations),
        "SortInfo": [
            {"AllowDescending": may_descend, "PropertyName": name} for name, may_descend in endpoint.sorts.items()
        ],
        "UniqueKey": endpoint.key,
    }


def _filter(name: str, kind: str) -> dict[str, Any]:
    return {
        "DataType": kind,
        "DefaultValue": "",
        "Description": "",
        "IsRequired": False,
        "Name": name,
        "ReadOnly": False,
    }


def _property(field: Property) -> dict[str, Any]:
    allowed = {"AllowedValues": list(field.allowed)} if field.allowed else {}
    return {
        **allowed,
        "DataType": field.type,
        "DefaultValue": field.default or ("false" if field.type == "Boolean" else ""),
        "Description": "",
        "IsRequired": field.required,
        "Name": field.name,
        "ReadOnly": field.read_only,
    }


def _action(name: str, methods: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Description": "",
        "IsGlobalAction": False,
        "Name": name,
        "Parameters": [],
        "Properties": [],
        "PublicOperations": ", ".join(methods),
    }
