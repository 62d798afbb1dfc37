"""`mjsync health`: blocked messages in groups, what does not work now, and the requests that this costs."""

import json
import re

import pytest

from mjsync.account_reports.health import MAX_REQUESTS
from mjsync.cli.commands.health import command
from tests.unit.account_reports.conftest import BIG, ago, blocked

TEMPLATE = """\
templates:
  order: {from: {email: me@example.com}, subject: 'Your order {{var:number}}', html: <p>x</p>, text: x}
"""


def health(shop, *arguments, code):
    """Return the JSON document of the command."""
    ran = shop.run("health", "--format", "json", *arguments)
    assert code == ran.code, ran.err
    return json.loads(ran.out)


def test_nothing_blocked_is_in_sync(shop):
    """Without blocked messages the exit code is 0, and the help states the number of requests."""
    shop.load(message=[blocked(1, 14), blocked(2, 0, Status="sent"), blocked(3, 17, ArrivedAt=ago(hours=2))])
    document = health(shop, code=0)

    assert [] == document["groups"]
    assert 7 == len(shop.paths)
    assert "7 when no message was blocked" in " ".join(command.help.split())


def test_groups_have_campaign_subject_size_and_history(shop):
    """Messages are grouped by state, campaign and subject; ids beyond 2^53 stay exact."""
    shop.load(
        message=[blocked(1, 17), blocked(2, 17, ArrivedAt=ago(minutes=3)), blocked(3, 18), blocked(4, 8, "Other")],
        campaign=[{"ID": BIG, "CustomValue": "orders", "FromEmail": "me@example.com", "Subject": "x"}],
    )
    document = health(shop, code=3)

    groups = [(each["count"], each["state"], each["subject"], each["campaign_name"]) for each in document["groups"]]
    assert [(2, 17, "Your order", "orders"), (1, 8, "Other", "orders"), (1, 18, "Your order", "orders")] == groups
    assert {4} == {each["recipients"] for each in document["groups"]}
    assert (str(BIG + 2), 2048) == (document["groups"][0]["message"], document["groups"][0]["size"])
    assert ["blocked (bad or empty template)"] == document["groups"][0]["history"]
    assert {"GET": len(shop.paths)} == document["requests"]
    assert f"GET messagehistory/{BIG + 2}" in shop.paths
    assert 1 == shop.paths.count(f"GET campaign/{BIG}")


@pytest.mark.parametrize(("since", "resolution"), [("30d", "Hour"), ("60d", "Day")])
def test_what_was_sent_is_one_page_of_counters(shop, since, resolution):
    """Two months have more hours than a page has rows; one page is read all the same."""
    health(shop, "--since", since, code=0)

    assert [resolution] == [
        each.query["CounterResolution"] for each in shop.emulator.requests if each.path.endswith("statcounters")
    ]


def test_a_campaign_that_was_looked_up_is_named_in_all_its_groups(shop):
    """Groups beyond those that are looked up have the name if another group of the campaign has."""
    campaign = {"ID": BIG, "CustomValue": "orders", "FromEmail": "me@example.com", "Subject": "x"}
    shop.load(message=[blocked(number, 17, f"Subject {number}") for number in range(12)], campaign=[campaign])
    groups = health(shop, code=3)["groups"]

    assert ["orders"] * 12 == [group["campaign_name"] for group in groups]
    assert 8 == sum(group["size"] is not None for group in groups)


def test_thousands_of_messages_are_read_in_pages_up_to_the_limit(shop):
    """Pages have 1,000 rows; beyond 5,000 of a state the output says that it read the newest only."""
    rows = [blocked(number, 17, f"Subject {number % 20}") for number in range(5200)]
    shop.load(message=[*rows, *(blocked(9000 + number, 18) for number in range(1500))])
    document = health(shop, code=3)

    assert 6500 == document["blocked"]
    assert document["complete"] is False
    assert MAX_REQUESTS >= len(shop.paths)
    assert "Only the newest 5,000 messages" in shop.run("health").out


def test_most_requests_are_as_the_help_states(shop):
    """The help has the number of requests from the constant."""
    assert f"at most {MAX_REQUESTS};" in command.help


@pytest.mark.parametrize(("subject", "found"), [("Your order 17", 1), ("Your orders", 0), ("Hello Your order 1", 0)])
def test_a_template_is_matched_by_its_subject(shop, subject, found):
    """Tags of the subject match any text; the output says that this is likely, and not known."""
    shop.write(TEMPLATE)
    shop.load(message=[blocked(1, 17, subject), blocked(2, 17, "Newsletter")])

    assert found == len(health(shop, "--template", "order", code=3 if found else 0)["groups"])
    assert "likely of template.order" in shop.run("health", "--template", "order").out


def test_a_template_is_matched_by_its_campaign(shop):
    """A campaign header of the template is the name of the campaign."""
    shop.write(TEMPLATE.replace("text: x", "text: x, headers: {X-Mailjet-Campaign: orders}"))
    campaign = {"ID": BIG, "CustomValue": "orders", "FromEmail": "me@example.com", "Subject": "x"}
    shop.load(message=[blocked(1, 17, "Something")], campaign=[campaign])

    assert 1 == len(health(shop, "--template", "order", code=3)["groups"])


def test_an_unknown_template_is_wrong_use(shop):
    """The message names the nearest handle."""
    shop.write(TEMPLATE)
    ran = shop.run("health", "--template", "ordr")

    assert 2 == ran.code
    assert "order" in ran.err


def test_undo_is_suggested_where_they_began_after_an_apply(shop):
    """The receipt of the last apply is suggested, unless messages were blocked before it."""
    shop.write(TEMPLATE)
    assert 0 == shop.run("apply", "--yes").code
    shop.load(message=[blocked(1, 17, ArrivedAt=ago(seconds=-2))])
    document = health(shop, code=3)

    assert document["last_apply"] == document["undo"]
    assert f"mjsync undo {document['undo']}" in shop.run("health").out
    shop.load(message=[blocked(1, 17, ArrivedAt=ago(seconds=-2)), blocked(2, 17)])
    assert health(shop, code=3)["undo"] is None


def test_problems_of_webhooks_senders_and_parse_routes(shop):
    """Suspended webhooks, inactive senders and parse routes of other domains are listed; the exit code stays 0."""
    shop.load(
        eventcallbackurl=[{"EventType": "bounce", "Url": "https://x.example/a", "Status": "dead"}],
        sender=[{"Email": "*@example.com", "Status": "Active"}, {"Email": "new@x.example", "Status": "Inactive"}],
        parseroute=[
            {"Email": "in@example.com", "Url": "https://x.example/in"},
            {"Email": "in@y.example", "Url": "https://x.example/in"},
            {"Email": "abc@parse-in1.mailjet.com", "Url": "https://x.example/in"},
        ],
    )
    problems = health(shop, code=0)["problems"]

    assert ["dead-webhook", "inactive-sender", "parse-domain"] == [each["code"] for each in problems]
    assert "in@y.example" in problems[2]["message"]


def test_forms_are_safe_and_narrow(shop):
    """Text charts fit 60 columns; markup of a subject is escaped in Markdown and HTML; HTML has the chart as SVG."""
    subject = "<img src=x> | `code` \x1b[31m"
    shop.load(message=[blocked(number, 17, subject) for number in range(300)])
    text = shop.run("health", "--since", "1d").out
    chart = text[text.index("Blocked messages per") :].split("\n\n")[0]

    assert max(map(len, chart.splitlines())) <= 60
    assert "█" in chart
    assert "\x1b" not in text
    assert "<img" not in shop.run("health", "--format", "markdown").out
    html = shop.run("health", "--format", "html").out
    assert "<svg" in html
    assert "<img" not in html
    assert re.search(r"prefers-color-scheme: dark", html)


def test_watch_looks_again_until_messages_are_blocked(shop, monkeypatch):
    """It waits 30 seconds or more between looks, ends at the first blocked message, or when the time is over."""
    pauses = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            shop.load(message=[blocked(1, 17)])

    monkeypatch.setattr("mjsync.session.account.time.sleep", sleep)

    assert 3 == shop.run("health", "--watch", "10m").code
    assert [30, 30] == pauses
    shop.load(message=[])
    assert 0 == shop.run("health", "--watch", "10s").code


@pytest.mark.parametrize(
    "arguments", [("--since", "soon"), ("--since", "0h"), ("--watch", "1w"), ("--since", "2999-01-01")]
)
def test_wrong_times_are_wrong_use(shop, arguments):
    """A time that cannot be read, or is in the future, makes no request."""
    ran = shop.run("health", *arguments)

    assert 2 == ran.code
    assert [] == shop.paths
