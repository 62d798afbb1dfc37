from typing import ClassVar

import pytest

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

    @pytest.mark.parametrize("more", [{}, {"IsDeleted": None}, {"IsDeleted": 0}, {"IsDeleted": False}], ids=repr)
    def test_only_a_row_that_says_so_is_deleted(self, more):
        """Whatever else stands for `not deleted`: a list that was taken for deleted would be created again."""
        assert self.kind.is_live({"ID": 1, "Name": "A", **more})
        assert not self.kind.is_live({"ID": 1, "Name": "A", "IsDeleted": True})
