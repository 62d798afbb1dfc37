"""Senders, which are only read: creating one makes Mailjet send mail."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import EntryModel, Key, Wire
from mjsync.resources.live import Live, Problem, Row, Values


class SenderEntry(EntryModel):
    """The fields of a sender; no manifest states them."""

    email: Annotated[str, Wire("Email"), Key()] = ""


class Sender(Kind):
    """An address or a whole domain (`*@example.com`) that the account may send from.

    Source: mjsync/docs/mailjet-api.md, section 16.1 (Status Active; a wildcard address stands for its domain).
    """

    name = "sender"
    endpoint = "sender"
    order = 0
    model = SenderEntry
    operations = frozenset()
    filters: ClassVar = {"ShowDeleted": "false"}

    def key_of(self, handle: str, values: Values) -> str:
        """Return the address in lower case."""
        return super().key_of(handle, values).lower()

    def is_live(self, row: Row) -> bool:
        """Return whether the sender is active: only then may it send."""
        return row.get("Status") == "Active"

    def unverified(self, value: str, known: Iterable[Live]) -> Problem | None:
        """Return a warning where no active sender is this address or its domain; template language is not checked."""
        address = value.strip().lower()
        if "{{" in address or "[[" in address:
            return None
        if not {address, f"*@{address.rpartition('@')[2]}"}.isdisjoint(live.key for live in known):
            return None
        return Problem(
            "unknown-sender",
            f"{value} is no active sender or domain of this account: Mailjet would refuse to send from it",
            "Validate the address or its domain in the Mailjet app; mjsync never does, since that sends mail.",
        )
