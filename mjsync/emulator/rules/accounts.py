"""Who sends, and with what key: `sender`, `apikey`, `user`."""

from collections.abc import Hashable

from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Query, Rules, Surroundings, Test
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS, check_email


class SenderRules(Rules):
    """Addresses and domains mail may come from."""

    facts = (
        Fact("sender deleted", "not listed, and still holds its address", "recorded", "error-400-mj18-sender"),
        Fact("sender new", "Inactive; the confirmation mail is only counted", "our choice", "no mail is sent"),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """The address, in any case, also of deleted rows."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:  # noqa: ARG002
        """An address in any case."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def complete(self, row: Row, world: Surroundings) -> None:  # noqa: ARG002
        """Nobody has confirmed it yet."""
        row["Status"] = row["Status"] or "Inactive"
        row["EmailType"] = row["EmailType"] or "unknown"
        row["DNSID"] = row.get("DNSID") or (row["ID"] if row["Status"] == "Active" else -1)

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:  # noqa: ARG002
        """Deleted senders show when asked for."""
        is_asked = "status" in query or TRUE_WORDS.get(query.get("showdeleted", "").casefold())
        return row["Status"] == "Deleted" and not is_asked

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """Parts of the address; whole domains."""
        if name == "Domain":
            return lambda row: row["Email"].rpartition("@")[2].casefold() == wanted.casefold()
        if name == "LocalPart":
            return lambda row: row["Email"].rpartition("@")[0].casefold() == wanted.casefold()
        if name == "IsDomainSender":
            truth = TRUE_WORDS.get(wanted.casefold(), False)
            return lambda row: row["Email"].startswith("*@") == truth
        return None

    def delete(self, row: Row, world: Surroundings) -> None:
        """Mark it deleted."""
        world.write("sender", {**row, "Status": "Deleted"})


def may_send_as(email: str, world: Surroundings) -> bool:
    """Whether an address or its domain is an active sender of the account."""
    domain = email.rpartition("@")[2].casefold()
    active = {each["Email"].casefold() for each in world.table("sender").rows.values() if each["Status"] == "Active"}
    return email.casefold() in active or f"*@{domain}" in active
