"""`mjsync status` and `mjsync doctor`: one screen, and each check with its way out."""

import json

import pytest

from mjsync.account_reports.status import MAX_REQUESTS
from mjsync.cli.commands import doctor as doctor_command
from mjsync.cli.commands import status as status_command
from mjsync.session import doctor
from tests.unit.account_reports.conftest import BIG, ago, blocked

MANIFEST = """\
lists: {news: {name: News}}
templates:
  order: {from: {email: me@example.com}, subject: x, html: <p>x</p>, text: x}
"""


def document(shop, *arguments, code=0):
    """The JSON document of a command."""
    ran = shop.run(*arguments, "--format", "json")
    assert code == ran.code, ran.err
    return json.loads(ran.out)


def checks(shop, *, code=0):
    """Check to its statuses and messages."""
    found = {}
    for each in document(shop, "doctor", code=code)["checks"]:
        found.setdefault(each["check"], []).append((each["status"], each["message"], each["way_out"]))
    return found


def test_status_counts_and_does_not_read_contacts(shop):
    """Managed and unmanaged objects, contacts, blocked messages and the month are counted by Mailjet."""
    shop.write(MANIFEST)
    shop.run("apply", "--yes")
    shop.emulator.insert("contactslist", {"Name": "Other"})
    shop.load(
        contact=[{"ID": number + 1, "Email": f"p{number}@example.com"} for number in range(2500)],
        message=[blocked(1, 17), blocked(2, 18, ArrivedAt=ago(days=2)), {"ID": BIG + 3, "Status": "sent"}],
    )
    found = document(shop, "status")
    plan = document(shop, "plan", "--impact", "none")
    again = document(shop, "status")
    kinds = {each["kind"]: (each["managed"], each["unmanaged"]) for each in found["kinds"]}

    assert (1, 1) == kinds["list"]
    assert (1, 0) == kinds["template"]
    assert (2500, 0, {"17": 1, "18": 0, "8": 0}) == (found["contacts"], found["pending"], found["blocked"])
    assert found["last_apply"]["receipt"]
    assert again["requests"]["GET"] == len(shop.paths) == plan["requests"]["GET"] + MAX_REQUESTS
    assert f"and {MAX_REQUESTS} more" in status_command.command.help


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_status_in_each_form(shop, form):
    """Each form has the chart of the month."""
    shop.load(message=[{"ID": BIG + 3, "Status": "sent", "ArrivedAt": ago(minutes=1)}])
    ran = shop.run("status", "--format", form)

    assert 0 == ran.code
    assert "Messages per day of this month" in ran.out
    assert ("<svg" in ran.out) == (form == "html")


def test_a_good_account_passes(shop):
    """All checks that need the account pass, in the number of requests that the help states."""
    shop.load(sender=[{"Email": "*@example.com", "Status": "Active"}])
    shop.write(MANIFEST)
    found = checks(shop)

    assert {"ok"} == {status for name, rows in found.items() for status, _, _ in rows if name != "git"}
    assert doctor.MAX_REQUESTS == len(shop.paths)
    assert f"at most {doctor.MAX_REQUESTS}" in doctor_command.command.help


def test_senders_and_domains_that_are_not_ready(shop):
    """An inactive sender fails; a domain without SPF or DKIM is one warning."""
    shop.load(
        sender=[{"Email": "me@example.com", "Status": "Inactive"}],
        dns=[{"Domain": "example.com", "SPFStatus": "Error", "DKIMStatus": "Not checked"}],
    )
    shop.write(MANIFEST)
    found = checks(shop, code=1)

    assert "failed" == found["sender"][0][0]
    assert [("warning", True)] == [
        (status, "SPF is Error, DKIM is Not checked" in text) for status, text, _ in found["domain"]
    ]


def test_wrong_keys_and_missing_keys(shop, monkeypatch):
    """A key that is not accepted, and one that is not set, fail with a way out; the latter without a request."""
    monkeypatch.setenv("MJ_APIKEY_PRIVATE", "wrong")
    assert "MJ_APIKEY_PRIVATE" in checks(shop, code=1)["connection"][0][2]
    monkeypatch.delenv("MJ_APIKEY_PRIVATE")
    assert "failed" == checks(shop, code=1)["keys"][0][0]
    assert [] == shop.paths


def test_an_interrupted_run_and_refused_parse_routes(shop):
    """A journal that was left is a warning, as are parse routes that this plan does not include."""
    journals = shop.folder / ".mjsync/journal"
    journals.mkdir(parents=True)
    (journals / "20260101T000000000Z-aaaa.jsonl").write_text("{}\n")
    shop.emulator.fault("403:GET:/v3/REST/parseroute:times=all")
    found = checks(shop)

    assert "20260101T000000000Z-aaaa" in found["runs"][0][1]
    assert "warning" == found["parse-routes"][0][0]
