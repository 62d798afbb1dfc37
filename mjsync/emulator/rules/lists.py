"""Contact lists: `contactslist`."""

from datetime import datetime, timedelta

from mjsync.emulator.answers import Refusal
from mjsync.emulator.chance import letters
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Query, Rules, Surroundings, Test, need_length
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings

KEPT = timedelta(days=30)


class ListRules(Rules):
    """Soft deletes that free the name, an address nobody chooses."""

    facts = (
        Fact("contactslist delete", "204, then GET by id shows IsDeleted true", "recorded", "API sheet 8"),
        Fact("contactslist listing", "hides deleted lists unless IsDeleted is sent", "recorded", "API sheet 8"),
        Fact("contactslist name of a deleted list", "free at once", "recorded", "API sheet 8"),
        Fact("contactslist duplicate name", "400 A contact list with name … already exists", "recorded", "23.4"),
        Fact("contactslist restore", "PUT IsDeleted false, for 30 days", "documentation", "API sheet 8"),
        Fact("contactslist Address sent", "401", "recorded", "API sheet 3.2"),
        Fact("contactslist empty name", "400 MJ08 around MJ04", "recorded", "API sheet 3.2"),
    )

    def unique(self, row: Row, settings: Settings) -> Keys:
        """The address always; the name while the list lives."""
        keys = {"Address": (row["Address"],)}
        if not row["IsDeleted"]:
            keys["Name"] = (row["Name"].casefold() if settings.on("list_names_ignore_case") else row["Name"],)
        return keys

    def check_names(self, names: set[str]) -> None:
        """The address is not for the caller to choose."""
        if "Address" in names:
            raise Refusal(401, "Internal error: List address is automatically generated and can't be changed")

    def complete(self, row: Row, world: Surroundings) -> None:
        """Give the list its address: nine letters and digits."""
        row["Address"] = row["Address"] or letters(f"list {world.account} {row['ID']}", 9)

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:  # noqa: ARG002
        """A list has a name."""
        need_length(row, "Name")

    def duplicate(self, key: str, row: Row, settings: Settings) -> Refusal:
        """The list's own wording of a taken name."""
        if settings.on("list_duplicate_is_mj18"):
            return Refusal(400, f'MJ18 A ContactsList resource with value "{row[key]}" for {key} already exists.')
        return Refusal(400, f"A contact list with name {row['Name']} already exists")

    def hides(self, row: Row, query: Query, world: Surroundings) -> bool:
        """Deleted lists show only when asked for."""
        is_asked = "isdeleted" in query or world.settings.on("deleted_lists_listed")
        return bool(row["IsDeleted"]) and not is_asked

    def is_gone(self, row: Row, world: Surroundings) -> bool:
        """Thirty days after its deletion nothing is left to read."""
        if not row["IsDeleted"] or not row.get("DeletedAt") or not world.settings.on("deleted_lists_expire"):
            return False
        return datetime.fromisoformat(world.now()) - datetime.fromisoformat(row["DeletedAt"]) > KEPT

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """ExcludeID is the one filter that takes rows away."""
        return (lambda row: str(row["ID"]) != wanted) if name == "ExcludeID" else None

    def may_share(self, key: str, row: Row, before: Row | None, world: Surroundings) -> bool:
        """A list that comes back may take a name again, if the switch says so."""
        is_restored = before is not None and before["IsDeleted"] and not row["IsDeleted"]
        return key == "Name" and is_restored and world.settings.on("list_restore_takes_name")

    def drifted(self, row: Row, world: Surroundings) -> Row:  # noqa: ARG002
        """Somebody subscribed."""
        return {**row, "SubscriberCount": row["SubscriberCount"] + 1}

    def delete(self, row: Row, world: Surroundings) -> None:
        """Mark it deleted; nothing else about it changes."""
        if not row["IsDeleted"]:
            world.write("contactslist", {**row, "IsDeleted": True, "DeletedAt": world.now()})

    def touch(self, row: Row, world: Surroundings) -> None:
        """Remember when a PUT deleted the list, forget it when one restores it."""
        if row["IsDeleted"]:
            row.setdefault("DeletedAt", world.now())
        else:
            row.pop("DeletedAt", None)
