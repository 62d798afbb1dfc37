"""The order of steps: what is needed first; what frees a name before what takes it; deletes last, in reverse."""

from dataclasses import replace

import pytest

from mjsync.engine.build_plan import ordered
from mjsync.errors import PlanError
from tests.stage import Stage, actions, project, the

REMOVED = "lists: {}\nremoved: {lists: [X]}"


def needs(plan, address):
    """Return the needs of a step."""
    return [str(need) for need in the(plan, address).needs]


class TestNeeds:
    """Needs of steps."""

    @pytest.mark.parametrize(
        ("manifest", "address", "expected"),
        [
            ("segments: {s: {expression: '(age>1)'}}\nproperties: {age: int}", "segment.s", ["property.age"]),
            ("segments: {s: {expression: '(x=\"age\")'}}\nproperties: {age: int}", "segment.s", []),
            (
                "segments: {s: {expression: '(Contains(p,\"q\"))'}}\nproperties: {a: {name: p}}",
                "segment.s",
                ["property.a"],
            ),
            ("templates: {t: {html: '{{data:age}}'}}\nproperties: {age: int}", "template.t", ["property.age"]),
            ("templates: {t: {subject: '{{data:age:1}}'}}\nproperties: {age: int}", "template.t", ["property.age"]),
            ("templates: {t: {text: '[[data:age:1]]'}}\nproperties: {age: int}", "template.t", ["property.age"]),
            ("templates: {t: {html: '{% if segment:vip %}'}}\nsegments: {v: {name: vip}}", "template.t", ["segment.v"]),
            ("templates: {t: {html: '${id.segment.v}'}}\nsegments: {v: {name: vip}}", "template.t", ["segment.v"]),
            ("templates: {t: {headers: {X-L: '${id.list.v}'}}}\nlists: {v: {}}", "template.t", ["list.v"]),
            ("webhooks: {bounce: {url: 'https://a.b/${id.list.v}'}}\nlists: {v: {}}", "webhook.bounce", ["list.v"]),
            ("templates: {t: {html: x}}\nlists: {v: {}}", "template.t", []),
        ],
    )
    def test_of_a_create(self, manifest, address, expected):
        """A step needs what its values refer to, by id or by remote name."""
        assert expected == needs(Stage(manifest).plan(), address)

    def test_what_is_there_is_not_waited_for(self):
        """An object without a step is not a need."""
        stage = Stage("segments: {s: {expression: '(country=\"x\")'}}\nproperties: {country: str}")

        assert [] == needs(stage.plan(), "segment.s")

    def test_a_rename_comes_before_what_uses_the_new_name(self):
        """A segment needs the rename of a property that it names."""
        stage = Stage("segments: {s: {expression: '(years>1)'}}\nproperties: {years: {type: int, renamed_from: age}}")
        stage.emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})
        stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(age>1)"})

        assert [("rename", "property.years"), ("update", "segment.s")] == actions(stage.plan())

    def test_a_delete_waits_for_those_who_use_it(self):
        """The delete of a property needs the steps of segments that stop using it."""
        stage = Stage(
            "segments: {s: {expression: '(country=\"x\")'}}\nremoved: {properties: [age]}",
            project=project(properties="declared"),
        )
        stage.emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})
        stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(age>1)"})
        plan = stage.plan()

        assert [("update", "segment.s"), ("delete", "property.age")] == actions(plan)
        assert ["segment.s"] == needs(plan, "property.age")

    def test_deletes_go_backwards(self):
        """Templates are deleted before segments, segments before properties."""
        stage = Stage(
            "properties: {}\nsegments: {}\ntemplates: {}",
            project=project(properties="all", segments="all", templates="all"),
        )
        stage.emulator.insert("contactmetadata", {"Name": "age"})
        stage.emulator.insert("contactfilter", {"Name": "vip", "Expression": "(age>1)"})
        stage.emulator.insert("template", {"Name": "t", "detailcontent": {"Html-part": "{% if segment:vip %}"}})
        plan = stage.plan()

        assert ["template.t", "segment.vip", "property.age"] == [str(change.address) for change in plan.changes]
        assert ["template.t"] == needs(plan, "segment.vip")
        assert ["segment.vip"] == needs(plan, "property.age")

    def test_kinds_come_in_their_order(self):
        """Otherwise kinds are in this order: properties, lists, segments, templates, webhooks, routes."""
        stage = Stage(
            "parse_routes: {a@b.c: {url: https://a.b/c}}\nwebhooks: {open: {url: https://a.b/c}}\n"
            "templates: {t: {html: x}}\nsegments: {s: {expression: (IsProvided(country))}}\n"
            "lists: {l: {}}\nproperties: {p: int}"
        )

        assert ["property", "list", "segment", "template", "webhook", "parse_route"] == [
            change.address.kind for change in stage.plan().changes
        ]


class TestReferences:
    """References to ids that are not known before the run."""

    def test_sent_as_numbers(self):
        """A reference is sent as the id of the object created before it."""
        stage = Stage("segments: {s: {expression: '(country=\"x\")'}}\ntemplates: {t: {html: 'go ${id.segment.s}'}}")
        stage.apply()
        number = stage.stored("contactfilter", Name="s")["ID"]

        assert f"go {number}" == stage.stored("template", Name="t")["detailcontent"]["Html-part"]

    def test_shown_as_written(self):
        """A reference is shown as the manifest has it."""
        stage = Stage("segments: {s: {expression: '(country=\"x\")'}}\ntemplates: {t: {html: 'go ${id.segment.s}'}}")
        html = next(field for field in the(stage.plan(), "template.t").fields if field.path == "html")

        assert "go ${id.segment.s}" == html.after

    def test_in_sync_once_applied(self):
        """A reference to a live object equals its id in a live text."""
        stage = Stage("segments: {s: {expression: '(country=\"x\")'}}\ntemplates: {t: {html: 'go ${id.segment.s}'}}")

        assert () == stage.settle().changes

    def test_the_digest_does_not_hold_the_number(self):
        """The id of an account is not in the digest."""

        def digest(first):
            stage = Stage("lists: {l: {}}\ntemplates: {t: {html: 'x ${id.list.l}'}}")
            for number in range(first):
                stage.emulator.insert("contactslist", {"Name": str(number)})
            stage.emulator.insert("contactslist", {"Name": "l"})
            return stage.plan().digest

        assert digest(1) == digest(5)

    def test_of_what_is_replaced(self):
        """A reference to a replaced object waits for its new id."""
        stage = Stage("lists: {l: {}}\ntemplates: {t: {html: 'x ${id.list.l}'}}")
        stage.settle()
        from mjsync.resources.address import Address

        plan = stage.plan(replaces=frozenset({Address("list", "l")}))
        stage.apply(plan)

        assert [("replace", "list.l"), ("update", "template.t")] == actions(plan)
        assert [] == actions(stage.plan())


def test_two_changes_of_one_address_are_an_error():
    """Two changes with one address are an error."""
    change = the(Stage("lists: {l: {}}").plan(), "list.l")
    with pytest.raises(PlanError) as caught:
        list(ordered([change, replace(change)]))

    assert ("ambiguous", "list.l") == (caught.value.findings[0].code, caught.value.findings[0].address)


@pytest.mark.parametrize(
    ("manifest", "action"), [("lists: {a: {name: New, renamed_from: X}}", "rename"), (REMOVED, "delete")]
)
def test_a_create_waits_for_the_change_that_frees_its_name(manifest, action):
    """A name that a rename or a delete gives up is taken after it; an undo may plan both."""
    stage = Stage(manifest, project=project(lists="declared"))
    stage.emulator.insert("contactslist", {"Name": "X"})
    (freeing,) = stage.plan().changes
    (create,) = Stage("lists: {again: {name: X}}").plan().changes
    (first, before), (_, needed) = ordered([create, freeing])

    assert (action, [], [freeing.address]) == (first.action.value, before, needed)


@pytest.mark.parametrize("is_live", [True, False])
def test_changes_that_refer_to_each_other(is_live):
    """Two live objects may contain each other's ids; of two new ones none can be the first."""
    stage = Stage("lists: {a: {name: A}, b: {name: B}}")
    if is_live:
        stage = Stage("templates: {a: {subject: new}, b: {subject: new}}")
        for name in "ab":
            stage.emulator.insert("template", {"Name": name})
    one, two = stage.plan().changes
    ring = [replace(one, references=frozenset({two.address})), replace(two, references=frozenset({one.address}))]

    if is_live:
        assert [[], [two.address]] == [needed for _, needed in ordered([ring[0], two])]
        assert [[], []] == [needed for _, needed in ordered(ring)]
    else:
        with pytest.raises(PlanError, match="need each other: "):
            list(ordered(ring))
