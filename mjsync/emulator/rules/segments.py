"""Segments: `contactfilter`."""

from mjsync.emulator.answers import Refusal
from mjsync.emulator.fidelity import Fact
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

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A segment has a name and an expression."""
        if (
            before is not None
            and before["Status"] != "deleted"
            and world.settings.on("segment_put_only_when_deleted")
        ):
            raise Refusal(400, "Only deleted segments can be updated, and only to unused")
        need_length(row, "Name")
        need_length(row, "Expression")

    def hides(self, row: Row, query: Query, settings: Settings) -> bool:
        """Deleted segments show when asked for."""
        if row["Status"] != "deleted" or "status" in query:
            return False
        asked = query.get("showdeleted")
        return not (
            settings.on("deleted_segments_listed") if asked is None else TRUE_WORDS.get(asked.casefold())
        )

    def matches(self, name: str, wanted: str, row: Row) -> bool | None:  # noqa: ARG002
        """ShowDeleted is not about a row's own value."""
        return True if name == "ShowDeleted" else None

    def delete(self, row: Row, world: Surroundings) -> None:
        """Mark it deleted."""
        drafts = world.table("campaigndraft").rows.values()
        is_used = any(each.get("SegmentationID") == row["ID"] for each in drafts)
        if is_used and world.settings.on("used_segment_delete_refused"):
            raise Refusal(400, "The segment is used in a campaign draft")
        world.write("contactfilter", {**row, "Status": "deleted"})
