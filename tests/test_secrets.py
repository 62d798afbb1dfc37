"""Canaries: secrets in every place where one can be; every output and file of every command is searched for them."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from mjsync.emulator import Emulator
from mjsync.render.formats import FORMATS

REPOSITORY = Path(__file__).parents[1]

ENVIRON = {
    "MJ_APIKEY_PRIVATE": "canary-api-secret-key",
    "HOOK_TOKEN": "canary/hook token+1",
    "HOOK_PATH": "canary-hook-path-2",
    "ROUTE_URL": "https://canary-user:canary-pass-3@in.example.com/canary-path-3?x=1",
    "HEADER": "canary-header-4",
    "LIST_NAME": "canary-list-name-5",
    "SEGMENT": 'canary&<segment>"6',
    "AUTHOR": "canary-author-7-ü",
    "EXPRESSION": "canary-expression-8",
    "VARIABLE": "canary-variable-9",
    "SHORT": "c4nary",
}
"""Values of the environment."""
LIVE = {
    "userinfo": "canary-live-user:canary-live-pass-10",
    "token": "canary-live-token-11",
    "signature": "canary-live-signature-12",
}
"""Credentials in URLs that are on the account already, and that nothing here knows by value."""

PROJECT = """\
version: 1
manifests: [manifests]
environments:
  staging: {vars: {site: '${env.VARIABLE}'}}
delete: {webhooks: declared, lists: all, segments: declared, templates: declared, parse_routes: declared}
"""
MANIFEST = """\
properties: {a: str}
lists: {news: {name: 'News ${env.LIST_NAME}'}, short: {name: 'S ${env.SHORT}'}}
segments: {s: {description: 'Who ${env.SEGMENT}', expression: '(a="${env.EXPRESSION}")'}}
templates:
  t: {author: '${env.AUTHOR}', description: 'of ${var.site}', subject: Hi, html: <p>Hi</p>,
      headers: {X-Key: '${env.HEADER}', X-Short: '${env.SHORT}'}}
webhooks:
  open: {url: 'https://hooks.example.com/${env.HOOK_PATH}?token=${env.HOOK_TOKEN}'}
  click: {url: 'https://hooks.example.com/changed'}
parse_routes: {in@example.com: {url: '${env.ROUTE_URL}'}}
removed: {webhooks: [spam]}
"""


def forms(secret):
    """Return the forms in which a secret may be written in a text."""
    raw = secret.encode()
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        yield encoded[4 if offset else 0 : -2]
        yield base64.urlsafe_b64encode(b"\0" * offset + raw).decode().rstrip("=")[4 if offset else 0 : -2]


@pytest.fixture(scope="module")
def canaries(tmp_path_factory):
    """A project and an account full of secrets; each command runs in a process of its own."""
    root = tmp_path_factory.mktemp("project")
    (root / "manifests").mkdir()
    (root / "mjsync.yaml").write_text(PROJECT)
    (root / "manifests" / "main.yaml").write_text(MANIFEST)
    with Emulator(secret_key=ENVIRON["MJ_APIKEY_PRIVATE"]) as emulator:
        for event, url in (
            ("click", f"https://{LIVE['userinfo']}@hooks.example.com/x"),
            ("spam", f"https://hooks.example.com/x?token={LIVE['token']}"),
            ("blocked", f"https://hooks.example.com/x?signature={LIVE['signature']}"),
        ):
            emulator.insert("eventcallbackurl", {"EventType": event, "Url": url, "Version": 1})
        emulator.insert("contactslist", {"Name": ENVIRON["LIST_NAME"]})
        yield Canaries(root, emulator)


class Canaries:
    """Runs commands and searches their output and files."""

    def __init__(self, root, emulator):
        self.root = root
        self.emulator = emulator
        self.environ = {**os.environ, **emulator.environment, **ENVIRON, "PYTHONPATH": str(REPOSITORY)}
        self.sources = {root / "mjsync.yaml", root / "manifests" / "main.yaml"}

    def run(self, *arguments, environ=None):
        """Run one command, and fail if a secret is in what it prints or writes."""
        ended = subprocess.run(  # noqa: PLW1510 - the tests look at how it ended
            [sys.executable, "-m", "mjsync", "-C", str(self.root), *arguments],
            env={**self.environ, **(environ or {})},
            capture_output=True,
            text=True,
            cwd=self.root,
        )
        texts = {"stdout": ended.stdout, "stderr": ended.stderr}
        texts |= {
            str(file): file.read_bytes().decode("utf-8", "replace")
            for file in self.root.rglob("*")
            if file.is_file() and file not in self.sources
        }
        for where, text in texts.items():
            for name, secret in {**ENVIRON, **LIVE}.items():
                for form in forms(secret):
                    assert len(form) < 6 or form not in text, (arguments, where, name, form, text)
        return ended

    def receipts(self):
        """The ids of the runs so far, oldest first."""
        return sorted(file.stem for file in (self.root / ".mjsync" / "receipts").glob("*.json"))


PLANS = [
    ("validate",),
    ("validate", "--format", "json"),
    *[("plan", "--format", form) for form in FORMATS],
    ("-v", "plan", "--out", "json=plan.json", "--out", "markdown=plan.md", "--out", "text=plan.txt"),
    ("ids", "--format", "json"),
    ("accounts",),
    ("config", "show", "--origins"),
    ("plan", "--explain", "webhook.click"),
    ("refs", "list.news"),
    ("schema",),
]


@pytest.mark.parametrize("arguments", PLANS, ids=" ".join)
def test_reading_commands_show_no_secret(canaries, arguments):
    """No command that reads shows a secret, in any format, verbose or into files."""
    ended = canaries.run(*arguments)

    assert 0 == ended.returncode, ended


def test_a_failing_apply_shows_no_secret(canaries):
    """Errors that quote what was sent, and tracebacks, show no secret."""
    for fault in ("400:POST:times=1", "close:PUT:times=1", "500:GET:times=all"):
        canaries.emulator.fault(fault)
        canaries.run(
            "-v", "apply", "--yes", "--retry-budget", "0.01", "--format", "json", environ={"MJSYNC_DEBUG": "1"}
        )
        canaries.emulator.clear_faults()


def test_applies_runs_and_undo_leave_no_secret(canaries):
    """Neither journal, receipt nor output contains a secret; undo works without."""
    ended = canaries.run("-v", "apply", "--yes", "--out", "json=applied.json")
    assert 0 == ended.returncode, ended
    last = canaries.receipts()[-1]
    for arguments in (
        ("runs",),
        ("runs", "--format", "json"),
        ("runs", "show", last),
        ("runs", "show", last, "--format", "json"),
    ):
        assert 0 == canaries.run(*arguments).returncode
    assert 0 == canaries.run("undo", last, "--dry-run").returncode
    assert 0 == canaries.run("undo", last, "--yes", "--format", "json").returncode
    assert "***" not in str(canaries.emulator.state())


def test_a_wrong_key_shows_no_secret(canaries):
    """A refusal names the variables of the keys, never their values."""
    canaries.run("plan", environ={"MJ_APIKEY_PRIVATE": "canary-another-key", "MJSYNC_DEBUG": "1"})


def test_a_fault_of_the_program_shows_no_secret(canaries):
    """A manifest error whose value came from the environment does not quote it."""
    canaries.run("plan", environ={"ROUTE_URL": "canary-pass-3 is no url", "MJSYNC_DEBUG": "1"})


WRONG = """\
properties: {{p: {{type: '{0}'}}, q: '{0}'}}
lists: {{a: {{name: '{0}'}}, b: {{name: '{0}'}}, c: {{protect: '{0}'}}}}
segments: {{s: {{expression: '({0}=='}}}}
templates: {{t: {{purposes: ['{0}'], edit_mode: '{0}', text: {{file: '{0}.txt'}}, variables: {{x: {{type: '{0}'}}}}}}}}
webhooks: {{open: {{url: '{0}'}}, x: {{event: '{0}', url: 'https://[{0}'}}}}
parse_routes: {{a@b.c: {{email: '{0}', url: 'https://x.y/z'}}}}
removed: {{lists: ['{0}']}}
"""
"""Every sort of complaint that quotes what it complains of."""


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate",),
        *[("validate", "--format", form) for form in ("json", "sarif", "junit", "github")],
        ("-v", "plan"),
        ("ids",),
        ("refs", "list.a"),
        ("render", "t"),
        ("import",),
        ("adopt", "list.a"),
    ],
    ids=" ".join,
)
def test_manifests_that_cannot_be_loaded_show_no_secret(canaries, arguments):
    """Errors name the key and its location; a value of the environment is masked though nothing was loaded."""
    main = canaries.root / "manifests" / "main.yaml"
    before = main.read_text()
    main.write_text(WRONG.format("${env.HOOK_PATH}"))
    try:
        ended = canaries.run(*arguments, environ={"MJSYNC_DEBUG": "1"})
    finally:
        main.write_text(before)

    assert 4 == ended.returncode, ended
    assert "manifests/main.yaml" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "setting",
    ["api_key: '${env.HOOK_TOKEN}'", "base_url: 'https://${env.HOOK_TOKEN}/x'", "secret_key: '${env.HOOK_TOKEN}'"],
)
def test_a_project_file_that_points_at_another_secret_shows_none(canaries, setting):
    """A project file may name any variable as a key or a host: its value is never printed."""
    file = canaries.root / "mjsync.yaml"
    before = file.read_text()
    file.write_text(f"version: 1\nmanifests: [manifests]\nenvironments: {{x: {{{setting}}}}}\n")
    environ = {"MJSYNC_DEBUG": "1", **({"MJSYNC_BASE_URL": ""} if "base_url" in setting else {})}
    try:
        ended = canaries.run("-v", "plan", environ=environ)
    finally:
        file.write_text(before)

    assert ended.returncode in (1, 4), ended
