"""What undo shows before it refuses to run without a confirmation."""

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run


@pytest.fixture
def emulator(monkeypatch):
    """An account of its own, its keys in the environment."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


def test_undo_without_a_terminal_shows_its_plan(tmp_path, emulator):
    """The plan is on stdout, with what changed since that run; the exit code is 4 and nothing is written."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text("segments:\n  a: {expression: (IsProvided(country))}\n")
    assert 0 == run("apply", "--yes", at=tmp_path).code
    receipt = run("runs", at=tmp_path).out.split()[0]
    emulator.clear_requests()
    ran = run("undo", receipt, at=tmp_path)

    assert 4 == ran.code
    assert "segment.a" in ran.out
    assert "there is no terminal" in ran.err
    assert {"GET"} == {request.method for request in emulator.requests}

    state = emulator.state()
    state["contactfilter"][0]["Expression"] = "(age>70)"
    emulator.load(state)
    ran = run("undo", receipt, at=tmp_path)

    assert 4 == ran.code
    assert "changed since that run: expression" in ran.out


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_refused_plan_is_printed(tmp_path, emulator, form):
    """What a guard refuses is on stdout in the requested format, so that a pull request can show it."""
    emulator.insert("contactslist", {"Name": "Old", "SubscriberCount": 3})
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text("removed: {lists: [Old]}\n")
    ran = run("apply", "--yes", "--format", form, at=tmp_path)

    assert (4, True) == (ran.code, "list.Old" in ran.out)
    assert ["Old"] == [row["Name"] for row in emulator.rows("contactslist")]
