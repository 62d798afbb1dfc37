"""What a template or draft says: `…/{id}/detailcontent`; POST replaces, PUT merges (API sheet 11)."""

from collections.abc import Mapping
from types import UnionType
from typing import Any

from mjsync.emulator.answers import Refusal, classic_text, newer_text, not_found
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.rules.templates import next_preview
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

PARTS = ("MJMLContent", "Html-part", "Text-part", "Headers")
EMPTY: Mapping[str, Any] = {"MJMLContent": None, "Html-part": None, "Text-part": None, "Headers": {}}


def content_of(resource: str) -> str:
    """The name of the table that holds a resource's content."""
    return f"{resource}/detailcontent"


def read_content(world: World, endpoint: Endpoint, owner: Row) -> str:
    """The content as JSON.

    Raises:
        Refusal: 404, if the switch says so and nothing was ever stored.
    """
    row = world.seen(content_of(endpoint.name)).rows.get(owner["ID"])
    if row is None and world.settings.on("empty_content_is_404"):
        raise not_found()
    shown = {part: (row or EMPTY)[part] for part in PARTS}
    return newer_text(shown) if endpoint.is_newer else classic_text(shown)


def write_content(world: World, endpoint: Endpoint, owner: Row, body: Mapping[str, Any], *, is_replaced: bool) -> bool:
    """Store content and say whether it changed; parts left out become empty if it is replaced, else stay.

    Raises:
        Refusal: a part of the wrong type, or what a switch refuses.
    """
    blank = {"ID": owner["ID"], **EMPTY}
    known = world.table(content_of(endpoint.name)).rows.get(owner["ID"])
    before = known or blank
    sent = _sent(world, body)
    row = {**(blank if is_replaced else before), **sent}
    if "Headers" not in sent and world.settings.on("content_post_keeps_headers"):
        row["Headers"] = before["Headers"]
    if row["MJMLContent"] and not row["Html-part"]:
        row = _without_html(world, row)
    if row == known:
        return False
    world.write(content_of(endpoint.name), row)
    if "LastUpdatedAt" in owner:
        world.write(endpoint.name, {**owner, "LastUpdatedAt": world.now(), "Previews": next_preview(owner)})
    return True


def _sent(world: World, body: Mapping[str, Any]) -> Row:
    """The parts a body has; other names are ignored (API sheet 5.2)."""
    spelled = {part.casefold(): part for part in PARTS}
    if world.settings.on("mjml_part_accepted"):
        spelled["mjml-part"] = "MJMLContent"
    sent = {spelled[name.casefold()]: value for name, value in body.items() if name.casefold() in spelled}
    for part in ("Html-part", "Text-part"):
        _check(part, sent.get(part), str)
        if isinstance(sent.get(part), str) and world.settings.on("crlf_becomes_lf"):
            sent[part] = sent[part].replace("\r\n", "\n")
    _check("MJMLContent", sent.get("MJMLContent"), str | dict)
    _check("Headers", sent.get("Headers"), dict)
    if "Headers" in sent:
        sent["Headers"] = sent["Headers"] or {}
    return sent


def _check(part: str, value: Any, kind: type | UnionType) -> None:
    if value is not None and not isinstance(value, kind):
        expected = "object" if kind is dict else "string"
        raise Refusal(400, f'Type mismatch. Expected type "{expected}".', code="mj-0004", related=(part,))


def _without_html(world: World, row: Row) -> Row:
    if world.settings.on("mjml_only_refused"):
        raise Refusal(400, "Properties not supported in JSON payload")
    if world.settings.on("mjml_compiled"):
        return {**row, "Html-part": f"<!-- made by the server -->{row['MJMLContent']}"}
    return row


def seed_content(world: World, resource: str, owner: Row, content: Mapping[str, Any]) -> None:
    """Put content there as a state file has it."""
    parts = {part: content[part] for part in PARTS if part in content}
    world.write(content_of(resource), {"ID": owner["ID"], **EMPTY, **parts})
