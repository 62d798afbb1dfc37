"""Histories of git as teams have them, each with a whole apply and a look at the emulator's rows."""

import subprocess

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run
from tests.unit.history.conftest import Clone, isolate

PROJECT = "version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\n"
MAIN = "manifests/main.yaml"
BASE = "lists: {news: {name: Weekly}, old: {name: Old}}\n"
SHORT = "lists: {news: {name: Weekly}}\n"


@pytest.fixture(autouse=True)
def _git_settings(monkeypatch, tmp_path_factory):
    """Let git read no settings of this machine."""
    isolate(monkeypatch, tmp_path_factory.mktemp("settings"))


@pytest.fixture
def emulator(monkeypatch):
    """An account with a list that was made by hand, and the environment variables for it."""
    with Emulator() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        made.insert("contactslist", {"Name": "Made by hand"})
        yield made


@pytest.fixture
def clone(tmp_path, emulator) -> Clone:
    """A project in a repository, committed and applied."""
    folder = tmp_path / "work"
    folder.mkdir()
    made = Clone(folder)
    made.git("init", "-q")
    made.commit({"mjsync.yaml": PROJECT, MAIN: BASE, ".gitignore": ".mjsync/\n"})
    apply(made)
    return made


def apply(clone: Clone, *options: str) -> None:
    """Apply what is checked out; the deployed ref then names it."""
    ran = run("apply", "--yes", *options, at=clone.folder)
    assert ran.code == 0, ran
    assert clone.git("rev-parse", "HEAD") == clone.git("rev-parse", "refs/mjsync/deployed/root/default")


def lists(emulator: Emulator) -> dict[str, int]:
    """Return name to id of each live list but the one that was made by hand, which must exist."""
    rows = {row["Name"]: row["ID"] for row in emulator.state()["contactslist"] if not row["IsDeleted"]}
    del rows["Made by hand"]
    return rows


def writes(emulator: Emulator) -> list[str]:
    """Return the method of each write so far."""
    return [request.method for request in emulator.requests if request.method != "GET"]


def test_a_renamed_handle_writes_nothing(clone, emulator):
    """Another handle for the same name is the same object."""
    before = lists(emulator)
    emulator.clear_requests()
    clone.commit({MAIN: BASE.replace("old:", "former:")})
    apply(clone)

    assert [] == writes(emulator)
    assert before == lists(emulator)


def test_a_handle_renamed_with_its_name_keeps_the_object(clone, emulator):
    """With `renamed_from` the object is renamed, and neither deleted nor created."""
    before = lists(emulator)
    emulator.clear_requests()
    clone.commit({MAIN: BASE.replace("old: {name: Old}", "former: {name: Former, renamed_from: Old}")})
    apply(clone)

    assert ["PUT"] == writes(emulator)
    assert {"Weekly": before["Weekly"], "Former": before["Old"]} == lists(emulator)


def test_a_revert_deletes_what_the_reverted_commit_declared(clone, emulator):
    """After `git revert` the reverted list is deleted, and the list that it had dropped is created."""
    clone.commit({MAIN: "lists: {news: {name: Weekly}, extra: {name: Extra}}\n"})
    apply(clone)
    assert {"Weekly", "Extra"} == lists(emulator).keys()
    clone.git("revert", "--no-edit", "HEAD")
    apply(clone)

    assert {"Weekly", "Old"} == lists(emulator).keys()


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_a_branch_that_lands_deletes_what_it_dropped(clone, emulator, how):
    """After a squash or a rebase, what the deployed commit declared is compared, not its descendants."""
    clone.git("checkout", "-q", "-b", "feature")
    clone.commit({MAIN: SHORT, "manifests/b.yaml": "lists: {b: {name: Passing}}\n"})
    clone.commit({"manifests/b.yaml": "lists: {c: {name: Lasting}}\n"})
    clone.git("checkout", "-q", "main")
    clone.commit({"manifests/d.yaml": "lists: {d: {name: Main}}\n"})
    if how == "squash":
        clone.git("merge", "-q", "--squash", "feature")
        clone.commit()
    else:
        clone.git("rebase", "-q", "main", "feature")
    apply(clone)

    assert {"Weekly", "Lasting", "Main"} == lists(emulator).keys()


def test_a_deployed_branch_that_was_rebased_away_still_owns(clone, emulator):
    """A deployed commit that no branch has any more still owns what it declared; other lists stay."""
    clone.git("checkout", "-q", "-b", "feature")
    clone.commit({"manifests/b.yaml": "lists: {b: {name: Passing}}\n"})
    apply(clone)
    clone.git("checkout", "-q", "main")
    clone.git("branch", "-q", "-D", "feature")
    clone.commit({MAIN: SHORT})
    apply(clone)

    assert {"Weekly"} == lists(emulator).keys()


def test_refs_that_git_cannot_keep_together_stop_the_apply(tmp_path, emulator):
    """Refs of `eu` in folder `mail` and of the folder `mail/eu` collide: an error before anything is written."""
    clone = Clone(tmp_path)
    clone.git("init", "-q")
    clone.commit(
        {
            "mail/mjsync.yaml": PROJECT + "environments: {eu: {}}\n",
            "mail/manifests/main.yaml": "lists: {a: {}}\n",
            "mail/eu/mjsync.yaml": PROJECT + "environments: {production: {}}\n",
            "mail/eu/manifests/main.yaml": "lists: {b: {}}\n",
            ".gitignore": ".mjsync/\n",
        }
    )
    inner = ("apply", "--yes", "-e", "production")
    assert 0 == run("apply", "--yes", "-e", "eu", at=tmp_path / "mail").code
    ran = run(*inner, at=tmp_path / "mail/eu")

    assert 4 == ran.code
    assert "refs/mjsync/deployed/mail/eu/production beside refs/mjsync/deployed/mail/eu: " in ran.err
    assert {"a"} == lists(emulator).keys()
    assert 0 == run("plan", "-e", "production", at=tmp_path / "mail/eu").code
    assert 0 == run(*inner, "--target", "list.b", at=tmp_path / "mail/eu").code
    assert 0 == run(*inner, "--record", "off", at=tmp_path / "mail/eu").code
    command = ran.err.split("delete it with `")[1].split("`")[0]
    subprocess.run(["sh", "-c", command], cwd=clone.folder, check=True, capture_output=True)
    assert 0 == run(*inner, at=tmp_path / "mail/eu").code
    assert 4 == run("apply", "--yes", "-e", "eu", at=tmp_path / "mail").code
