"""Parse routes: inbound addresses whose mail Mailjet posts to a URL."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import CreateOnly, EntryModel, Key, Normalize, SecretUrl, Wire
from mjsync.resources.live import Live, Problem, Values, address_problems, url_problems

_GENERATED = re.compile(r"@parse-in[\w-]*\.mailjet\.com$", re.IGNORECASE)
GENERATED = "generated address"
"""The key of the one route of an API key whose address Mailjet made up."""


class ParseRouteEntry(EntryModel):
    """What a manifest may state of a parse route."""

    email: Annotated[
        str,
        Wire("Email"),
        Key(),
        Normalize("the case of an address does not count", str.lower),
        CreateOnly("the address is what tells one route from another"),
    ] = Field(
        default="",
        description="The address; a handle with @ is one. Unstated: Mailjet generates it.",
        examples=["in@example.com"],
    )
    url: Annotated[str, Wire("Url"), SecretUrl()] = Field(description="https, with a path.")

    def values(self, handle: str) -> dict[str, Any]:
        """Return the stated fields; the address where there is one that Mailjet did not generate."""
        email = self.email or _address_in(handle)
        stated = _without(super().values(handle), "email")
        return stated if _key(email) == GENERATED else {"email": email, **stated}


class ParseRoute(Kind):
    """An inbound address and the URL its mail is posted to.

    Source: mjsync/docs/mailjet-api.md, section 15 (Email may be left out: one generated address for each API key).
    """

    name = "parse_route"
    section = "parse_routes"
    endpoint = "parseroute"
    order = 6
    model = ParseRouteEntry
    example: ClassVar = {"support@inbound.example.com": {"url": "https://hooks.example.com/inbound"}}

    def key_of(self, handle: str, values: Values) -> str:
        """Return the address in lower case; one name for whatever address Mailjet generated."""
        return _key(values.get("email") or _address_in(handle))

    def tombstone_key(self, name: str) -> str:
        """Return the address in lower case, a generated one too: a tombstone means that route and no other."""
        return name.lower()

    def live_name(self, fields: Values) -> str:
        """Return the route's address."""
        return str(fields.get("email", ""))

    def to_wire(self, values: Values) -> dict[str, Any]:
        """Return the values to send; a generated address is never among them, since only Mailjet makes one."""
        wire = super().to_wire(values)
        return _without(wire, "Email") if self.key_of("", values) == GENERATED else wire

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Find an email that is not an address, or a URL that Mailjet refuses."""
        yield from super().problems(handle, values)
        yield from address_problems("email", values.get("email"))
        yield from url_problems("url", values.get("url"))

    def loss_on_delete(self, live: Live) -> str:
        """Return a note that a generated address is lost with its route."""
        lost = live.key == GENERATED
        return f"the generated address {live.name} is lost for good" if lost else ""


def _address_in(handle: str) -> str:
    return handle if "@" in handle else ""


def _key(email: str) -> str:
    return GENERATED if not email or _GENERATED.search(email) else email.lower()


def _without(values: dict[str, Any], left_out: str) -> dict[str, Any]:
    return {field: value for field, value in values.items() if field != left_out}
