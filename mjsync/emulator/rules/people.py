"""Contacts (`contact`), their property values (`contactdata`) and list memberships (`listrecipient`)."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from mjsync.emulator.responses import ApiError, invalid_property, not_found
from mjsync.emulator.rules.base import AccountView, Fact, Query, RowTest, Rules, is_number, mj18_error, require_value
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS, check_email


class ContactRules(Rules):
    """Contacts are unique by address."""

    facts = (
        Fact("contact duplicate", "400 MJ18 A Contact resource … for Email", "recorded", "3.2"),
        Fact("contact path key that is not an address", "400, not 404", "recorded", "23, row 12"),
        Fact("contact DELETE", "401 Operation not allowed", "recorded", "23, row 13"),
        Fact("contact LastActivityAt in a POST", "401 MJ19", "recorded", "3.2"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Return the address, which is unique in any case."""
        return {"Email": (row.get("Email", "").casefold(),)}

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:  # noqa: ARG002
        """Return the key for an address in any case."""
        check_email(parts[0], prefix="")
        return (parts[0].casefold(),)

    def validate_names(self, names: set[str]) -> None:
        """Refuse LastActivityAt (recorded)."""
        if "LastActivityAt" in names:
            text = 'Internal error: MJ19 Setting a value for property "LastActivityAt" is not allowed'
            raise ApiError(401, text)

    def before_update(self, row: Row, account: AccountView) -> None:
        """Set the date of the change (recorded)."""
        before = account.table("contact").rows[row["ID"]]
        row["LastUpdateAt"] = account.now()
        if before["IsExcludedFromCampaigns"] != row["IsExcludedFromCampaigns"]:
            row["ExclusionFromCampaignsUpdatedAt"] = account.now()

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Add the contact's row of property values."""
        if before is None:
            self.after_seed(row, account)

    def after_seed(self, row: Row, account: AccountView) -> None:
        """Add the contact's row of property values."""
        data = {"ID": row["ID"], "ContactID": row["ID"], "Data": [], "MethodCollection": ""}
        account.write("contactdata", data)

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by list, by campaign, and by unsubscription."""
        if name == "ContactsList":
            on_list = {
                each["ContactID"]
                for each in account.table("listrecipient").rows.values()
                if str(each["ListID"]) == value
            }
            return lambda row: row["ID"] in on_list
        if name == "Campaign":
            messages = account.table("message").rows.values()
            reached = {each.get("ContactID") for each in messages if str(each.get("CampaignID")) == value}
            return lambda row: row["ID"] in reached
        if name == "IsUnsubscribed":
            truth = TRUE_WORDS.get(value.casefold(), False)
            return lambda row: bool(row["UnsubscribedAt"]) == truth
        return None


class ContactDataRules(Rules):
    """Property values of one contact are text, in the order of the property definitions (recorded)."""

    facts = (
        Fact("contactdata values", "text whatever was sent; PUT merges, null removes", "recorded", "7.1"),
        Fact("contactdata of an undefined property", "400 Invalid key name", "recorded", "3.2"),
        Fact("contactdata PUT without id", "404", "recorded", "23, row 14"),
    )

    def resolve_key(self, key: str, account: AccountView) -> int:
        """Resolve a contact's id or address."""
        if is_number(key):
            return int(key)
        check_email(key, prefix="")
        number = account.table("contact").id_of("Email", (key.casefold(),))
        if number is None:
            raise not_found()
        return number

    def merge(self, before: Row, sent: Row, account: AccountView) -> Row:
        """Replace the values that were sent; null removes a value."""
        return {**before, "Data": merge_values(before["Data"], sent.get("Data", []), account)}

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Use the contact's id as the row's id."""
        row["ID"] = row["ContactID"] = row["ContactID"] or row["ID"]
        row["Data"] = merge_values([], row["Data"], account)

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by the contact's address, and as `contact` does."""
        if name == "ContactEmail":
            number = account.table("contact").id_of("Email", (value.casefold(),))
            return lambda row: row["ID"] == number
        if name in {"Campaign", "ContactsList", "IsUnsubscribed"}:
            contacts = account.table("contact").rows
            test = ContactRules.filter(ContactRules(self.endpoint), name, value, account)
            return lambda row: test is not None and row["ID"] in contacts and test(contacts[row["ID"]])
        return None

    def delete(self, row: Row, account: AccountView) -> None:
        """Remove all values; the contact stays."""
        account.write("contactdata", {**row, "Data": []})


def merge_values(old: list[Any], new: list[Any], account: AccountView) -> list[dict[str, str]]:
    """Merge property values by name, as text, in the order of the property definitions.

    Raises:
        ApiError: a property is not defined, or a datetime value is not valid.
    """
    types = {each["Name"]: each["Datatype"] for each in account.table("contactmetadata").rows.values()}
    values = {each["Name"]: each["Value"] for each in old}
    for each in new:
        if not isinstance(each, dict):
            raise invalid_property("Data", "an object was expected")
        entry = {key.casefold(): value for key, value in each.items()}
        name, value = str(entry.get("name") or ""), entry.get("value")
        if name not in types:
            raise ApiError(400, f'Invalid key name: "{name}"')
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
        raise ApiError(400, text) from None


class RecipientRules(Rules):
    """A membership is one contact on one list."""

    creation_only = frozenset({"Contact"})

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Return contact and list: a contact can be on a list once."""
        return {"ContactID|ListID": (row["ContactID"], row["ListID"])}

    def duplicate_error(self, key: str, row: Row, settings: Settings) -> ApiError:  # noqa: ARG002
        """Return the MJ18 error with both ids."""
        value = f"{row['ContactID']}|{row['ListID']}"
        return mj18_error("ListRecipient", value, key)

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set the list's name and the date."""
        contacts_list = account.table("contactslist").rows.get(row["ListID"])
        row["ListName"] = contacts_list["Name"] if contacts_list else row["ListName"]
        row["SubscribedAt"] = row["SubscribedAt"] or account.now()
        self.before_update(row, account)

    def before_update(self, row: Row, account: AccountView) -> None:
        """Set or clear the date of the unsubscription."""
        if row["IsUnsubscribed"]:
            row["UnsubscribedAt"] = row["UnsubscribedAt"] or account.now()
        else:
            row["UnsubscribedAt"] = ""

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Require an existing contact and list."""
        require_value(row, "ContactID")
        require_value(row, "ListID")
        for name, resource in (("ContactID", "contact"), ("ListID", "contactslist")):
            if row[name] not in account.table(resource).rows:
                raise not_found()

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Update the list's SubscriberCount."""
        count_subscriber(account, row["ListID"], is_live(row) - (is_live(before) if before else 0))

    def delete(self, row: Row, account: AccountView) -> None:
        """Delete the membership; the contact stays."""
        super().delete(row, account)
        count_subscriber(account, row["ListID"], -is_live(row))

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide memberships of deleted lists if IgnoreDeleted is sent."""
        if not TRUE_WORDS.get(query.get("ignoredeleted", "").casefold()):
            return False
        contacts_list = account.table("contactslist").rows.get(row["ListID"])
        return contacts_list is None or bool(contacts_list["IsDeleted"])

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:
        """Filter by list id, by the contact's address, and by unsubscription."""
        if name == "ContactsList":
            return lambda row: str(row["ListID"]) == value
        if name == "ContactEmail":
            number = account.table("contact").id_of("Email", (value.casefold(),))
            return lambda row: row["ContactID"] == number
        if name == "Unsub":
            truth = TRUE_WORDS.get(value.casefold(), False)
            return lambda row: row["IsUnsubscribed"] == truth
        return None


def is_live(row: Row) -> int:
    """1 for a membership that counts as a subscriber, else 0."""
    return int(row["IsActive"] and not row["IsUnsubscribed"])


def count_subscriber(account: AccountView, number: int, change: int) -> None:
    """Add to a list's SubscriberCount."""
    row = account.table("contactslist").rows.get(number)
    if row is not None and change:
        account.write("contactslist", {**row, "SubscriberCount": row["SubscriberCount"] + change})
