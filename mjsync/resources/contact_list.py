"""Contact lists: the contacts that campaigns are sent to."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import NamedEntry
from mjsync.resources.live import Count, Live, Reader, SoftDelete, Values


class ContactListEntry(NamedEntry):
    """What a manifest may state of a contact list."""


class ContactList(Kind):
    """A list of contacts; its id and its subscribers survive a rename.

    Source: mjsync/docs/mailjet-api.md, section 8 (soft delete, hidden from the listing, the name free at once).
    """

    name = "list"
    section = "lists"
    endpoint = "contactslist"
    order = 2
    model = ContactListEntry
    other_calls = (("GET", "contact"),)
    filters: ClassVar = {"IsDeleted": "false"}
    example: ClassVar = {"newsletter": {"name": "Weekly newsletter"}}
    contact_noun = "subscribers"
    contact_count_field = "SubscriberCount"
    soft_delete = SoftDelete("IsDeleted", value=True, filters={"IsDeleted": "true"}, restore={"IsDeleted": False})

    def affected_contacts(self, reader: Reader, live: Live, limit: int) -> Count:
        """Return the number of subscribers in the listing; unknown where it has none."""
        count = live.row.get(self.contact_count_field)
        return Count(None if count is None else int(count))

    def backup_rows(self, reader: Reader, live: Live, start: int) -> Iterator[Mapping[str, Any]]:
        """Yield each subscriber."""
        for row in reader.rows("contact", {"ContactsList": str(live.id), "Offset": str(start)}):
            yield {"contact_id": row.get("ID"), "email": row.get("Email"), "name": row.get("Name")}

    def is_similar(self, live: Live, values: Values) -> bool:
        """Return whether a list with subscribers is deleted while another is created."""
        return bool(live.row.get(self.contact_count_field))
