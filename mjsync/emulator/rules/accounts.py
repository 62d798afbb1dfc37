"""Senders (`sender`)."""

from collections.abc import Hashable

from mjsync.emulator.rules.base import AccountView, Fact, Query, RowTest, Rules
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS, check_email


class SenderRules(Rules):
    """Senders are addresses or domains that mail may come from."""

    facts = (
        Fact("sender deleted", "not listed; its address stays taken", "recorded", "error-400-mj18-sender"),
        Fact("sender new", "Inactive; the confirmation mail is only counted", "our choice", "no mail is sent"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """The address is unique in any case, among deleted senders too."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """The key is an address in any case."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def set_defaults(self, row: Row, account: AccountView) -> None:  # noqa: ARG002
        """A new sender is not confirmed."""
        row["Status"] = row["Status"] or "Inactive"
        row["EmailType"] = row["EmailType"] or "unknown"
        row["DNSID"] = row.get("DNSID") or (row["ID"] if row["Status"] == "Active" else -1)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:  # noqa: ARG002
        """Hide deleted senders unless ShowDeleted or Status is sent."""
        is_requested = "status" in query or TRUE_WORDS.get(query.get("showdeleted", "").casefold())
        return row["Status"] == "Deleted" and not is_requested

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter by parts of the address, and by domain senders."""
        if name == "Domain":
            return lambda row: row["Email"].rpartition("@")[2].casefold() == value.casefold()
        if name == "LocalPart":
            return lambda row: row["Email"].rpartition("@")[0].casefold() == value.casefold()
        if name == "IsDomainSender":
            truth = TRUE_WORDS.get(value.casefold(), False)
            return lambda row: row["Email"].startswith("*@") == truth
        return None

    def delete(self, row: Row, account: AccountView) -> None:
        """Set Status to Deleted."""
        account.write("sender", {**row, "Status": "Deleted"})


def may_send_as(email: str, account: AccountView) -> bool:
    """Whether an address or its domain is an active sender of the account."""
    domain = email.rpartition("@")[2].casefold()
    active = {each["Email"].casefold() for each in account.table("sender").rows.values() if each["Status"] == "Active"}
    return email.casefold() in active or f"*@{domain}" in active
