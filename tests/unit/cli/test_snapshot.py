"""Snapshots of an account and plans against them; rehearsals on an emulator."""

import json

import httpx
import pytest

from mjsync.emulator import Emulator
from mjsync.engine.build_plan import build_plan
from mjsync.engine.read import CachingReader
from mjsync.session.checks import rehearse
from mjsync.session.snapshot import Sanitizer
from tests.stage import PROJECT, Stage
from tests.terminal import run

MANIFEST = """\
lists: {news: {name: Weekly}}
segments: {s: {description: first, expression: '(country="NL")'}}
templates:
  order:
    from: {name: Shop, email: shop@example.com}
    subject: Your order
    html: <p>Ask help@example.com</p>
    headers: {X-Track: plain-track, X-Token: '${env.HOOK_TOKEN}'}
webhooks:
  open: {url: 'https://hooks.example.com/${env.HOOK_TOKEN}'}
  bounce: {url: 'https://hooks.example.com/plain'}
"""
SECRETS = ("token-of-the-hook", "mj-secret", "mj-public", "anna.smith", "secret-path", "bob@", "hooks.other.example")
"""Texts that no snapshot may contain."""


@pytest.fixture
def emulator(monkeypatch):
    """An emulator that listens, and the environment that leads there."""
    with Emulator() as made:
        for name, value in {**made.environment, "HOOK_TOKEN": "token-of-the-hook"}.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def folder(tmp_path, emulator):
    """A project that was applied."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests" / "main.yaml").write_text(MANIFEST)
    assert run("apply", "--yes", at=tmp_path).code == 0
    return tmp_path


def set_headers(emulator, headers):
    """Set mail headers of the template as another tool would."""
    (template,) = (row for row in emulator.rows("template") if row["Name"] == "order")
    url = f"{emulator.base_url}/v3/REST/template/{template['ID']}/detailcontent"
    keys = (emulator.api_key, emulator.secret_key)
    content = httpx.get(url, auth=keys).json()["Data"][0]
    content["Headers"].update(headers)
    assert 201 == httpx.post(url, auth=keys, json=content).status_code


@pytest.fixture
def snapshot(folder, emulator, monkeypatch):
    """A snapshot with objects of others; keys and network are removed afterwards."""
    emulator.insert("eventcallbackurl", {"EventType": "spam", "Url": "https://hooks.other.example/secret-path"})
    contact = emulator.insert("contact", {"Email": "anna.smith@example.com"})
    (row,) = emulator.rows("contactslist")
    emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": row["ID"]})
    emulator.insert("contactslist", {"Name": "bob@example.org and friends"})
    set_headers(emulator, {"X-Token": "token-of-last-year", "X-Other": "header-of-another-tool"})
    ran = run("snapshot", "--out", str(folder / "account.json"), at=folder)
    assert ran.code == 0, ran
    for name in ("MJ_APIKEY_PUBLIC", "MJ_APIKEY_PRIVATE", "MJSYNC_BASE_URL", "HOOK_TOKEN"):
        monkeypatch.delenv(name)
    emulator.clear_requests()
    return folder / "account.json"


def against(folder, file) -> dict:
    """Return the plan against a snapshot."""
    ran = run("plan", "--against", str(file), "--format", "json", at=folder)
    assert ran.code == 0, ran
    return json.loads(ran.out)


def test_a_snapshot_has_no_secrets_and_no_addresses_of_people(snapshot):
    """Keys, tokens, paths of other webhooks and mail addresses are not in a snapshot; openly declared values are."""
    text = snapshot.read_text()

    assert [] == [secret for secret in SECRETS if secret in text]
    assert "shop@example.com" in text
    assert "https://hooks.example.com/plain" in text


def test_a_snapshot_has_only_headers_that_manifests_state_openly(snapshot):
    """Headers that no manifest states openly are not in a snapshot."""
    (headers,) = [
        each["Headers"] for each in json.loads(snapshot.read_bytes())["objects"].values() if "Headers" in each
    ]

    assert {"From", "Subject", "X-Track"} == headers.keys()
    assert "plain-track" == headers["X-Track"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://secret.example/path", "https://***/***"),
        ("http://u:p@secret.example", "http://***/***"),
        ("https://[secret", "https://***/***"),
        ("secret", "***://***/***"),
    ],
)
def test_a_url_keeps_its_scheme_alone(url, expected):
    """Only the scheme of a URL is kept: its host can be secret, and it may be invalid."""
    assert {"Url": expected} == Sanitizer(frozenset(), frozenset()).row("eventcallbackurl", {"Url": url})


@pytest.mark.parametrize(
    "address",
    [
        *("ann@e.example", "o'ann@e.example", "x/ann@e.example", "ann%40e.example", "ann+x%40e.example"),
        *("ann&#64;e.example", "ann&#064;e.example", "ann&#x40;e.example", "ann&commat;e.example"),
    ],
)
def test_every_spelling_of_an_address_is_masked(address):
    """Addresses are masked in text, links and HTML, in every spelling."""
    text = f"<a href='mailto:{address}'>Ask</a>"

    assert "<a href='mailto:***'>Ask</a>" == Sanitizer(frozenset(), frozenset()).text(text)


def test_a_long_picture_is_searched_quickly():
    """Long base64 images are searched in linear time."""
    picture = "a/" * 200_000

    assert picture == Sanitizer(frozenset(), frozenset()).text(picture)


def test_a_plan_against_a_snapshot_needs_neither_keys_nor_network(folder, snapshot, emulator):
    """A plan against a snapshot needs neither keys nor network; it prints the age and what is not compared."""
    document = against(folder, snapshot)

    assert [] == document["changes"]
    assert {"snapshot", "not-compared"} <= {each["code"] for each in document["warnings"]}
    assert () == emulator.requests


def test_changes_are_planned_against_a_snapshot(folder, snapshot):
    """Changed fields, new objects and changed bodies are in a plan against a snapshot."""
    changed = MANIFEST.replace("first", "second").replace("<p>Ask", "<p>Do ask").replace("{news:", "{more: {}, news:")
    (folder / "manifests" / "main.yaml").write_text(changed)
    document = against(folder, snapshot)

    expected = {("create", "list.more"), ("update", "segment.s"), ("update", "template.order")}
    assert expected == {(each["action"], each["address"]) for each in document["changes"]}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "mjsync-plan/1"}'])
def test_what_is_no_snapshot_is_wrong_use(folder, text):
    """A file that is not a snapshot is wrong use."""
    (folder / "other.json").write_text(text)

    assert 2 == run("plan", "--against", str(folder / "other.json"), at=folder).code


def test_a_rehearsal_costs_no_request_and_the_receipt_says_so(folder, emulator):
    """A rehearsal makes no further request; a plan that passes is applied, and its receipt is marked."""
    changed = MANIFEST.replace("first", "second").replace("<p>Ask", "<p>Do ask").replace("{news:", "{more: {}, news:")
    (folder / "manifests" / "main.yaml").write_text(changed)
    counts = []
    for options in ((), ("--rehearse",)):
        emulator.clear_requests()
        assert run("plan", *options, at=folder).code == 0
        counts.append(sorted(request.path for request in emulator.requests))
    assert counts[0] == counts[1]

    ran = run("apply", "--yes", "--rehearse", "--format", "json", at=folder)
    assert ran.code == 0, ran
    assert json.loads((folder / json.loads(ran.out)["receipt"]).read_bytes())["rehearsed"] is True
    assert "second" == emulator.rows("contactfilter")[0]["Description"]


def test_a_rehearsal_refuses_what_mailjet_would_refuse():
    """A step that fails on the emulator is a guard that nothing lifts; the account is not touched."""
    deep = "(" * 120 + '(name="x")' + ")" * 120
    stage = Stage(f"lists: {{a: {{}}}}\nsegments: {{s: {{expression: '{deep}'}}}}\n")
    with stage.reader() as client:
        recorded = CachingReader(client)
        plan = rehearse(build_plan(stage.load(), recorded, stage.scope()), recorded)

    assert [("rehearsal", "segment.s", False)] == [(each.code, each.address, each.lifted) for each in plan.guards]
    assert "nested too deeply" in plan.guards[0].message
    assert [] == stage.writes
