"""JSON outputs are valid by the schema that `mjsync schema --of` prints, with no key that it does not name."""

import json

import pytest
from jsonschema import Draft202012Validator

from mjsync.emulator import Account, Emulator
from tests.terminal import run
from tests.unit.render.test_schemas import closed

PROJECT = """\
version: 1
manifests: [manifests]
environments:
  staging: {account: 111111}
  production: {api_key: '${env.B_KEY}', secret_key: '${env.B_SECRET}'}
  lost: {api_key: '${env.NO_KEY}', account: 5}
"""
MANIFEST = """\
lists: {news: {name: News}}
segments: {s: {expression: (a=1)}}
properties: {a: int}
templates:
  t: {subject: 'Hi {{data:a:"1"}}', html: <p>Hi</p>, text: Hi}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two accounts that were applied and then changed, and one without keys."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "mjsync.yaml").write_text(PROJECT)
    (folder / "manifests").mkdir()
    (folder / "manifests/a.yaml").write_text(MANIFEST)
    second = Account("key-b", "secret-b", 222222)
    with pytest.MonkeyPatch.context() as patch, Emulator(account=111111, accounts=[second]) as emulator:
        for name, value in {**emulator.environment, "B_KEY": "key-b", "B_SECRET": "secret-b"}.items():
            patch.setenv(name, value)
        run("apply", "-e", "staging,production", "--yes", at=folder)
        emulator.insert("contactslist", {"Name": "Only here"}, 222222)
        state = emulator.state(222222)
        state["contactfilter"][0]["Expression"] = "(a=2)"
        emulator.load(state, 222222)
        emulator.insert("message", {"StateID": 17, "Status": "blocked", "Subject": "Hi", "CampaignID": 0})
        emulator.fault("400:POST:times=1")
        run("apply", "-e", "production", "--yes", "--replace", "list.news", "--approve", "list.news", at=folder)
        yield folder


def schema(name, project):
    """Return what `mjsync schema --of` prints."""
    return json.loads(run("schema", "--of", name, at=project).out)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("accounts", ("accounts",)),
        ("environments", ("environments",)),
        ("diff", ("diff", "-e", "staging", "-e", "production")),
        ("runs", ("runs",)),
        ("refs", ("refs", "property.a")),
        ("render", ("render", "t")),
        ("ids", ("ids", "-e", "staging")),
        ("plan", ("plan", "-e", "production")),
        ("plans", ("plan", "-e", "*")),
        ("findings", ("validate",)),
        ("error", ("plan", "-e", "lost")),
        ("health", ("health", "-e", "staging")),
        ("verify", ("verify", "-e", "staging")),
        ("status", ("status", "-e", "staging")),
        ("doctor", ("doctor", "-e", "staging")),
        ("usage", ("usage", "-e", "staging")),
        ("segment-diff", ("segment-diff", "s", "-e", "staging")),
    ],
)
def test_what_is_printed_keeps_to_its_schema(project, name, command):
    """The document is valid, has no unknown key, and is not an error."""
    document = json.loads(run(*command, "--format", "json", at=project).out)
    validator = Draft202012Validator(closed(schema(name, project)))

    assert [] == [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    assert document.get("format") in (None, f"mjsync-{name}/1")


def test_receipts_keep_to_their_schema(project):
    """Every receipt of every run is valid."""
    validator = Draft202012Validator(closed(schema("receipt", project)))
    runs = json.loads(run("runs", "--format", "json", at=project).out)["runs"]
    receipts = [json.loads(run("runs", "show", each["id"], "--format", "json", at=project).out) for each in runs]

    assert 3 == len(receipts)
    assert [] == [
        f"{error.json_path}: {error.message}" for receipt in receipts for error in validator.iter_errors(receipt)
    ]
