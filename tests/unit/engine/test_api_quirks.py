"""Unusual behaviour of Mailjet's API, by the numbers in section 20 of mjsync/docs/mailjet-api.md.

Most are held where they belong; QUIRKS says where. The rest stand here.
"""

from pathlib import Path

import pytest

from mjsync.api.client import ReadClient
from mjsync.api.transport import AllowedCalls
from mjsync.errors import BadAnswer
from mjsync.resources import CALLS
from mjsync.resources.address import Address
from mjsync.resources.contact_list import ContactList
from tests.stage import Stage, actions, project

ALLOWED = AllowedCalls(CALLS)

CONTRACT, COMPARE, GUARDS = "resources/contract.py", "engine/test_compare.py", "engine/test_guards.py"
READ, STEP, ANSWERS = "engine/test_read.py", "engine/test_step.py", "api/test_responses.py"
HERE = "engine/test_api_quirks.py"

QUIRKS = {
    1: (CONTRACT, "test_runtime_fields_never_show"),
    2: (CONTRACT, "test_the_least_entry_means_the_same_object"),
    3: (COMPARE, "test_stated_emptiness_and_live_nothing"),
    4: (COMPARE, "test_sets"),
    5: (COMPARE, "test_in_sync"),
    6: (GUARDS, "test_a_content_write_is_refused"),
    7: ("cli/test_converters.py", "test_the_mjml_of_the_project_compiles"),
    8: (COMPARE, "test_line_ends"),
    9: (COMPARE, "test_a_server_that_rewrites_expressions"),
    10: (HERE, "test_10_values_of_contacts_are_never_written"),
    11: (CONTRACT, "test_a_rename_keeps_the_id_with_one_put"),
    12: (READ, "test_templates_of_this_key_alone"),
    13: ("cli/test_main_job.py", "test_ids_that_javascript_would_round"),
    14: (HERE, "test_14_the_other_template_api_is_not_used"),
    15: ("manifest/test_errors.py", "test_property_names_that_differ_in_case"),
    16: (GUARDS, "test_a_property_with_values"),
    17: ("engine/test_undo.py", "test_what_is_deleted_softly_comes_back_with_its_id"),
    18: (COMPARE, "test_a_deleted_segment_is_brought_back"),
    19: (GUARDS, "test_the_loss_is_told"),
    20: (HERE, "test_20_a_deleted_object_that_still_answers_is_gone"),
    21: (HERE, "test_21_campaigns_are_never_written"),
    22: (HERE, "test_22_no_answer_is_parsed_where_none_comes"),
    23: (ANSWERS, "test_of_a_failure"),
    24: (HERE, "test_24_a_path_that_does_not_exist_is_not_tried_again"),
    25: (STEP, "test_an_unclear_create_is_adopted"),
    26: (READ, "test_a_filter_that_the_server_ignores"),
    27: (READ, "test_more_than_a_page"),
    28: (HERE, "test_28_the_total_is_not_believed"),
    29: (ANSWERS, "test_of_a_failure"),
    30: (ANSWERS, "test_are_mailjets"),
    31: (STEP, "test_a_half_made_template_is_completed"),
    32: (COMPARE, "test_unstated_parts_keep_their_live_value"),
    33: (HERE, "test_33_webhooks_that_swap_urls_are_changed_in_place"),
    34: (COMPARE, "test_credentials_in_a_live_url"),
    35: (COMPARE, "test_a_dead_webhook"),
    36: ("manifest/test_errors.py", "test_two_generated_addresses"),
    37: (HERE, "test_37_grouping_is_sent_as_stated"),
    38: (STEP, "test_an_unclear_create_is_looked_for_with_patience"),
    39: ("engine/test_order.py", "test_kinds_come_in_their_order"),
    40: ("engine/test_deletions.py", "test_properties_that_every_account_is_born_with_stay"),
    41: (READ, "test_a_pin_that_does_not_hold"),
    42: (HERE, "test_42_a_plan_without_inbound_mail_stops_nothing_else"),
    43: (CONTRACT, "test_keys_nobody_knows_are_tolerated"),
    44: (STEP, "test_an_object_that_moved_is_refused_and_the_others_go_on"),
}
"""Number to the file and the test that holds it."""


@pytest.mark.parametrize("quirk", range(1, 45))
def test_every_quirk_has_its_test(quirk):
    """Each number has a test, and each test that is named here exists."""
    file, name = QUIRKS[quirk]

    assert f"def {name}(" in (Path(__file__).parents[1] / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_10_values_of_contacts_are_never_written(method):
    """`contactdata` echoes other values than it has; mjsync only counts it."""
    assert not ALLOWED.allows(method, "/v3/REST/contactdata/1")


@pytest.mark.parametrize("path", ["/v1/REST/templates", "/v1/REST/templates/1/contents/types/P", "/v4/contacts/1"])
def test_14_the_other_template_api_is_not_used(path):
    """The content API has other ids: it is not in the table of allowed calls."""
    assert not any(ALLOWED.allows(method, path) for method in ("GET", "POST", "PUT", "DELETE"))


@pytest.mark.parametrize("resource", ["contactslist", "contactfilter"])
def test_20_a_deleted_object_that_still_answers_is_gone(resource):
    """A list or segment that was deleted since the plan is gone, though a GET by id answers 200."""
    section, kind = {"contactslist": ("lists", "list"), "contactfilter": ("segments", "segment")}[resource]
    stage = Stage(f"{section}: {{a: {{name: New, renamed_from: Old}}}}")
    extra = {"Expression": "(a=1)"} if kind == "segment" else {}
    row = stage.emulator.insert(resource, {"Name": "Old", **extra})
    plan = stage.plan()
    with stage.writer() as writer:
        writer.delete(f"{resource}/{row['ID']}")
    (result,) = stage.apply(plan)

    assert ("failed", "moved") == (result.status, result.error.code)


@pytest.mark.parametrize("resource", ["campaign", "campaigndraft", "newsletter", "listrecipient", "contact", "sender"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_21_campaigns_are_never_written(resource, method):
    """Campaigns are never created."""
    assert not ALLOWED.allows(method, f"/v3/REST/{resource}")
    assert not ALLOWED.allows(method, f"/v3/REST/{resource}/1")


def test_22_no_answer_is_parsed_where_none_comes():
    """A 304 of a PUT and a 204 of a DELETE have no body, and are successes."""
    stage = Stage()
    row = stage.emulator.insert("contactslist", {"Name": "a"})
    with stage.writer() as writer:
        assert writer.put(f"contactslist/{row['ID']}", {"Name": "a"}) is None
        assert writer.delete(f"contactslist/{row['ID']}") is None


def test_24_a_path_that_does_not_exist_is_not_tried_again():
    """The 500 of an unknown path is not retried."""
    stage = Stage()
    with (
        ReadClient(
            "http://localhost", stage.keys, calls=[("GET", "template/{id}/status")], connect=stage._connect
        ) as reader,
        pytest.raises(BadAnswer),
    ):
        reader.get("template/1/status")

    assert ["template/1/status"] == stage.reads


@pytest.mark.parametrize("believed", [True, False])
def test_28_the_total_is_not_believed(believed):
    """Pages are read until one is not full, whatever Total is."""
    stage = Stage()
    stage.emulator.set("total_counts_all", value=believed)
    for number in range(1001):
        stage.emulator.insert("contactslist", {"Name": str(number)})
    with stage.reader() as reader:
        assert 1001 == len(list(ContactList().list_live(reader)))


def test_33_webhooks_that_swap_urls_are_changed_in_place():
    """Two webhooks that swap their URLs are two PUTs."""
    stage = Stage("webhooks: {open: {url: https://a.b/2}, click: {url: https://a.b/1}}")
    for event, url in (("open", "https://a.b/1"), ("click", "https://a.b/2")):
        stage.emulator.insert("eventcallbackurl", {"EventType": event, "Url": url})
    plan = stage.settle()

    assert (["PUT", "PUT"], ()) == ([method for method, _, _ in stage.writes], plan.changes)


def test_33_a_slot_is_freed_before_it_is_taken():
    """A replaced webhook is deleted before it is created again."""
    stage = Stage("webhooks: {open: {url: https://a.b/2}}")
    stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://a.b/1"})
    results = stage.apply(stage.plan(replaces=frozenset({Address("webhook", "open")})))

    assert ["applied"] == [result.status for result in results]
    assert ["DELETE", "POST"] == [method for method, _, _ in stage.writes]


def test_33_an_event_is_another_slot():
    """A handle with another event is another webhook; the old one is deleted by policy."""
    stage = Stage("webhooks: {hook: {event: click, url: https://a.b/1}}", project=project(webhooks="all"))
    stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://a.b/1"})

    assert {("create", "webhook.hook"), ("delete", "webhook.open")} == set(actions(stage.plan()))


@pytest.mark.parametrize(("grouped", "version"), [("", None), (", grouped: false", 1), (", grouped: true", 2)])
def test_37_grouping_is_sent_as_stated(grouped, version):
    """A stated `grouped` is sent, true or false; an unstated one is not."""
    stage = Stage(f"webhooks: {{open: {{url: https://a.b/1{grouped}}}}}")
    stage.apply()

    assert version == stage.writes[0][2].get("Version")


def test_42_a_plan_without_inbound_mail_stops_nothing_else():
    """Parse routes that the account's plan does not include fail without other steps."""
    stage = Stage("parse_routes: {a@b.co: {url: https://a.b/c}}\nlists: {a: {}}")
    stage.emulator.set("parse_routes_need_plan", value=True)
    results = {str(result.change.address): result.status for result in stage.apply()}

    assert {"list.a": "applied", "parse_route.a@b.co": "failed"} == results
