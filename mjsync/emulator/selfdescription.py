"""`GET /v3/REST/metadata`: the API describes itself, made of the endpoint table."""

from functools import cache
from typing import Any

from mjsync.emulator.answers import Answer, Refusal, classic_text, envelope, json_answer, not_found
from mjsync.emulator.endpoints import Endpoint, Property, endpoints

API_VERSION = "3.0.11095"


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """One resource in the recorded shape; parameters of actions and prose are not known to us."""
    return {
        "Actions": [_action(name, methods) for name, methods in endpoint.actions.items()],
        "APIVersion": API_VERSION,
        "Description": "",
        "Filters": [_filter(name, kind) for name, kind in _in_order({**endpoint.filters, **endpoint.newer_filters})],
        "IsReadOnly": endpoint.read_only,
        "Name": endpoint.name,
        "Properties": [_property(each) for each in sorted(endpoint.properties, key=lambda each: each.name.casefold())],
        "PublicOperations": ", ".join(endpoint.operations),
        "SortInfo": [
            {"AllowDescending": may_descend, "PropertyName": name} for name, may_descend in endpoint.sorts.items()
        ],
        "UniqueKey": endpoint.key,
    }


def _in_order(filters: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(filters.items(), key=lambda each: each[0].casefold())


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


@cache
def _everything() -> str:
    rows = [classic_text(describe(endpoints()[name])) for name in sorted(endpoints())]
    return envelope(rows, count=len(rows), total=len(rows), newer=False)


def answer_metadata(method: str, key: str) -> Answer:
    """All resources, whatever the page asked for (recorded), or one by name.

    Raises:
        Refusal: 404 for an unknown name, 401 for a write.
    """
    if method != "GET":
        raise Refusal(401, "Operation not allowed")
    if not key:
        return json_answer(200, _everything(), newer=False)
    if key not in endpoints():
        raise not_found()
    text = envelope([classic_text(describe(endpoints()[key]))], count=1, total=1, newer=False)
    return json_answer(200, text, newer=False)
