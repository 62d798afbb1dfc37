"""Work that is counted rather than timed: reads of files, and requests."""

import re
from collections import Counter

import pytest

from mjsync.emulator import Emulator
from mjsync.manifest.loading.files import DiskTree
from mjsync.session.session import open_session

COUNT = 12


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of templates with bodies in files, which the account has, besides one that no manifest names."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    with Emulator() as server:
        server.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        for number in range(COUNT + 1):
            content = {"Html-part": f"<p>{number}</p>", "Headers": {"Subject": "S"}}
            server.insert("template", {"Name": f"t{number}", "detailcontent": content})
        for number in range(COUNT):
            (tmp_path / "manifests" / f"t{number}.html").write_text(f"<p>{number}</p>", encoding="utf-8")
            text = f"templates:\n  t{number}: {{subject: S, html: {{file: t{number}.html}}}}\n"
            (tmp_path / "manifests" / f"t{number}.yaml").write_text(text, encoding="utf-8")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path, server


@pytest.fixture
def reads(monkeypatch):
    """How often each file was read, by path."""
    counts = Counter()
    read = DiskTree.read

    def counted(tree, path):
        counts[path] += 1
        return read(tree, path)

    monkeypatch.setattr(DiskTree, "read", counted)
    return counts


def test_validate_reads_a_manifest_once_and_a_body_twice(project, reads):
    """A body is read to expand it and to check it, and not kept in between."""
    folder, _ = project
    open_session(folder).validate()

    assert {1} == {count for path, count in reads.items() if path.endswith(".yaml")}
    assert {2} == {count for path, count in reads.items() if path.endswith(".html")}


def test_plan_reads_a_body_three_times_at_most(project, reads):
    """To expand it, to check it, and to compare it."""
    folder, _ = project
    assert () == open_session(folder).plan().changes

    assert {1} == {count for path, count in reads.items() if path.endswith(".yaml")}
    assert max(count for path, count in reads.items() if path.endswith(".html")) <= 3


def test_plan_sends_one_request_for_each_page_and_managed_body(project):
    """The body of a template that no manifest names is not read."""
    folder, server = project
    plan = open_session(folder).plan()
    paths = [request.path for request in server.requests]
    bodies = [path for path in paths if re.search(r"/template/\d+/detailcontent$", path)]

    assert COUNT == len(bodies) == len(set(bodies))
    assert len(set(paths)) == len(paths) == plan.requests["GET"]
    assert len(paths) - COUNT <= 4
