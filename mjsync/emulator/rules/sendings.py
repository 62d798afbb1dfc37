"""What was sent or will be: campaigns, drafts, newsletters, messages and counters."""

from collections.abc import Mapping
from typing import ClassVar

from mjsync.emulator.answers import Refusal
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Query, Rules, Surroundings, Test
from mjsync.emulator.store import Row
from mjsync.emulator.values import TRUE_WORDS

CAMPAIGN_FIELDS = {
    "CampaignID": "CampaignID",
    "ContactsListID": "ListID",
    "CustomCampaign": "CustomValue",
    "From": "FromEmail",
}
SENT, DELETED, ARCHIVED = 2, -2, -1
STATES = {
    -3: "AXCanceled",
    -2: "Deleted",
    -1: "Archived",
    0: "Draft",
    1: "Programmed",
    2: "Sent",
    3: "AXTested",
}


class CampaignRules(Rules):
    """Campaigns; without a date, only today's are listed."""

    fields: ClassVar[Mapping[str, str]] = {**CAMPAIGN_FIELDS, "CampaignID": "ID", "ContactsList": "ListID"}
    facts = (Fact("campaign listing without a date", "only since 00:00 UTC today", "documentation", "16.2"),)

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:
        """Earlier days show when a date or a period is asked for."""
        is_dated = query.keys() & {"fromts", "tots", "period", "campaignid", "customcampaign"}
        return not is_dated and row["CreatedAt"][:10] < world.now()[:10]

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """The sender's domain; a period only lifts today's bound."""
        if name == "FromDomain":
            return lambda row: row["FromEmail"].rpartition("@")[2].casefold() == wanted.casefold()
        return (lambda _: True) if name == "Period" else None

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """A segment that was sent to is used."""
        use_segment(world, row)


class DraftRules(Rules):
    """Campaign drafts and newsletters: references are missing when unset (recorded)."""

    facts = (
        Fact("campaigndraft references", "as ids, missing when unset", "recorded", "API sheet 5.2"),
        Fact("campaigndraft new", "Status 0, EditMode tool2", "recorded", "campaigndraft-create-with-segment"),
        Fact("campaigndraft send, test, schedule", "refused, and counted", "our choice", "no mail is ever sent"),
    )

    def complete(self, row: Row, world: Surroundings) -> None:
        """A new draft is one, in the mode of the web editor."""
        row["CreatedAt"] = row["CreatedAt"] or world.now()
        row["EditMode"] = row["EditMode"] or "tool2"

    def touch(self, row: Row, world: Surroundings) -> None:
        """Changes are dated."""
        row["ModifiedAt"] = world.now()

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """Deleted and archived are states."""
        states = {"IsDeleted": DELETED, "IsArchived": ARCHIVED}
        if name not in states:
            return None
        truth = TRUE_WORDS.get(wanted.casefold(), False)
        return lambda row: (row["Status"] == states[name]) == truth

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """A segment that was sent to is used."""
        if row["Status"] == SENT:
            use_segment(world, row)


def use_segment(world: Surroundings, row: Row) -> None:
    """Turn the segment of a sending from unused to used (API sheet 9)."""
    segment = world.table("contactfilter").rows.get(row.get("SegmentationID", 0))
    if segment is not None and segment["Status"] == "unused":
        world.write("contactfilter", {**segment, "Status": "used"})


class MessageRules(Rules):
    """Single messages; some columns show only on demand."""

    time_field = "ArrivedAt"
    fields: ClassVar[Mapping[str, str]] = {
        "MessageStatus": "Status",
        "From": "FromID",
        "MessageState": "StateID",
    }
    facts = (Fact("message Subject, ContactAlt", "filled with ShowSubject, ShowContactAlt", "documentation", "16"),)

    def shown(self, row: Row, query: Query) -> Row:
        """Subject, address and custom id are empty unless asked for."""
        shown = super().shown(row, query)
        for name in ("Subject", "ContactAlt"):
            if not TRUE_WORDS.get(query.get(f"show{name.casefold()}", "").casefold()):
                shown[name] = ""
        return shown


class HistoryRules(Rules):
    """What happened to one message: rows of a state file name it as MessageID."""

    facts = (Fact("messagehistory of an unknown message", "200 with no rows", "recorded", "API sheet 16"),)

    def several(self, key: str, world: Surroundings) -> list[Row] | None:
        """The events of the message a path names."""
        return [row for row in world.table("messagehistory").rows.values() if str(row.get("MessageID")) == key]


class InformationRules(Rules):
    """Messages with their size and counters."""

    fields: ClassVar[Mapping[str, str]] = {"ContactsList": "ListID", "ContactsListID": "ListID"}


class CounterRules(Rules):
    """Statistics; rows of a state file may name CounterSource, CounterTiming and CounterResolution."""

    time_field = "Timeslice"
    needed = ("CounterSource", "CounterTiming", "CounterResolution")
    facts = (Fact("statcounters without its filters", "400; the text is ours", "documentation", "API sheet 16.2"),)

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:  # noqa: ARG002
        """What was counted, how and in what steps must fit where the row says it."""
        return any(name in row and row[name].casefold() != query[name.casefold()].casefold() for name in self.needed)

    def check_query(self, query: Query) -> None:
        """Refuse a query that does not say what to count."""
        missing = [name for name in self.needed if not query.get(name.casefold())]
        source = query.get("countersource", "").casefold()
        if source in {"campaign", "list"} and not query.get("sourceid"):
            missing.append("SourceID")
        if query.get("counterresolution", "").casefold() != "lifetime" and not query.get("fromts"):
            missing.append("FromTS")
        if missing:
            raise Refusal(400, f"Missing mandatory filter: {missing[0]}")
        if source == "sender" and query["countertiming"].casefold() == "event":
            raise Refusal(400, "CounterTiming Event is not available for CounterSource Sender")
