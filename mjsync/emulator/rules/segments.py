"""Segments: `contactfilter`."""

from mjsync.emulator.answers import Refusal
from mjsync.emulator.expression import Unparsable, normalised, properties_of
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Query, Rules, Surroundings, need_length
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS


class SegmentRules(Rules):
    """Soft deletes by Status, and a name a deleted row may still hold."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("contactfilter delete", "soft: Status becomes deleted", "documentation", "API sheet 9"),
        Fact("contactfilter restore", "PUT Status unused", "documentation", "API sheet 9"),
        Fact(
            "contactfilter Status",
            "unused becomes used when a sending uses it",
            "documentation",
            "API sheet 9",
        ),
        Fact("contactfilter created as used", "accepted", "recorded", "API sheet 9"),
        Fact("contactfilter Name and Expression", "refused when empty", "our choice", "API sheet 9"),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:
        """The name, of deleted rows too while the switch says so."""
        if row["Status"] == "deleted" and not settings.on("deleted_segment_blocks_name"):
            return {}
        return {"Name": (row["Name"],)}

    def complete(self, row: Row, world: Surroundings) -> None:
        """Rewrite the expression, if the switch says so."""
        if world.settings.on("expression_normalised"):
            row["Expression"] = normalised(row["Expression"])

    def touch(self, row: Row, world: Surroundings) -> None:
        """The same on a change."""
        self.complete(row, world)

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A segment has a name and an expression that parses."""
        is_live = before is not None and before["Status"] != "deleted"
        if is_live and world.settings.on("segment_put_only_when_deleted"):
            raise Refusal(400, "Only deleted segments can be updated, and only to unused")
        need_length(row, "Name")
        need_length(row, "Expression")
        if before is None or before["Expression"] != row["Expression"]:
            _check_expression(row["Expression"], world)

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:
        """Deleted segments show when asked for."""
        if row["Status"] != "deleted" or "status" in query:
            return False
        asked = query.get("showdeleted")
        if asked is None:
            return not world.settings.on("deleted_segments_listed")
        return not TRUE_WORDS.get(asked.casefold())

    def drifted(self, row: Row, world: Surroundings) -> Row:  # noqa: ARG002
        """A sending used it."""
        return {**row, "Status": "used"} if row["Status"] == "unused" else row

    def delete(self, row: Row, world: Surroundings) -> None:
        """Mark it deleted."""
        drafts = world.table("campaigndraft").rows.values()
        is_used = any(each.get("SegmentationID") == row["ID"] for each in drafts)
        if is_used and world.settings.on("used_segment_delete_refused"):
            raise Refusal(400, "The segment is used in a campaign draft")
        world.write("contactfilter", {**row, "Status": "deleted"})


def _check_expression(text: str, world: Surroundings) -> None:
    """Refuse what does not parse. Whether Mailjet does is unknown (API sheet 19, row 8); the text is ours."""
    if not world.settings.on("segment_syntax_checked"):
        return
    try:
        names = properties_of(text)
    except Unparsable as error:
        raise Refusal(400, f"Invalid expression (emulator): {error}") from error
    known = {each["Name"].casefold() for each in world.table("contactmetadata").rows.values()}
    unknown = sorted(name for name in names if name.casefold() not in known)
    if unknown and world.settings.on("segment_properties_checked"):
        raise Refusal(400, f'Invalid expression (emulator): unknown property "{unknown[0]}"')
