"""The workflow that `mjsync init` writes: every script in it is run unchanged, against the emulator."""

import pytest
from ruamel.yaml import YAML

from mjsync.manifest.project.starter import WORKFLOW, starter_files

JOB = YAML(typ="safe").load(starter_files()[WORKFLOW])["jobs"]["mail"]
STEPS = {step["name"]: step for step in JOB["steps"] if "name" in step}
CONTEXT = {"github.repository": "me/mail", "github.event.pull_request.number": "7", "github.sha": "def456"}
OURS = "--method PATCH repos/me/mail/issues/comments/99 --field body=@out/plan.md"
NEW = "--method POST repos/me/mail/issues/7/comments --field body=@out/plan.md"


def test_no_expression_in_a_script():
    """No script contains an expression: a branch name or a title can never become shell code."""
    assert [] == [step for step in JOB["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize(("known", "call"), [("", NEW), ("99", OURS)])
def test_plan_and_comment(runner, known, call):
    """A plan is summarised, and written in one comment."""
    runner.step(STEPS["Plan"])
    runner.answers = {"--paginate": known}
    ended = runner.step(STEPS["Comment"], **CONTEXT)

    assert (0, True, True) == (
        ended.returncode,
        call in runner.read("asked").splitlines()[-1],
        "1 to create" in runner.read("STEP_SUMMARY"),
    ), ended.stderr


def test_a_refused_plan_fails(runner):
    """A plan that a guard refuses fails the step, and is in the comment."""
    (runner.folder / "project" / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    runner.emulator.insert("contactslist", {"Name": "old"})
    runner.manifest("lists:\n  news: {}\nremoved: {lists: [old]}\n")
    ended = runner.step(STEPS["Plan"])

    assert 4 == ended.returncode


def test_apply_what_was_reviewed(runner):
    """The plan of the merged head is applied."""
    runner.step(STEPS["Plan"])
    kept = (runner.folder / "project" / "out" / "plan.json").read_text()
    runner.answers = {"/pulls": "abc123", "run list": "555", "plan": kept}
    fetched = runner.step(STEPS["Reviewed plan"], **CONTEXT)
    ended = runner.step(STEPS["Apply"])

    assert (0, 0, ["news"]) == (fetched.returncode, ended.returncode, runner.lists), ended.stderr


def test_nothing_was_reviewed(runner):
    """Without a merged pull request nothing is applied, and the log has the reason."""
    runner.answers = {"/pulls": ""}
    ended = runner.step(STEPS["Reviewed plan"], **CONTEXT)

    assert (4, True) == (ended.returncode, "Nothing is applied" in ended.stdout)
