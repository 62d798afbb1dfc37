"""Contact properties (`contactmetadata`)."""

import re

from mjsync.emulator.responses import ApiError, invalid_property
from mjsync.emulator.rules.base import AccountView, Fact, Rules, require_value
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class PropertyRules(Rules):
    """Properties are deleted for good; name and type can be changed, the namespace cannot."""

    creation_only = frozenset({"NameSpace"})
    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("contactmetadata create", "answers Datatype, ID, Name, NameSpace", "recorded", "7"),
        Fact(
            "contactmetadata rename and type change",
            "by PUT; the namespace stays",
            "documentation",
            "7",
        ),
        Fact(
            "contactmetadata delete",
            "hard; values on all contacts go with it",
            "documentation",
            "7",
        ),
        Fact(
            "contactmetadata name rule",
            "a letter, then letters, digits, _",
            "our choice",
            "19, row 13",
        ),
        Fact(
            "contactmetadata fresh account",
            "firstname, name, country, newsletter_sub",
            "recorded",
            "7",
        ),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:
        """Namespace and name are unique."""
        name = row["Name"].casefold() if settings.on("property_names_ignore_case") else row["Name"]
        return {self.endpoint.key: (row["NameSpace"], name)}

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Require a valid name and namespace, and a type the switches allow."""
        require_value(row, "Name")
        if not NAME.fullmatch(row["Name"]):
            raise invalid_property("Name", f'"{row["Name"]}" is not a valid name')
        if account.settings.on("property_names_lower_case_only") and row["Name"] != row["Name"].lower():
            raise invalid_property("Name", "capitals are not allowed")
        if row["NameSpace"] not in {"static", "historic"}:
            raise invalid_property("NameSpace", f'"{row["NameSpace"]}" is not one of static, historic')
        is_retyped = before is not None and before["Datatype"] != row["Datatype"]
        if is_retyped and account.settings.on("property_type_change_refused"):
            raise invalid_property("Datatype", "the type cannot be changed")

    def delete(self, row: Row, account: AccountView) -> None:
        """Delete the property and its value on all contacts."""
        if account.settings.on("used_property_delete_refused") and _is_used(row["Name"], account):
            raise ApiError(400, f'Property "{row["Name"]}" is used in a segment')
        super().delete(row, account)
        _rewrite_values(row["Name"], None, account)

    def after_write(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Keep the values of a renamed property (inferred).

        Source: mjsync/docs/mailjet-api.md, section 7.
        """
        if before is not None and before["Name"] != row["Name"]:
            _rewrite_values(before["Name"], row["Name"], account)


def _is_used(name: str, account: AccountView) -> bool:
    spelled = re.compile(rf"\b{re.escape(name)}\b")
    segments = account.table("contactfilter").rows.values()
    return any(spelled.search(each["Expression"]) for each in segments if each["Status"] != "deleted")


def _rewrite_values(name: str, new_name: str | None, account: AccountView) -> None:
    """Rename one property's values on all contacts, or remove them."""
    for row in list(account.table("contactdata").rows.values()):
        if any(each["Name"] == name for each in row["Data"]):
            kept = [
                {**each, "Name": new_name} if each["Name"] == name else each
                for each in row["Data"]
                if new_name or each["Name"] != name
            ]
            account.write("contactdata", {**row, "Data": kept})
