"""Guards: what refuses a plan, the message, and the flag that allows it."""

from typing import ClassVar

import pytest

from mjsync.errors import WrongUse
from mjsync.resources.address import Address
from tests.stage import PROJECT, Stage, actions, project


def guards(plan):
    """Return code and address of each guard that is not lifted."""
    return [(guard.code, guard.address) for guard in plan.guards if not guard.lifted]


def lists(count, manifest="lists: {}", guard=""):
    """Return an account of so many lists, all of them deleted unless declared."""
    made = Stage(manifest, project=project(lists="all") + guard)
    for number in range(count):
        made.emulator.insert("contactslist", {"Name": f"list {number}"})
    return made


def declaring(names):
    """Return a manifest of these lists."""
    return "lists: {" + ", ".join(f"h{number}: {{name: list {number}}}" for number in names) + "}"


class TestRatios:
    """Ratios of deletes and changes of a kind."""

    def test_below_the_floor(self):
        """With fewer than ten live objects no ratio is checked."""
        assert [] == guards(lists(9).plan())

    def test_at_the_floor(self):
        """With ten live objects ratios are checked."""
        assert [("ratio", "list")] == guards(lists(10).plan())

    @pytest.mark.parametrize(("kept", "expected"), [(range(3, 10), []), (range(4, 10), [("ratio", "list")])])
    def test_exactly_the_ratio_passes(self, kept, expected):
        """Three of ten pass at 0.3, four do not."""
        assert expected == guards(lists(10, declaring(kept)).plan())

    @pytest.mark.parametrize("count", range(1, 100, 7))
    def test_every_hundredth_is_exact(self, count):
        """A ratio with two digits is exact."""
        made = lists(100, declaring(range(count, 100)), f"guards: {{max_deleted_ratio: {count / 100}}}\n")

        assert [] == guards(made.plan())

    def test_one_more_than_the_ratio(self):
        """One object more than the ratio is refused."""
        made = lists(100, declaring(range(30, 100)), "guards: {max_deleted_ratio: 0.29}\n")

        assert [("ratio", "list")] == guards(made.plan())

    def test_what_the_refusal_prints_lets_it_through(self):
        """The line that a refusal prints allows the plan."""
        made = lists(13, declaring(range(8, 13)))
        allow = made.plan().guards[0].allow
        made.project += f"guards: {allow.partition('guards: ')[2].partition('`')[0]}\n"

        assert [] == guards(made.plan())

    def test_lifted_by_its_approval(self):
        """`ratio:KIND` lifts it."""
        plan = lists(10).plan(approvals=("ratio:list",))

        assert ([], [True]) == (guards(plan), [guard.lifted for guard in plan.guards])

    def test_creates_never_count(self):
        """Creates do not count."""
        made = lists(10, declaring(range(50)))

        assert [] == guards(made.plan(max_changed_ratio=0.0, max_deleted_ratio=0.0))

    def test_changes_count_in_their_own_ratio(self):
        """Updates and renames count for max_changed_ratio."""
        entries = ", ".join(f"h{number}: {{renamed_from: list {number}}}" for number in range(10))
        made = Stage(f"lists: {{{entries}}}")
        for number in range(10):
            made.emulator.insert("contactslist", {"Name": f"list {number}"})

        assert [("ratio", "list")] == guards(made.plan(max_changed_ratio=0.9))
        assert [] == guards(made.plan(max_changed_ratio=1.0))

    def test_counted_over_all_live_objects(self):
        """Ratios count over all live objects, declared or not."""
        made = Stage("removed: {lists: [list 0, list 1, list 2]}", project=project(lists="declared"))
        for number in range(10):
            made.emulator.insert("contactslist", {"Name": f"list {number}"})

        assert [] == guards(made.plan())

    def test_each_kind_by_itself(self):
        """Ratios count for each kind."""
        made = lists(10)
        for number in range(50):
            made.emulator.insert("contactfilter", {"Name": f"s{number}", "Expression": "(a=1)"})
        made.manifest = "lists: {}\nsegments: {}"

        assert [("ratio", "list")] == guards(made.plan())


class TestPeople:
    """Deletes that affect people."""

    def emptied(self, subscribers=3, limit=0):
        """Return a plan that deletes a list with subscribers."""
        made = Stage("removed: {lists: [Old]}", project=project(lists="declared"))
        row = made.emulator.insert("contactslist", {"Name": "Old"})
        for number in range(subscribers):
            contact = made.emulator.insert("contact", {"Email": f"p{number}@example.com"})
            made.emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": row["ID"]})
        return made.plan(max_people=limit)

    def test_a_list_with_subscribers(self):
        """A list with more subscribers than the limit needs an approval; the message has their number."""
        plan = self.emptied()

        assert [("people", "list.Old")] == guards(plan)
        assert "touches 3 subscribers" in plan.guards[0].message
        assert "--approve people:list.Old" == plan.guards[0].allow

    @pytest.mark.parametrize(("limit", "expected"), [(2, [("people", "list.Old")]), (3, [])])
    def test_exactly_the_limit_passes(self, limit, expected):
        """As many people as the limit pass."""
        assert expected == guards(self.emptied(limit=limit))

    def test_an_empty_list(self):
        """An empty list affects nobody."""
        assert ([], "none") == (guards(self.emptied(0)), self.emptied(0).changes[0].risk)

    def test_the_risk_is_told(self):
        """Such a change has the risk `people`."""
        assert "people" == self.emptied().changes[0].risk

    def property_in_use(self, holders):
        """Return a plan that deletes a property, with contacts that have a value."""
        made = Stage("removed: {properties: [shoe]}", project=project(properties="declared"))
        made.emulator.insert("contactmetadata", {"Name": "shoe", "Datatype": "int"})
        for number in range(5):
            contact = made.emulator.insert("contact", {"Email": f"p{number}@example.com"})
            values = [{"Name": "shoe", "Value": "42"}] if number < holders else [{"Name": "name", "Value": "x"}]
            made.emulator.insert("contactdata", {"ContactID": contact["ID"], "Data": values})
        return made

    def test_a_property_with_values(self):
        """Contacts with a value are counted until there are more than the limit."""
        plan = self.property_in_use(3).plan()

        assert [("people", "property.shoe")] == guards(plan)
        assert "touches more than 0 contacts" in plan.guards[0].message

    def test_a_property_nobody_uses(self):
        """Values of other properties do not count."""
        assert [] == guards(self.property_in_use(0).plan())

    def test_a_count_that_cannot_be_had(self):
        """Where contacts cannot be counted, the guard applies."""
        made = self.property_in_use(0)
        made.emulator.fault("403:GET:/v3/REST/contactdata*:times=all")
        plan = made.plan()

        assert [("people", "property.shoe")] == guards(plan)
        assert "an unknown number of contacts" in plan.guards[0].message

    def test_lifted_by_the_guard_or_by_the_address(self):
        """`people:ADDRESS` lifts it, and so does the bare address."""
        made = self.property_in_use(1)

        for approval in ("people:property.shoe", "property.shoe"):
            assert [] == guards(made.plan(approvals=(approval,)))


class TestReplaces:
    """`--replace` deletes and creates."""

    def test_needs_an_approval(self):
        """A replace is refused until approved; the message has the id that is lost."""
        made = Stage("templates: {t: {subject: x}}")
        number = made.emulator.insert("template", {"Name": "t"})["ID"]
        plan = made.plan(replaces=frozenset({Address("template", "t")}))

        assert [("replace", "template.t")] == guards(plan)
        assert str(number) in plan.guards[0].message

    def test_the_loss_is_told(self):
        """The id of a template is lost with it: the risk is `irreversible`."""
        made = Stage("templates: {t: {subject: x}}")
        number = made.emulator.insert("template", {"Name": "t"})["ID"]
        change = made.plan(replaces=frozenset({Address("template", "t")})).changes[0]

        assert "irreversible" == change.risk
        assert str(number) in "".join(change.notes)

    def test_a_generated_address(self):
        """The address of a generated route is lost with it, and is in the message."""
        made = Stage("parse_routes: {}", project=project(parse_routes="all"))
        address = made.emulator.insert("parseroute", {"Url": "https://a.b/c"})["Email"]
        change = made.plan().changes[0]

        assert "irreversible" == change.risk
        assert address in "".join(change.notes)


class TestProtection:
    """A protected object is never replaced; a delete of one gives no plan, since declared objects have no tombstone."""

    @pytest.mark.parametrize("approvals", [(), ("template.t",), ("protected:template.t", "replace:template.t")])
    def test_nothing_on_the_command_line_lifts_it(self, approvals):
        """Neither its address nor the guard's name lifts protection, only the manifest's line."""
        made = Stage("templates: {t: {subject: Hi, edit_mode: mjml, protect: true}}")
        made.emulator.insert("template", {"Name": "t", "EditMode": 2})
        plan = made.plan(replaces=frozenset({Address("template", "t")}), approvals=approvals)

        assert ("protected", "template.t") in guards(plan)
        assert "remove `protect: true` at manifests/main.yaml:1:" in plan.guards[0].allow


class TestLookalikes:
    """A delete and a create that look like a rename."""

    def segments(self, expression, **settings):
        """Return a plan that deletes a segment and creates one with this expression."""
        made = Stage(f"segments: {{new: {{expression: '{expression}'}}}}", project=project(segments="all"), **settings)
        made.emulator.insert("contactfilter", {"Name": "old", "Expression": "(age>10) and (vip=true)"})
        return made

    @pytest.mark.parametrize("expression", ["(age>10) and (vip=true)", "( age > 10 )AND(vip=true)"])
    def test_the_same_expression(self, expression):
        """Expressions that differ in blanks and the case of keywords are alike."""
        plan = self.segments(expression).plan()

        assert [("lookalike", "segment.old")] == guards(plan)
        assert "renamed_from: [old]" in plan.guards[0].allow

    def test_another_expression(self):
        """Another expression is not alike."""
        assert [] == guards(self.segments("(age>11)").plan())

    def test_the_line_it_names_settles_it(self):
        """With the printed line the plan has a rename."""
        made = self.segments("(age>10) and (vip=true)")
        made.manifest = made.manifest.replace("{expression", "{renamed_from: [old], expression")

        assert [("rename", "segment.new")] == actions(made.plan())

    def test_a_tombstone_settles_it(self):
        """A tombstone for the deleted object settles it."""
        made = self.segments("(age>10) and (vip=true)")
        made.manifest += "\nremoved: {segments: [old]}\n"

        assert [] == guards(made.plan())

    def test_an_approval_settles_it(self):
        """An approval for the deleted address settles it."""
        assert [] == guards(self.segments("(age>10) and (vip=true)").plan(approvals=("lookalike:segment.old",)))

    @pytest.mark.parametrize(("html", "expected"), [("<p>x</p>", True), ("<p>y</p>", False), ("", False)])
    def test_templates_of_the_same_html(self, html, expected):
        """Templates with the same HTML are alike; without HTML they are not."""
        made = Stage(f"templates: {{new: {{html: '{html}'}}}}", project=project(templates="all"))
        made.emulator.insert("template", {"Name": "old", "detailcontent": {"Html-part": "<p>x</p>" if html else ""}})

        assert expected == bool(guards(made.plan()))

    @pytest.mark.parametrize("subscribers", [0, 2])
    def test_a_list_with_subscribers(self, subscribers):
        """A deleted list with subscribers and a created one are alike; an empty one is not."""
        made = Stage("lists: {new: {}}", project=project(lists="all"))
        row = made.emulator.insert("contactslist", {"Name": "old"})
        for number in range(subscribers):
            contact = made.emulator.insert("contact", {"Email": f"p{number}@example.com"})
            made.emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": row["ID"]})
        codes = {code for code, _ in guards(made.plan(max_people=99))}

        assert ({"lookalike"} if subscribers else set()) == codes

    def test_across_kinds(self):
        """Objects of different kinds are not alike."""
        made = Stage("lists: {x: {}}\nsegments: {}", project=project(segments="all"))
        made.emulator.insert("contactfilter", {"Name": "old", "Expression": "(a=1)"})

        assert [] == guards(made.plan())


class TestEditor:
    """Templates that were edited in the web editor."""

    TREE: ClassVar = {"tagName": "mjml", "attributes": {}, "children": []}

    def edited(self, entry):
        """Return a live template whose source is a document of the editor."""
        made = Stage(f"templates: {{t: {entry}}}")
        content = {"Html-part": "<p>x</p>", "MJMLContent": self.TREE, "Headers": {"Subject": "s"}}
        made.emulator.insert("template", {"Name": "t", "Description": "d", "EditMode": 1, "detailcontent": content})
        return made

    @pytest.mark.parametrize("entry", ["{html: '<p>y</p>'}", "{mjml: '<mjml/>'}", "{text: new}", "{subject: other}"])
    def test_a_content_write_is_refused(self, entry):
        """A write of its content is refused, with the flag that overwrites it."""
        plan = self.edited(entry).plan()

        assert [("editor", "template.t")] == guards(plan)
        assert "--approve editor:template.t" == plan.guards[0].allow

    @pytest.mark.parametrize("entry", ["{html: '<p>x</p>'}", "{subject: s}", "{}", "{html: '<p>x</p>', subject: s}"])
    def test_equal_content_is_in_sync(self, entry):
        """Equal stated content is no conflict."""
        assert ([], []) == (guards(self.edited(entry).plan()), actions(self.edited(entry).plan()))

    def test_metadata_is_written_freely(self):
        """A change of metadata is no conflict."""
        made = self.edited("{description: new, html: '<p>x</p>'}")
        plan = made.plan()
        made.apply(plan)

        assert [] == guards(plan)
        assert self.TREE == made.stored("template", Name="t")["detailcontent"]["MJMLContent"]

    def test_approved_it_is_overwritten_whole(self):
        """After an approved overwrite the next plan is empty."""
        made = self.edited("{html: '<p>y</p>'}")
        plan = made.plan(approvals=("editor:template.t",))
        made.apply(plan)

        assert ([], []) == (guards(plan), actions(made.plan()))
        assert "<p>y</p>" == made.stored("template", Name="t")["detailcontent"]["Html-part"]


class TestApprovals:
    """What `--approve` takes."""

    @pytest.mark.parametrize(
        "approval",
        ["list.other", "people:list.list 0", "ratio:segment", "list.*", "*", "ratio", "list", "lookalike:list.list 0"],
    )
    def test_one_that_fits_nothing(self, approval):
        """An approval that matches nothing in the plan is wrong use."""
        with pytest.raises(WrongUse):
            lists(10).plan(approvals=(approval,))

    def test_an_address_does_not_lift_the_ratio(self):
        """An address does not lift the ratio of its kind."""
        assert [("ratio", "list")] == guards(lists(10).plan(approvals=("list.list 0",)))

    def test_an_address_lifts_all_guards_of_it_alone(self):
        """An address lifts all guards of that address, and no others."""
        made = Stage("templates: {a: {subject: x}, b: {subject: x}}")
        for name in "ab":
            made.emulator.insert("template", {"Name": name})
        both = frozenset({Address("template", "a"), Address("template", "b")})

        assert [("replace", "template.b")] == guards(made.plan(replaces=both, approvals=("template.a",)))

    def test_every_refusal_names_its_flag(self):
        """Each guard prints what allows it."""
        made = lists(10)

        assert all("--approve" in guard.allow for guard in made.plan().guards)

    def test_an_address_is_quoted_for_the_shell(self):
        """Names with blanks and quotes are quoted for the shell."""
        made = Stage("removed: {lists: [it's old]}", project=project(lists="declared"))
        row = made.emulator.insert("contactslist", {"Name": "it's old"})
        contact = made.emulator.insert("contact", {"Email": "p@example.com"})
        made.emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": row["ID"]})

        assert """--approve people:'list.it'"'"'s old'""" == made.plan().guards[0].allow


def test_a_project_without_guards_has_the_contracts():
    """The default limits are 0.3, 1.0 and 0."""
    scope = Stage(project=PROJECT).scope()

    assert (0.3, 1.0, 0) == (scope.max_deleted_ratio, scope.max_changed_ratio, scope.max_people)
