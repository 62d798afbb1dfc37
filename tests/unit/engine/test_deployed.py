"""Ownership, protection and three-way plans with the entries of a deployed commit, without git."""

from datetime import date

import pytest

from mjsync.engine.deployed import Deployed
from mjsync.errors import WrongUse
from tests.stage import Stage, actions, codes, project, the

COMMIT = "c0ffee" * 6 + "beef"
BASE = """
lists:
  news: {name: Weekly news}
  old: {name: Old news}
segments:
  recent: {name: Recent, description: Bought lately, expression: '(IsInPreviousDays(last,30))'}
"""


def deployed_stage(manifest: str = BASE, **policies: str) -> tuple[Stage, Deployed]:
    """Return a stage that was applied, and what its commit declared."""
    stage = Stage(manifest, project(**policies))
    stage.apply()
    return stage, Deployed(COMMIT, stage.load())


def edited_in_mailjet(stage: Stage, endpoint: str, name: str, **row) -> None:
    """Change an object as somebody in Mailjet would, or delete it where nothing is given."""
    number = stage.stored(endpoint, Name=name)["ID"]
    with stage.writer() as writer:
        if row:
            writer.put(f"{endpoint}/{number}", row)
        else:
            writer.delete(f"{endpoint}/{number}")


DROPPED = "lists:\n  news: {name: Weekly news}\n"


def test_declared_deletes_what_was_declared_and_is_not():
    """Under `declared` exactly what the deployed commit declared and no manifest declares now is deleted."""
    stage, deployed = deployed_stage(lists="declared", segments="declared")
    with stage.writer() as writer:
        writer.post("contactslist", {"Name": "Made by hand"})
    stage.manifest = DROPPED

    plan = stage.plan(deployed=deployed)
    assert [("delete", "segment.recent"), ("delete", "list.old")] == actions(plan)
    assert ["yours", "yours"] == [change.origin for change in plan.changes]
    stage.apply(plan)
    assert [] == actions(stage.plan(deployed=deployed))
    assert {"Weekly news", "Made by hand"} == {
        row["Name"] for row in stage.state("contactslist") if not row["IsDeleted"]
    }


@pytest.mark.parametrize("policy", ["declared", "all"])
def test_each_of_two_deletes_has_an_address_of_its_own(policy):
    """A live object whose name is the handle of a dropped entry is not that entry's object."""
    stage, deployed = deployed_stage("lists: {a: {name: b}, b: {name: c}}", lists=policy)
    stage.emulator.insert("contactslist", {"Name": "a"})
    ids = {row["Name"]: row["ID"] for row in stage.state("contactslist")}
    stage.manifest = "lists: {}"
    plan = stage.plan(deployed=deployed)

    expected = {("list.a", ids["b"]), ("list.b", ids["c"])}
    expected |= {(f"list.a#{ids['a']}", ids["a"])} if policy == "all" else set()
    assert expected == {(str(change.address), change.live.id) for change in plan.changes}
    assert len(expected) == len(plan.changes)
    stage.apply(plan)
    left = {row["Name"] for row in stage.state("contactslist") if not row["IsDeleted"]}
    assert (set() if policy == "all" else {"a"}) == left


def test_two_objects_of_one_dropped_entry_are_both_in_the_plan():
    """Two objects with one key are two deletes, since Mailjet does not trim names."""
    stage, deployed = deployed_stage(lists="declared", segments="declared")
    stage.emulator.insert("contactslist", {"Name": " Old news "})
    ids = {row["Name"]: row["ID"] for row in stage.state("contactslist")}
    stage.manifest = DROPPED + BASE[BASE.index("segments:") :]
    plan = stage.plan(deployed=deployed)

    assert {ids["Old news"], ids[" Old news "]} == {change.live.id for change in plan.changes}
    stage.apply(plan)
    assert {"Weekly news"} == {row["Name"] for row in stage.state("contactslist") if not row["IsDeleted"]}


def test_without_a_deployed_commit_declared_deletes_nothing():
    """Without a deployed commit a dropped entry deletes nothing."""
    stage, _ = deployed_stage(lists="declared", segments="declared")
    stage.manifest = DROPPED

    assert [] == actions(stage.plan())


def test_never_lists_what_is_no_longer_declared():
    """Under `never` dropped objects stay, with a warning each."""
    stage, deployed = deployed_stage()
    stage.manifest = DROPPED

    plan = stage.plan(deployed=deployed)
    left = {(each.code, each.address) for each in plan.warnings}
    assert [] == actions(plan)
    assert {("no-longer-declared", "list.old"), ("no-longer-declared", "segment.recent")} == left


def test_a_new_handle_for_the_same_object_deletes_nothing():
    """A renamed handle deletes nothing, since objects are found by name."""
    stage, deployed = deployed_stage(lists="declared", segments="declared")
    stage.manifest = BASE.replace("old:", "older:")

    assert [] == actions(stage.plan(deployed=deployed))


def test_a_name_changed_without_renamed_from_stops_with_the_line():
    """The same handle with another name stops the plan with the line for renamed_from."""
    stage, deployed = deployed_stage(lists="declared", segments="declared")
    stage.manifest = BASE.replace("Old news", "Older news")

    plan = stage.plan(deployed=deployed)
    assert ["lookalike"] == [guard.code for guard in plan.guards]
    assert "`renamed_from: [Old news]` under list.old" in plan.guards[0].allow
    assert plan.is_refused


@pytest.mark.parametrize("policy", ["declared", "all"])
def test_a_name_changed_to_one_that_is_live_already_stops_too(policy):
    """An entry that means another live object now does not delete its former one without a decision."""
    stage, deployed = deployed_stage(lists=policy, segments="declared")
    stage.emulator.insert("contactslist", {"Name": "Older news"})
    stage.manifest = BASE.replace("Old news", "Older news")
    plan = stage.plan(deployed=deployed)

    assert [("delete", "list.Old news")] == actions(plan)
    assert [("lookalike", "list.Old news", False)] == [(each.code, each.address, each.lifted) for each in plan.guards]
    assert "`renamed_from: [Old news]` under list.old" in plan.guards[0].allow
    assert not stage.plan(deployed=deployed, approvals=("lookalike:list.Old news",)).is_refused

    stage.manifest = stage.manifest.replace("{name: Older news}", "{name: Older news, renamed_from: [Old news]}")
    assert [] == actions(stage.plan(deployed=deployed))
    stage.manifest = BASE.replace("Old news", "Older news") + "removed: {lists: [Old news]}\n"
    assert ([("delete", "list.Old news")], ()) == (actions(stage.plan(deployed=deployed)), stage.plan().guards)


def test_a_target_may_be_what_is_no_longer_declared():
    """--target takes the address that an entry had at the deployed commit."""
    stage, deployed = deployed_stage(lists="declared", segments="declared")
    stage.manifest = DROPPED

    assert [("delete", "list.old")] == actions(stage.plan(deployed=deployed, targets=("list.old",)))
    with pytest.raises(WrongUse):
        stage.plan(targets=("list.old",))


def test_protection_outlives_its_block():
    """What the deployed commit protects is not deleted, and no flag allows it."""
    stage, deployed = deployed_stage(
        BASE.replace("{name: Old news}", "{name: Old news, protect: true}"), lists="declared"
    )
    for manifest in (DROPPED, DROPPED + "removed: {lists: [Old news]}\n"):
        stage.manifest = manifest
        plan = stage.plan(deployed=deployed, approvals=("list.old",))

        assert [("protected", False)] == [(guard.code, guard.lifted) for guard in plan.guards]
        assert f"is protected at the deployed commit {COMMIT[:12]} (manifests/main.yaml:4:" in plan.guards[0].message


def test_what_the_deployed_commit_knows_is_not_taken_over():
    """`takes over` is a note on objects that neither the deployed commit nor a receipt knows."""
    stage, deployed = deployed_stage()
    stage.manifest = BASE.replace("Bought lately", "Bought this month")

    assert ("takes over",) == the(stage.plan(), "segment.recent").notes
    assert () == the(stage.plan(deployed=deployed), "segment.recent").notes


YOURS = BASE.replace("Bought lately", "Bought this month")


def origins(stage: Stage, deployed: Deployed, **scope) -> dict[str, str]:
    """Return path to origin of each field that changes."""
    return {
        each.path: each.origin for change in stage.plan(deployed=deployed, **scope).changes for each in change.fields
    }


def test_each_field_says_who_changed_it():
    """A field changed here, in Mailjet or in both has its own origin; the change has the conflict."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited", Expression="(IsInPreviousDays(last,60))")
    assert {"description": "theirs", "expression": "theirs"} == origins(stage, deployed)
    assert "theirs" == the(stage.plan(deployed=deployed), "segment.recent").origin

    stage.manifest = YOURS
    plan = stage.plan(deployed=deployed)
    assert {"description": "conflict", "expression": "theirs"} == origins(stage, deployed)
    assert "conflict" == the(plan, "segment.recent").origin
    assert [("conflict", "segment.recent", False)] == [(each.code, each.address, each.lifted) for each in plan.guards]
    assert not stage.plan(deployed=deployed, approvals=("conflict:segment.recent",)).is_refused
    assert not stage.plan(deployed=deployed, decisions={"segment.recent": "overwrite"}).is_refused


def test_the_same_edit_on_both_sides_is_no_change():
    """The same edit on both sides is no change."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Bought this month")
    stage.manifest = YOURS

    assert [] == actions(stage.plan(deployed=deployed))


def test_a_field_that_was_not_stated_is_yours():
    """A field that only the new manifest states is yours, whatever its live value is."""
    stage, deployed = deployed_stage(BASE.replace("description: Bought lately, ", ""))
    stage.manifest = BASE

    assert {"description": "yours"} == origins(stage, deployed)


@pytest.mark.parametrize(
    ("policy", "expected", "guards"),
    [
        ("overwrite", [("update", "segment.recent")], []),
        ("refuse", [("update", "segment.recent")], ["drift"]),
        ("adopt", [], []),
    ],
)
def test_drift_does_what_the_policy_says(policy, expected, guards):
    """An edit in Mailjet is overwritten, refused, or kept with a warning, by policy."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited")
    plan = stage.plan(deployed=deployed, drift={"segment": policy})

    assert expected == actions(plan)
    assert guards == [guard.code for guard in plan.guards]
    assert (["drift-adopted"] if policy == "adopt" else []) == codes(plan.warnings)


def test_adopt_leaves_only_what_was_edited():
    """Beside an adopted edit, the changes of the manifest are written."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Expression="(IsInPreviousDays(last,60))")
    stage.manifest = YOURS
    stage.apply(deployed=deployed, drift={"segment": "adopt"})

    row = stage.stored("contactfilter", Name="Recent")
    assert ("Bought this month", "(IsInPreviousDays(last,60))") == (row["Description"], row["Expression"])


HEADERS = """
templates:
  t: {subject: Hello, html: <p>Hello</p>, text: Hello, headers: {X-Campaign: first, X-Source: shop}}
"""


def test_adopt_leaves_each_part_of_a_content_that_was_edited():
    """An edited part and an edited header keep their live value, though content is written as a whole."""
    stage, deployed = deployed_stage(HEADERS)
    row = stage.stored("template", Name="t")
    content = row["detailcontent"]
    headers = {**content["Headers"], "X-Source": "edited"}
    edited = {"Html-part": "<p>Edited</p>", "Text-part": content["Text-part"], "Headers": headers}
    with stage.writer() as writer:
        writer.post(f"template/{row['ID']}/detailcontent", edited)
    stage.manifest = HEADERS.replace("text: Hello", "text: Good morning").replace("first", "second")
    stage.apply(deployed=deployed, drift={"template": "adopt"})

    content = stage.stored("template", Name="t")["detailcontent"]
    assert ("<p>Edited</p>", "Good morning") == (content["Html-part"], content["Text-part"])
    assert ("second", "edited") == (content["Headers"]["X-Campaign"], content["Headers"]["X-Source"])


def test_a_conflict_may_be_adopted_by_decision():
    """A manifest may adopt a conflict."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited")
    stage.manifest = YOURS
    plan = stage.plan(deployed=deployed, decisions={"segment.recent": "adopt"})

    assert ([], ["drift-adopted"]) == (actions(plan), codes(plan.warnings))


def test_what_was_deleted_in_mailjet_is_theirs():
    """A deployed object that is gone is created again as theirs; under `adopt` it stays away."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent")

    assert "theirs" == the(stage.plan(deployed=deployed), "segment.recent").origin
    assert ["drift"] == [guard.code for guard in stage.plan(deployed=deployed, drift={"segment": "refuse"}).guards]
    assert [] == actions(stage.plan(deployed=deployed, drift={"segment": "adopt"}))
    stage.manifest = YOURS
    assert "conflict" == the(stage.plan(deployed=deployed), "segment.recent").origin


USED = """
properties: {last: datetime}
segments:
  s: {expression: '(IsInPreviousDays(last,30))'}
templates:
  t: {subject: Hello, html: '<p>{{var:x}} ${id.segment.s}</p>', text: Hello}
"""


@pytest.mark.parametrize(
    ("endpoint", "gone", "user", "change"),
    [
        ("contactfilter", "s", "template.t", ("text: Hello", "text: Bye")),
        ("contactmetadata", "last", "segment.s", ("30", "60")),
    ],
)
def test_nothing_is_written_that_uses_what_stays_deleted(endpoint, gone, user, change):
    """A step that refers to an object that stays deleted is refused."""
    stage, deployed = deployed_stage(USED)
    edited_in_mailjet(stage, endpoint, gone)
    stage.manifest = USED.replace(*change)
    drift = {"property": "adopt", "segment": "adopt"}
    plan = stage.plan(deployed=deployed, drift=drift, approvals=(user,))
    (guard,) = plan.guards

    assert ("missing-reference", user, False) == (guard.code, guard.address, guard.lifted)
    used = {"s": "segment.s", "last": "property.last"}[gone]
    assert guard.allow.endswith(f"`approve: [{{overwrite: {used}, reason: …}}]`")
    stage.manifest += f"approve: [{{overwrite: {used}, reason: it is needed}}]\n"
    plan = stage.plan(deployed=deployed, drift=drift)
    assert (False, [("create", used), ("update", user)]) == (plan.is_refused, actions(plan))
    assert ["applied", "applied"] == [result.status for result in stage.apply(plan)]
    assert [] == actions(stage.plan(deployed=deployed, drift=drift))


def test_what_does_not_write_the_reference_is_planned():
    """A reference that is not written does not refuse its step."""
    stage, deployed = deployed_stage(USED)
    edited_in_mailjet(stage, "contactfilter", "s")
    stage.manifest = USED.replace("text: Hello", "text: Bye")
    plan = stage.plan(deployed=deployed, drift={"segment": "adopt", "template": "adopt"})

    assert ([("update", "template.t")], ()) == (actions(plan), plan.guards)
    stage.apply(plan)
    assert "Bye" == stage.stored("template", Name="t")["detailcontent"]["Text-part"]


def test_dropping_what_was_edited_in_mailjet_is_a_conflict():
    """A delete of an object that was edited since it was deployed is refused until it is approved."""
    stage, deployed = deployed_stage(segments="declared")
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited")
    stage.manifest = DROPPED + "  old: {name: Old news}\n"

    assert ["conflict"] == [guard.code for guard in stage.plan(deployed=deployed).guards]
    assert [] == actions(stage.plan(deployed=deployed, decisions={"segment.recent": "adopt"}))


@pytest.mark.parametrize(("action", "is_lifted"), [("overwrite", False), ("delete", True)])
def test_only_an_approval_to_delete_allows_the_delete_of_what_was_edited(action, is_lifted):
    """An approval to overwrite an edit does not allow a delete; the guard prints the line that does."""
    stage, deployed = deployed_stage(segments="declared")
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited")
    approval = f"approve: [{{{action}: segment.recent, reason: not used}}]\n"
    stage.manifest = DROPPED + "  old: {name: Old news}\n" + approval
    plan = stage.plan(deployed=deployed, today=TODAY)

    assert [("delete", "segment.recent")] == actions(plan)
    assert [("conflict", is_lifted)] == [(guard.code, guard.lifted) for guard in plan.guards]
    assert "`approve: [{delete: segment.recent, reason: …}]`" in plan.guards[0].allow
    assert "overwrite" not in plan.guards[0].allow


def test_what_an_incomplete_run_wrote_is_not_theirs():
    """A value that a receipt records as written is not an edit in Mailjet."""
    stage, deployed = deployed_stage()
    stage.manifest = YOURS
    plan = stage.plan(deployed=deployed)
    change = the(plan, "segment.recent")
    written = {("segment", change.live.id, path, after) for path, (_, after) in change.field_digests.items()}
    stage.apply(plan)
    stage.manifest = YOURS.replace("Bought this month", "Bought this year")

    assert {"description": "conflict"} == origins(stage, deployed)
    assert {"description": "yours"} == origins(stage, Deployed(COMMIT, deployed.desired, frozenset(written)))


def test_origins_are_unknown_without_a_deployed_commit():
    """Without a deployed commit no change has an origin."""
    stage, _ = deployed_stage()
    stage.manifest = YOURS

    assert {None} == {change.origin for change in stage.plan().changes}


# --- approvals in manifests

TODAY = date(2026, 6, 1)
APPROVED = DROPPED + "approve:\n- {delete: list.old, people: %s, reason: nobody reads it, until: %s}\n"


def approved_plan(approval: str, deployed_manifest: str = BASE):
    """Return a plan that drops a list of three subscribers, with an approval in the manifest."""
    stage, _ = deployed_stage(lists="declared", segments="never")
    number = stage.stored("contactslist", Name="Old news")["ID"]
    for contact in range(3):
        row = stage.emulator.insert("contact", {"Email": f"{contact}@example.com"})
        stage.emulator.insert("listrecipient", {"ContactID": row["ID"], "ListID": number})
    deployed = Deployed(COMMIT, Stage(deployed_manifest, project(lists="declared")).load())
    stage.manifest = approval
    return stage.plan(deployed=deployed, today=TODAY)


def test_an_approval_in_the_manifest_allows_what_a_guard_refuses():
    """A new approval that has not ended allows the delete that it names; the guard shows who approved."""
    plan = approved_plan(APPROVED % (3, "2026-06-01"))

    assert [("people", True)] == [(guard.code, guard.lifted) for guard in plan.guards]
    assert plan.guards[0].message.endswith("approved in manifests/main.yaml:4:3 until 2026-06-01: nobody reads it")


@pytest.mark.parametrize(
    ("approval", "deployed", "warnings"),
    [
        (APPROVED % (2, "2026-06-01"), BASE, 0),
        (APPROVED % (3, "2026-05-31"), BASE, 1),
        (APPROVED % (3, "2026-06-01"), BASE + APPROVED.replace(DROPPED, "") % (3, "2026-06-01"), 1),
        (APPROVED.replace("list.old", "list.other") % (3, "2026-06-01"), BASE, 1),
        (APPROVED.replace("delete:", "replace:") % (3, "2026-06-01"), BASE, 0),
    ],
    ids=["too few people", "ended", "not new", "another address", "another action"],
)
def test_an_approval_counts_for_just_what_it_says(approval, deployed, warnings):
    """An approval for less, for something else, from before the last deploy, or ended, lifts nothing."""
    plan = approved_plan(approval, deployed)

    assert [("people", False)] == [(guard.code, guard.lifted) for guard in plan.guards]
    assert warnings == codes(plan.warnings).count("approval-unused")


def test_an_approval_needs_a_deployed_commit():
    """Without a deployed commit an approval does not count, since it cannot be known to be new."""
    stage, _ = deployed_stage()
    stage.manifest = APPROVED % (3, "2026-06-01")

    assert ["approval-unused"] == codes(stage.plan(today=TODAY).warnings)


def test_an_approval_may_settle_a_conflict():
    """`overwrite` and `adopt` in the manifest settle a conflict."""
    stage, deployed = deployed_stage()
    edited_in_mailjet(stage, "contactfilter", "Recent", Description="Edited")
    stage.manifest = YOURS + "approve: [{overwrite: segment.recent, reason: ours is right}]\n"
    plan = stage.plan(deployed=deployed, today=TODAY)
    assert ([("update", "segment.recent")], False) == (actions(plan), plan.is_refused)

    stage.manifest = YOURS + "approve: [{adopt: segment.recent, reason: theirs is right}]\n"
    assert [] == actions(stage.plan(deployed=deployed, today=TODAY))
