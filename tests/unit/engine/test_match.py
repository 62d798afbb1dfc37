"""Which live object an entry means: by its name or a former name, never by likeness."""

import re

import pytest

from mjsync.engine.deployed import Deployed
from mjsync.errors import PlanError
from tests.stage import Stage, actions, codes, fields, project


def stage(manifest, *names, resource="contactslist", **values):
    """Return a stage with a manifest, and live objects of these names."""
    made = Stage(manifest)
    for name in names:
        made.emulator.insert(resource, {"Name": name, **values})
    return made


def refused(made):
    """Return code and text of a plan that cannot be made."""
    with pytest.raises(PlanError) as caught:
        made.plan()
    return caught.value.findings[0]


class TestByName:
    """Matching by name."""

    def test_the_handle_is_the_name(self):
        """Without a name the handle is the name."""
        assert [] == actions(stage("lists: {News: {}}", "News").plan())

    def test_the_case_counts(self):
        """Names that differ in case are different."""
        assert [("create", "list.news")] == actions(stage("lists: {news: {}}", "News").plan())

    def test_outer_blanks_of_the_live_name_do_not_count(self):
        """Blanks around a live name are ignored."""
        assert [] == actions(stage("lists: {News: {}}", " News ").plan())

    def test_two_live_objects_of_one_name(self):
        """Two live objects of one name stop the plan, with both ids."""
        made = stage("segments: {a: {name: Same}}")
        state = made.emulator.state()
        state["contactfilter"] = [
            {"ID": number, "Name": name, "Expression": "(a=1)"} for number, name in ((11, "Same"), (12, " Same"))
        ]
        made.emulator.load(state)
        finding = refused(made)

        assert ("ambiguous", "segment.a") == (finding.code, finding.address)
        assert "11, 12" in finding.message

    def test_two_live_objects_that_nobody_means(self):
        """Objects that no manifest names may share a name."""
        made = stage("lists: {b: {}}", "b", " b2", "b2 ")

        assert [] == actions(made.plan())


class TestRenames:
    """Matching by `renamed_from`."""

    def test_a_rename(self):
        """The object of a former name is renamed by PUT."""
        made = stage("lists: {a: {name: New, renamed_from: Old}}", "Old")

        assert {"name": ("Old", "New")} == fields(made.plan(), "list.a")

    def test_one_of_several_former_names(self):
        """Of several former names the live one counts."""
        made = stage("lists: {a: {name: New, renamed_from: [Older, Old]}}", "Old")

        assert [("rename", "list.a")] == actions(made.plan())

    def test_a_rename_may_carry_other_fields(self):
        """A rename changes other stated fields in the same call."""
        made = stage(
            "segments: {a: {name: New, renamed_from: Old, description: x}}",
            "Old",
            resource="contactfilter",
            Expression="(a=1)",
        )
        made.apply()

        assert ("PUT", {"Name": "New", "Description": "x"}) == (made.writes[0][0], made.writes[0][2])

    def test_a_former_name_said_twice(self):
        """Two spellings of the same former name mean one object."""
        made = stage("lists: {a: {name: New, renamed_from: [Old, Old]}}", "Old")

        assert [("rename", "list.a")] == actions(made.plan())

    def test_two_former_names_live(self):
        """Two live former names are an error with both ids."""
        finding = refused(stage("lists: {a: {name: New, renamed_from: [Old, Older]}}", "Old", "Older"))

        assert ("ambiguous-rename", "list.a") == (finding.code, finding.address)

    def test_former_and_new_name_both_live(self):
        """Where former and new name are live, nothing is renamed, and a warning has both ids."""
        made = stage("lists: {a: {name: New, renamed_from: Old}}", "Old", "New")
        ids = [str(row["ID"]) for row in made.state("contactslist")]
        plan = made.plan()

        assert ([], ["rename-both-live"]) == (actions(plan), codes(plan.warnings))
        assert all(number in plan.warnings[0].message for number in ids)

    @pytest.mark.parametrize("policy", ["all", "declared"])
    def test_a_former_name_that_is_live_beside_the_new_one_is_not_deleted(self, policy):
        """Then no policy deletes the object of the former name."""
        made = Stage("lists: {a: {name: Old}}", project(lists=policy))
        made.apply()
        deployed = Deployed("c0ffee", made.load())
        made.emulator.insert("contactslist", {"Name": "New"})
        made.manifest = "lists: {a: {name: New, renamed_from: Old}}"
        plan = made.plan(deployed=deployed)

        assert ([], ["rename-both-live"]) == (actions(plan), codes(plan.warnings))
        made.apply(plan)
        assert not made.stored("contactslist", Name="Old")["IsDeleted"]
        made.manifest = "lists: {a: {name: New}}\nremoved: {lists: [Old]}"
        made.apply(deployed=deployed)
        assert made.stored("contactslist", Name="Old")["IsDeleted"]

    @pytest.mark.parametrize("live", [[], ["New"]])
    def test_unused(self, live):
        """A rename that is not needed is a warning at its line."""
        plan = stage("lists:\n  a:\n    name: New\n    renamed_from: Old\n", *live).plan()

        assert ["rename-unused"] == codes(plan.warnings)
        assert 4 == plan.warnings[0].location.line

    def test_its_own_name(self):
        """The present name under renamed_from is a rename that is not needed."""
        assert ["rename-unused"] == codes(stage("lists: {a: {renamed_from: a}}", "a").plan().warnings)

    def test_two_former_names_that_are_live(self):
        """Two live objects of former names are an error with both ids."""
        finding = refused(stage("lists: {a: {name: New, renamed_from: [A, B]}}", "A", "B"))

        assert "ambiguous-rename" == finding.code
        assert re.search(r"'A' \(id \d+\) and 'B' \(id \d+\)", finding.message)

    @pytest.mark.parametrize(
        "manifest",
        [
            "lists: {a: {name: New, renamed_from: Old}, Old: {}}",
            "lists: {a: {renamed_from: Old}, b: {renamed_from: [x, Old]}}",
            "lists: {b: {renamed_from: Old}, Old: {renamed_from: a}}",
        ],
        ids=["declared", "two claims", "chain"],
    )
    def test_a_former_name_that_two_entries_state(self, manifest):
        """Two entries with one former name are a warning of the manifests; the plan stops where it is live."""
        made = stage(manifest, "Old")
        (finding,) = made.findings()

        assert ("ambiguous-rename", "warning", "manifests/main.yaml", 1) == (
            finding.code,
            finding.severity,
            finding.location.file,
            finding.location.line,
        )
        with pytest.raises(PlanError) as caught:
            made.plan()
        assert {"ambiguous-rename"} == {each.code for each in caught.value.findings}

    def test_a_former_name_declared_again_later(self):
        """Where both objects are live each entry has its own, and renamed_from is not used."""
        made = stage("lists: {a: {name: New, renamed_from: Old}, Old: {}}", "Old", "New")

        assert [] == actions(made.plan())

    def test_all_ambiguities_come_at_once(self):
        """All ambiguities are reported at once, each with the location of its line."""
        made = stage(
            "lists:\n  a:\n    renamed_from: [A, B]\n  c:\n    renamed_from: [C, D]\n"
            "segments:\n  s: {name: Same, expression: (a=1)}\nproperties: {a: int}\n",
            *"ABCD",
        )
        state = made.emulator.state()
        state["contactfilter"] = [
            {"ID": number, "Name": name, "Expression": "(a=1)"} for number, name in ((11, "Same"), (12, " Same"))
        ]
        made.emulator.load(state)
        with pytest.raises(PlanError) as caught:
            made.plan()

        assert [
            ("ambiguous-rename", "list.a", "manifests/main.yaml:3:5"),
            ("ambiguous-rename", "list.c", "manifests/main.yaml:5:5"),
            ("ambiguous", "segment.s", "manifests/main.yaml:7:7"),
        ] == sorted(
            ((each.code, each.address, str(each.location)) for each in caught.value.findings), key=lambda each: each[1]
        )

    def test_a_renamed_template_keeps_its_content(self):
        """A rename of a template writes its metadata only."""
        made = Stage("templates: {a: {name: New, renamed_from: Old}}")
        made.emulator.insert("template", {"Name": "Old", "detailcontent": {"Html-part": "<p>"}})
        made.apply()

        assert "<p>" == made.stored("template", Name="New")["detailcontent"]["Html-part"]
        assert 1 == len(made.writes)
