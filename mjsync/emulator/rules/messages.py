"""Messages (`message`), their history, sizes, event summaries, and the states of undelivered ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from mjsync.emulator.rules.base import AccountView, DerivedRows, Fact, Query, RowTest, is_number
from mjsync.emulator.rules.campaigns import CampaignFilterRules
from mjsync.emulator.store import Row
from mjsync.emulator.values import TRUE_WORDS

# MessageStatus numbers are the positions in this list. Source: the reference of the message resources.
STATUSES = (
    "processed", "queued", "sent", "opened", "clicked", "bounce", "spam", "unsub", "blocked", "softbounce",
    "hardbounce", "deferred",
)  # fmt: skip
# State ids with what they relate to. Source: the reference of the message resources.
MESSAGE_STATES = {
    1: ("user unknown", "recipient"),
    2: ("mailbox inactive", "recipient"),
    3: ("quota exceeded", "recipient"),
    4: ("invalid domain", "domain"),
    5: ("no mail host", "domain"),
    6: ("relay/access denied", "domain"),
    7: ("sender blocked", "spam"),
    8: ("content blocked", "spam"),
    9: ("policy issue", "spam"),
    10: ("system issue", "system"),
    11: ("protocol issue", "system"),
    12: ("connection issue", "system"),
    13: ("greylisted", "domain"),
    14: ("preblocked", "mailjet"),
    15: ("duplicate in campaign", "mailjet"),
    16: ("spam preblocked", "mailjet"),
    17: ("bad or empty template", "content"),
    18: ("error in template language", "content"),
    19: ("typofix", "domain"),
    20: ("blacklisted", "recipient"),
    21: ("spam reporter", "recipient"),
}
# What a message with a Status went through before.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "sent": ("sent",),
    "opened": ("sent", "opened"),
    "clicked": ("sent", "opened", "clicked"),
    "spam": ("sent", "spam"),
    "unsub": ("sent", "opened", "unsub"),
    "bounce": ("bounced",),
    "blocked": ("blocked",),
    "hardbounce": ("hardbounced",),
    "softbounce": ("softbounced",),
}


def status_name(status: str) -> str:
    """Return the name of a status that may be a number; `softbounced` and `softbounce` are the same."""
    if is_number(status) and int(status) < len(STATUSES):
        return STATUSES[int(status)]
    return status.casefold().removesuffix("d") if status.casefold().endswith("bounced") else status.casefold()


class MessageRules(CampaignFilterRules):
    """Messages have some columns that are empty unless requested."""

    time_field = "ArrivedAt"
    fields: ClassVar[Mapping[str, str]] = {"MessageState": "StateID"}
    facts: tuple[Fact, ...] = (
        Fact("message Subject, ContactAlt", "filled with ShowSubject, ShowContactAlt", "documentation", "16"),
        Fact("message MessageStatus", "by number or name", "documentation", "message reference"),
        Fact("message MessageState", "by number; 17 and 18 are template errors", "documentation", "message reference"),
        Fact("message From, FromDomain, ContactsList and others", "by its campaign and sender rows", "our choice",
             "rows of a state file"),
    )  # fmt: skip

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by status, and by the message's campaign and sender."""
        if name == "MessageStatus":
            expected = status_name(value)
            return lambda row: status_name(self._status(row, account)) == expected
        return super().filter(name, value, account)

    def _status(self, row: Row, account: AccountView) -> str:
        return next((each["Status"] for each in self.related_rows(row, account) if each.get("Status")), "")

    def to_wire(self, row: Row, query: Query) -> Row:
        """Leave Subject and ContactAlt empty unless requested."""
        wire = super().to_wire(row, query)
        for name in ("Subject", "ContactAlt"):
            if not TRUE_WORDS.get(query.get(f"show{name.casefold()}", "").casefold()):
                wire[name] = ""
        return wire


class HistoryRules(CampaignFilterRules):
    """The history of a message; rows of a state file refer to it by MessageID."""

    facts = (
        Fact("messagehistory of an unknown message", "200 with no rows", "recorded", "16"),
        Fact("messagehistory without stored events", "made from the message's Status", "our choice", "no source"),
    )

    def rows_for_key(self, key: str, account: AccountView) -> list[Row] | None:
        """Return the stored events of one message, or those that follow from its Status."""
        stored = [row for row in account.table("messagehistory").rows.values() if str(row.get("MessageID")) == key]
        message = account.table("message").rows.get(int(key)) if is_number(key) else None
        return stored or (history_of(message) if message else [])


def history_of(message: Row) -> list[Row]:
    """Return the events that a message's Status implies, all at its ArrivedAt."""
    at = int(datetime.fromisoformat(message["ArrivedAt"]).timestamp()) if message["ArrivedAt"] else 0
    state = MESSAGE_STATES.get(message.get("StateID", 0), ("", ""))[0]
    return [
        {"ID": 0, "Comment": "", "EventAt": at, "EventType": event, "State": state, "Useragent": "", "UseragentID": 0}
        for event in EVENTS.get(status_name(message["Status"]), ())
    ]


class InformationRules(MessageRules):
    """Message sizes and counters; those of messages without a row are derived from `message`."""

    time_field = "CreatedAt"
    facts = (Fact("messageinformation without a stored row", "made from the message", "our choice", "no source"),)

    def rows(self, account: AccountView) -> Mapping[int, Row]:
        """Return the stored rows, and derived ones for other messages."""
        return DerivedRows(super().rows(account), account.read_table("message").rows, self._derive)

    def to_wire(self, row: Row, query: Query) -> Row:
        """Show all columns."""
        return super(MessageRules, self).to_wire(row, query)

    @staticmethod
    def _derive(message: Row) -> Row:
        return {
            "ID": message["ID"],
            "CampaignID": message.get("CampaignID", 0),
            "ClickTrackedCount": int(message["IsClickTracked"]),
            "ContactID": message.get("ContactID", 0),
            "CreatedAt": message["ArrivedAt"],
            "MessageSize": message["MessageSize"],
            "OpenTrackedCount": int(message["IsOpenTracked"]),
            "QueuedCount": int(message["Status"] == "queued"),
            "SendEndAt": message["ArrivedAt"],
            "SentCount": message["AttemptCount"],
            "SpamAssassinRules": [],
            "SpamAssassinScore": message["SpamassassinScore"],
        }


class SentStatisticsRules(MessageRules):
    """Event summaries of messages; those of messages without a row are derived from `message`."""

    time_field = "ArrivalTs"
    facts = (
        Fact("messagesentstatistics without parameters", "only since 00:00 UTC today", "documentation",
             "message reference"),
        Fact("messagesentstatistics without AllMessages", "the first message of each campaign", "documentation",
             "message reference"),
        Fact("messagesentstatistics without a stored row", "made from the message", "our choice", "no source"),
    )  # fmt: skip

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Store the row under its message's id."""
        super().set_defaults(row, account)
        row["ID"] = row["MessageID"] = row["MessageID"] or row["ID"]

    def rows(self, account: AccountView) -> Mapping[int, Row]:
        """Return the stored rows, and derived ones for other messages."""
        return DerivedRows(super().rows(account), account.read_table("message").rows, self._derive)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide messages of earlier days if there are no parameters."""
        return not query.keys() - {"limit", "offset"} and row["ArrivalTs"][:10] < account.now()[:10]

    def select(self, rows: list[Row], query: Query) -> list[Row]:
        """Show the first message of each campaign with the campaign's number of recipients."""
        if TRUE_WORDS.get(query.get("allmessages", "").casefold()):
            return rows
        firsts: dict[int, Row] = {}
        for row in rows:
            campaign = row.get("CampaignID", 0)
            first = firsts.get(campaign, {**row, "CntRecipients": 0})
            firsts[campaign] = {**first, "CntRecipients": first["CntRecipients"] + 1}
        return list(firsts.values())

    def to_wire(self, row: Row, query: Query) -> Row:
        """Leave bounce and complaint details empty unless ShowExtraData is sent."""
        wire = super(MessageRules, self).to_wire(row, query)
        if not TRUE_WORDS.get(query.get("showextradata", "").casefold()):
            wire |= {name: "" for name in ("BounceDate", "BounceReason", "ComplaintDate", "FBLSource") if name in wire}
        return wire

    @staticmethod
    def _derive(message: Row) -> Row:
        status = status_name(message["Status"])
        events = {event.removesuffix("ed") for event in EVENTS.get(status, ())}
        return {
            "ID": message["ID"],
            "ArrivalTs": message["ArrivedAt"],
            "Blocked": status == "blocked",
            "Bounce": status.endswith("bounce"),
            "BounceDate": "",
            "BounceReason": "",
            "CampaignID": message.get("CampaignID", 0),
            "Click": "click" in events,
            "CntRecipients": 1,
            "ComplaintDate": "",
            "ContactID": message.get("ContactID", 0),
            "Details": MESSAGE_STATES.get(message.get("StateID", 0), ("", ""))[0],
            "FBLSource": "",
            "MessageID": message["ID"],
            "Open": "open" in events,
            "Queued": status == "queued",
            "Sent": "sent" in events,
            "Spam": status == "spam",
            "StateID": message.get("StateID", 0),
            "StatePermanent": message["StatePermanent"],
            "Status": message["Status"],
            "ToEmail": message["ContactAlt"],
            "Unsub": status == "unsub",
        }
