"""Contacts, their values, and their subscriptions: `contact`, `contactdata`, `listrecipient`."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from mjsync.emulator.answers import Refusal, invalid_property, not_found
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Query, Rules, Surroundings, Test, is_number, need_length
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS, check_email


class ContactRules(Rules):
    """One person by e-mail address."""

    facts = (
        Fact("contact duplicate", "400 MJ18 A Contact resource … for Email", "recorded", "API sheet 3.2"),
        Fact("contact path key that is no address", "400, not 404", "recorded", "API sheet 23, row 12"),
        Fact("contact DELETE", "401 Operation not allowed", "recorded", "API sheet 23, row 13"),
        Fact("contact LastActivityAt in a POST", "401 MJ19", "recorded", "API sheet 3.2"),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """The address, in any case."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:  # noqa: ARG002
        """An address in any case."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def check_names(self, names: set[str]) -> None:
        """The recorded refusal of what only the server may say."""
        if "LastActivityAt" in names:
            text = 'Internal error: MJ19 Setting a value for property "LastActivityAt" is not allowed'
            raise Refusal(401, text)

    def touch(self, row: Row, world: Surroundings) -> None:
        """Every change is dated (recorded)."""
        before = world.table("contact").rows[row["ID"]]
        row["LastUpdateAt"] = world.now()
        if before["IsExcludedFromCampaigns"] != row["IsExcludedFromCampaigns"]:
            row["ExclusionFromCampaignsUpdatedAt"] = world.now()

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A contact has values from its first day."""
        if before is None:
            self.seeded(row, world)

    def seeded(self, row: Row, world: Surroundings) -> None:
        """The same for one from a state file."""
        data = {"ID": row["ID"], "ContactID": row["ID"], "Data": [], "MethodCollection": ""}
        world.write("contactdata", data)

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:
        """Members of a list, by its id; those who unsubscribed."""
        if name == "ContactsList":
            on_list = {
                each["ContactID"]
                for each in world.table("listrecipient").rows.values()
                if str(each["ListID"]) == wanted
            }
            return lambda row: row["ID"] in on_list
        if name == "IsUnsubscribed":
            truth = TRUE_WORDS.get(wanted.casefold(), False)
            return lambda row: bool(row["UnsubscribedAt"]) == truth
        return None


class ContactDataRules(Rules):
    """The values of one contact; always text, in the order of the definitions (recorded)."""

    facts = (
        Fact("contactdata values", "text whatever was sent; PUT merges, null removes", "recorded", "7.1"),
        Fact("contactdata of an undefined property", "400 Invalid key name", "recorded", "API sheet 3.2"),
        Fact("contactdata PUT without id", "404", "recorded", "API sheet 23, row 14"),
    )

    def addressed(self, key: str, world: Surroundings) -> int:
        """A contact by id or address."""
        if is_number(key):
            return int(key)
        check_email(key, prefix="")
        number = world.table("contact").holder("Email", (key.casefold(),))
        if number is None:
            raise not_found()
        return number

    def merge(self, before: Row, sent: Row, world: Surroundings) -> Row:
        """Values sent replace those of the same name; without a value they go."""
        return {**before, "Data": merged(before["Data"], sent.get("Data", []), world)}

    def complete(self, row: Row, world: Surroundings) -> None:
        """One row for each contact, under its id."""
        row["ID"] = row["ContactID"] = row["ContactID"] or row["ID"]
        row["Data"] = merged([], row["Data"], world)

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:
        """One contact by its address."""
        if name != "ContactEmail":
            return None
        number = world.table("contact").holder("Email", (wanted.casefold(),))
        return lambda row: row["ID"] == number

    def delete(self, row: Row, world: Surroundings) -> None:
        """All values go, the contact stays."""
        world.write("contactdata", {**row, "Data": []})


def merged(old: list[Any], new: list[Any], world: Surroundings) -> list[dict[str, str]]:
    """Values by name, as text, in the order of the definitions.

    Raises:
        Refusal: a property that is not defined, or a text that is no time where one must stand.
    """
    types = {each["Name"]: each["Datatype"] for each in world.table("contactmetadata").rows.values()}
    values = {each["Name"]: each["Value"] for each in old}
    for each in new:
        if not isinstance(each, dict):
            raise invalid_property("Data", "an object was expected")
        entry = {key.casefold(): value for key, value in each.items()}
        name, value = str(entry.get("name") or ""), entry.get("value")
        if name not in types:
            raise Refusal(400, f'Invalid key name: "{name}"')
        values[name] = "" if value is None else _as_text(name, value, types[name])
    return [{"Name": name, "Value": values[name]} for name in types if values.get(name, "") != ""]


def _as_text(name: str, value: Any, kind: str) -> str:
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if kind != "datetime" or word.isdigit() or not word:
        return word
    try:
        return datetime.fromisoformat(word).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        text = f'[{{ "{name}" : "CM09 "{word}" is not a valid datetime value for key {name}" }}]'
        raise Refusal(400, text) from None


class RecipientRules(Rules):
    """One contact on one list."""

    creation_only = frozenset({"Contact"})

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """A contact is on a list once."""
        return {"ContactID|ListID": (row["ContactID"], row["ListID"])}

    def duplicate(self, key: str, row: Row, settings: Settings) -> Refusal:  # noqa: ARG002
        """The MJ18 pattern over both ids."""
        value = f"{row['ContactID']}|{row['ListID']}"
        return Refusal(400, f'MJ18 A ListRecipient resource with value "{value}" for {key} already exists.')

    def complete(self, row: Row, world: Surroundings) -> None:
        """The list's name, and when it happened."""
        held = world.table("contactslist").rows.get(row["ListID"])
        row["ListName"] = held["Name"] if held else row["ListName"]
        row["SubscribedAt"] = row["SubscribedAt"] or world.now()
        self.touch(row, world)

    def touch(self, row: Row, world: Surroundings) -> None:
        """Unsubscribing is dated."""
        if row["IsUnsubscribed"]:
            row["UnsubscribedAt"] = row["UnsubscribedAt"] or world.now()
        else:
            row["UnsubscribedAt"] = ""

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """Both ends exist."""
        need_length(row, "ContactID")
        need_length(row, "ListID")
        for name, resource in (("ContactID", "contact"), ("ListID", "contactslist")):
            if row[name] not in world.table(resource).rows:
                raise not_found()

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """The list counts its live members."""
        count_subscriber(world, row["ListID"], is_live(row) - (is_live(before) if before else 0))

    def delete(self, row: Row, world: Surroundings) -> None:
        """The membership goes, the contact stays."""
        super().delete(row, world)
        count_subscriber(world, row["ListID"], -is_live(row))

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:
        """Recipients of deleted lists, when they are not wanted."""
        if not TRUE_WORDS.get(query.get("ignoredeleted", "").casefold()):
            return False
        held = world.table("contactslist").rows.get(row["ListID"])
        return held is None or bool(held["IsDeleted"])

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:
        """Lists by id, contacts by address, those who left."""
        if name == "ContactsList":
            return lambda row: str(row["ListID"]) == wanted
        if name == "ContactEmail":
            number = world.table("contact").holder("Email", (wanted.casefold(),))
            return lambda row: row["ContactID"] == number
        if name == "Unsub":
            truth = TRUE_WORDS.get(wanted.casefold(), False)
            return lambda row: row["IsUnsubscribed"] == truth
        return None


def is_live(row: Row) -> int:
    """1 for a membership that counts as a subscriber, else 0."""
    return int(row["IsActive"] and not row["IsUnsubscribed"])


def count_subscriber(world: Surroundings, number: int, change: int) -> None:
    """Move a list's SubscriberCount."""
    row = world.table("contactslist").rows.get(number)
    if row is not None and change:
        world.write("contactslist", {**row, "SubscriberCount": row["SubscriberCount"] + change})
