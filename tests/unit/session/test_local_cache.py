"""Files in `.mjsync/cache` that are damaged, hostile or behind a link."""

import pytest

from mjsync.api.pacing import first_pace
from mjsync.manifest.project.environments import Environment
from mjsync.session.local_cache import CACHE, LocalCache, account_name
from mjsync.session.project import PACE, Access, open_project


def access_of(folder):
    """Return the way to the account of a project whose keys are in its file."""
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    return Access(open_project(folder), "default", Environment(api_key="public", secret_key="secret"))


@pytest.mark.parametrize("text", ["", "[]", "{", "\\xff", "[" * 100_000])
def test_a_document_that_cannot_be_read_is_none(tmp_path, text):
    """A file that is not JSON, or nested too deep, is ignored."""
    cache = LocalCache(tmp_path / CACHE)
    cache.write("pace", {"rate": 1})
    (cache.folder / "pace.json").write_text(text)

    assert {} == cache.read("pace")


@pytest.mark.parametrize("linked", [".mjsync", ".mjsync/cache"])
def test_nothing_is_written_behind_a_symbolic_link(tmp_path, linked):
    """Where a commit made the cache a link to another folder, nothing is stored."""
    root, outside = tmp_path / "project", tmp_path / "outside"
    (root / linked).parent.mkdir(parents=True)
    (outside / "cache").mkdir(parents=True)
    (root / linked).symlink_to(outside)
    LocalCache(root / CACHE).write("pace", {"rate": 1})

    assert [] == [path for path in outside.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({"rate": 50}, 50.0),
        ({"rate": 50, "burst": 40.0}, 50.0),
        ({"rate": 50, "burst": "40"}, None),
        ({"rate": True}, None),
        ({"rate": "50"}, None),
        ({"rate": 0}, None),
        ({"rate": 1e300}, None),
        ({"rate": 50, "is_sure": False}, None),
        ({}, None),
    ],
)
def test_a_remembered_pace_is_of_numbers(tmp_path, stored, expected):
    """A value that is not a number in range is not used as pace; one that no 429 showed is used for writes only."""
    access = access_of(tmp_path)
    LocalCache(tmp_path / CACHE).write(account_name(PACE, access.base_url(), "public"), stored)
    writes = 50.0 if stored.get("is_sure") is False else first_pace().rate

    with access.reader() as reader, access.writer() as writer:
        assert expected == reader.pacer.rate
        assert (expected or writes) == writer.pacer.rate


def test_a_pace_is_remembered_for_the_next_client(tmp_path):
    """The pace, the number of requests at once, and whether a 429 showed them, are stored."""
    access = access_of(tmp_path)
    with access.writer() as client:
        first = client.pacer
        for _ in range(100):
            first.turn()
            first.on_accepted({})
        first.on_refused(None)
    with access.reader() as client:
        second = client.pacer

    assert (round(first.rate, 1), round(first.burst, 1)) == (second.rate, second.burst)
    assert second.burst > 0
