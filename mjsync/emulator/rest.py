"""The REST resources of v3: which method does what on a collection, an object, or an action below it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.answers import (
    Answer,
    Refusal,
    empty,
    envelope,
    json_answer,
    unknown_path,
)
from mjsync.emulator.content import read_content, write_content
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.listing import list_rows
from mjsync.emulator.store import Row
from mjsync.emulator.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a resource, its door already passed."""

    method: str
    endpoint: Endpoint
    query: Mapping[str, str]
    payload: bytes
    key: str = ""
    action: str = ""

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent, whatever its declared type; nothing at all counts as an empty one.

        Raises:
            Refusal: 400 for what is no JSON, 405 for an array (bulk writes do not exist).
        """
        if not self.payload.strip():
            return {}
        try:
            value = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            position = getattr(error, "pos", 0)
            found = self.payload.decode(errors="replace")[position : position + 1]
            text = f'Invalid json input: expected "{{", but found "{found}" at stream position {position + 1}'
            raise Refusal(400, text) from error
        if isinstance(value, dict):
            return value
        raise Refusal(405, "Method not allowed")


def answer_call(world: World, call: Call) -> Answer:
    """Do what was asked of one resource.

    Raises:
        Refusal: Mailjet would say no.
    """
    if call.action:
        return _answer_action(world, call)
    if not call.endpoint.offers(call.method):
        raise Refusal(401, "Operation not allowed")
    if call.key:
        return {"GET": _read, "PUT": _update, "DELETE": _delete}.get(call.method, _not_allowed)(world, call)
    return {"GET": _list, "POST": _create}.get(call.method, _not_allowed)(world, call)


def _not_allowed(world: World, call: Call) -> Answer:  # noqa: ARG001 - one signature for all
    raise Refusal(405, "Method not allowed")


def _list(world: World, call: Call) -> Answer:
    return json_answer(200, list_rows(world, call.endpoint, call.query), newer=call.endpoint.is_newer)


def _read(world: World, call: Call) -> Answer:
    return _one(world, call, world.find(call.endpoint, call.key), status=200)


def _create(world: World, call: Call) -> Answer:
    return _one(world, call, world.create(call.endpoint, call.body()), status=201)


def _update(world: World, call: Call) -> Answer:
    before, body = world.find(call.endpoint, call.key), call.body()
    after = world.update(call.endpoint, before, body)
    if after is None and _is_304(world, call, body):
        return empty(304)
    return _one(world, call, after or before, status=200)


def _is_304(world: World, call: Call, body: Mapping[str, Any]) -> bool:
    """Whether a PUT without effect has no answer; doubts are switches (API sheet 19, rows 4 and 34)."""
    known = call.endpoint.by_input_name
    only_read_only = bool(body) and all(
        known[name.casefold()].read_only for name in body if name.casefold() in known
    )
    if only_read_only and not world.settings.on("read_only_put_is_304"):
        return False
    switch = world.rules(call.endpoint).unchanged_switch
    return not switch or world.settings.on(switch)


def _delete(world: World, call: Call) -> Answer:
    world.rules(call.endpoint).delete(world.find(call.endpoint, call.key), world)
    return empty(204)


def _one(world: World, call: Call, row: Row, *, status: int) -> Answer:
    newer = call.endpoint.is_newer
    text = envelope([world.text(call.endpoint, row, call.query)], count=1, total=1, newer=newer)
    return json_answer(status, text, newer=newer)


def _answer_action(world: World, call: Call) -> Answer:
    if (call.endpoint.name, call.action) == ("template", "detailcontent"):
        return _answer_content(world, call)
    return unknown_path(f"REST/{call.endpoint.name}/{call.key}/{call.action}")


def _answer_content(world: World, call: Call) -> Answer:
    template = world.find(call.endpoint, call.key)
    status = {"GET": 200, "PUT": 200, "POST": 201}.get(call.method)
    if status is None:
        raise Refusal(405, "Method not allowed")
    if call.method != "GET":
        is_changed = write_content(world, template, call.body(), is_replaced=call.method == "POST")
        if call.method == "PUT" and not is_changed and world.settings.on("unchanged_template_put_is_304"):
            return empty(304)
    text = envelope([read_content(world, template)], count=1, total=1, newer=True)
    return json_answer(status, text, newer=True)
