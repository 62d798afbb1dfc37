from typing import ClassVar

from mjsync.resources.parse_route import ParseRoute
from tests.unit.resources.contract import Edit, KindContract

OLD, NEW = "https://hooks.example.com/in", "https://hooks.example.com/in/new"
SUPPORT = "support@inbound.example.com"


class TestParseRoute(KindContract):
    """Parse routes: an address, and the URL that its mail is posted to."""

    kind = ParseRoute()
    handle = "support"
    entry: ClassVar = {"email": SUPPORT, "url": OLD}
    least: ClassVar = {"email": SUPPORT, "url": OLD}
    least_body: ClassVar = {"Email": SUPPORT, "Url": OLD}
    row: ClassVar = {"Email": SUPPORT, "Url": OLD}
    bystander: ClassVar = {"Email": "sales@inbound.example.com", "Url": "https://elsewhere.example.com/b"}
    tombstone = SUPPORT
    edits: ClassVar = {"url": Edit({"url": NEW}, "url", OLD, NEW, "Url", NEW)}


class TestAddressAsHandle(TestParseRoute):
    """A handle with an @ is the address."""

    handle = SUPPORT
    entry: ClassVar = {"url": OLD}
    least: ClassVar = {"url": OLD}
    identity = frozenset({"email"})


class TestGeneratedAddress(TestParseRoute):
    """A route without an address is the one with the generated address."""

    handle = "inbox"
    entry: ClassVar = {"url": OLD}
    least: ClassVar = {"url": OLD}
    least_body: ClassVar = {"Url": OLD}
    row: ClassVar = {"Url": OLD}
    own = frozenset({"Email"})
    identity = frozenset({"email"})
    tombstone = ""

    def test_a_tombstone_deletes(self):
        """A tombstone may name the generated address."""
        address = self.the_row(self.stage())["Email"]
        self.tombstone = address
        super().test_a_tombstone_deletes()
