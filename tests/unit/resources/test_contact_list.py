from typing import ClassVar

from mjsync.resources.contact_list import ContactList
from tests.unit.resources.contract import Edit, Renamed


class TestContactList(Renamed):
    """Lists: a name, and nothing else that can be set."""

    kind = ContactList()
    handle = "newsletter"
    entry: ClassVar = {"name": "Weekly newsletter"}
    least = entry
    least_body: ClassVar = {"Name": "Weekly newsletter"}
    row: ClassVar = {"Name": "Weekly newsletter"}
    bystander: ClassVar = {"Name": "Somebody else's"}
    runtime: ClassVar = {"SubscriberCount": 12_345, "CreatedAt": "2001-01-01T00:00:00Z", "Address": "abcdefghi"}
    own = frozenset({"SubscriberCount", "CreatedAt", "Address"})
    tombstone = "Weekly newsletter"
    edits: ClassVar = {
        "name": Edit(
            {"name": "Monthly", "renamed_from": "Weekly newsletter"},
            "name", "Weekly newsletter", "Monthly", "Name", "Monthly",
        ),
    }  # fmt: skip
