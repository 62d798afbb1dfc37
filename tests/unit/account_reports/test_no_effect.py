"""No command sends a mail, touches a contact or writes what no manifest declares; and the page of costs is right."""

import os
import re
import subprocess

import pytest

from mjsync.account_reports.reading import READ_CALLS
from mjsync.api.transport import AllowedCalls
from mjsync.cli.commands.docs import PAGES
from mjsync.emulator.endpoints import endpoints
from mjsync.resources import CALLS, SECTIONS
from tests.unit.account_reports.conftest import BIG, blocked

MANIFEST = """\
properties: {age: int}
lists: {news: {name: News}}
segments: {s: {expression: (age<40)}}
webhooks: {bounce: {url: 'https://x.example/hook'}}
parse_routes: {in: {email: in@example.com, url: 'https://x.example/in'}}
templates:
  order: {from: {email: me@example.com}, subject: 'Your order', html: <p>x</p>, text: x}
"""
COMMANDS = {
    "mjsync plan": ("plan", "--impact", "full", "--sample", "10"),
    "mjsync health": ("health",),
    "mjsync verify": ("verify",),
    "mjsync status": ("status",),
    "mjsync doctor": ("doctor",),
    "mjsync usage": ("usage",),
    "mjsync segment-diff": ("segment-diff", "s"),
    "mjsync drift": ("drift",),
    "mjsync ids": ("ids",),
    "mjsync accounts": ("accounts",),
    "mjsync import": ("import",),
    "mjsync snapshot": ("snapshot", "--out", os.devnull),
    "mjsync adopt": ("adopt", "list.news"),
    "mjsync explain": ("plan", "--explain", "list.news"),
}
MANAGED = {kind.endpoint for kind in SECTIONS.values()}
ROW = re.compile(r"^\| `(\w+)` \| `(mjsync [\w-]+)` \| (\d+)", re.MULTILINE)


def test_what_may_be_read_has_no_effect():
    """All allowed calls besides those of the kinds are GET."""
    assert {"GET"} == {method for method, _ in READ_CALLS - CALLS}


def test_no_path_of_any_resource_can_be_written_but_those_of_the_kinds():
    """Walk each resource and action of the API with each method: writes are allowed for managed kinds alone."""
    writable = set()
    for table in (AllowedCalls(CALLS), AllowedCalls(READ_CALLS)):
        for name, endpoint in endpoints().items():
            paths = [name, f"{name}/1", *(f"{name}/1/{action}" for action in endpoint.actions)]
            for path in (*paths, f"{name}/a@b.example"):
                for method in ("POST", "PUT", "DELETE", "PATCH"):
                    if table.allows(method, f"/v3/REST/{path}"):
                        writable.add(path.replace("/1", "").split("/")[0])
        for path in ("/v3.1/send", "/v3/send", "/v4/contacts/1", "/v3/DATA/contactslist/1/CSVData/text:plain"):
            assert not any(table.allows(method, path) for method in ("GET", "POST", "PUT", "DELETE"))

    assert MANAGED == writable


@pytest.fixture
def applied(shop):
    """An account to which all six kinds were applied, with one blocked message."""
    shop.load(
        sender=[{"Email": "*@example.com", "Status": "Active"}],
        message=[blocked(1, 17)],
        campaign=[{"ID": BIG, "CustomValue": "orders", "FromEmail": "me@example.com", "Subject": "x"}],
        contact=[{"ID": 1, "Email": "p@x.example"}],
    )
    shop.write(MANIFEST)
    (shop.folder / ".gitignore").write_text(".mjsync\n")
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "x")):
        subprocess.run(["git", *arguments], cwd=shop.folder, check=True)
    assert 0 == shop.run("apply", "--yes", "--verify").code
    return shop


def test_no_command_trips_the_emulator(applied):
    """Over a run of the commands nothing is sent but sandbox messages, and no contact is written."""
    before = {
        name: applied.emulator.rows(name) for name in ("contact", "contactdata", "listrecipient", "campaigndraft")
    }
    for line, arguments in {**COMMANDS, "mjsync undo": ("undo", applied.receipt, "--dry-run")}.items():
        ran = applied.run(*arguments)
        assert ran.code in (0, 3), ran.err
        assert applied.paths
        writes = [each for each in applied.emulator.requests if each.method != "GET"]
        assert [] == [
            each for each in writes if not (each.path == "/v3.1/send" and each.body["SandboxMode"] is True)
        ], line

    assert 0 == applied.emulator.tripwires
    assert before == {name: applied.emulator.rows(name) for name in before}


def test_the_table_of_resources_is_as_commands_read(applied):
    """Each row's command reads that resource, with at most the stated requests."""
    rows = ROW.findall(PAGES["account-data"].read_text(encoding="utf-8"))
    applied.write(MANIFEST.replace("age<40", "age<50"))
    for resource, line, most in rows:
        applied.run(*COMMANDS[line])
        names = [
            each.path.removeprefix("/v3/REST/").removeprefix("/v3.1/").split("/")[0]
            for each in applied.emulator.requests
        ]
        assert 1 <= names.count(resource) <= int(most), (resource, line)


def test_the_table_has_every_resource_of_the_documents(shared):
    """Every resource that the two documents describe has a row."""
    guide = (shared / "seeds/mailjet-api-guide.txt").read_text(encoding="utf-8")
    messages = (shared / "seeds/mailjet-messages-reference.txt").read_text(encoding="utf-8")
    named = {*re.findall(r"Acts on(\w+)", guide), *re.findall(r"/v3/REST/(\w+)", messages)}
    rows = {resource for resource, _, _ in ROW.findall(PAGES["account-data"].read_text(encoding="utf-8"))}

    assert len(named) > 15
    assert set() == named - rows
