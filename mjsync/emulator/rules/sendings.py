"""Campaigns, drafts, newsletters, messages and counters."""

from collections.abc import Mapping
from typing import ClassVar

from mjsync.emulator.responses import ApiError
from mjsync.emulator.rules.base import AccountView, Fact, Query, RowTest, Rules
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
    """A listing without a date shows only the campaigns of today (UTC)."""

    fields: ClassVar[Mapping[str, str]] = {**CAMPAIGN_FIELDS, "CampaignID": "ID", "ContactsList": "ListID"}
    facts = (Fact("campaign listing without a date", "only since 00:00 UTC today", "documentation", "16.2"),)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide campaigns of earlier days unless a date, a period or a campaign is sent."""
        is_dated = query.keys() & {"fromts", "tots", "period", "campaignid", "customcampaign"}
        return not is_dated and row["CreatedAt"][:10] < account.now()[:10]

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter by the sender's domain; a period only removes the default window."""
        if name == "FromDomain":
            return lambda row: row["FromEmail"].rpartition("@")[2].casefold() == value.casefold()
        return (lambda _: True) if name == "Period" else None

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Set the Status of the campaign's segment to used."""
        use_segment(account, row)


class DraftRules(Rules):
    """Campaign drafts and newsletters leave out references that are not set (recorded)."""

    facts = (
        Fact("campaigndraft references", "as ids, missing when unset", "recorded", "5.2"),
        Fact("campaigndraft new", "Status 0, EditMode tool2", "recorded", "campaigndraft-create-with-segment"),
        Fact("campaigndraft send, test, schedule", "refused, and counted", "our choice", "no mail is ever sent"),
    )

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set date and EditMode of a new draft."""
        row["CreatedAt"] = row["CreatedAt"] or account.now()
        row["EditMode"] = row["EditMode"] or "tool2"

    def before_update(self, row: Row, account: AccountView) -> None:
        """Set the date of the change."""
        row["ModifiedAt"] = account.now()

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter by the deleted and archived status."""
        states = {"IsDeleted": DELETED, "IsArchived": ARCHIVED}
        if name not in states:
            return None
        truth = TRUE_WORDS.get(value.casefold(), False)
        return lambda row: (row["Status"] == states[name]) == truth

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Set the Status of the campaign's segment to used."""
        if row["Status"] == SENT:
            use_segment(account, row)


def use_segment(account: AccountView, row: Row) -> None:
    """Set the Status of a sending's segment to used.

    Source: mjsync/docs/mailjet-api.md, section 9.
    """
    segment = account.table("contactfilter").rows.get(row.get("SegmentationID", 0))
    if segment is not None and segment["Status"] == "unused":
        account.write("contactfilter", {**segment, "Status": "used"})


class MessageRules(Rules):
    """Messages have some columns that are empty unless requested."""

    time_field = "ArrivedAt"
    fields: ClassVar[Mapping[str, str]] = {
        "MessageStatus": "Status",
        "From": "FromID",
        "MessageState": "StateID",
    }
    facts = (Fact("message Subject, ContactAlt", "filled with ShowSubject, ShowContactAlt", "documentation", "16"),)

    def to_wire(self, row: Row, query: Query) -> Row:
        """Leave Subject and ContactAlt empty unless requested."""
        to_wire = super().to_wire(row, query)
        for name in ("Subject", "ContactAlt"):
            if not TRUE_WORDS.get(query.get(f"show{name.casefold()}", "").casefold()):
                to_wire[name] = ""
        return to_wire


class HistoryRules(Rules):
    """The history of a message; rows of a state file refer to it by MessageID."""

    facts = (Fact("messagehistory of an unknown message", "200 with no rows", "recorded", "16"),)

    def rows_for_key(self, key: str, account: AccountView) -> list[Row] | None:
        """The events of one message."""
        return [row for row in account.table("messagehistory").rows.values() if str(row.get("MessageID")) == key]


class InformationRules(Rules):
    """Message sizes and counters."""

    fields: ClassVar[Mapping[str, str]] = {"ContactsList": "ListID", "ContactsListID": "ListID"}


class CounterRules(Rules):
    """Counters; rows of a state file may have CounterSource, CounterTiming and CounterResolution."""

    time_field = "Timeslice"
    required = ("CounterSource", "CounterTiming", "CounterResolution")
    facts = (Fact("statcounters without its filters", "400; the text is our choice", "documentation", "16.2"),)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:  # noqa: ARG002
        """Hide rows with another source, timing or resolution than requested."""
        return any(name in row and row[name].casefold() != query[name.casefold()].casefold() for name in self.required)

    def validate_query(self, query: Query) -> None:
        """Require the mandatory filters."""
        missing = [name for name in self.required if not query.get(name.casefold())]
        source = query.get("countersource", "").casefold()
        if source in {"campaign", "list"} and not query.get("sourceid"):
            missing.append("SourceID")
        if query.get("counterresolution", "").casefold() != "lifetime" and not query.get("fromts"):
            missing.append("FromTS")
        if missing:
            raise ApiError(400, f"Missing mandatory filter: {missing[0]}")
        if source == "sender" and query["countertiming"].casefold() == "event":
            raise ApiError(400, "CounterTiming Event is not available for CounterSource Sender")
