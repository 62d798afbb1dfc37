"""The REST resources of v3: which method does what on a collection, an object, or an action below it."""

from collections.abc import Mapping
from typing import Any

from mjsync.emulator.actions import answer_action
from mjsync.emulator.answers import Answer, Refusal, empty, envelope, json_answer, not_found
from mjsync.emulator.call import Call
from mjsync.emulator.listing import list_rows
from mjsync.emulator.selfdescription import answer_metadata
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

NOT_OFFERED = frozenset({("apikey", "POST"), ("apikey", "PUT")})  # would make or change key pairs


def answer_call(world: World, call: Call) -> Answer:
    """Do what was asked of one resource.

    Raises:
        Refusal: Mailjet would say no.
    """
    if call.method == "GET":
        world.lag.begin_read(call.endpoint.name, world.clock())
    if call.endpoint.name == "metadata":
        return answer_metadata(call.method, call.key)
    if call.action:
        return answer_action(world, call)
    if not call.endpoint.offers(call.method):
        if world.settings.on("operation_refusal_is_empty"):
            return Answer(401, b"", (("Content-Type", "text/html"),))
        raise Refusal(401, "Operation not allowed")
    if (call.endpoint.name, call.method) in NOT_OFFERED:
        raise Refusal(403, f"The emulator does not offer {call.method} on {call.endpoint.name}")
    if call.key:
        return {"GET": _read, "PUT": _update, "DELETE": _delete}.get(call.method, _not_allowed)(world, call)
    return {"GET": _list, "POST": _create}.get(call.method, _not_allowed)(world, call)


def _not_allowed(world: World, call: Call) -> Answer:  # noqa: ARG001 - one signature for all
    if (call.endpoint.name, call.method) == ("contactdata", "PUT"):
        raise not_found()
    raise Refusal(405, "Method not allowed")


def _list(world: World, call: Call) -> Answer:
    world.rules(call.endpoint).check_query(call.query)
    return json_answer(200, list_rows(world, call.endpoint, call.query), newer=call.endpoint.is_newer)


def _read(world: World, call: Call) -> Answer:
    rows = world.rules(call.endpoint).several(call.key, world)
    if rows is not None:
        texts = [world.text(call.endpoint, row, call.query) for row in rows]
        return json_answer(200, envelope(texts, count=len(rows), total=len(rows), newer=False), newer=False)
    row = world.find(call.endpoint, call.key, to_read=True)
    answer = _one(world, call, row, status=200)
    world.drift(call.endpoint, [row])
    return answer


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
    only_read_only = bool(body) and all(known[name.casefold()].read_only for name in body if name.casefold() in known)
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
