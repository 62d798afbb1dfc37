"""Kinds that are one file each: a renamable one not identified by its name, an update-only and a read-only one.

`tests/test_toy_kinds.py` runs these tests in a copy of the project that has the kinds of this folder.
"""

import subprocess
from typing import ClassVar

import pytest
from mjsync.resources.domain import Domain
from mjsync.resources.owned_sender import OwnedSender
from mjsync.resources.plaque import Plaque

from mjsync.emulator import Emulator
from mjsync.engine.plan import Action, RecordedObject, RecordedStep
from mjsync.engine.undo import Undo, build_undo_plan
from mjsync.errors import PlanError
from mjsync.resources import CALLS, KINDS
from mjsync.resources.address import Address
from tests import terminal
from tests.stage import Stage, actions, codes
from tests.unit.resources.contract import Edit, KindContract, Renamed


class TestPlaque(Renamed):
    """Plaques: identified by a title that can be changed in place, with another field called `name`."""

    kind = Plaque()
    handle = "door"
    entry: ClassVar = {"title": "Door", "name": "Oak"}
    least: ClassVar = {"title": "Door"}
    least_body: ClassVar = {"Name": "Door"}
    row: ClassVar = {"Name": "Door", "Description": "Oak"}
    bystander: ClassVar = {"Name": "Wall", "Description": "Brick"}
    own = frozenset({"Author", "Copyright", "OwnerID", "OwnerType", "Preset"})
    tombstone = "Door"
    edits: ClassVar = {
        "title": Edit({"title": "Gate", "renamed_from": "Door"}, "title", "Door", "Gate", "Name", "Gate"),
        "name": Edit({"name": "Ash"}, "name", "Oak", "Ash", "Description", "Ash"),
    }


class TestOwnedSender(KindContract):
    """Senders that can be updated, and neither created nor deleted."""

    kind = OwnedSender()
    handle = "news@example.com"
    entry: ClassVar = {"email": "News@example.com", "name": "News"}
    least: ClassVar = {}
    row: ClassVar = {"Email": "news@example.com", "Name": "News", "Status": "Active"}
    bystander: ClassVar = {"Email": "other@example.com", "Name": "Other", "Status": "Active"}
    own = frozenset({"CreatedAt", "Status"})
    identity = frozenset({"email"})
    edits: ClassVar = {"name": Edit({"name": "Newsletter"}, "name", "News", "Newsletter", "Name", "Newsletter")}


class TestDomain(KindContract):
    """Domains, which are compared and never written."""

    kind = Domain()
    handle = "mail.example"
    entry: ClassVar = {"domain": "mail.example", "name": "mailjet._domainkey.mail.example."}
    least: ClassVar = {}
    row: ClassVar = {"Domain": "mail.example", "DKIMRecordName": "mailjet._domainkey.mail.example."}
    bystander: ClassVar = {"Domain": "other.example"}
    edits: ClassVar = {}


# --- plaques, through the command line


@pytest.fixture
def emulator(monkeypatch):
    """An emulator whose account has one plaque."""
    with Emulator() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        made.insert("preset", {"Name": "Door", "Description": "Oak"})
        yield made


@pytest.fixture
def project(tmp_path, emulator):
    """A project that declares the plaque, and whose commit is deployed."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / ".gitignore").write_text(".mjsync/\n")
    write(tmp_path, "{title: Door, name: Oak}")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "Add a plaque")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(("git", *identity, *words), cwd=tmp_path, check=True)
    assert 0 == terminal.run("apply", "--yes", at=tmp_path).code
    return tmp_path


def write(folder, entry):
    """Declare the plaque with other settings."""
    (folder / "manifests" / "main.yaml").write_text(f"plaques:\n  door: {entry}\n")


def stored(emulator):
    """Title and name of each stored plaque."""
    return [(row["Name"], row["Description"]) for row in emulator.state()["preset"]]


def apply(folder):
    """Apply, and return the id of the receipt."""
    assert 0 == terminal.run("apply", "--yes", at=folder).code
    return terminal.run("runs", at=folder).out.split()[0]


def undo(folder, receipt):
    """Take a run back, and return the first lines of the plan."""
    ran = terminal.run("undo", receipt, "--yes", at=folder)
    assert 0 == ran.code, ran.err
    return ran.out.split("\n\n")[0].splitlines()


def test_another_name_is_an_update(project):
    """The plan says update where a field called `name` changes that does not identify the object."""
    write(project, "{title: Door, name: Ash}")

    lines = terminal.run("plan", at=project).out.splitlines()[:2]
    assert ['~ plaque.door  update "Door"', '    name: "Oak" → "Ash"'] == [lines[0].partition(" (id")[0], lines[1]]


def test_another_title_is_a_rename(project):
    """The plan says rename where the field that identifies the object changes, and does not repeat the field."""
    write(project, "{title: Gate, renamed_from: Door, name: Oak}")

    lines = terminal.run("plan", at=project).out.split("\n\n")[0].splitlines()
    assert ['→ plaque.door  rename "Door" → "Gate"'] == [line.partition(" (id")[0] for line in lines]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_reports_name_the_title(project, form):
    """Reports for reviewers show a rename of the title, and a change of the name as a change of a field."""
    write(project, "{title: Gate, renamed_from: Door, name: Ash}")

    report = terminal.run("plan", "--format", form, at=project).out
    assert [True] * 4 == [each in report for each in ("Door", "Gate", "Oak", "Ash")]
    assert "1 old plaque is renamed" in report


def test_undo_of_another_name_is_an_update(project, emulator):
    """Undo says update where the run changed a field called `name`."""
    write(project, "{title: Door, name: Ash}")
    receipt = apply(project)

    assert ("update", '    name: "Ash" → "Oak"') == ((lines := undo(project, receipt))[0].split()[2], lines[1])
    assert [("Door", "Oak")] == stored(emulator)


def test_undo_of_another_title_is_a_rename(project, emulator):
    """Undo says rename where the run changed the title."""
    write(project, "{title: Gate, renamed_from: Door}")
    receipt = apply(project)

    assert '→ plaque.door  rename "Gate" → "Door"' == undo(project, receipt)[0].partition(" (id")[0]
    assert [("Door", "Oak")] == stored(emulator)


def test_import_takes_the_handle_from_the_title(project, emulator):
    """An imported plaque has the title as its handle, and states its name."""
    emulator.insert("preset", {"Name": "Wall", "Description": "Brick"})

    assert 0 == terminal.run("import", "--kind", "plaque", at=project).code
    assert "plaques:\n  Wall: {name: Brick}\n" == (project / "manifests" / "plaques.yaml").read_text()


def test_drift_of_the_name_is_a_field(project, emulator):
    """A name that was edited in Mailjet is drift of that field; an import takes it into the manifest."""
    state = emulator.state()
    state["preset"][0]["Description"] = "Ash"
    emulator.load(state)

    assert (
        '~ plaque.door  update "Door" (id 51000001)\n    name: "Ash" → "Oak"' in terminal.run("drift", at=project).out
    )
    assert 0 == terminal.run("import", "--kind", "plaque", at=project).code
    assert "{title: Door, name: Ash}" in (project / "manifests" / "main.yaml").read_text()


def test_blanks_around_a_name_are_refused():
    """A field with the role NoOuterBlanks may not have any, whatever it is called."""
    assert ["value"] == Stage("plaques: {door: {name: ' Oak'}}").codes()
    assert [] == Stage("plaques: {door: {title: ' Door'}}").codes()


def test_two_objects_with_one_title_point_at_the_title():
    """The error about a title that two objects have is at the line of the title."""
    stage = Stage("plaques:\n  door:\n    name: Oak\n    title: Door\n")
    for name in ("Door", "Door "):
        stage.emulator.insert("preset", {"Name": name, "Description": "Oak"})

    with pytest.raises(PlanError) as error:
        stage.plan()
    assert [4] == [finding.location.line for finding in error.value.findings]


# --- what a kind may not do


def test_a_missing_object_is_refused_with_the_reason():
    """Each entry whose object does not exist is an error where the kind cannot create it."""
    stage = Stage("owned_senders: {a@example.com: {name: A}, b@example.com: {name: B}}")

    with pytest.raises(PlanError) as error:
        stage.plan()
    assert ["creating a sender makes Mailjet send mail"] * 2 == [
        finding.message.partition(", and ")[2] for finding in error.value.findings
    ]


def test_a_replace_is_refused():
    """--replace needs a delete and a create."""
    stage = Stage("owned_senders: {a@example.com: {name: New}}")
    stage.emulator.insert("sender", {"Email": "a@example.com", "Name": "Old", "Status": "Active"})

    with pytest.raises(PlanError, match="cannot be replaced"):
        stage.plan(replaces=frozenset({Address("owned_sender", "a@example.com")}))


def test_a_tombstone_is_refused():
    """Nothing of a kind that cannot be deleted can be under `removed`."""
    assert ["unknown-key"] == Stage("removed: {owned_senders: [a@example.com]}").codes()
    assert ["unknown-key"] == Stage(project="version: 1\nmanifests: [m]\ndelete: {domains: all}\n").codes()


def test_an_object_that_differs_is_refused_where_it_cannot_be_updated():
    """An entry that differs from its object is an error, with the fields, where the kind is never written."""
    stage = Stage("domains: {mail.example: {name: other}}")
    stage.emulator.insert("dns", {"Domain": "mail.example", "DKIMRecordName": "mailjet."})

    with pytest.raises(PlanError, match="differs in name, and mjsync cannot update domains"):
        stage.plan()
    assert [] == stage.writes


def test_only_declared_requests_are_allowed():
    """The table of allowed calls has what each kind declares: no write of a read-only kind, no create of the other."""
    methods = {
        endpoint: {method for method, path in CALLS if path.partition("/")[0] == endpoint}
        for endpoint in ("preset", "sender", "dns")
    }

    assert {"preset": {"GET", "POST", "PUT", "DELETE"}, "sender": {"GET", "PUT"}, "dns": {"GET"}} == methods


@pytest.mark.parametrize(
    ("kind", "action", "reason"),
    [
        ("owned_sender", Action.UPDATE, "cannot come back, since creating a sender makes Mailjet send mail"),
        ("owned_sender", Action.DELETE, "cannot come back, since creating a sender makes Mailjet send mail"),
    ],
)
def test_undo_does_not_create_what_cannot_be_created(kind, action, reason):
    """Undo leaves an object that is gone alone where its kind cannot be created."""
    step = RecordedStep(
        action,
        Address(kind, "a@example.com"),
        KINDS[kind],
        "a@example.com",
        "applied",
        7,
        RecordedObject(7, {"email": "a@example.com", "name": "Old"}),
        RecordedObject(7, {"name": "New"}),
    )
    stage = Stage()
    with stage.reader() as reader:
        plan = build_undo_plan([step], Undo(reader, stage.scope(), "receipt.json"))

    assert ([], [f"left alone: {reason}"]) == (actions(plan), [warning.message for warning in plan.warnings])


def test_undo_does_not_delete_what_cannot_be_deleted():
    """Undo leaves a created object alone where its kind cannot be deleted."""
    stage = Stage()
    row = stage.emulator.insert("sender", {"Email": "a@example.com", "Status": "Active"})
    address, after = Address("owned_sender", "a@example.com"), RecordedObject(row["ID"], {"email": "a@example.com"})
    step = RecordedStep(Action.CREATE, address, OwnedSender(), "a@example.com", "applied", row["ID"], None, after)
    with stage.reader() as reader:
        plan = build_undo_plan([step], Undo(reader, stage.scope(), "receipt.json"))

    expected = "left alone: stays, since mjsync cannot delete owned_senders"
    assert ([], [expected]) == (actions(plan), [warning.message for warning in plan.warnings])


def test_an_account_without_the_section_is_not_asked_about_it():
    """Objects of a declared kind count as unmanaged only where a manifest has the section."""
    stage = Stage("lists: {}")
    stage.emulator.insert("sender", {"Email": "a@example.com", "Status": "Active"})
    plan = stage.plan()

    assert (0, []) == (plan.unmanaged, codes(plan.warnings))
