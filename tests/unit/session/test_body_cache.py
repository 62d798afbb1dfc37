"""The cache of bodies: what is read again, and what turns it off."""

import json
import re
import time

import httpx
import pytest

from mjsync.emulator import Emulator
from mjsync.session.options import PlanOptions
from mjsync.session.session import open_session

COUNT = 30
OLD = "2026-01-02T03:04:05Z"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of templates that the account matches."""
    with Emulator() as server:
        server.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        for number in range(COUNT):
            content = {"Html-part": f"<p>{number}</p>", "Headers": {"Subject": "S"}}
            server.insert("template", {"Name": f"t{number}", "LastUpdatedAt": OLD, "detailcontent": content})
        lines = "".join(f"  t{number}: {{subject: S, html: <p>{number}</p>}}\n" for number in range(COUNT))
        (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
        (tmp_path / "manifests").mkdir()
        (tmp_path / "manifests" / "main.yaml").write_text(f"templates:\n{lines}", encoding="utf-8")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path, server


def _plan(project, *, cache=True):
    folder, server = project
    before = len(server.requests)
    plan = open_session(folder).plan(PlanOptions(cache=cache))
    paths = [request.path for request in list(server.requests)[before:]]
    return plan, sum(bool(re.search(r"/template/\d+/detailcontent$", path)) for path in paths)


def test_a_second_plan_fetches_a_sample_of_the_bodies(project):
    """A second plan reads at least five bodies again, and is the same."""
    first, fetched = _plan(project)
    assert (COUNT, 0) == (fetched, len(first.changes))

    second, fetched = _plan(project)
    assert (5, 0) == (fetched, len(second.changes))


def test_without_the_option_all_bodies_are_fetched(project):
    """Without the option all bodies are read and none is stored."""
    _plan(project, cache=False)
    _, fetched = _plan(project)

    assert COUNT == fetched


def test_a_body_with_a_secret_is_not_kept(project, monkeypatch):
    """A body whose live headers may be secret is not stored; others are."""
    folder, server = project
    monkeypatch.setenv("TOKEN", "token-of-this-year")
    file = folder / "manifests" / "main.yaml"
    file.write_text(file.read_text().replace("t7: {", "t7: {headers: {X-Token: '${env.TOKEN}'}, "))
    number = next(row["ID"] for row in server.rows("template") if row["Name"] == "t7")
    httpx.post(
        f"{server.base_url}/v3/REST/template/{number}/detailcontent",
        auth=(server.environment["MJ_APIKEY_PUBLIC"], server.environment["MJ_APIKEY_PRIVATE"]),
        json={"Html-part": "<p>7</p>", "Headers": {"Subject": "S", "X-Token": "token-of-last-year"}},
    ).raise_for_status()
    time.sleep(2.1)
    _plan(project)
    kept = [path.read_text() for path in (folder / ".mjsync" / "cache").glob("body-*.json")]

    assert (COUNT - 1, []) == (len(kept), [text for text in kept if "token-of" in text])


def test_a_body_with_a_newer_date_is_fetched(project):
    """A body with a newer date is read, and its change is in the plan."""
    _plan(project)
    _, server = project
    number = next(row["ID"] for row in server.rows("template") if row["Name"] == "t7")
    httpx.post(
        f"{server.base_url}/v3/REST/template/{number}/detailcontent",
        auth=(server.environment["MJ_APIKEY_PUBLIC"], server.environment["MJ_APIKEY_PRIVATE"]),
        json={"Html-part": "x", "Headers": {"Subject": "S"}},
    ).raise_for_status()
    plan, fetched = _plan(project)

    assert 6 == fetched
    assert 1 == len(plan.changes)


def test_a_contradiction_switches_the_cache_off(project):
    """A body that differs from the cache turns it off: all bodies are read, with a warning, in later plans too."""
    folder, _ = project
    _plan(project)
    cache = folder / ".mjsync" / "cache"
    index = next(cache.glob("bodies-*.json"))
    for body in cache.glob("body-*.json"):
        body.unlink()
    document = json.loads(index.read_text())
    from mjsync.session.body_cache import _digest

    wrong = {"Html-part": "<p>of another time</p>"}
    body = cache / f"body-{_digest(wrong)}.json"
    body.write_text(json.dumps(wrong))
    body.chmod(0o600)
    index.write_text(json.dumps({key: [OLD, _digest(wrong)] for key in document if key.isdigit()}))
    plan, _ = _plan(project)

    assert ["cache-contradicted"] == [warning.code for warning in plan.warnings if "cache" in warning.code]
    assert () == plan.changes
    assert COUNT == _plan(project)[1]


def test_a_corrupt_cache_is_ignored(project):
    """A corrupt cache is ignored."""
    _plan(project)
    folder, _ = project
    for file in (folder / ".mjsync" / "cache").iterdir():
        assert 0o600 == file.stat().st_mode & 0o777
        file.write_text("[")

    assert COUNT == _plan(project)[1]


def test_bodies_that_are_no_longer_declared_are_removed(project):
    """Bodies that are not declared any more, or that changed, are removed from the cache."""
    folder, _ = project
    _plan(project)
    cache = folder / ".mjsync" / "cache"
    assert COUNT == len([*cache.glob("body-*.json")])
    manifest = folder / "manifests" / "main.yaml"
    manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:11]), encoding="utf-8")
    _plan(project)

    assert 10 == len([*cache.glob("body-*.json")])


def test_a_plan_of_one_target_keeps_the_other_bodies(project):
    """A plan with --target keeps the bodies of other templates."""
    folder, _ = project
    _plan(project)
    open_session(folder).plan(PlanOptions(cache=True, targets=("template.t1",)))

    assert COUNT == len([*(folder / ".mjsync" / "cache").glob("body-*.json")])
