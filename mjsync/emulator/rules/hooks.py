"""Event webhooks (`eventcallbackurl`) and routes for inbound mail (`parseroute`)."""

from collections.abc import Hashable

from mjsync.emulator.responses import ApiError, invalid_property
from mjsync.emulator.rules.base import AccountView, Fact, RowTest, Rules, mj18_error, require_url_path
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import check_email, deterministic_text

# Numbers of the event types in filters and in the MJ18 text; the last four are our choice.
# Source: mjsync/docs/mailjet-api.md, section 14.
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
    """There is one webhook for each event type and backup flag."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("eventcallbackurl duplicate", "MJ18 with the type's number", "recorded", "14"),
        Fact("eventcallbackurl Version left out", "1", "recorded", "14"),
        Fact("eventcallbackurl userinfo in Url", "returned in clear", "recorded", "14"),
        Fact("eventcallbackurl cloud queue fields", "accepted, in no response", "recorded", "14"),
        Fact("eventcallbackurl dead", "a new Url makes it alive", "documentation", "14"),
    )

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """Return the key for an event type by name or number, and a backup flag, by default false."""
        backup = parts[1].casefold() if len(parts) > 1 else "false"
        return (NAMES.get(parts[0], parts[0].casefold()), {"1": "true", "0": "false"}.get(backup, backup))

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set the caller's key and Status alive."""
        row["APIKeyID"] = row.get("APIKeyID") or account.id
        row["Status"] = row["Status"] or "alive"
        if not row["EventType"] and account.settings.on("webhook_without_type_is_open"):
            row["EventType"] = "open"

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Require a known event type, and a URL with a path."""
        if not row["EventType"]:
            raise invalid_property("EventType", "MJ04 Value must have at least length 1")
        if account.settings.on("webhook_types_seven_only") and row["EventType"] not in SEVEN:
            raise invalid_property("EventType", f'"{row["EventType"]}" is not supported')
        require_url_path(row, account.settings)

    def duplicate_error(self, key: str, row: Row, settings: Settings) -> ApiError:  # noqa: ARG002
        """Return the recorded error, with the number of the type, a bar and the flag."""
        value = f"{CODES[row['EventType']]}|{str(row['IsBackup']).lower()}"
        return mj18_error("EventCallbackURL", value, key)

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter event types and statuses by name or number."""
        spellings = {"EventType": NAMES, "Status": {"0": "dead", "1": "alive"}}.get(name)
        if spellings is None:
            return None
        word = spellings.get(value, value.casefold())
        return lambda row: bool(row[name] == word)

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Set a dead webhook alive when its URL changes."""
        if before is not None and row["Status"] == "dead" and before["Url"] != row["Url"]:
            account.write("eventcallbackurl", {**row, "Status": "alive"})


class RouteRules(Rules):
    """Parse routes have an inbound address; one of them may be generated."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("parseroute without Email", "an address at parse-in1.mailjet.com is made", "documentation", "15"),
        Fact("parseroute second without Email", "400 MJ18 for Email", "our choice", "19, row 30"),
        Fact("parseroute Email", "may be changed by PUT", "documentation", "15"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Return the address, which is unique in any case."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """Return the key for an address in any case; anything else is refused.

        Source: mjsync/docs/mailjet-api.md, section 23, row 12.
        """
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set the caller's key and, without an address, its generated address."""
        row["APIKeyID"] = row.get("APIKeyID") or account.id
        if not row.get("Email"):
            text = deterministic_text(f"route {account.id}", 15, capitals=True)
            row["Email"] = f"{text[:4]}-{text[4:]}@parse-in1.mailjet.com"

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Require a URL with a path, and what the switches for plan and senders require."""
        if account.settings.on("parse_routes_need_plan"):
            raise ApiError(403, "Your plan does not include the Parse API")
        require_url_path(row, account.settings)
        domain = row["Email"].rpartition("@")[2].casefold()
        if account.settings.on("parse_route_domains_checked") and domain not in _domains(account):
            raise invalid_property("Email", f'"{domain}" is not a validated domain of the account')


def _domains(account: AccountView) -> set[str]:
    """Return the domains of active senders, and the one of generated addresses."""
    active = (each["Email"] for each in account.table("sender").rows.values() if each["Status"] == "Active")
    return {email.rpartition("@")[2].casefold() for email in active} | {"parse-in1.mailjet.com"}
