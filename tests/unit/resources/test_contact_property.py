from typing import ClassVar

from mjsync.resources.contact_property import ContactProperty
from tests.unit.resources.contract import Edit, Fixed, Renamed


class TestContactProperty(Renamed, Fixed):
    """Properties: a name, a type, and a namespace fixed at creation."""

    kind = ContactProperty()
    handle = "orders"
    entry: ClassVar = {"name": "orders_count", "type": "int", "namespace": "static"}
    least: ClassVar = {"name": "orders_count"}
    least_body: ClassVar = {"Name": "orders_count"}
    row: ClassVar = {"Name": "orders_count", "Datatype": "int", "NameSpace": "static"}
    bystander: ClassVar = {"Name": "somebody_elses", "Datatype": "bool"}
    tombstone = "orders_count"
    fixed: ClassVar = {"namespace": "historic"}
    edits: ClassVar = {
        "name": Edit(
            {"name": "orders", "renamed_from": ["orders_count"]}, "name", "orders_count", "orders", "Name", "orders"
        ),
        "type": Edit({"type": "float"}, "type", "int", "float", "Datatype", "float"),
    }

    def test_all_deletes_what_no_manifest_names(self):
        """Under `all` the four properties of a fresh account are not deleted."""
        super().test_all_deletes_what_no_manifest_names()
