"""Account reports of answers that are refused, incomplete, of another form, or hostile."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from mjsync.api.client import ReadClient
from tests.unit.account_reports.conftest import BIG, ago, blocked

MANIFEST = """\
segments: {buyers: {name: Segment 1, expression: (orders>5)}}
properties: {orders: int}
templates: {order: {from: {email: me@example.com}, subject: x, html: <p>x</p>, text: x}}
"""
COMMANDS = (
    ("health", "--since", "1d"),
    ("status",),
    ("doctor",),
    ("usage",),
    ("segment-diff", "buyers"),
    ("plan", "--impact", "full"),
)
HOSTILE = (
    "\x1b]0;x\x07\x1b[31m",
    "<script>alert(1)</script>",
    "a | b `c` **d**",
    "::set-output name=x::y",
    "\u202egnp",
)


@pytest.fixture
def hostile(shop):
    """An account with one object of most resources, under names that a terminal or a page might execute."""
    shop.write(MANIFEST)
    campaigns = [
        {
            "ID": BIG + number,
            "CustomValue": name,
            "FromEmail": "me@example.com",
            "Subject": name,
            "CreatedAt": ago(hours=1),
        }
        for number, name in enumerate(HOSTILE)
    ]
    names = enumerate(HOSTILE)
    shop.load(
        message=[blocked(number, (17, 18, 8)[number % 3], name, CampaignID=BIG + number) for number, name in names],
        campaign=campaigns,
        sender=[{"Email": "x\u202ey@x.example", "Status": "Inactive"}, {"Email": "me@example.com", "Status": "Active"}],
        dns=[{"Domain": "example.com", "SPFStatus": "\x1b[31m<b>", "DKIMStatus": "OK"}],
        contactslist=[{"ID": number + 1, "Name": name.replace("\x07", "")} for number, name in enumerate(HOSTILE)],
        contactfilter=[{"ID": 1, "Name": "Segment 1", "Expression": "(orders>1) AND \x1b[31m"}],
    )
    return shop


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_nothing_of_the_account_is_executed(hostile, form):
    """Control characters are shown escaped, and markup is text, in each format of each command."""
    hostile.load(contactfilter=[{"ID": 1, "Name": "Segment 1", "Expression": 'x="\x1b[31m<script>"'}])
    for arguments in COMMANDS:
        out = hostile.run(*arguments, "--format", form).out
        assert out
        assert not any(sign in out for sign in ("\x1b", "\x07", "\u202e")), arguments
        assert form == "text" or "<script>alert" not in out, arguments
        assert not any(line.lstrip().startswith("::") for line in out.splitlines()), arguments


@pytest.mark.parametrize(
    ("resource", "command", "code"),
    [
        ("statcounters", "status", 0),
        ("contactstatistics", "status", 0),
        ("sender", "status", 0),
        ("eventcallbackurl", "health", 3),
        ("statcounters", "health", 3),
        ("messagesentstatistics", "health", 3),
        ("metasender", "doctor", 0),
        ("dns", "doctor", 0),
        ("sender", "doctor", 0),
        ("message", "health", 1),
        ("campaign", "usage", 1),
    ],
)
def test_what_may_not_be_read(hostile, resource, command, code):
    """A report fails only where its main resource may not be read; without others it is complete but for them."""
    hostile.emulator.fault(f"403:GET:/v3/REST/{resource}:times=all")
    ran = hostile.run(command)

    assert code == ran.code, ran.err
    assert code != 1 or "this key may not do that" in ran.err
    assert "in order" not in ran.out


def test_readiness_that_is_not_known_is_a_warning(hostile):
    """A domain without DNS records, and records that may not be read, are not in order."""
    hostile.write(MANIFEST.replace("me@example.com", "me@nowhere.example"))
    assert "Mailjet shows no DNS records of nowhere.example" in hostile.run("doctor").out
    hostile.emulator.fault("403:GET:/v3/REST/dns:times=all")
    assert "this key may not read the DNS records" in hostile.run("doctor").out


@pytest.mark.parametrize("seed", range(6))
def test_fields_that_are_missing_or_of_another_form(hostile, monkeypatch, seed):
    """Rows that lack any field still give a report."""
    page = ReadClient.page

    def broken(self, path, filters=None):
        choose = random.Random(f"{path} {seed}")  # noqa: S311 - no secret
        others = (None, "many", [], {}, -1)
        return [
            {name: choose.choice(others) if choose.random() < 0.3 else value for name, value in row.items()}
            for row in page(self, path, filters)
            if choose.random() > 0.1
        ]

    monkeypatch.setattr(ReadClient, "page", broken)
    for arguments in COMMANDS:
        ran = hostile.run(*arguments)
        assert "has a fault" not in ran.err, (arguments, ran.err)


def test_pages_that_repeat_end_at_the_limit(hostile):
    """A listing whose Offset does not count is read up to the limit of pages, and each row counts once."""
    hostile.load(message=[blocked(number, 17) for number in range(1000)])
    hostile.emulator.fault("endless:GET:/v3/REST/message:times=all")
    document = json.loads(hostile.run("health", "--format", "json").out)

    assert (1000, False) == (document["blocked"], document["complete"])
    assert 7 == hostile.paths.count("GET message")


def test_a_clock_that_differs_is_a_problem(hostile, monkeypatch):
    """A clock that differs from Mailjet's is a problem, since message times are Mailjet's."""

    class Late(datetime):
        @classmethod
        def now(cls, tz=UTC):
            return datetime.now(tz) + timedelta(minutes=10)

    monkeypatch.setattr("mjsync.session.account.datetime", Late)

    assert "the clock of this machine differs by" in hostile.run("health").out


def test_an_empty_account(shop):
    """A report of an empty account is empty."""
    for arguments in (*COMMANDS[:4], ("plan", "--impact", "full"), ("verify", "--all")):
        assert 0 == shop.run(*arguments).code, arguments
