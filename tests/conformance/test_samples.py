"""Recorded exchanges, replayed: status, keys and their order, JSON types and error texts are Mailjet's."""

import json
import os
import re
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path

import pytest
from werkzeug.test import Client

from mjsync.emulator import Clock, Emulator
from tests.conformance.replays import LEFT_OUT, REPLAYS

SHARED = os.environ.get("MJSYNC_SHARED", "")
SAMPLES = Path(SHARED) / "mailjet-samples"
pytestmark = pytest.mark.skipif(not SHARED, reason="needs MJSYNC_SHARED, the folder with mailjet-samples")

RECORDED = {"recorded", "recorded-anonymised"}
UNORDERED = {"edited", "docs-example", "mock"}  # typed by people: their keys come in no order
UUID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# The description of all resources is compared point by point in the emulator's own tests.
BODIES = [name for name in REPLAYS if name != "metadata-all-200.json"]


@cache
def index():
    """Return the entry of each sample file in the index."""
    return {each["file"]: each for each in json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))}


def some(expected):
    """Return the files to test, by their entry in the index."""
    files = [name for name in BODIES if SHARED and expected(index()[name])]
    return pytest.mark.parametrize("file", files or [pytest.param("", marks=pytest.mark.skip("no samples"))])


def sample(file):
    """Return a recorded answer: JSON if it is JSON, else bytes."""
    raw = (SAMPLES / file).read_bytes()
    return json.loads(raw) if file.endswith(".json") else raw


@cache
def answer_to(file):
    """The emulator's answer to the recorded request, at the recorded time."""
    entry, replay = index()[file], REPLAYS[file]
    clock = Clock()
    if "recorded_at" in entry:
        clock = Clock(now=parsedate_to_datetime(entry["recorded_at"]).timestamp)
    emulator = Emulator(state=state_for(file), clock=clock, faults=replay.faults)
    client, keys = Client(emulator.app), (emulator.api_key, replay.secret_key)
    for method, path, body in replay.before:
        client.open(path, method=method, json=body, auth=keys)
    body = entry.get("request_body", replay.body)
    sent = {"data": body, "content_type": "text/plain"} if isinstance(body, str) else {"json": body}
    return client.open(entry["path"], method=entry["method"], auth=keys, **sent)


def state_for(file):
    """Return the rows that an exchange needs: those of its replay, or those that an answer shows."""
    replay = REPLAYS[file]
    if replay.state is not None:
        return replay.state
    source = index()[replay.rows_of or file]
    resource, *below = source["path"].partition("?")[0].removeprefix("/v3/REST/").split("/")
    rows = sample(source["file"])["Data"]
    if below[1:] == ["detailcontent"]:
        return {resource: [{"ID": int(below[0]), "Name": "T", "detailcontent": rows[0]}]}
    if resource == "contactdata":
        people = [{"ID": row["ContactID"], "Email": "someone@example.com"} for row in rows]
        names = [{"Name": each["Name"]} for row in rows for each in row["Data"]]
        return {"contactmetadata": names, "contact": people, resource: rows}
    return {resource: rows}


def shape(value, *, wrong=(), path=""):
    """Return the keys of a value and the JSON types of their values; None at the paths that are not compared."""
    if path in wrong:
        return None
    if isinstance(value, dict):
        return {key: shape(each, wrong=wrong, path=f"{path}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each, wrong=wrong, path=f"{path}.{place}") for place, each in enumerate(value)]
    return type(value).__name__


def order(value):
    """Return the keys of every object in their order."""
    if isinstance(value, dict):
        return [list(value), *map(order, value.values())]
    return [order(each) for each in value] if isinstance(value, list) else []


def part(value, like):
    """Return a value with only the keys of another."""
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: part(each, like[key]) for key, each in value.items() if key in like}
    if isinstance(value, list) and isinstance(like, list):
        return [part(each, other) for each, other in zip(value, like, strict=True)]
    return value


@pytest.mark.parametrize("file", REPLAYS)
def test_status_and_headers(file):
    """Status, reason phrase and content type are the recorded ones; the newer backend names the request."""
    entry, answer = index()[file], answer_to(file)
    recorded = entry.get("response_headers", {})

    assert f"{entry['status']} {entry.get('reason', answer.status.partition(' ')[2])}" == answer.status
    assert recorded.get("Content-Type", answer.headers["Content-Type"]) == answer.headers["Content-Type"]
    assert ("X-Mj-Request-Guid" in recorded) <= ("X-Mj-Request-Guid" in answer.headers)


@some(lambda entry: entry["file"].endswith(".json"))
def test_shape(file):
    """The answer has the recorded keys, and under each the recorded JSON type."""
    replay, expected, got = REPLAYS[file], sample(file), answer_to(file).json
    got = part(got, expected) if replay.is_part else got

    assert shape(expected, wrong=replay.wrong) == shape(got, wrong=replay.wrong)


@some(lambda entry: entry["file"].endswith(".json") and entry["grade"] not in UNORDERED)
def test_order_of_keys(file):
    """Keys come in the recorded order, where a machine wrote them down."""
    expected, got = sample(file), json.loads(answer_to(file).data)

    assert REPLAYS[file].is_part or order(expected) == order(got)


@some(lambda entry: entry["method"] == "GET" and entry["grade"] in RECORDED)
def test_bytes(file):
    """A recorded GET is answered with the same bytes, blanks and escapes included; identifiers aside."""
    expected, got = (SAMPLES / file).read_bytes().strip(), answer_to(file).data.strip()

    assert UUID.sub(b"", expected) == UUID.sub(b"", got)


@some(lambda entry: entry["status"] >= 400)
def test_error_texts(file):
    """An error equals the recorded one, except for identifiers."""
    if file.endswith(".txt"):
        assert sample(file).strip() == answer_to(file).data.strip()
    else:
        assert {**sample(file), "ErrorIdentifier": ""} == {**answer_to(file).json, "ErrorIdentifier": ""}


def test_nothing_to_read_after_a_put_without_effect():
    """The recorded 304 has no body."""
    assert b"" == answer_to("contactslist-update-304-seq-2-put-304.txt").data


def test_the_description_names_every_resource():
    """The recorded 63 resources, in their order, each with the recorded keys."""
    expected, got = sample("metadata-all-200.json")["Data"], answer_to("metadata-all-200.json").json["Data"]

    assert [each["Name"] for each in expected] == [each["Name"] for each in got]
    assert [list(each) for each in expected] == [list(each) for each in got]


def test_every_sample_is_replayed_or_left_out():
    """Every sample is in exactly one of the lists of replayed and of left out ones."""
    assert sorted(index()) == sorted([*REPLAYS, *LEFT_OUT])
