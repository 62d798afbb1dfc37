"""Senders (`sender`) and the DNS state of their domains (`dns`)."""

from collections.abc import Hashable, Mapping

from mjsync.emulator.responses import not_found
from mjsync.emulator.rules.base import AccountView, DerivedRows, Fact, Query, RowTest, Rules, is_number
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS, check_email, deterministic_text


class SenderRules(Rules):
    """Senders are addresses or domains that mail may come from."""

    facts = (
        Fact("sender deleted", "not listed; its address stays taken", "recorded", "error-400-mj18-sender"),
        Fact("sender new", "Inactive; the confirmation mail is only counted", "our choice", "no mail is sent"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Return the address, which is unique in any case, among deleted senders too."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """Return the key for an address in any case."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set a new sender unconfirmed, with the DNSID of its domain; inactive ones may have -1."""
        row["Status"] = row["Status"] or "Inactive"
        row["EmailType"] = row["EmailType"] or "unknown"
        domain = domain_of(row)
        stored = account.table("dns").id_of("Domain", (domain,))
        others = (each["DNSID"] for each in account.table("sender").rows.values() if domain_of(each) == domain)
        own = row["ID"] if row["Status"] == "Active" else -1
        row["DNSID"] = row.get("DNSID") or stored or next((each for each in others if each > 0), own)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:  # noqa: ARG002
        """Hide deleted senders unless ShowDeleted or Status is sent."""
        is_requested = "status" in query or TRUE_WORDS.get(query.get("showdeleted", "").casefold())
        return row["Status"] == "Deleted" and not is_requested

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter by parts of the address, and by domain senders."""
        if name == "Domain":
            return lambda row: domain_of(row) == value.casefold()
        if name == "LocalPart":
            return lambda row: row["Email"].rpartition("@")[0].casefold() == value.casefold()
        if name == "IsDomainSender":
            truth = TRUE_WORDS.get(value.casefold(), False)
            return lambda row: row["Email"].startswith("*@") == truth
        return None

    def delete(self, row: Row, account: AccountView) -> None:
        """Set Status to Deleted."""
        account.write("sender", {**row, "Status": "Deleted"})


class DnsRules(Rules):
    """DNS rows; the domain of a sender without one has a derived row in which SPF and DKIM are OK."""

    facts = (
        Fact("dns without a stored row", "SPFStatus and DKIMStatus OK for the domains of senders", "our choice",
             "no source"),
    )  # fmt: skip

    def resolve_key(self, key: str, account: AccountView) -> int:
        """Resolve an id or a domain."""
        if is_number(key):
            return int(key)
        found = next((row["ID"] for row in self.rows(account).values() if row["Domain"] == key.casefold()), None)
        if found is None:
            raise not_found()
        return int(found)

    def rows(self, account: AccountView) -> Mapping[int, Row]:
        """Return the stored rows, and derived ones for other domains of senders."""
        senders = account.read_table("sender").rows.values()
        sources = {each["DNSID"]: each for each in senders if each["DNSID"] > 0 and each["Status"] != "Deleted"}
        return DerivedRows(super().rows(account), sources, _derive_dns)


def _derive_dns(sender: Row) -> Row:
    domain = domain_of(sender)
    token = deterministic_text(domain, 32)
    return {
        "ID": sender["DNSID"],
        "DKIMRecordName": f"mailjet._domainkey.{domain}.",
        "DKIMRecordValue": f"k=rsa; p={token}",
        "DKIMStatus": "OK",
        "Domain": domain,
        "IsCheckInProgress": False,
        "LastCheckAt": sender["CreatedAt"],
        "OwnerShipToken": token,
        "OwnerShipTokenRecordName": f"mailjet._{token[:8]}.{domain}.",
        "SPFRecordValue": "v=spf1 include:spf.mailjet.com ?all",
        "SPFStatus": "OK",
    }


def domain_of(row: Row) -> str:
    """Return the domain of a sender, in lower case."""
    return str(row["Email"]).rpartition("@")[2].casefold()


def may_send_as(email: str, account: AccountView) -> bool:
    """Return whether an address or its domain is an active sender of the account."""
    domain = email.rpartition("@")[2].casefold()
    active = {each["Email"].casefold() for each in account.table("sender").rows.values() if each["Status"] == "Active"}
    return email.casefold() in active or f"*@{domain}" in active
