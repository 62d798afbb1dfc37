"""A kind that is one file: senders as a kind that can only be updated, run through plan, apply and undo."""

from typing import Annotated, ClassVar

import pytest

from mjsync import resources
from mjsync.engine.plan import Action, BeforeImage, RecordedStep
from mjsync.engine.undo import Undo, build_undo_plan
from mjsync.errors import PlanError
from mjsync.resources.address import Address
from mjsync.resources.base import Kind, Operation
from mjsync.resources.entry_model import CreateOnly, EntryModel, Normalize, Wire
from mjsync.resources.live import Values
from tests.stage import Stage, actions, codes, fields
from tests.unit.resources.contract import Edit, KindContract


class OwnedSenderEntry(EntryModel):
    """What a manifest may state of a sender."""

    key_field: ClassVar[str] = "email"

    email: Annotated[
        str,
        Wire("Email"),
        Normalize("the case of an address does not count", str.lower),
        CreateOnly("the address is what tells one sender from another"),
    ] = ""
    name: Annotated[str, Wire("Name")] = ""


class OwnedSender(Kind):
    """An address that the account may send from."""

    name = "owned_sender"
    section = "owned_senders"
    endpoint = "sender"
    order = 7
    model = OwnedSenderEntry
    operations = frozenset({Operation.UPDATE})
    refusals: ClassVar = {Operation.CREATE: "creating a sender makes Mailjet send mail"}
    key_fields = ("email",)
    example: ClassVar = {"news@example.com": {"name": "News"}}

    def key_of(self, handle: str, values: Values) -> str:
        """The address in lower case."""
        return super().key_of(handle, values).lower()


KIND = OwnedSender()


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    """Add the kind as its file in the package would."""
    monkeypatch.setitem(resources.KINDS, KIND.name, KIND)
    monkeypatch.setitem(resources.SECTIONS, KIND.section, KIND)
    monkeypatch.setattr("tests.stage.CALLS", resources.CALLS | set(KIND.calls))


class TestOwnedSender(KindContract):
    """Senders that can be updated, and neither created nor deleted."""

    kind = KIND
    handle = "news@example.com"
    entry: ClassVar = {"email": "News@example.com", "name": "News"}
    least: ClassVar = {}
    row: ClassVar = {"Email": "news@example.com", "Name": "News", "Status": "Active"}
    bystander: ClassVar = {"Email": "other@example.com", "Name": "Other", "Status": "Active"}
    own = frozenset({"CreatedAt", "Status"})
    identity = frozenset({"email"})
    edits: ClassVar = {"name": Edit({"name": "Newsletter"}, "name", "News", "Newsletter", "Name", "Newsletter")}


def test_a_missing_object_is_refused_with_the_reason():
    """An entry whose object does not exist cannot be planned where the kind cannot create it."""
    stage = Stage("owned_senders: {new@example.com: {name: New}}")

    with pytest.raises(PlanError, match="creating a sender makes Mailjet send mail"):
        stage.plan()


def test_a_replace_is_refused():
    """--replace needs a delete and a create."""
    stage = Stage("owned_senders: {a@example.com: {name: New}}")
    stage.emulator.insert("sender", {"Email": "a@example.com", "Name": "Old", "Status": "Active"})

    with pytest.raises(PlanError, match="cannot be replaced"):
        stage.plan(replaces=frozenset({Address("owned_sender", "a@example.com")}))


def test_a_tombstone_is_refused():
    """Nothing of a kind that cannot be deleted can be under `removed`."""
    stage = Stage("removed: {owned_senders: [a@example.com]}")

    assert ["unknown-key"] == stage.codes()


def test_undo_of_a_field_called_name_is_an_update():
    """A field called `name` that does not identify the object is taken back as a plain update."""
    stage = Stage("owned_senders: {a@example.com: {name: New}}")
    row = stage.emulator.insert("sender", {"Email": "a@example.com", "Name": "Old", "Status": "Active"})
    stage.apply()
    address = Address("owned_sender", "a@example.com")
    before, after = ({"name": name} for name in ("Old", "New"))
    images = BeforeImage(row["ID"], before), BeforeImage(row["ID"], after)
    step = RecordedStep(Action.UPDATE, address, KIND, "a@example.com", "applied", row["ID"], *images)
    with stage.reader() as reader:
        plan = build_undo_plan([step], Undo(reader, stage.scope(), "receipt.json"))

    assert [("update", "owned_sender.a@example.com")] == actions(plan)
    assert {"name": ("New", "Old")} == fields(plan, str(address))


def test_an_account_without_the_section_is_not_asked_about_it():
    """Objects of a declared kind count as unmanaged only where a manifest has the section."""
    stage = Stage("lists: {}")
    stage.emulator.insert("sender", {"Email": "a@example.com", "Status": "Active"})
    plan = stage.plan()

    assert (0, []) == (plan.unmanaged, codes(plan.warnings))
