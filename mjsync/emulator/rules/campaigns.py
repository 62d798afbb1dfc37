"""Campaigns (`campaign`), drafts (`campaigndraft`, `newsletter`), and filters by a row's campaign."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from mjsync.emulator.rules.base import AccountView, Fact, Query, RowTest, Rules
from mjsync.emulator.store import Row
from mjsync.emulator.values import TRUE_WORDS, timestamp

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
PERIODS = ("day", "week", "month", "year")


class CampaignFilterRules(Rules):
    """Filters that compare a row, or the message, campaign and sender it belongs to.

    Source: the reference of the message resources for the meaning of each filter.
    """

    # Filter to the properties it compares, in the first of the related rows that has one.
    joins: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Campaign": ("CampaignID",),
        "CampaignID": ("CampaignID",),
        "CampaignStatus": ("CampaignStatus",),
        "ContactsList": ("ListID",),
        "ContactsListID": ("ListID",),
        "CustomCampaign": ("CustomValue",),
        "CustomID": ("CustomID",),
        "From": ("FromEmail", "Email"),
        "FromDomain": ("FromEmail", "Email"),
        "FromID": ("FromID", "SenderID"),
        "FromType": ("FromType", "CampaignType"),
        "IsDeleted": ("IsDeleted",),
        "IsNewsletterTool": ("NewsLetterID",),
        "IsStarred": ("IsStarred",),
        "WorkflowID": ("WorkflowID",),
    }
    matches_missing = False  # whether a row without any of the properties matches every value
    facts: tuple[Fact, ...] = (
        Fact("messages, campaigns and events without a time", "happened when the state was loaded", "our choice",
             "rows of a state file"),
    )  # fmt: skip

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set the time of a row without one to now."""
        if self.time_field in self.endpoint.by_wire_name:
            row[self.time_field] = row[self.time_field] or account.now()

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by a period, or by a property of the row or a related one."""
        if name == "Period":
            start = period_start(value, account.now())
            return lambda row: row.get(self.time_field, "") >= start
        if name not in self.joins:
            return None
        kind = self.endpoint.all_filters[name.casefold()][1]

        def test(row: Row) -> bool:
            found = self._lookup(row, self.joins[name], account)
            if found is None and self.matches_missing:
                return True
            if kind == "TBooleanFilter":
                return bool(found) == TRUE_WORDS.get(value.casefold(), False)
            text = str(found).rpartition("@")[2] if name == "FromDomain" else str(found)
            return text.casefold() == value.casefold()

        return test

    def _lookup(self, row: Row, names: tuple[str, ...], account: AccountView) -> Any:
        for related in self.related_rows(row, account):
            for name in names:
                if related.get(name):
                    return related[name]
        return None

    def related_rows(self, row: Row, account: AccountView) -> Iterator[Row]:
        """Yield the row, then its message, campaign and sender, as far as they are stored."""
        yield row
        message = account.table("message").rows.get(row.get("MessageID") or row["ID"], {})
        yield message
        campaign = account.table("campaign").rows.get(_first("CampaignID", row, message), {})
        yield {**campaign, "CampaignStatus": campaign.get("Status")}
        sender = _first("FromID", row) or _first("SenderID", row, message)
        yield account.table("sender").rows.get(sender, {})


def _first(name: str, *rows: Row) -> int:
    """Return the first id of this name that is set in one of the rows, else 0."""
    return next((int(row[name]) for row in rows if row.get(name)), 0)


class CampaignRules(CampaignFilterRules):
    """A listing without a date shows only the campaigns of today (UTC)."""

    joins: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **CampaignFilterRules.joins,
        "CampaignID": ("ID",),
        "CampaignStatus": ("Status",),
    }
    facts: tuple[Fact, ...] = (
        Fact("campaign listing without a date", "only since 00:00 UTC today", "documentation", "16.2"),
        Fact("campaign Period", "since the start of the current day, week, month or year", "documentation", "16"),
    )

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide campaigns of earlier days unless a date, a period or a campaign is sent."""
        is_dated = query.keys() & {"fromts", "tots", "period", "campaignid", "customcampaign"}
        return not is_dated and row["CreatedAt"][:10] < account.now()[:10]

    def related_rows(self, row: Row, account: AccountView) -> Iterator[Row]:  # noqa: ARG002
        """Yield the campaign itself."""
        yield row

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Set the Status of the campaign's segment to used."""
        use_segment(account, row)


class DraftRules(Rules):
    """Campaign drafts and newsletters leave out references that are not set (recorded)."""

    facts = (
        Fact("campaigndraft references", "as ids, missing when unset", "recorded", "5.2"),
        Fact("campaigndraft new", "Status 0, EditMode tool2", "recorded", "campaigndraft-create-with-segment"),
        Fact("campaigndraft send, test, schedule", "refused, and counted", "our choice", "no mail is ever sent"),
        Fact(
            "campaigndraft schedule read", "ScheduledAt of its row in a state file, else 404", "our choice", "no sample"
        ),
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
        """Set the Status of a sent draft's segment to used."""
        if row["Status"] == SENT:
            use_segment(account, row)


def use_segment(account: AccountView, row: Row) -> None:
    """Set the Status of a sending's segment to used.

    Source: mjsync/docs/mailjet-api.md, section 9.
    """
    segment = account.table("contactfilter").rows.get(row.get("SegmentationID", 0))
    if segment is not None and segment["Status"] == "unused":
        account.write("contactfilter", {**segment, "Status": "used"})


def period_start(period: str, now: str) -> str:
    """Return the start of the current Day, Week (from Monday), Month or Year in UTC; empty for any other word."""
    if period.casefold() not in PERIODS:
        return ""
    day = datetime.fromisoformat(now).replace(hour=0, minute=0, second=0)
    starts = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }
    return timestamp(starts[period.casefold()].timestamp())
