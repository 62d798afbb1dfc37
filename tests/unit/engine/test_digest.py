import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mjsync.engine import plan
from mjsync.engine.plan import with_digest
from tests.stage import Stage

MANIFEST = """
properties: {a: str, b: int}
lists: {news: {}}
segments: {buyers: {expression: '(b>3)'}}
templates:
  order: {subject: 'of ${id.segment.buyers}', purposes: [marketing, transactional], html: "<p>\\n</p>"}
webhooks: {bounce: {url: 'https://a.example.com/${env.TOKEN}'}}
"""
ENVIRON = {"TOKEN": "a-long-secret"}


def digest(manifest=MANIFEST, environ=None, **values):
    """Return the digest of a plan for a fresh account."""
    return Stage(manifest, environ=environ or ENVIRON, **values).plan().digest


def test_the_order_of_manifests_does_not_enter():
    """The order of sections and entries does not change the digest."""
    lines = MANIFEST.strip().splitlines()
    turned = "\n".join([*lines[3:5], *lines[:3], lines[5]]).replace("{a: str, b: int}", "{b: int, a: str}")

    assert digest() == digest(turned)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[marketing, transactional]", "[transactional, marketing]"),
        ('"<p>\\n</p>"', '"<p>\\r\\n</p>"'),
        ("(b>3)", "( b > 3 )"),
    ],
)
def test_what_compares_equal_makes_the_same_digest(old, new):
    """Unordered values, line ends and blanks in expressions do not change the digest."""
    assert old in MANIFEST

    assert digest() == digest(MANIFEST.replace(old, new))


@pytest.mark.parametrize(("old", "new"), [("(b>3)", "(b>4)"), ("news: {}", "News: {}"), ("<p>", "<b>")])
def test_what_differs_makes_another_digest(old, new):
    """Every stated value changes the digest."""
    assert digest() != digest(MANIFEST.replace(old, new))


def test_a_secret_enters_as_its_tag():
    """Another secret value changes the digest, though both are shown as ***."""
    assert digest() != digest(environ={"TOKEN": "another-secret"})


def test_unmanaged_objects_and_runtime_fields_do_not_enter():
    """Unmanaged objects and runtime fields do not change the digest."""
    stage = Stage(MANIFEST, environ=ENVIRON)
    before = stage.plan().digest
    stage.emulator.insert("contactslist", {"Name": "Not ours", "SubscriberCount": 5})
    stage.emulator.set("restless", value=True)

    assert before == stage.plan().digest


def test_a_reference_enters_as_it_is_written():
    """A reference is in the digest as it is written, before and after its object exists."""
    stage = Stage(MANIFEST, environ=ENVIRON)
    digests = [{str(each.address): each.digest for each in stage.plan().changes}]
    stage.apply(targets=("segment.buyers",))
    digests.append({str(each.address): each.digest for each in stage.plan().changes})

    assert digests[0]["template.order"] == digests[1]["template.order"]


def test_hash_seeds_do_not_enter():
    """Processes with different hash seeds have the same digest."""
    code = "from tests.unit.engine.test_digest import digest; print(digest())"
    root = Path(__file__).parents[3]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert 1 == len(seen)


def test_marks_are_of_single_fields():
    """Each field has a digest of its own; equal values have equal ones."""
    (change,) = Stage("segments: {x: {expression: '(a=1)', description: x}}").plan().changes

    assert {"name", "expression", "description"} == set(change.field_digests)
    assert change.field_digests["name"] == change.field_digests["description"]
    assert json.dumps(change.field_digests)


def test_a_value_is_written_as_json_once(monkeypatch):
    """The digest of the step and the mark of the field are made of the same text."""
    written = Counter()
    encode = plan._json
    monkeypatch.setattr(plan, "_json", lambda value: (written.update([str(value)]), encode(value))[1])
    Stage("templates: {x: {html: '<p>a body</p>', subject: a subject}}").plan()

    assert (1, 1) == (written["<p>a body</p>"], written["a subject"])


@pytest.mark.parametrize(
    "value",
    ["".join(map(chr, range(127))), "\x7f", "é", "\U0001f600", "\ud83d", "", 0, False, ["a\x7f"], {"b": 1, "a": None}],
)
def test_the_json_of_a_value_is_that_of_the_standard_library(value):
    """Digests and marks of a value are the same whatever writes its JSON."""
    assert json.dumps(value, sort_keys=True, separators=(",", ":")) == plan._json(value)


def test_the_digest_is_that_of_the_step_as_canonical_json():
    """It is put together from the JSON of each value; reviewed plans and receipts of other versions have the same."""
    (change,) = Stage("segments: {x: {expression: '(a=1)', description: Ä x}}").plan().changes
    fields = [[field.path, field.before, field.after] for field in sorted(change.fields, key=lambda each: each.path)]
    step = {"account": None, "address": "segment.x", "action": "create", "id": None, "fields": fields}

    digests = set()
    for account in (None, 7):
        text = json.dumps({**step, "account": account}, sort_keys=True, separators=(",", ":"))
        digests.add(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")
        assert with_digest(change, account).digest in digests
    assert 2 == len(digests)
