"""`mjsync fmt`: the layout of a project."""

import pytest

from tests.terminal import run, written


@pytest.fixture
def project(tmp_path):
    """A project with one file out of layout."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text("lists:\n    a:   {}\n")
    (tmp_path / "manifests/b.yaml").write_text("lists:\n  b: {}\n")
    return tmp_path


def test_fmt_writes_the_layout(project):
    """Files that are canonical are not named."""
    ran = run("fmt", at=project)

    assert "changed manifests/a.yaml\n" == ran.out
    assert "lists:\n  a: {}\n" == (project / "manifests/a.yaml").read_text()


def test_check_writes_nothing(project):
    """It exits 3 when something would change, and 0 when nothing would."""
    before = written(project)

    assert 3 == run("fmt", "--check", at=project).code
    assert before == written(project)
    run("fmt", at=project)
    assert 0 == run("fmt", "--check", at=project).code


def test_only_named_files_are_set(project):
    """Another file stays as it is."""
    assert "" == run("fmt", "manifests/b.yaml", at=project).out


def test_a_broken_file_does_not_hide_the_others(project):
    """It is named with its line, and the exit code says so."""
    (project / "manifests/c.yaml").write_text("lists: [")
    ran = run("fmt", at=project)

    assert 4 == ran.code
    assert "manifests/c.yaml:1" in ran.err
    assert "manifests/a.yaml" in ran.out


def test_upgrade(project):
    """Version 1 is the only one: files are formatted, and that nothing is to upgrade is stated."""
    ran = run("fmt", "--upgrade", at=project)

    assert (0, "changed manifests/a.yaml\n") == (ran.code, ran.out)
    assert "Nothing to upgrade: version 1 is the newest." in ran.err
