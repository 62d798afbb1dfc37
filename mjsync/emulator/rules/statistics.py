"""Counters (`statcounters`) and the legacy statistics, from stored rows or derived from messages and lists."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from mjsync.emulator.responses import ApiError
from mjsync.emulator.rules.base import AccountView, DerivedRows, Fact, Query, RowTest, Rules
from mjsync.emulator.rules.campaigns import CampaignFilterRules
from mjsync.emulator.rules.messages import status_name
from mjsync.emulator.store import Row
from mjsync.emulator.values import timestamp

SECONDS = {"highest": 300, "hour": 3600, "day": 86400}
# Message status to the counters of a message that reached it.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "queued": ("MessageQueuedCount",),
    "sent": ("MessageSentCount",),
    "opened": ("MessageSentCount", "MessageOpenedCount"),
    "clicked": ("MessageSentCount", "MessageOpenedCount", "MessageClickedCount"),
    "spam": ("MessageSentCount", "MessageSpamCount"),
    "unsub": ("MessageSentCount", "MessageUnsubscribedCount"),
    "blocked": ("MessageBlockedCount",),
    "hardbounce": ("MessageHardBouncedCount",),
    "softbounce": ("MessageSoftBouncedCount",),
    "bounce": ("MessageHardBouncedCount",),
    "deferred": ("MessageDeferredCount",),
}


class StatisticsRules(CampaignFilterRules):
    """Legacy statistics; a row without the property of a filter matches every value."""

    matches_missing = True
    fields: ClassVar[Mapping[str, str]] = {
        "Click": "ClickedCount",
        "Open": "OpenedCount",
        "Sent": "DeliveredCount",
        "Spam": "SpamComplaintCount",
    }
    facts: tuple[Fact, ...] = (
        Fact("legacy statistics", "the stored rows; a filter on what a row does not have is ignored", "our choice",
             "no source"),
    )  # fmt: skip


class BounceRules(CampaignFilterRules):
    """Bounces, by the date of the bounce."""

    time_field = "BouncedAt"
    fields: ClassVar[Mapping[str, str]] = {"EventFromTs": "BouncedAt", "EventToTs": "BouncedAt"}


class ClickRules(CampaignFilterRules):
    """Clicks, by the date of the click."""

    time_field = "ClickedAt"
    fields: ClassVar[Mapping[str, str]] = {"EventFromTs": "ClickedAt", "EventToTs": "ClickedAt"}


class OpenRules(CampaignFilterRules):
    """Opens, by the date of the message, or of the opening."""

    time_field = "ArrivedAt"
    fields: ClassVar[Mapping[str, str]] = {"EventFromTs": "OpenedAt", "EventToTs": "OpenedAt"}


class ListStatisticsRules(StatisticsRules):
    """Statistics of lists; those of lists without a row are derived from `contactslist`."""

    fields: ClassVar[Mapping[str, str]] = {**StatisticsRules.fields, "ContactsListID": "ID"}
    joins: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    facts = (Fact("liststatistics without a stored row", "made from the list, counts 0", "our choice", "no source"),)

    def rows(self, account: AccountView) -> Mapping[int, Row]:
        """Return the stored rows, and derived ones for other lists."""
        return DerivedRows(super().rows(account), account.read_table("contactslist").rows, self._derive)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:  # noqa: ARG002
        """Hide deleted lists unless IsDeleted is sent."""
        return bool(row["IsDeleted"]) and "isdeleted" not in query

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by ExcludeID."""
        if name == "ExcludeID":
            return lambda row: str(row["ID"]) != value
        return super().filter(name, value, account)

    def _derive(self, row: Row) -> Row:
        counts = {each.wire: 0 for each in self.endpoint.properties if each.type in {"Int64", "LongInt"}}
        return {**counts, "LastActivityAt": "", **row}


class RecipientStatisticsRules(StatisticsRules):
    """Statistics of list memberships, filtered by the list and contact of the membership."""

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by the membership's list or contact."""
        field = {"ContactsList": "ListID", "Contact": "ContactID"}.get(name)
        if field is None:
            return super().filter(name, value, account)
        members = account.table("listrecipient").rows
        return lambda row: str(members.get(row.get("ListRecipientID", 0), row).get(field)) == value


class CounterRules(Rules):
    """Counters; stored rows may have CounterSource, CounterTiming and CounterResolution.

    Without stored rows they are derived from `message`. Source: mjsync/docs/mailjet-api.md, section 16.2.
    """

    time_field = "Timeslice"
    required = ("CounterSource", "CounterTiming", "CounterResolution")
    facts = (
        Fact("statcounters without its filters", "400; the text is our choice", "documentation", "16.2"),
        Fact("statcounters without stored rows", "counted from the messages", "our choice", "no source"),
    )

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

    def listed_rows(self, query: Query, account: AccountView) -> Iterable[Row]:
        """Return the stored rows, or counters of the messages if none is stored."""
        stored = account.read_table("statcounters").rows
        return stored.values() if stored else self._count(query, account)

    def _count(self, query: Query, account: AccountView) -> Iterable[Row]:
        seconds = SECONDS.get(query["counterresolution"].casefold())
        counts: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
        for message in account.read_table("message").rows.values():
            source = _source_id(query["countersource"].casefold(), message, account)
            slice_start = _slice(message["ArrivedAt"], seconds)
            counts[source, slice_start].update([*COUNTED.get(status_name(message["Status"]), ()), "Total"])
        blank = {each.wire: 0 for each in self.endpoint.properties}
        for number, ((source, start), counter) in enumerate(sorted(counts.items()), start=1):
            row = {"ID": number, "APIKeyID": account.id, "SourceID": source, "Timeslice": start}
            yield {**blank, **counter, **row}


def _source_id(source: str, message: Row, account: AccountView) -> int:
    """Return the id of the key, campaign, list or sender that a message is counted for."""
    if source == "campaign":
        return int(message.get("CampaignID", 0))
    if source == "list":
        return int(account.table("campaign").rows.get(message.get("CampaignID", 0), {}).get("ListID", 0))
    return int(message.get("SenderID", 0)) if source == "sender" else account.id


def _slice(at: str, seconds: int | None) -> str:
    """Return the start of the time slice of a message; empty for the whole lifetime."""
    if seconds is None or not at:
        return ""
    moment = int(datetime.fromisoformat(at).timestamp())
    return timestamp(moment - moment % seconds)
