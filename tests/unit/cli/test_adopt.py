"""`mjsync adopt`: the live value of one object, into its manifest."""

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run, written


@pytest.fixture
def emulator(monkeypatch):
    """An account with two lists and a segment, all changed since they were declared."""
    with Emulator() as emulator:
        emulator.insert("contactfilter", {"Name": "Adults", "Expression": "(age>20)"})
        emulator.insert("contactfilter", {"Name": "Buyers", "Expression": "(orders>2)"})
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def project(emulator, tmp_path):
    """A project that declares an older state of one of them."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text(
        "segments:\n"
        "  grown-ups: {name: Adults, expression: (age>17)}  # by law\n"
        "  buyers: {name: Buyers, expression: (orders>1)}\n"
    )
    return tmp_path


def test_one_object_is_taken(project):
    """One object is taken into its manifest; the other entry is unchanged."""
    before = (project / "manifests/a.yaml").read_text()
    ran = run("adopt", "segment.grown-ups", at=project)

    assert before.replace("(age>17)", "(age>20)") == (project / "manifests/a.yaml").read_text()
    assert "Imported 1 object: 0 new, 1 declared already." in ran.out
    assert "other changes: update segment.buyers" in ran.out


def test_an_object_nobody_declares_is_added(project, emulator):
    """An object that no manifest declares is added, by its kind and remote name."""
    emulator.insert("contactslist", {"Name": "Weekly news"})
    run("adopt", "list.Weekly news", at=project)

    assert "lists:\n  weekly-news: {name: Weekly news}\n" == (project / "manifests/lists.yaml").read_text()


def test_an_address_that_is_not_live_is_wrong_use(project):
    """An address that is not live is wrong use, and nothing is written."""
    before = written(project)
    ran = run("adopt", "segment.grownups", "segment.buyers", at=project)

    assert 2 == ran.code
    assert "did you mean 'segment.grown-ups'" in ran.err
    assert before == written(project)


def test_an_overlay_s_value_changes_in_the_overlay(project):
    """A value that an overlay states is changed in the overlay; the base is unchanged."""
    (project / "mjsync.yaml").write_text(
        "version: 1\nmanifests: [manifests]\nenvironments:\n  staging: {overlays: [overlays/staging]}\n"
    )
    (project / "overlays/staging").mkdir(parents=True)
    overlay = project / "overlays/staging/a.yaml"
    overlay.write_text("segments:\n  grown-ups:\n    expression: (age>18)  # here\n")
    base = (project / "manifests/a.yaml").read_text()
    run("adopt", "segment.grown-ups", at=project)

    assert "segments:\n  grown-ups:\n    expression: (age>20)  # here\n" == overlay.read_text()
    assert base == (project / "manifests/a.yaml").read_text()
