"""`--target`: a part of the plan, with what it needs."""

import pytest

from mjsync.errors import WrongUse
from tests.stage import Stage, actions, codes, project

MANIFEST = """
    properties: {age: int, other: int}
    lists: {a: {}, b: {}}
    segments: {s: {expression: '(age>1)'}, u: {expression: '(other>1)'}}
    templates: {t: {html: 'x ${id.segment.s}'}, v: {html: y}}
"""


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("list.a",), ["list.a"]),
        (("list.*",), ["list.a", "list.b"]),
        (("list.a", "template.v"), ["list.a", "template.v"]),
        (("segment.u",), ["property.other", "segment.u"]),
        (("template.t",), ["property.age", "segment.s", "template.t"]),
        (("*.[ab]",), ["list.a", "list.b"]),
        (("te*",), ["property.age", "segment.s", "template.t", "template.v"]),
        (("*",), None),
    ],
)
def test_what_is_picked(targets, expected):
    """An address or a glob selects entries and what they need."""
    picked = [address for _, address in actions(Stage(MANIFEST).plan(targets=targets))]

    assert (8 if expected is None else expected) == (len(picked) if expected is None else picked)


def test_what_is_taken_along_is_said():
    """A step that was added because another needs it has a note."""
    plan = Stage(MANIFEST).plan(targets=("segment.u",))

    assert [("target-needs", "property.other")] == [(each.code, each.address) for each in plan.warnings]


@pytest.mark.parametrize("target", ["list.c", "list", "lists.a", "nothing.*", "template.t.x", ""])
def test_one_that_fits_nothing(target):
    """A target that matches nothing is wrong use."""
    with pytest.raises(WrongUse):
        Stage(MANIFEST).plan(targets=(target,))


def test_only_the_kinds_it_needs_are_read():
    """Only listings that a target needs are read."""
    stage = Stage(MANIFEST)
    stage.plan(targets=("list.a",))

    assert {"contactslist"} == {path for path in stage.reads if "/" not in path}


def test_a_tombstone():
    """A tombstone is selected by the address of its object."""
    stage = Stage("removed: {lists: [Old, Older]}", project=project(lists="declared"))
    for name in ("Old", "Older"):
        stage.emulator.insert("contactslist", {"Name": name})

    assert [("delete", "list.Old")] == actions(stage.plan(targets=("list.Old",)))


@pytest.mark.parametrize("target", ["list.x y", "list.x*", "l*"])
def test_what_only_the_account_knows(target):
    """An object that is to be deleted is selected by its remote name."""
    stage = Stage("lists: {a: {}}", project=project(lists="all"))
    for name in ("x y", "z"):
        stage.emulator.insert("contactslist", {"Name": name})
    picked = actions(stage.plan(targets=(target,)))

    assert [("delete", "list.x y")] == [each for each in picked if "x y" in each[1]]
    assert ("l*" == target) == (("delete", "list.z") in picked)


@pytest.mark.parametrize("target", ["list.old", "li*", "*old", "[kl]ist.*", "*"])
def test_what_only_the_account_knows_of_an_empty_section(target):
    """A glob selects objects to delete of a kind without entries."""
    stage = Stage("lists: {}", project=project(lists="all"))
    stage.emulator.insert("contactslist", {"Name": "old"})

    assert [("delete", "list.old")] == actions(stage.plan(targets=(target,)))


def test_others_are_no_part_of_the_counts_of_changes():
    """Entries that are not selected are neither changed nor deleted."""
    stage = Stage("lists: {a: {}}\nsegments: {}", project=project(lists="all", segments="all"))
    stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)"})

    assert [("create", "list.a")] == actions(stage.plan(targets=("list.a",)))


def test_a_targets_digests_are_those_of_the_whole_plan():
    """A step's digest is the same with and without other steps."""
    whole = {str(change.address): change.digest for change in Stage(MANIFEST).plan().changes}
    part = {str(change.address): change.digest for change in Stage(MANIFEST).plan(targets=("template.t",)).changes}

    assert part.items() <= whole.items()


def test_a_name_that_another_entry_holds_is_not_free():
    """An object that an entry outside the target means is managed."""
    stage = Stage("lists: {a: {name: x}, b: {}}", project=project(lists="all"))
    stage.emulator.insert("contactslist", {"Name": "x"})

    assert [("create", "list.b")] == actions(stage.plan(targets=("list.*",)))


def test_no_prune_warning_under_a_target():
    """There is no warning about kinds that a target leaves out."""
    stage = Stage("lists: {a: {}}", project=project(segments="all"))

    assert [] == codes(stage.plan(targets=("list.a",)).warnings)
