"""Senders, which are only read: creating one makes Mailjet send mail."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from mjsync.resources.base import VerifyingKind
from mjsync.resources.entry_model import EntryModel, Wire
from mjsync.resources.live import Live, Row, Values


class SenderEntry(EntryModel):
    """The fields of a sender; no manifest states them."""

    email: Annotated[str, Wire("Email")] = ""


class Sender(VerifyingKind):
    """An address or a whole domain (`*@example.com`) that the account may send from.

    Source: mjsync/docs/mailjet-api.md, section 16.1 (Status Active; a wildcard address stands for its domain).
    """

    name = "sender"
    endpoint = "sender"
    order = 0
    model = SenderEntry
    operations = frozenset()
    key_fields = ("email",)
    filters: ClassVar = {"ShowDeleted": "false"}

    def key_of(self, handle: str, values: Values) -> str:
        """Return the address in lower case."""
        return super().key_of(handle, values).lower()

    def is_live(self, row: Row) -> bool:
        """Return whether the sender is active: only then may it send."""
        return row.get("Status") == "Active"

    def verifies(self, value: str, known: Iterable[Live]) -> bool:
        """Return whether an active sender is this address, or its whole domain; template language is not checked."""
        address = value.strip().lower()
        if "{{" in address or "[[" in address:
            return True
        return not {address, f"*@{address.rpartition('@')[2]}"}.isdisjoint(live.key for live in known)

    def unverified_message(self, value: str) -> tuple[str, str]:
        """Return what a plan warns of when no sender has an address, and the way out."""
        return (
            f"{value} is no active sender or domain of this account: Mailjet would refuse to send from it",
            "Validate the address or its domain in the Mailjet app; mjsync never does, since that sends mail.",
        )
