"""A large account: read completely, in as few requests as pages and bodies, with little memory."""

import gc
import json

import pytest

from mjsync.resources.live import Live
from tests.stage import Stage

COUNTS = {"templates": 1000, "lists": 1200, "properties": 200, "segments": 200}


def names(section):
    """Return the remote names of one section."""
    stem = {"templates": "Template", "lists": "List", "properties": "prop", "segments": "Segment"}[section]
    return [f"{stem}_{number}" for number in range(COUNTS[section])]


@pytest.fixture(scope="module")
def large():
    """An account of 2,600 objects, and manifests that declare all of them."""
    html = "<p>" + "x" * 2_000
    manifest = {
        "templates": {name: {"html": f"{html} {name}", "subject": name} for name in names("templates")},
        "lists": {name: {} for name in names("lists")},
        "properties": {name: {} for name in names("properties")},
        "segments": {name: {"expression": "(country=1)"} for name in names("segments")},
    }
    stage = Stage(json.dumps(manifest))
    state = stage.emulator.state()
    stage.emulator.load(
        {
            **state,
            "template": [
                {"Name": name, "detailcontent": {"Html-part": f"{html} {name}", "Headers": {"Subject": name}}}
                for name in names("templates")
            ],
            "contactslist": [{"Name": name} for name in names("lists")],
            "contactmetadata": [{"Name": name} for name in names("properties")],
            "contactfilter": [{"Name": name, "Expression": "(country=1)"} for name in names("segments")],
        }
    )
    return stage


def test_it_plans_without_loss(large):
    """Every object matches once."""
    plan = large.plan(concurrency=4)

    assert ((), sum(COUNTS.values()), 0) == (plan.changes, plan.unchanged, plan.unmanaged)


def test_requests_are_pages_and_bodies(large):
    """One request for the key, one per page, one per body; a full last page costs one more."""
    large.emulator.clear_requests()
    large.plan(concurrency=4)
    pages = {"contactslist": 2, "template": 2, "contactmetadata": 1, "contactfilter": 1}

    assert pages == {endpoint: large.reads.count(endpoint) for endpoint in pages}
    assert 1 + sum(pages.values()) + COUNTS["templates"] == len(large.reads)


def test_bodies_are_dropped_as_soon_as_they_are_compared(large):
    """No more bodies are in memory than are being compared."""
    held = []

    def look(what, done, total):
        assert done <= total
        if what == "bodies" and done % 250 == 0:
            held.append(sum(isinstance(thing, Live) and thing.content is not None for thing in gc.get_objects()))

    large.plan(concurrency=4, on_progress=look)

    assert 4 == len(held)
    assert max(held) <= 2 * 4  # a worker may have its next body before the last is freed
