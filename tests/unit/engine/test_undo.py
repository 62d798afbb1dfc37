import json

import pytest

from mjsync.engine.plan import Action
from mjsync.resources.address import Address
from tests.recorded import Recorded
from tests.stage import actions, codes, fields, project

HTML = {"Html-part": "<p>Old</p>", "Text-part": "Old", "MJMLContent": None, "Headers": {"Subject": "Old", "X-Id": "1"}}
POLICIES = project(
    properties="declared", lists="declared", segments="declared", templates="declared", webhooks="declared"
)


@pytest.fixture
def stage(tmp_path):
    """Return a stage on an empty account."""
    return Recorded(project=POLICIES, root=tmp_path)


def run(stage, manifest, **scope):
    """Apply a manifest, and return its receipt."""
    stage.manifest = manifest
    receipt, results = stage.carry_out(stage.plan(**scope))
    assert ["applied"] * len(results) == [result.status for result in results], results
    return receipt


def taken_back(stage, receipt, **scope):
    """Undo a run, and return the actions."""
    plan = stage.back(receipt, **scope)
    assert [] == [guard for guard in plan.guards if not guard.lifted]
    _, results = stage.carry_out(plan)
    assert ["applied"] * len(results) == [result.status for result in results], results
    return actions(plan)


def test_a_create_is_deleted_whatever_the_policy(stage):
    """A created object is deleted, whatever the policy of its kind."""
    stage.project = project()
    receipt = run(stage, "lists: {news: {}}")

    assert [("delete", "list.news")] == taken_back(stage, receipt)


def test_an_update_gets_its_fields_back(stage):
    """Fields that the run wrote get their former values; others are not written."""
    row = stage.emulator.insert("contactfilter", {"Name": "x", "Expression": "(a=1)", "Description": "mine"})
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}")
    stage.emulator.clear_requests()

    assert [("update", "segment.x")] == taken_back(stage, receipt)
    assert [("PUT", f"contactfilter/{row['ID']}", {"Expression": "(a=1)"})] == stage.writes


def test_what_was_empty_is_emptied(stage):
    """A field that had no value is cleared."""
    stage.emulator.insert("template", {"Name": "x", "detailcontent": {**HTML, "Headers": {}}})
    receipt = run(
        stage,
        "templates: {x: {description: d, subject: s, from: {email: a@b.de}, reply_to: r@b.de, mjml: m, "
        "headers: {X-A: b}}}",
    )
    taken_back(stage, receipt)

    row = stage.stored("template", Name="x")
    assert ("", None) == (row["Description"], row["detailcontent"]["MJMLContent"])
    assert set() == {value for value in row["detailcontent"]["Headers"].values() if value}
    assert ("<p>Old</p>", "Old") == (row["detailcontent"]["Html-part"], row["detailcontent"]["Text-part"])


def test_a_rename_is_taken_back_in_place(stage):
    """A rename is undone by PUT, with the same id."""
    row = stage.emulator.insert("contactslist", {"Name": "Old"})
    receipt = run(stage, "lists: {news: {renamed_from: Old}}")

    assert [("rename", "list.news")] == taken_back(stage, receipt)
    assert "Old" == stage.stored("contactslist", ID=row["ID"])["Name"]


@pytest.mark.parametrize(
    ("resource", "values", "section"),
    [
        ("contactslist", {"Name": "old"}, "lists"),
        ("contactfilter", {"Name": "old", "Expression": "(a=1)"}, "segments"),
    ],
)
def test_what_is_deleted_softly_comes_back_with_its_id(stage, resource, values, section):
    """Lists and segments are restored by PUT with their id."""
    row = stage.emulator.insert(resource, values)
    receipt = run(stage, f"{section}: {{}}\nremoved: {{{section}: [old]}}")
    stage.emulator.clear_requests()
    plan = stage.back(receipt)

    assert f"comes back with its id {row['ID']}" in plan.changes[0].notes
    taken_back(stage, receipt)
    assert [("PUT", f"{resource}/{row['ID']}")] == [write[:2] for write in stage.writes]
    assert 1 == len([each for each in stage.state(resource) if each["Name"] == "old"])


def test_a_template_comes_back_with_its_content_under_another_id(stage):
    """A template comes back with metadata, parts and headers; a warning says that its id is lost."""
    row = stage.emulator.insert("template", {"Name": "old", "Author": "ann", "EditMode": 2, "detailcontent": HTML})
    receipt = run(stage, "templates: {}\nremoved: {templates: [old]}")
    plan = stage.back(receipt)

    (warning,) = plan.warnings
    assert f"cannot come back: senders that use template id {row['ID']}" in warning.message
    taken_back(stage, receipt)
    back = stage.stored("template", Name="old")
    assert ("ann", 2, HTML) == (back["Author"], back["EditMode"], back["detailcontent"])


def test_values_of_a_property_are_named_as_lost(stage):
    """A property is created again; a warning has the number of lost values."""
    stage.emulator.insert("contactmetadata", {"Name": "old", "Datatype": "int"})
    contact = stage.emulator.insert("contact", {"Email": "a@b.de"})
    stage.emulator.insert("contactdata", {"ID": contact["ID"], "Data": [{"Name": "old", "Value": 5}]})
    receipt = run(stage, "properties: {}\nremoved: {properties: [old]}", approvals=("people:property.old",))

    plan = stage.back(receipt)
    assert ["cannot come back: what 1 contacts had of it"] == [warning.message for warning in plan.warnings]
    assert "int" == fields(plan, "property.old")["type"][1]


def test_a_generated_address_is_not_sent(stage):
    """A route with a generated address comes back with another one."""
    stage.project = project(parse_routes="declared")
    row = stage.emulator.insert("parseroute", {"Url": "https://a.example.com/x"})
    receipt = run(stage, f"parse_routes: {{}}\nremoved: {{parse_routes: ['{row['Email']}']}}")
    stage.emulator.clear_requests()

    taken_back(stage, receipt)
    assert [("POST", "parseroute", {"Url": "https://a.example.com/x"})] == stage.writes


def test_what_moved_since_is_refused_and_named(stage):
    """An object that moved since is a guard with its fields; nothing is written."""
    stage.emulator.insert("contactfilter", {"Name": "x", "Expression": "(a=1)"})
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}")
    (row,) = stage.state("contactfilter")
    with stage.writer() as writer:
        writer.put(f"contactfilter/{row['ID']}", {"Expression": "(a=3)"})

    (guard,) = stage.back(receipt).guards
    assert ("moved", "segment.x") == (guard.code, guard.address)
    assert "expression" in guard.message
    assert "--approve moved:segment.x" == guard.allow


def test_an_approval_takes_back_what_moved(stage):
    """With an approval the object becomes what it was before the run."""
    stage.emulator.insert("contactfilter", {"Name": "x", "Expression": "(a=1)"})
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}")
    (row,) = stage.state("contactfilter")
    with stage.writer() as writer:
        writer.put(f"contactfilter/{row['ID']}", {"Expression": "(a=3)"})
    taken_back(stage, receipt, approvals=("moved:segment.x",))

    assert "(a=1)" == stage.state("contactfilter")[0]["Expression"]


def test_fields_the_run_did_not_write_may_have_moved(stage):
    """Only fields that the run wrote are checked and restored."""
    stage.emulator.insert("contactfilter", {"Name": "x", "Expression": "(a=1)"})
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}")
    (row,) = stage.state("contactfilter")
    with stage.writer() as writer:
        writer.put(f"contactfilter/{row['ID']}", {"Description": "theirs"})
    taken_back(stage, receipt)

    (after,) = stage.state("contactfilter")
    assert ("(a=1)", "theirs") == (after["Expression"], after["Description"])


def test_a_created_list_that_got_people_is_guarded(stage):
    """A created list that got subscribers is guarded."""
    receipt = run(stage, "lists: {news: {}}")
    number = stage.stored("contactslist", Name="news")["ID"]
    contact = stage.emulator.insert("contact", {"Email": "a@b.de"})
    stage.emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": number})

    assert ["people"] == [guard.code for guard in stage.back(receipt).guards]


def test_what_is_gone_already_needs_nothing(stage):
    """A created object that was deleted since needs nothing."""
    receipt = run(stage, "lists: {news: {}}")
    taken_back(stage, receipt)

    assert [] == actions(stage.back(receipt))


def test_an_updated_object_that_was_deleted_since_is_refused(stage):
    """An updated object that was deleted since is created again, if approved."""
    stage.emulator.insert("template", {"Name": "x", "detailcontent": HTML})
    receipt = run(stage, "templates: {x: {subject: New}}")
    with stage.writer() as writer:
        writer.delete(f"template/{stage.stored('template', Name='x')['ID']}")

    plan = stage.back(receipt)
    assert [("create", "template.x")] == actions(plan)
    assert ["moved"] == [guard.code for guard in plan.guards]


def test_a_name_that_was_taken_since_is_refused(stage):
    """An object that has the name of a deleted one now is not overwritten without an approval."""
    stage.emulator.insert("template", {"Name": "old", "detailcontent": HTML})
    receipt = run(stage, "templates: {}\nremoved: {templates: [old]}")
    stage.emulator.insert("template", {"Name": "old", "Description": "theirs", "detailcontent": HTML})

    (guard,) = stage.back(receipt).guards
    assert ("moved", "template.old") == (guard.code, guard.address)
    assert "another object has its name now" in guard.message


def test_a_replaced_template_becomes_what_it_was(stage):
    """A replaced template is created again as it was; a warning has the lost id."""
    row = stage.emulator.insert("template", {"Name": "x", "EditMode": 1, "Author": "ann", "detailcontent": HTML})
    manifest = "templates: {x: {edit_mode: html, html: <b/>}}"
    receipt = run(stage, manifest, replaces=frozenset({Address("template", "x")}))

    taken_back(stage, receipt, approvals=("replace:template.x",))
    after = stage.stored("template", Name="x")
    assert (1, "ann", HTML) == (after["EditMode"], after["Author"], after["detailcontent"])
    assert row["ID"] != after["ID"]


def test_a_replaced_list_comes_back_with_its_id(stage):
    """The list that replaced another is deleted, and the first one restored with its subscribers."""
    row = stage.emulator.insert("contactslist", {"Name": "x"})
    receipt = run(stage, "lists: {x: {}}", replaces=frozenset({Address("list", "x")}))

    assert {"delete", "create"} == {action for action, _ in taken_back(stage, receipt)}
    assert [row["ID"]] == [each["ID"] for each in stage.state("contactslist") if not each["IsDeleted"]]


def test_masked_values_are_named_and_never_written(stage):
    """A masked value is named and not written."""
    stage.environ = {"TOKEN": "a-long-secret"}
    stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://a.example.com/old", "Version": 1})
    receipt = run(stage, "webhooks: {open: {url: 'https://a.example.com/${env.TOKEN}', grouped: true}}")
    stage.emulator.clear_requests()
    plan = stage.back(receipt)

    assert ["cannot come back: the value of url, which was masked"] == [each.message for each in plan.warnings]
    taken_back(stage, receipt)
    assert [{"Version": 1}] == [body for _, _, body in stage.writes]


def test_what_needs_a_masked_value_is_left_alone(stage):
    """A webhook whose URL was masked cannot be created again."""
    stage.emulator.insert(
        "eventcallbackurl", {"EventType": "open", "Url": "https://ann:pw@a.example.com/old", "Version": 1}
    )
    receipt = run(stage, "webhooks: {}\nremoved: {webhooks: [open]}")
    plan = stage.back(receipt)

    assert ([], ["left-alone"]) == (actions(plan), codes(plan.warnings))


def test_the_web_editors_document_is_named(stage):
    """The document of the web editor is in the receipt, but only its HTML can be restored."""
    tree = {"tagName": "mjml", "children": []}
    stage.emulator.insert("template", {"Name": "old", "EditMode": 1, "detailcontent": {**HTML, "MJMLContent": tree}})
    receipt = run(stage, "templates: {}\nremoved: {templates: [old]}")

    assert tree == receipt.document["steps"][0]["content"]["MJMLContent"]
    assert "cannot come back: the value of mjml, which was masked" in [
        warning.message for warning in stage.back(receipt).warnings
    ]
    taken_back(stage, receipt)
    assert HTML == stage.stored("template", Name="old")["detailcontent"]


@pytest.mark.parametrize("writes", range(5))
def test_a_killed_run_is_taken_back(stage, writes):
    """Steps of a killed run are looked up; a half-made template is deleted too."""
    stage.emulator.insert("contactslist", {"Name": "Old"})
    before = json.dumps(stage.state("contactslist"))
    stage.manifest = "lists: {news: {renamed_from: Old}}\ntemplates: {a: {subject: x}, b: {subject: y}}"
    receipt, _ = stage.carry_out(stage.plan(), writes=writes)
    taken_back(stage, receipt)

    assert before == json.dumps(stage.state("contactslist"))
    assert [] == [row for row in stage.state("template") if row["Name"] in ("a", "b")]


def test_somebody_elses_object_under_the_name_of_a_failed_create_is_left_alone(stage):
    """An object that differs from what a create sent is not deleted if the create was not seen to end."""
    stage.manifest = "lists: {news: {}}\ntemplates: {a: {subject: x}}"
    receipt, _ = stage.carry_out(stage.plan(), writes=1)
    stage.emulator.insert("template", {"Name": "a", "Description": "theirs", "detailcontent": HTML})
    plan = stage.back(receipt)

    assert [("delete", "list.news")] == actions(plan)
    assert ["left-alone"] == codes(plan.warnings)


def test_undo_can_be_undone(stage):
    """An undo can be undone."""
    receipt = run(stage, "lists: {news: {}}")
    back, _ = stage.carry_out(stage.back(receipt))
    taken_back(stage, back)

    assert Action.CREATE.value not in [action for action, _ in actions(stage.plan())]


def test_objects_that_reference_each_other_go_in_order(stage):
    """A template is deleted before the segment that it refers to."""
    receipt = run(stage, "segments: {s: {expression: '(a=1)'}}\ntemplates: {t: {html: '{{segment:s}}'}}")

    assert [("delete", "template.t"), ("delete", "segment.s")] == taken_back(stage, receipt)


def test_what_was_secret_stays_secret_on_the_way_back(stage):
    """A short secret is masked in the receipt of the undo too."""
    stage.environ = {"KEY": "c4nary"}
    receipt = run(stage, "templates: {t: {subject: x, headers: {X-Key: '${env.KEY}'}}}")
    back, _ = stage.carry_out(stage.back(receipt))

    assert "c4nary" not in receipt.path.read_text() + back.path.read_text()


def test_what_somebody_else_made_meanwhile_is_left_alone(stage):
    """A create that found its object made by somebody else has nothing to undo."""
    stage.manifest = "lists: {news: {}}"
    plan = stage.plan()
    stage.emulator.insert("contactslist", {"Name": "news"})
    receipt, _ = stage.carry_out(plan)
    back = stage.back(receipt)

    assert ([], ["left-alone"]) == (actions(back), codes(back.warnings))


def test_a_created_object_that_was_edited_since_is_refused(stage):
    """A created object that was edited since is refused."""
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}")
    (row,) = stage.state("contactfilter")
    with stage.writer() as writer:
        writer.put(f"contactfilter/{row['ID']}", {"Expression": "(a=3)"})

    assert ["moved"] == [guard.code for guard in stage.back(receipt).guards]


def test_a_secret_that_moved_since_is_refused(stage):
    """A changed secret is detected by its tag."""
    stage.environ = {"TOKEN": "a-long-secret"}
    receipt = run(stage, "webhooks: {open: {url: 'https://a.example.com/${env.TOKEN}'}}")
    assert [] == list(stage.back(receipt).guards)
    (row,) = stage.state("eventcallbackurl")
    with stage.writer() as writer:
        writer.put(f"eventcallbackurl/{row['ID']}", {"Url": "https://a.example.com/theirs"})

    assert ["moved"] == [guard.code for guard in stage.back(receipt).guards]


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_an_undo_that_was_killed_is_said_again(stage, writes):
    """An undo that was killed anywhere is completed by running it again."""
    stage.emulator.insert("template", {"Name": "old", "EditMode": 2, "detailcontent": HTML})
    stage.emulator.insert("contactfilter", {"Name": "x", "Expression": "(a=1)"})
    receipt = run(stage, "segments: {x: {expression: '(a=2)'}}\nremoved: {templates: [old]}")
    stage.carry_out(stage.back(receipt), writes=writes)
    taken_back(stage, receipt)

    content = stage.stored("template", Name="old")["detailcontent"]
    assert ("<p>Old</p>", "1") == (content["Html-part"], content["Headers"]["X-Id"])
    assert "(a=1)" == stage.stored("contactfilter", Name="x")["Expression"]
