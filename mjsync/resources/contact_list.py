"""Contact lists: who campaigns are sent to."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from mjsync.resources.live import Count, Live, Reader, Row, Values
from mjsync.resources.named import NamedResource


class ContactList(NamedResource):
    """A list of contacts; its id and its subscribers survive a rename.

    Source: mjsync/docs/mailjet-api.md, section 8 (soft delete, hidden from the listing, the name free at once).
    """

    kind = "list"
    section = "lists"
    endpoint = "contactslist"
    order = 2
    filters: ClassVar = {"IsDeleted": "false"}
    example: ClassVar = {"newsletter": {"name": "Weekly newsletter"}}
    contact_noun = "subscribers"
    contact_count_field = "SubscriberCount"
    undelete_fields: ClassVar = {"IsDeleted": False}

    @classmethod
    def is_live(cls, row: Row) -> bool:
        """Soft-deleted lists are hidden by the filter; a server that ignores it must not fool us."""
        return not row.get("IsDeleted")

    @classmethod
    def list_soft_deleted(cls, reader: Reader) -> Iterator[Live]:
        """Soft-deleted lists; Mailjet keeps them for 30 days."""
        rows = reader.rows(cls.endpoint, {"IsDeleted": "true"})
        return (cls.from_wire(row) for row in rows if row.get("IsDeleted"))

    @classmethod
    def affected_contacts(cls, reader: Reader, live: Live, limit: int) -> Count:
        """Its subscribers, as the listing counts them; not known where it does not."""
        del reader, limit
        count = live.row.get(cls.contact_count_field)
        return Count(None if count is None else int(count))

    @classmethod
    def backup_rows(cls, reader: Reader, live: Live, start: int) -> Iterator[Mapping[str, Any]]:
        """Each subscriber."""
        for row in reader.rows("contact", {"ContactsList": str(live.id), "Offset": str(start)}):
            yield {"contact_id": row.get("ID"), "email": row.get("Email"), "name": row.get("Name")}

    @classmethod
    def is_similar(cls, live: Live, values: Values) -> bool:
        """A list with subscribers that goes while another comes."""
        del values
        return bool(live.row.get(cls.contact_count_field))
