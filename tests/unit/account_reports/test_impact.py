"""Impact in plans: activity, drafts, campaigns and webhooks of what is deleted, within a number of requests."""

import json

import pytest

import mjsync
from mjsync.account_reports.impact import MAX_REQUESTS, add_impact
from mjsync.cli.options import plan_options
from tests.unit.account_reports.conftest import BIG, ago

TOMBSTONES = """\
removed:
  lists: [News]
  segments: [Buyers]
  templates: [Order]
"""
READ = ("campaign", "statcounters")


@pytest.fixture
def busy(shop):
    """An account whose list, segment and template are named by drafts and campaigns."""
    shop.load(
        contactslist=[{"ID": 7, "Name": "News"}],
        contactfilter=[{"ID": 8, "Name": "Buyers", "Expression": "(a=1)"}],
        template=[{"ID": 9, "Name": "Order"}],
        eventcallbackurl=[
            {"EventType": "bounce", "Url": "https://x.example/a"},
            {"EventType": "bounce", "IsBackup": True, "Url": "https://x.example/b"},
        ],
        campaigndraft=[
            draft(1, Status=0, ContactsListID=7, TemplateID=9),
            draft(2, Status=1, ContactsListID=7, SegmentationID=8, ScheduledAt=ago(hours=-2)),
            draft(3, Status=1, ContactsListID=7),
            draft(4, Status=-2, ContactsListID=7),
            draft(5, Status=2, ContactsListID=7, TemplateID=9, DeliveredAt=ago(days=3)),
            draft(6, Status=2, TemplateID=9, DeliveredAt=ago(days=90)),
            draft(7, Status=0, ContactsListID=70),
        ],
        campaign=[campaign(1, 3), campaign(2, 12, SegmentationID=8), campaign(3, 80), campaign(4, 1, ListID=70)],
        message=[{"ID": BIG + number, "CampaignID": BIG + 1, "ArrivedAt": ago(days=3)} for number in range(5)],
    )
    shop.write(TOMBSTONES)
    return shop


def draft(number, **row):
    """A draft with an id beyond 2^53."""
    return {"ID": BIG + number, "Locale": "en_US", "Sender": "1", "SenderEmail": "a@b.example", "Subject": "s", **row}


def campaign(number, days, **row):
    """A campaign of so many days ago."""
    at = ago(days=days)
    return {"ID": BIG + number, "ListID": 7, "FromEmail": "a@b.example", "CreatedAt": at, "SendStartAt": at, **row}


def plan(shop, *arguments):
    """The document of a plan, and its changes by address."""
    ran = shop.run("plan", "--format", "json", *arguments)
    assert 0 == ran.code, ran.err
    document = json.loads(ran.out)
    return document, {change["address"]: change for change in document["changes"]}


def test_deletes_show_what_names_the_object(busy):
    """Drafts that are deleted or name another object do not count; campaigns of earlier days do."""
    document, changes = plan(busy)
    impact = {address: change["impact"] for address, change in changes.items()}

    assert {
        "subscribers": 0,
        "exact": True,
        "sent_30_days": 5,
        "drafts": 3,
        "scheduled": 1,
        "campaigns_30_days": 2,
    } == impact["list.News"]
    assert {"drafts": 1, "scheduled": 1, "campaigns_30_days": 1} == impact["segment.Buyers"]
    assert {"drafts": 1, "scheduled": 0, "campaigns_30_days": 1} == impact["template.Order"]
    assert any("sends by API" in note for note in changes["template.Order"]["notes"])
    assert {"GET": len(busy.paths)} == document["requests"]
    assert "3 campaign drafts with it, 1 of them scheduled" in busy.run("plan").out


def test_the_digest_does_not_depend_on_impact(busy):
    """The digest does not depend on impact; without --impact no further request is made."""
    reviewed = plan(busy)[0]["digest"]
    document, changes = plan(busy, "--impact", "none")

    assert reviewed == document["digest"]
    assert "drafts" not in changes["list.News"]["impact"]
    assert not [path for path in busy.paths if "campaign" in path or "statcounters" in path]


def test_guards_state_the_impact(busy):
    """A guard's message has the drafts and the activity."""
    busy.load(contactslist=[{"ID": 7, "Name": "News", "SubscriberCount": 9}])
    guards = {guard["address"]: guard["message"] for guard in plan(busy)[0]["guards"]}

    assert "5 messages sent to it in 30 days; 3 campaign drafts with it" in guards["list.News"]


def test_a_silent_webhook_shows_what_covers_its_event(busy):
    """The backup of the same event counts as another webhook, unless it is suspended or goes too."""
    busy.write("removed: {webhooks: [bounce]}\n")
    _, changes = plan(busy)
    (change,) = changes.values()

    assert 1 == change["impact"]["other_webhooks"]
    assert 1 == busy.paths.count("GET eventcallbackurl")


def test_an_undo_does_not_read_the_webhooks_again(shop):
    """What takes a new webhook back shows what covers its event, without a request of its own."""
    shop.write("webhooks: {bounce: {url: 'https://x.example/a'}}\n")
    shop.run("apply", "--yes")
    ran = shop.run("undo", shop.receipt, "--dry-run")

    assert "no other webhook is called for this event" in ran.out
    assert 1 == shop.paths.count("GET eventcallbackurl")


def test_one_request_has_the_drafts_of_all_objects(busy):
    """Several deletes read the drafts once, and each schedule once; on a large account each object has its own."""
    plan(busy)
    paths = [path.partition("?")[0] for path in busy.paths if "campaigndraft" in path]
    assert sorted(["campaigndraft", *(f"campaigndraft/{BIG + number}/schedule" for number in (2, 3))]) == sorted(
        path.removeprefix("GET ") for path in paths
    )
    busy.load(campaigndraft=[draft(number, Status=0, ContactsListID=7) for number in range(1200)])
    _, changes = plan(busy)
    assert 4 == busy.paths.count("GET campaigndraft")
    assert 1000 == changes["list.News"]["impact"]["drafts"]
    assert "only the newest 1,000 drafts that name it were looked at" in changes["list.News"]["notes"]


def test_what_is_not_looked_at_is_stated(busy):
    """Of many drafts that may be scheduled, some are looked up; of many campaigns, the newest."""
    drafts = [draft(number, Status=1, ContactsListID=7) for number in range(5)]
    busy.load(campaigndraft=drafts, campaign=[campaign(number, 2) for number in range(3100)])
    notes = plan(busy)[1]["list.News"]["notes"]

    assert "only the newest 3 of 5 drafts were looked up for a schedule" in notes
    assert "only the newest 3,000 campaigns were looked at" in notes


@pytest.mark.parametrize("level", ["auto", "full"])
def test_never_more_requests_than_stated(shop, level):
    """Beyond the limit, changes have a note; the help states the limit."""
    count = 230
    shop.load(contactslist=[{"ID": number + 1, "Name": f"L{number}"} for number in range(count)])
    shop.write(f"removed: {{lists: [{', '.join(f'L{number}' for number in range(count))}]}}\n")
    none = plan(shop, "--impact", "none")[0]["requests"]["GET"]
    document, changes = plan(shop, "--impact", level)

    assert MAX_REQUESTS[level] == document["requests"]["GET"] - none
    assert any("limit of" in note for note in changes["list.L99"]["notes"])
    options = plan_options(lambda: None).__click_params__
    assert f"at most {MAX_REQUESTS[level]}" in next(option.help for option in options if option.name == "impact")


def test_full_looks_at_updates(busy):
    """An updated segment is looked up with --impact full, and not by default."""
    busy.write("segments: {Buyers: {expression: (a=2)}}\nproperties: {a: int}\n")

    assert {} == plan(busy)[1]["segment.Buyers"]["impact"]
    busy.load(
        contact=[{"ID": number, "Email": f"p{number}@x.example"} for number in range(1, 5)],
        contactmetadata=[{"ID": 1, "Name": "a", "Datatype": "int"}],
        contactdata=[
            {"ID": number, "ContactID": number, "Data": [{"Name": "a", "Value": str(value)}]}
            for number, value in enumerate([1, 2, 2, 3], 1)
        ],
    )
    change = plan(busy, "--impact", "full")[1]["segment.Buyers"]
    assert (1, 4, 2, 1) == tuple(change["impact"][name] for name in ("drafts", "compared", "enter", "leave"))
    assert any("of 4 contacts (the first of the account): 2 entering, 1 leaving" in note for note in change["notes"])


def test_an_expression_that_cannot_be_read_does_not_fail_the_plan(busy):
    """An expression on the account that cannot be parsed is a note of its change."""
    busy.load(contactfilter=[{"ID": 8, "Name": "Buyers", "Expression": "((a"}])
    busy.write("segments: {Buyers: {expression: (a=2)}}\nproperties: {a: int}\n")

    expected = "who enters and leaves could not be counted: the expression '((a' cannot be read"
    assert expected in plan(busy, "--impact", "full")[1]["segment.Buyers"]["notes"]


def test_domains_that_are_not_ready_are_warned_of(shop):
    """The domain of the sender of new templates gives one warning; of other changes only with --impact full."""
    dns = {"Domain": "example.com", "SPFStatus": "Error", "DKIMStatus": "OK"}
    shop.load(dns=[dns], sender=[{"Email": "*@example.com", "Status": "Active"}])
    one = "{from: {email: me@example.com}, subject: x, html: <p>x</p>, text: x}"
    shop.write(f"templates: {{a: {one}, b: {one}}}\n")

    def warned(*arguments):
        return [each["code"] for each in plan(shop, *arguments)[0]["warnings"]].count("sender-domain")

    assert (1, 0) == (warned(), warned("--impact", "none"))
    shop.run("apply", "--yes")
    shop.write(f"templates: {{a: {one.replace('subject: x', 'subject: y')}, b: {one}}}\n")
    assert (0, 1) == (warned(), warned("--impact", "full"))
    shop.write(f"templates: {{a: {one.replace('me@', 'you@')}, b: {one}}}\n")
    assert 1 == warned()


def test_a_refused_read_does_not_fail_the_plan(busy):
    """A key that may not read drafts gets a note."""
    busy.emulator.fault("403:GET:/v3/REST/campaigndraft:times=all")
    _, changes = plan(busy)

    assert any("could not be read" in note for note in changes["segment.Buyers"]["notes"])


class OtherForm:
    """Answers every request with a row that is not as documented."""

    def page(self, *_):
        """Return one row of another form."""
        return [{"Total": "many", "Status": "x"}]


def test_an_answer_of_another_form_does_not_fail_the_plan(busy):
    """A number that is a word is a note of the change."""
    made = mjsync.open_session(busy.folder).plan(mjsync.PlanOptions(impact="none"))
    changes = {str(change.address): change for change in add_impact(made, OtherForm(), OtherForm(), "auto").changes}

    expected = "its impact could not be read: Mailjet's answer has another form (ValueError)"
    assert expected in changes["list.News"].notes


def test_a_resource_that_fails_is_read_once_for_all_changes(shop, monkeypatch):
    """A plan that deletes many objects does not wait for each of them where Mailjet does not answer."""
    shop.load(contactfilter=[{"ID": number, "Name": f"s{number}", "Expression": "(a=1)"} for number in range(1, 4)])
    monkeypatch.setattr("mjsync.account_reports.impact.RETRY_BUDGET", 0.0)
    shop.write("removed: {segments: [s1, s2, s3]}\n")
    shop.emulator.fault("500:GET:/v3/REST/campaigndraft:times=all")

    ran = shop.run("plan", "--format", "json")

    notes = [change["notes"] for change in json.loads(ran.out)["changes"]]
    assert 0 == ran.code
    assert 3 * [["its impact could not be read: Mailjet's server failed"]] == notes
    assert 1 == shop.paths.count("GET campaigndraft")
