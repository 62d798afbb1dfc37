"""Differences with a common cause are one group, in every format."""

import json
from dataclasses import replace

import pytest

from mjsync.engine.plan import FieldChange
from mjsync.errors import Location
from mjsync.render.groups import group_changes
from mjsync.render.text_diff import changed_phrases
from mjsync.render.to_json import plan_json
from mjsync.render.to_text import plan_lines
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from tests.unit.render.sample_plan import plan as sample_plan
from tests.unit.render.shared_causes import grouped_plan


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Four templates that share a part, a var and a default; one of them has a change of its own."""
    return grouped_plan(tmp_path_factory.mktemp("causes"))


def test_causes(plan):
    """A part, a variable and a default are named, each with its difference and number of templates."""
    groups = {group.id: (group.phrases, len(group.changes)) for group in group_changes(plan).groups}

    assert {
        "default.from.email": ((("old@example.com", "new@example.com"),), 4),
        "var.site": ((("old.example.com", "new.example.com"),), 4),
        "part.footer": ((("Shop Ltd", "Shop GmbH"),), 4),
    } == groups


def test_headlines(plan):
    """A headline counts changes of one kind in its word, and changes of several kinds as objects."""
    group = next(group for group in group_changes(plan).groups if group.id == "var.site")
    other = replace(group.changes[0], kind=KINDS["list"])

    assert ["var site changes 4 mails", "var site changes 2 objects"] == [
        each.headline for each in (group, group._replace(changes=(group.changes[0], other)))
    ]


def test_what_is_left(plan):
    """A template shows its own difference only, beside the groups."""
    grouping = group_changes(plan)
    rest = {
        str(change.address): [
            changed_phrases(left.before, left.after)
            for field in change.fields
            if (left := grouping.field(change, field)[0])
        ]
        for change in plan.changes
    }

    assert {
        "template.bye": [[("Hello", "Good morning")]],
        "template.order": [],
        "template.reset": [],
        "template.welcome": [],
    } == rest


def test_text_shows_it_once(plan):
    """Text shows a common difference once; --wide shows it in each change."""
    counts = [
        sum(line.strip().startswith("+") and "Shop GmbH" in line for line, _ in plan_lines(plan, detail=detail))
        for detail in ("normal", "wide", "brief")
    ]

    assert [1, 4, 0] == counts


@pytest.mark.parametrize(("number", "lines"), [(5, 5), (6, 1)])
def test_a_note_of_many_changes_is_written_once(plan, number, lines):
    """A note of more than five changes is printed once, with their number."""
    one = plan.changes[0]
    changes = tuple(replace(one, step=step, notes=("takes over",)) for step in range(1, number + 1))
    found = [line for line, _ in plan_lines(replace(plan, changes=changes)) if "# takes over: no earlier run" in line]

    assert lines == len(found)
    assert found[-1].endswith("(6 changes)") == (number == 6)


def test_json(plan):
    """JSON has the group of a change and of a field, and each group once."""
    document = json.loads(json.dumps(plan_json(plan, "1")))
    order = next(change for change in document["changes"] if change["handle"] == "order")

    assert ["default.from.email", "var.site", "part.footer"] == [group["group"] for group in document["groups"]]
    assert "default.from.email" == order["group"]
    assert {"from.email": "default.from.email", "html": "var.site"} == {
        field["path"]: field.get("group") for field in order["fields"]
    }


@pytest.mark.parametrize(("count", "expected"), [(2, []), (3, ["same-1"])])
def test_an_unknown_cause(count, expected):
    """Three or more equal values that entries state themselves are a group."""
    original = next(change for change in sample_plan().changes if str(change.address) == "template.order-confirmation")
    changes = tuple(
        replace(
            original,
            address=Address("template", f"x{step}"),
            step=step,
            fields=(FieldChange("subject", "Old", "New"),),
            entry=replace(original.entry, locations={"subject": Location("a.yaml", step)}),
        )
        for step in range(1, count + 1)
    )

    assert expected == [group.id for group in group_changes(replace(sample_plan(), changes=changes)).groups]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Your order is paid.", "Your order is on its way.", [("paid.", "on its way.")]),
        ("in the previous 30 days", "in the previous 60 days", [("30 days", "60 days")]),
        ("by Shop Ltd, Berlin", "by Shop GmbH, Berlin", [("Shop Ltd", "Shop GmbH")]),
        ("a b c", "a c", [("b", "")]),
        ("same", "same", []),
    ],
)
def test_phrases(before, after, expected):
    """A replaced word is shown with the words around it."""
    assert expected == changed_phrases(before, after)
