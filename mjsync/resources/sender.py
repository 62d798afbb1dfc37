"""Senders, as read-only knowledge: nothing is ever written here, since creating one makes Mailjet send mail."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from mjsync.resources.base import Resource
from mjsync.resources.field_roles import Wire
from mjsync.resources.live import Live, Row, Values


class Sender(Resource):
    """An address or a whole domain (`*@example.com`) that the account may send from.

    Source: mjsync/docs/mailjet-api.md, section 16.1 (Status Active; a wildcard address stands for its domain).
    """

    kind = "sender"
    endpoint = "sender"
    order = 0
    filters: ClassVar = {"ShowDeleted": "false"}

    email: Annotated[str, Wire("Email")] = ""

    @classmethod
    def key_of(cls, handle: str, values: Values) -> str:
        """The address in lower case."""
        return str(values.get("email") or handle).lower()

    @classmethod
    def is_live(cls, row: Row) -> bool:
        """Only an active sender may send."""
        return row.get("Status") == "Active"

    @classmethod
    def verifies(cls, value: str, known: Iterable[Live]) -> bool:
        """Whether an active sender is this address, or its whole domain; template language is not judged."""
        address = value.strip().lower()
        if "{{" in address or "[[" in address:
            return True
        return not {address, f"*@{address.rpartition('@')[2]}"}.isdisjoint(live.key for live in known)

    @classmethod
    def unverified_message(cls, value: str) -> tuple[str, str]:
        """What a plan warns of when no sender vouches for an address, and the way out."""
        return (
            f"{value} is no active sender or domain of this account: Mailjet would refuse to send from it",
            "Validate the address or its domain in the Mailjet app; mjsync never does, since that sends mail.",
        )
