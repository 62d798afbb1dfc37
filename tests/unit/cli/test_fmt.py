"""`mjsync fmt`: the layout of a project."""

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run, written


@pytest.fixture
def project(tmp_path):
    """A project with one file that is not formatted."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text("lists:\n    a:   {}\n")
    (tmp_path / "manifests/b.yaml").write_text("lists:\n  b: {}\n")
    return tmp_path


def test_fmt_writes_the_layout(project):
    """`fmt` writes changed files, and names only those."""
    ran = run("fmt", at=project)

    assert "changed manifests/a.yaml\n" == ran.out
    assert "lists:\n  a: {}\n" == (project / "manifests/a.yaml").read_text()


def test_check_writes_nothing(project):
    """--check exits 3 if it would change something, else 0, and writes nothing."""
    before = written(project)

    assert 3 == run("fmt", "--check", at=project).code
    assert before == written(project)
    run("fmt", at=project)
    assert 0 == run("fmt", "--check", at=project).code


def test_only_named_files_are_set(project):
    """Only the files that are named are formatted."""
    assert "" == run("fmt", "manifests/b.yaml", at=project).out


def test_a_broken_file_does_not_hide_the_others(project):
    """A broken file is named with its line, and the exit code is not 0; other files are formatted."""
    (project / "manifests/c.yaml").write_text("lists: [")
    ran = run("fmt", at=project)

    assert 4 == ran.code
    assert "manifests/c.yaml:1" in ran.err
    assert "manifests/a.yaml" in ran.out


def test_upgrade(project):
    """--upgrade without deprecated keys only formats."""
    ran = run("fmt", "--upgrade", at=project)

    assert (0, "changed manifests/a.yaml\n") == (ran.code, ran.out)


DEPRECATED = """\
# calls
defaults: {webhooks: {version: 2}}
webhooks:
  bounce:
    "version": 1  # one at a time
    url: https://hooks.example.com/a  # the receiver
  open: {url: 'https://hooks.example.com/b', version: 2}
"""
UPGRADED = """\
# calls
defaults: {webhooks: {grouped: true}}
webhooks:
  bounce:
    grouped: false  # one at a time
    url: https://hooks.example.com/a  # the receiver
  open: {url: 'https://hooks.example.com/b', grouped: true}
"""


@pytest.fixture
def outdated(project):
    """A file with deprecated keys."""
    for file in (project / "manifests").iterdir():
        file.unlink()
    (project / "manifests/hooks.yaml").write_text(DEPRECATED)
    return project


def test_a_deprecated_key_is_a_warning_with_its_line(outdated):
    """A deprecated key is a warning with its line, its new name, and the command that writes it."""
    ran = run("validate", at=outdated)

    assert 0 == ran.code
    assert ["2:23", "5:5", "7:46"] == [
        line.split(": ")[1].removeprefix("manifests/hooks.yaml:")
        for line in ran.out.splitlines()
        if "deprecated" in line
    ]
    assert "the key is `grouped` now. `mjsync fmt --upgrade` writes it." in ran.out
    assert 0 == run("fmt", "--check", at=outdated).code


def test_a_deprecated_key_is_read_as_its_successor(outdated, monkeypatch):
    """A manifest with a deprecated key writes the same to Mailjet as after the upgrade."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        run("apply", "--yes", at=outdated)
        versions = {row["EventType"]: row["Version"] for row in emulator.rows("eventcallbackurl")}
        run("fmt", "--upgrade", at=outdated)

        assert {"bounce": 1, "open": 2} == versions
        assert 0 == run("plan", "--exit-code", at=outdated).code


def test_upgrade_writes_the_new_keys(outdated):
    """--upgrade writes the new keys; comments, order and layout stay, and a second run changes nothing."""
    file = outdated / "manifests/hooks.yaml"

    assert (3, DEPRECATED) == (run("fmt", "--upgrade", "--check", at=outdated).code, file.read_text())
    assert "changed manifests/hooks.yaml\n" == run("fmt", "--upgrade", at=outdated).out
    assert UPGRADED == file.read_text()
    assert "" == run("fmt", "--upgrade", at=outdated).out
    assert "deprecated" not in run("validate", at=outdated).out


def test_upgrade_reaches_what_an_alias_brings(project):
    """A key that an anchor brings into two entries is upgraded in both."""
    file = project / "manifests/a.yaml"
    file.write_text(
        "webhooks:\n  open: &o {version: &v 2, url: 'https://h.example/a'}\n  click: {<<: *o, version: *v}\n"
    )
    run("fmt", "--upgrade", at=project)

    assert ["  open: &o {grouped: &v true, url: 'https://h.example/a'}", "  click: {<<: *o, grouped: true}"] == (
        file.read_text().splitlines()[1:]
    )


def test_what_cannot_be_upgraded_is_left_with_a_warning(project):
    """Where old and new key are written, the new one counts, and the line of the old one is a warning."""
    (project / "manifests/a.yaml").write_text(
        "webhooks:\n  open: {url: 'https://h.example/a', version: 2, grouped: false}\n"
    )
    ran = run("fmt", "--upgrade", at=project)

    assert (0, True) == (ran.code, "manifests/a.yaml:2:38: " in ran.err), ran.err
    assert "Write `grouped:` by hand." in ran.err
    assert "grouped: false" in run("config", "show", at=project).out


@pytest.mark.parametrize("value", ["3", "true", "'2'"])
def test_a_value_that_never_existed_is_an_error(project, value):
    """Only valid values of a deprecated key are accepted; true is not 1."""
    (project / "manifests/a.yaml").write_text(f"webhooks: {{open: {{url: 'https://h.example/a', version: {value}}}}}\n")
    ran = run("validate", at=project)

    assert (4, True) == (ran.code, "unknown key 'version'" in ran.out)


def test_effective_manifests_have_the_new_key(outdated):
    """`config show` prints the new key."""
    ran = run("config", "show", at=outdated)

    assert (0, True, False) == (ran.code, "grouped: false" in ran.out, "version" in ran.out)
