"""The example account, edited by hand with comments and anchors, imported again: `git diff` shows what changed."""

import os
import shutil
import subprocess

import pytest

from mjsync.cli.commands.demo import EXAMPLE
from mjsync.emulator import Emulator
from tests.terminal import run

OURS = """\
# Edited by hand, the way people do.
segments:
  ours-old:   &old   # an anchor
    expression: '(ours=1)'     # why one
    description: "Ours, \\u00fcber all"
  ours-new: {<<: *old, description: &text 'new ones'}   # merged
  ours-other:
      # indented as nobody else does
      description: *text

      expression: >-
          (ours=1) OR
          (ours=2)
properties: {ours: int}
"""


@pytest.fixture
def emulator(monkeypatch):
    """An empty account for the first environment of the example."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def example(emulator, tmp_path, monkeypatch):
    """The example with comments and anchors, applied, imported and committed."""
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLE, folder)
    for file in folder.glob("manifests/**/*.yaml"):
        file.write_text(f"# {file.name}, looked after by Jo\n\n{file.read_text()}\n# the end, without a line end")
    (folder / "manifests/ours.yaml").write_text(OURS)
    names = run("environments", "--format", "lines", at=folder).out.split()
    monkeypatch.setenv("MJSYNC_ENV", names[0])
    assert 0 == run("apply", "--yes", at=folder).code
    assert 0 == run("import", at=folder).code
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=Jo", "-c", "user.email=jo@x.co", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def changed(folder):
    """Return the lines of `git diff` by file, new files too."""
    subprocess.run(["git", "add", "--intent-to-add", "."], cwd=folder, check=True)
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-c", "core.quotePath=false", "diff", "-U0", "--no-color"]
    shown = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environ).stdout
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:4] not in ("+++ ", "--- ")]


def change(emulator, resource, name, **values):
    """Change a row on the account as somebody in the app would."""
    state = emulator.state()
    rows = [row for row in state[resource] if row["Name"] == name]
    assert 1 == len(rows)
    rows[0] |= values
    emulator.load(state)


def alone(rows):
    """Return the rows whose description no other has, as locales of one entry have."""
    descriptions = [row.get("Description") for row in rows]
    return [row for row in rows if descriptions.count(row.get("Description")) == 1]


def test_nothing_changed_nothing_shown(example):
    """A second import changes no byte."""
    run("import", at=example)

    assert [] == changed(example)


@pytest.mark.parametrize(
    ("name", "values", "lines"),
    [
        (
            "ours-old",
            {"Description": "ours alone"},
            ['-    description: "Ours, \\u00fcber all"', '+    description: "ours alone"'],
        ),
        (
            "ours-other",
            {"Expression": "(ours=4)"},
            ["-      expression: >-", "-          (ours=1) OR", "-          (ours=2)", "+      expression: (ours=4)"],
        ),
        (
            "ours-other",
            {"Description": "others"},
            ["-      description: *text", "+      description: others"],
        ),
        (
            "ours-new",
            {"Expression": "(ours=5)"},
            [
                "-  ours-new: {<<: *old, description: &text 'new ones'}   # merged",
                "+  ours-new: {<<: *old, description: &text 'new ones', expression: (ours=5)}   # merged",
            ],
        ),
    ],
    ids=["quotes", "a folded text", "an alias", "a merged value"],
)
def test_only_the_changed_value_is_shown(example, emulator, name, values, lines):
    """Comments, anchors, quotes, order and blanks are kept."""
    change(emulator, "contactfilter", name, **values)
    run("import", at=example)

    assert lines == changed(example)


def test_what_others_share_is_left_and_named(example, emulator):
    """A value that an anchor brings into another entry is not changed; it is named, and the exit code is not 0."""
    change(emulator, "contactfilter", "ours-old", Expression="(ours=3)")
    ran = run("import", at=example)

    assert (3, []) == (ran.code, changed(example))
    assert "manifests/ours.yaml is left as it is: an anchor shares the value with another entry" in ran.err


def test_a_value_of_the_example_s_own(example, emulator):
    """A changed description of one template is one changed line."""
    texts = "".join(file.read_text() for file in example.glob("manifests/**/*.yaml"))
    row = next(row for row in alone(emulator.rows("template")) if texts.count(row["Description"] or "x") == 1)
    change(emulator, "template", row["Name"], Description=f"{row['Description']}, edited")
    run("import", at=example)
    before, after = changed(example)

    assert before.lstrip("-") == after.lstrip("+").replace(f"{row['Description']}, edited", row["Description"])


def test_a_body_of_the_example_s_own(example, emulator):
    """A changed word of an HTML part changes its lines in the body's file."""
    state = emulator.state()
    row = next(row for row in alone(state["template"]) if "</body>" in str(row.get("detailcontent")))
    html = row["detailcontent"]["Html-part"]
    row["detailcontent"]["Html-part"] = html.replace("</body>", "<!-- edited --></body>")
    emulator.load(state)
    ran = run("import", at=example)

    assert [0, 1] == [ran.code, sum("<!-- edited -->" in line for line in changed(example))]
