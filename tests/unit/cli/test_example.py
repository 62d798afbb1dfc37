"""The example project is valid and formatted, and the demo shows what its text says."""

import json
import shutil

import pytest

from mjsync.cli.commands.demo import EDITS, EXAMPLE, FOREIGN
from mjsync.emulator import Emulator
from tests.terminal import run


@pytest.fixture
def account(monkeypatch):
    """The account of the demonstration, and its environment."""
    with Emulator() as emulator:
        for resource, rows in FOREIGN.items():
            for row in rows:
                emulator.insert(resource, row)
        for name, value in {**emulator.environment, "MJSYNC_ENV": "staging"}.items():
            monkeypatch.setenv(name, value)
        yield emulator


def test_valid(tmp_path):
    """The example is valid in every environment."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    ran = run("validate", at=tmp_path)

    assert (0, True) == (ran.code, ran.out.endswith("in 2 environments, 0 warnings.\n"))


def test_canonical():
    """The example has the layout of `fmt`."""
    assert 0 == run("fmt", "--check", at=EXAMPLE).code


@pytest.mark.parametrize(
    "sign",
    ["parts:", "defaults:", "mjml:", "text: auto", "tests:", "example:", "mj-include", "${part.", "mjsync: allow"],
)
def test_shows(sign):
    """The example has each feature of templates."""
    written = (path for path in EXAMPLE.rglob("*.*") if path.is_file() and ".mjsync" not in path.parts)
    texts = [path.read_text(encoding="utf-8") for path in written]

    assert any(sign in text for text in texts)


def test_the_edits_of_the_demonstration(account, tmp_path):
    """After the first apply nothing is left; the two edits of the demo change one template and one segment."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)

    assert 0 == run("apply", "--yes", at=tmp_path).code
    assert 0 == run("plan", "--exit-code", at=tmp_path).code
    for file, before, after in EDITS:
        path = tmp_path / file
        assert before in path.read_text(encoding="utf-8")
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    changes = json.loads(run("plan", "--format", "json", at=tmp_path).out)["changes"]
    assert {"template.password-reset", "segment.recent-buyers"} == {change["address"] for change in changes}
