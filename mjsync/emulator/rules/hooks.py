"""Addresses Mailjet calls: event webhooks (`eventcallbackurl`) and inbound mail (`parseroute`)."""

from collections.abc import Hashable

from mjsync.emulator.answers import Refusal, invalid_property
from mjsync.emulator.chance import letters
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Rules, Surroundings, Test, need_path
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import check_email

# Numbers of the event types in filters and in the MJ18 text (API sheet 14; the last four are our choice).
CODES = {
    name: number
    for number, name in enumerate(
        [
            "click",
            "bounce",
            "spam",
            "blocked",
            "unsub",
            "open",
            "sent",
            "typofix",
            "parseapi",
            "newsender",
            "newsenderautovalid",
        ],
        start=1,
    )
}
NAMES = {str(number): name for name, number in CODES.items()}
SEVEN = frozenset(name for name, number in CODES.items() if number <= CODES["sent"])


class WebhookRules(Rules):
    """One URL for each event type and backup flag."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("eventcallbackurl duplicate", "MJ18 with the type's number", "recorded", "API sheet 14"),
        Fact("eventcallbackurl Version left out", "1", "recorded", "API sheet 14"),
        Fact("eventcallbackurl userinfo in Url", "returned in clear", "recorded", "API sheet 14"),
        Fact("eventcallbackurl cloud queue fields", "accepted, in no answer", "recorded", "API sheet 14"),
        Fact("eventcallbackurl dead", "a new Url makes it alive", "documentation", "API sheet 14"),
    )

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:  # noqa: ARG002
        """The event type by name or number, the backup flag in lower case, false when left out."""
        backup = parts[1].casefold() if len(parts) > 1 else "false"
        return (NAMES.get(parts[0], parts[0].casefold()), {"1": "true", "0": "false"}.get(backup, backup))

    def complete(self, row: Row, world: Surroundings) -> None:
        """The caller's key, alive."""
        row["APIKeyID"] = row.get("APIKeyID") or world.account
        row["Status"] = row["Status"] or "alive"
        if not row["EventType"] and world.settings.on("webhook_without_type_is_open"):
            row["EventType"] = "open"

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """A type, and a URL with a path."""
        if not row["EventType"]:
            raise invalid_property("EventType", "MJ04 Value must have at least length 1")
        if world.settings.on("webhook_types_seven_only") and row["EventType"] not in SEVEN:
            raise invalid_property("EventType", f'"{row["EventType"]}" is not supported')
        need_path(row, world.settings)

    def duplicate(self, key: str, row: Row, settings: Settings) -> Refusal:  # noqa: ARG002
        """The recorded text: the number of the type, a bar, the flag."""
        value = f"{CODES[row['EventType']]}|{str(row['IsBackup']).lower()}"
        return Refusal(400, f'MJ18 A EventCallbackURL resource with value "{value}" for {key} already exists.')

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """Event types and statuses, by name or number."""
        spellings = {"EventType": NAMES, "Status": {"0": "dead", "1": "alive"}}.get(name)
        if spellings is None:
            return None
        word = spellings.get(wanted, wanted.casefold())
        return lambda row: bool(row[name] == word)

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A suspended hook wakes up at a new URL."""
        if before is not None and row["Status"] == "dead" and before["Url"] != row["Url"]:
            world.write("eventcallbackurl", {**row, "Status": "alive"})


class RouteRules(Rules):
    """Inbound addresses, one of them generated."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("parseroute without Email", "an address at parse-in1.mailjet.com is made", "documentation", "15"),
        Fact("parseroute second without Email", "400 MJ18 for Email", "our choice", "API sheet 19, row 30"),
        Fact("parseroute Email", "may be changed by PUT", "documentation", "API sheet 15"),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """The address."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:  # noqa: ARG002
        """Addresses in any case; what is no address is refused (API sheet 23, row 12)."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def complete(self, row: Row, world: Surroundings) -> None:
        """The caller's key and, where none was asked for, its one generated address."""
        row["APIKeyID"] = row.get("APIKeyID") or world.account
        if not row.get("Email"):
            text = letters(f"route {world.account}", 15, capitals=True)
            row["Email"] = f"{text[:4]}-{text[4:]}@parse-in1.mailjet.com"

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """A URL with a path, and what the plan and the senders allow."""
        if world.settings.on("parse_routes_need_plan"):
            raise Refusal(403, "Your plan does not include the Parse API")
        need_path(row, world.settings)
        domain = row["Email"].rpartition("@")[2].casefold()
        if world.settings.on("parse_route_domains_checked") and domain not in _domains(world):
            raise invalid_property("Email", f'"{domain}" is not a validated domain of the account')


def _domains(world: Surroundings) -> set[str]:
    """Domains of active senders, and the one Mailjet gives."""
    active = (each["Email"] for each in world.table("sender").rows.values() if each["Status"] == "Active")
    return {email.rpartition("@")[2].casefold() for email in active} | {"parse-in1.mailjet.com"}
