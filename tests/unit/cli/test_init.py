"""`mjsync init`: the files of a new project, and the first steps of a user."""

import json

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run, written

FILES = [
    ".github/workflows/mail.yml",
    ".gitignore",
    "manifests/main.yaml",
    "mjsync.yaml",
    "schema/manifest.json",
    "schema/project.json",
    "templates/welcome.html",
    "templates/welcome.txt",
]


@pytest.fixture
def project(tmp_path):
    """A new project."""
    assert 0 == run("init", at=tmp_path).code
    return tmp_path


def test_the_files(project):
    """`init` writes each file."""
    assert FILES == [*written(project)]


def test_the_starter_is_valid(project):
    """The starter has no finding and is formatted."""
    assert 0 == run("validate", "--strict", at=project).code
    assert 0 == run("fmt", "--check", at=project).code


def test_the_template_test_runs(project):
    """The starter's template test fails when the mail no longer has what it expects."""
    (project / "templates/welcome.html").write_text("<p>Hello</p>\n")
    ran = run("validate", at=project)

    assert (4, True) == (ran.code, "a reader with a name" in ran.out)


def test_plan_apply_change_undo(project, monkeypatch):
    """The starter can be applied, changed and taken back with the three exports that the emulator prints."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        assert 0 == run("apply", "--yes", at=project).code
        assert 0 == run("plan", "--exit-code", at=project).code
        (project / "manifests/more.yaml").write_text("lists:\n  beta: {}\n")
        assert 3 == run("plan", "--exit-code", at=project).code
        assert 0 == run("apply", "--yes", at=project).code
        receipt = run("runs", at=project).out.split()[0]
        assert 0 == run("undo", receipt, "--yes", at=project).code

        assert ["Newsletter"] == [row["Name"] for row in emulator.rows("contactslist") if not row["IsDeleted"]]
        assert 1 == [row["Name"] for row in emulator.rows("template")].count("welcome")


def test_nothing_is_overwritten(project):
    """A second run does not change edited files."""
    for file in FILES:
        (project / file).write_text("mine\n")
    before = written(project)
    ran = run("init", at=project)

    assert (0, before) == (ran.code, written(project))
    assert [f"kept  {file}" for file in sorted(FILES)] == sorted(ran.out.splitlines())
    assert "Add `.mjsync/` to .gitignore" in ran.err


def test_the_next_step_names_the_folder(tmp_path):
    """The next step that is printed can be pasted into a shell."""
    assert "`cd 'my mail'`, then `mjsync validate`" in run("init", "my mail", at=tmp_path).err


def test_a_file_instead_of_a_folder(tmp_path):
    """A file with the name of the folder is wrong use, and is not changed."""
    (tmp_path / "mail").write_text("mine")
    ran = run("init", "mail", at=tmp_path)

    assert (2, "mine") == (ran.code, (tmp_path / "mail").read_text())
    assert "Name another folder." in ran.err


@pytest.mark.parametrize(("file", "schema"), [("manifests/main.yaml", "manifest"), ("mjsync.yaml", "project")])
def test_editors_find_the_schema(project, file, schema):
    """The first line of each YAML file names a schema that exists and is current."""
    line = (project / file).read_text().splitlines()[0]
    found = (project / file).parent / line.removeprefix("# yaml-language-server: $schema=")

    assert json.loads(run("schema", "--of", schema, at=project).out) == json.loads(found.read_text())
