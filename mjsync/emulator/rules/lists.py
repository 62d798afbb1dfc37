"""Contact lists (`contactslist`)."""

from datetime import datetime, timedelta

from mjsync.emulator.responses import ApiError
from mjsync.emulator.rules.base import AccountView, Fact, Query, RowTest, Rules, mj18_error, require_value
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import deterministic_text

RESTORABLE = timedelta(days=30)


class ListRules(Rules):
    """Lists are soft-deleted, which frees their name; their address is generated."""

    facts = (
        Fact("contactslist delete", "204, then GET by id shows IsDeleted true", "recorded", "8"),
        Fact("contactslist listing", "hides deleted lists unless IsDeleted is sent", "recorded", "8"),
        Fact("contactslist name of a deleted list", "free at once", "recorded", "8"),
        Fact("contactslist duplicate name", "400 A contact list with name … already exists", "recorded", "23, row 4"),
        Fact("contactslist restore", "PUT IsDeleted false, for 30 days", "documentation", "8"),
        Fact("contactslist Address sent", "401", "recorded", "3.2"),
        Fact("contactslist empty name", "400 MJ08 around MJ04", "recorded", "3.2"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:
        """Return the address, and the name while the list is not deleted."""
        keys = {"Address": (row["Address"],)}
        if not row["IsDeleted"]:
            keys["Name"] = (row["Name"].casefold() if settings.on("list_names_ignore_case") else row["Name"],)
        return keys

    def validate_names(self, names: set[str]) -> None:
        """Refuse an address: it is generated."""
        if "Address" in names:
            raise ApiError(401, "Internal error: List address is automatically generated and can't be changed")

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Generate the address: nine letters and digits."""
        row["Address"] = row["Address"] or deterministic_text(f"list {account.id} {row['ID']}", 9)

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:  # noqa: ARG002
        """Require a name."""
        require_value(row, "Name")

    def duplicate_error(self, key: str, row: Row, settings: Settings) -> ApiError:
        """Return the error for a taken list name."""
        if settings.on("list_duplicate_is_mj18"):
            return mj18_error("ContactsList", row[key], key)
        return ApiError(400, f"A contact list with name {row['Name']} already exists")

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide deleted lists unless IsDeleted is sent."""
        is_requested = "isdeleted" in query or account.settings.on("deleted_lists_listed")
        return bool(row["IsDeleted"]) and not is_requested

    def is_expired(self, row: Row, account: AccountView) -> bool:
        """Return whether the list was deleted more than 30 days ago."""
        if not row["IsDeleted"] or not row.get("DeletedAt") or not account.settings.on("deleted_lists_expire"):
            return False
        return datetime.fromisoformat(account.now()) - datetime.fromisoformat(row["DeletedAt"]) > RESTORABLE

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter by ExcludeID."""
        return (lambda row: str(row["ID"]) != value) if name == "ExcludeID" else None

    def may_share_key(self, key: str, row: Row, before: Row | None, account: AccountView) -> bool:
        """Return whether a restored list may share a name: if the switch is on."""
        is_restored = before is not None and before["IsDeleted"] and not row["IsDeleted"]
        return key == "Name" and is_restored and account.settings.on("list_restore_takes_name")

    def with_runtime_changes(self, row: Row, account: AccountView) -> Row:  # noqa: ARG002
        """Add a subscriber."""
        return {**row, "SubscriberCount": row["SubscriberCount"] + 1}

    def delete(self, row: Row, account: AccountView) -> None:
        """Set IsDeleted; nothing else changes."""
        if not row["IsDeleted"]:
            account.write("contactslist", {**row, "IsDeleted": True, "DeletedAt": account.now()})

    def before_update(self, row: Row, account: AccountView) -> None:
        """Store when a PUT deleted the list; remove that when one restores it."""
        if row["IsDeleted"]:
            row.setdefault("DeletedAt", account.now())
        else:
            row.pop("DeletedAt", None)
