"""A template's content: `template/{id}/detailcontent`, where POST replaces and PUT merges (API sheet 11)."""

from collections.abc import Mapping
from types import UnionType
from typing import Any

from mjsync.emulator.answers import Refusal, newer_text, not_found
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.rules.templates import CONTENT
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

PARTS = ("MJMLContent", "Html-part", "Text-part", "Headers")
EMPTY: Mapping[str, Any] = {"MJMLContent": None, "Html-part": None, "Text-part": None, "Headers": {}}
NEVER_SHOWN = frozenset({"ID"})


def read_content(world: World, template: Row) -> str:
    """The content as JSON.

    Raises:
        Refusal: 404, if the switch says so and nothing was ever stored.
    """
    table = world.table(CONTENT)
    row = table.rows.get(template["ID"])
    if row is None:
        if world.settings.on("empty_content_is_404"):
            raise not_found()
        return newer_text(dict(EMPTY))
    if template["ID"] not in table.texts:
        table.texts[template["ID"]] = newer_text({part: row[part] for part in PARTS})
    return table.texts[template["ID"]]


def write_content(world: World, template: Row, body: Mapping[str, Any], *, is_replaced: bool) -> bool:
    """Store content and say whether it changed; parts left out become empty if it is replaced, else stay.

    Raises:
        Refusal: a part of the wrong type, or what a switch refuses.
    """
    before = world.table(CONTENT).rows.get(template["ID"], {"ID": template["ID"], **EMPTY})
    sent = _sent(world, body)
    row = {**({"ID": template["ID"], **EMPTY} if is_replaced else before), **sent}
    if is_replaced and "Headers" not in sent and world.settings.on("content_post_keeps_headers"):
        row["Headers"] = before["Headers"]
    if row["MJMLContent"] and not row["Html-part"]:
        row = _without_html(world, row)
    is_changed = row != before or template["ID"] not in world.table(CONTENT).rows
    if is_changed:
        world.write(CONTENT, row)
        _touch(world, template)
    return is_changed


def _sent(world: World, body: Mapping[str, Any]) -> Row:
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


def _touch(world: World, template: Row) -> None:
    """A new version: the date moves, a new preview is drawn."""
    row = {**template, "LastUpdatedAt": world.now()}
    row["Previews"] = [template["ID"] * 10 + (template["Previews"] or [0])[0] % 10 + 1]
    world.write("template", row)


def seed_content(world: World, template: Row, content: Mapping[str, Any]) -> None:
    """Put content there as a state file has it."""
    world.write(
        CONTENT, {"ID": template["ID"], **EMPTY, **{part: content[part] for part in PARTS if part in content}}
    )


def is_template(resource: str) -> bool:
    """Whether rows of this resource have their content beside them."""
    return resource == endpoints()["template"].name
