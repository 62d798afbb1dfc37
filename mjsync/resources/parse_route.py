"""Parse routes: inbound addresses whose mail Mailjet posts to a URL."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mjsync.resources.base import Resource
from mjsync.resources.field_roles import CreateOnly, Normalize, SecretUrl, Wire
from mjsync.resources.live import Live, Problem, Values
from mjsync.resources.url import url_problems

_GENERATED = re.compile(r"@parse-in[\w-]*\.mailjet\.com$", re.IGNORECASE)
GENERATED = "generated address"
"""The key of the one route of an API key whose address Mailjet made up."""


class ParseRoute(Resource):
    """An inbound address and the URL its mail is posted to.

    Source: mjsync/docs/mailjet-api.md, section 15 (Email may be left out: one generated address for each API key).
    """

    kind = "parse_route"
    section = "parse_routes"
    endpoint = "parseroute"
    order = 6
    identity = frozenset({"email"})
    example: ClassVar = {"support@inbound.example.com": {"url": "https://hooks.example.com/inbound"}}

    email: Annotated[
        str,
        Wire("Email"),
        Normalize("the case of an address does not count", str.lower),
        CreateOnly("the address is what tells one route from another"),
    ] = Field(default="", description="The address; a handle with @ is one. Unstated: Mailjet generates it.")
    url: Annotated[str, Wire("Url"), SecretUrl()] = Field(description="https, with a path.")

    @classmethod
    def key_of(cls, handle: str, values: Values) -> str:
        """The address in lower case; one word for whatever address Mailjet generated."""
        email = str(values.get("email") or (handle if "@" in handle else ""))
        return GENERATED if not email or _GENERATED.search(email) else email.lower()

    @classmethod
    def tombstone_key(cls, name: str) -> str:
        """The address in lower case, a generated one too: a tombstone means that route and no other."""
        return name.lower()

    @classmethod
    def live_name(cls, fields: Values) -> str:
        """Its address."""
        return str(fields.get("email", ""))

    def values(self, handle: str) -> dict[str, Any]:
        """The stated fields; the address where there is one."""
        email = self.email or (handle if "@" in handle else "")
        stated = super().values(handle)
        return (
            {"email": email, **stated}
            if email and self.key_of(handle, stated) != GENERATED
            else _without(stated, "email")
        )

    @classmethod
    def to_wire(cls, values: Values) -> dict[str, Any]:
        """The values to send; a generated address is never among them, since only Mailjet makes one."""
        wire = super().to_wire(values)
        return _without(wire, "Email") if cls.key_of("", values) == GENERATED else wire

    @classmethod
    def problems(cls, handle: str, values: Values) -> Iterator[Problem]:
        """An address that is none, or a URL that Mailjet refuses."""
        yield from super().problems(handle, values)
        email = values.get("email")
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            yield Problem("email", f"{email!r} is no address", "Write it as name@domain.")
        yield from url_problems("url", values.get("url"))

    @classmethod
    def loss_on_delete(cls, live: Live) -> str:
        """A generated address is lost with its route."""
        lost = live.key == GENERATED
        return f"the generated address {live.name} is lost for good" if lost else ""


def _without(values: dict[str, Any], left_out: str) -> dict[str, Any]:
    return {word: value for word, value in values.items() if word != left_out}
