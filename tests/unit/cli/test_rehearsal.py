"""Rehearsals: what the rules of Mailjet refuse is reported before the first write."""

import json

import pytest

from mjsync.emulator import Emulator
from tests.stage import PROJECT
from tests.terminal import run

NL = """'(country="NL")'"""
SEGMENT = {"Name": "Old", "Expression": NL.strip("'"), "Status": "unused"}
DELETED = {**SEGMENT, "Name": "New", "Status": "deleted"}
RENAMED = f"segments: {{s: {{name: New, renamed_from: Old, expression: {NL}}}, t: {{expression: {NL}}}}}\n"
AGE = {"Name": "age", "Datatype": "int", "NameSpace": "static"}


@pytest.fixture
def folder(tmp_path):
    """A project without a manifest."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    return tmp_path


def writes(emulator: Emulator) -> list[tuple[str, str]]:
    """Return method and endpoint of each write so far."""
    return [(each.method, each.path.split("/")[3]) for each in emulator.requests if each.method != "GET"]


REFUSED = {
    "a rename to the name of a deleted segment": ([SEGMENT, DELETED], RENAMED, ()),
    "a replace, whose first half keeps the name": (
        [SEGMENT],
        """segments: {s: {name: Old, expression: '(country="BE")'}}\n""",
        ("--replace", "segment.s", "--approve", "replace:segment.s"),
    ),
}


@pytest.mark.parametrize(("rows", "manifest", "options"), REFUSED.values(), ids=REFUSED)
def test_a_taken_name_is_refused_before_anything_is_written(folder, emulator, rows, manifest, options):
    """A taken name is a guard of the plan and of apply (4); without the rehearsal the apply fails."""
    for row in rows:
        emulator.insert("contactfilter", row)
    (folder / "manifests/main.yaml").write_text(manifest)
    planned = run("plan", "--rehearse", "--exit-code", "--format", "json", *options, at=folder)
    ran = run("apply", "--yes", "--rehearse", *options, at=folder)

    (guard,) = [guard for guard in json.loads(planned.out)["guards"] if not guard["lifted"]]
    assert (4, "rehearsal", "segment.s") == (planned.code, guard["code"], guard["address"])
    assert (4, []) == (ran.code, writes(emulator))
    assert "error: segment.s: the rehearsal failed: Mailjet says that it exists already" in ran.err
    assert "leave --rehearse out" in ran.err
    assert not (folder / ".mjsync/receipts").exists()
    assert 5 == run("apply", "--yes", *options, at=folder).code


PASSED = {
    "a deleted list frees its name": (
        [("contactslist", {"Name": "Weekly", "IsDeleted": True})],
        "lists: {news: {name: Weekly}}\n",
        (),
        [("POST", "contactslist")],
    ),
    "a deleted segment is brought back": (
        [("contactfilter", DELETED)],
        f"segments: {{s: {{name: New, expression: {NL}}}}}\n",
        (),
        [("PUT", "contactfilter")],
    ),
    "what is used is made before what uses it": (
        [],
        "properties: {zip: str}\nsegments: {a: {expression: '(zip=\"1000\")'}}\n",
        (),
        [("POST", "contactmetadata"), ("POST", "contactfilter")],
    ),
    "a field that is set at the creation is replaced": (
        [("contactmetadata", AGE)],
        "properties: {age: {type: int, namespace: historic}}\n",
        ("--replace", "property.age", "--approve", "replace:property.age"),
        [("DELETE", "contactmetadata"), ("POST", "contactmetadata")],
    ),
}


@pytest.mark.parametrize(("rows", "manifest", "options", "expected"), PASSED.values(), ids=PASSED)
def test_what_mailjet_accepts_is_applied_as_it_was_rehearsed(folder, emulator, rows, manifest, options, expected):
    """A rehearsed plan writes nothing; its apply writes each step once, and the receipt says that it was rehearsed."""
    for resource, row in rows:
        emulator.insert(resource, row)
    (folder / "manifests/main.yaml").write_text(manifest)
    assert 0 == run("plan", "--rehearse", *options, at=folder).code
    assert [] == writes(emulator)
    ran = run("apply", "--yes", "--rehearse", "--format", "json", *options, at=folder)

    assert (0, expected) == (ran.code, writes(emulator))
    assert json.loads((folder / json.loads(ran.out)["receipt"]).read_bytes())["rehearsed"] is True


@pytest.mark.parametrize(
    ("manifest", "code", "message"),
    [
        ("removed: {properties: [age]}\nsegments: {t: {expression: '(age>3)'}}\n", 4, "is used here and removed"),
        ("properties: {age: {type: int, namespace: historic}}\n", 0, "namespace is 'static' there and cannot become"),
    ],
    ids=["a reference to what is removed", "a field that is set at the creation"],
)
def test_what_a_plan_knows_needs_no_rehearsal(folder, emulator, manifest, code, message):
    """A broken reference stops the plan before the rehearsal; a field that cannot change is a warning."""
    emulator.insert("contactmetadata", AGE)
    (folder / "manifests/main.yaml").write_text(manifest)
    ran = run("apply", "--yes", "--rehearse", at=folder)

    assert (code, []) == (ran.code, writes(emulator))
    assert message in ran.err
