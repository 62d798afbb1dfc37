"""Senders as a kind that can be updated, and neither created nor deleted."""

from typing import Annotated, ClassVar

from pydantic import Field

from mjsync.resources.base import Kind, Operation
from mjsync.resources.entry_model import CreateOnly, EntryModel, Key, Normalize, Wire
from mjsync.resources.live import Values


class OwnedSenderEntry(EntryModel):
    """What a manifest may state of a sender."""

    email: Annotated[
        str,
        Wire("Email"),
        Key(),
        Normalize("the case of an address does not count", str.lower),
        CreateOnly("the address is what tells one sender from another"),
    ] = Field(default="", description="The address; the handle where unstated.")
    name: Annotated[str, Wire("Name")] = Field(default="", description="The name that readers see.")


class OwnedSender(Kind):
    """An address that the account may send from."""

    name = "owned_sender"
    section = "owned_senders"
    endpoint = "sender"
    order = 8
    model = OwnedSenderEntry
    operations = frozenset({Operation.UPDATE})
    refusals: ClassVar = {Operation.CREATE: "creating a sender makes Mailjet send mail"}
    example: ClassVar = {"news@example.com": {"name": "News"}}

    def key_of(self, handle: str, values: Values) -> str:
        """The address in lower case."""
        return super().key_of(handle, values).lower()
