"""Contact properties: `contactmetadata`."""

import re

from mjsync.emulator.answers import Refusal, invalid_property
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Rules, Surroundings, need_length
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class PropertyRules(Rules):
    """Hard deletes, a name and a type that may change, a namespace that may not."""

    creation_only = frozenset({"NameSpace"})
    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("contactmetadata create", "answers Datatype, ID, Name, NameSpace", "recorded", "API sheet 7"),
        Fact(
            "contactmetadata rename and type change",
            "by PUT; the namespace stays",
            "documentation",
            "API sheet 7",
        ),
        Fact(
            "contactmetadata delete",
            "hard; values on all contacts go with it",
            "documentation",
            "API sheet 7",
        ),
        Fact(
            "contactmetadata name rule",
            "a letter, then letters, digits, _",
            "our choice",
            "API sheet 19, row 13",
        ),
        Fact(
            "contactmetadata fresh account",
            "firstname, name, country, newsletter_sub",
            "recorded",
            "API sheet 7",
        ),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:
        """Namespace and name."""
        name = row["Name"].casefold() if settings.on("property_names_ignore_case") else row["Name"]
        return {self.endpoint.key: (row["NameSpace"], name)}

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """Names are plain words."""
        need_length(row, "Name")
        if not NAME.fullmatch(row["Name"]):
            raise invalid_property("Name", f'"{row["Name"]}" is not a valid name')
        if world.settings.on("property_names_lower_case_only") and row["Name"] != row["Name"].lower():
            raise invalid_property("Name", "capitals are not allowed")
        if row["NameSpace"] not in {"static", "historic"}:
            raise invalid_property("NameSpace", f'"{row["NameSpace"]}" is not one of static, historic')
        is_retyped = before is not None and before["Datatype"] != row["Datatype"]
        if is_retyped and world.settings.on("property_type_change_refused"):
            raise invalid_property("Datatype", "the type cannot be changed")

    def delete(self, row: Row, world: Surroundings) -> None:
        """Gone, with the values contacts have of it."""
        if world.settings.on("used_property_delete_refused") and _is_used(row["Name"], world):
            raise Refusal(400, f'Property "{row["Name"]}" is used in a segment')
        super().delete(row, world)
        _rewrite_values(row["Name"], None, world)

    def changed(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A rename keeps the values. Source: API sheet 7, inferred."""
        if before is not None and before["Name"] != row["Name"]:
            _rewrite_values(before["Name"], row["Name"], world)


def _is_used(name: str, world: Surroundings) -> bool:
    spelled = re.compile(rf"\b{re.escape(name)}\b")
    segments = world.table("contactfilter").rows.values()
    return any(spelled.search(each["Expression"]) for each in segments if each["Status"] != "deleted")


def _rewrite_values(name: str, new_name: str | None, world: Surroundings) -> None:
    """Rename one property's values on all contacts, or drop them."""
    for row in list(world.table("contactdata").rows.values()):
        if any(each["Name"] == name for each in row["Data"]):
            kept = [
                {**each, "Name": new_name} if each["Name"] == name else each
                for each in row["Data"]
                if new_name or each["Name"] != name
            ]
            world.write("contactdata", {**row, "Data": kept})
