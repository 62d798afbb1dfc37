"""The GitHub action: every script in it is run unchanged, against the emulator."""

import re

import pytest
from ruamel.yaml import YAML

from tests.unit.action.machine import ROOT

ACTION = YAML(typ="safe").load(ROOT / "action.yml")
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
MARKER = "<!-- mjsync-plan: default -->"
WORKFLOW = "me/mail/.github/workflows/mail.yml@refs/heads/a@b"


def step(runner, name, **settings):
    """Run one step of the action."""
    values = {
        "inputs.directory": ".",
        "inputs.record": "local",
        "inputs.comment-author": "bot",
        "steps.install.outputs.name": "default",
        "steps.check.outcome": "success",
    }
    return runner.step(STEPS[name], **{**values, **settings})


def test_no_expression_in_a_script():
    """No script contains an expression: a branch name or a title can never become shell code."""
    assert [] == [name for name, step in STEPS.items() if "${{" in step.get("run", "")]


def test_what_github_asks_of_a_composite_action():
    """Each script names its shell, and every input, step and output that is referred to exists."""
    steps, text = ACTION["runs"]["steps"], (ROOT / "action.yml").read_text()
    ids = {step["id"] for step in steps if "id" in step}

    assert [] == [step["name"] for step in steps if "run" in step and step.get("shell") != "bash"]
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.([\w-]+)\.", text)) <= ids
    assert set(re.findall(r"outputs\.([\w-]+)", text)) == {"exit-code", "name"}


def test_receipts_are_kept_whatever_happens():
    """A run that failed or was cancelled keeps its receipts too."""
    assert STEPS["Keep the receipts"]["if"].startswith("always() && ")


def install(runner, **settings):
    """Run the first step, its downloads left out."""
    runner._program(
        runner.folder / "bin" / "python3",
        '#!/bin/sh\nmkdir -p "$3/bin"; printf "#!/bin/sh\\necho pip $*\\n" > "$3/bin/pip"; chmod +x "$3/bin/pip"\n',
    )
    return step(runner, "Install", **{"inputs.package": "mjsync==1.2.3", **settings})


def test_install(runner):
    """The package is installed into an environment of its own, whose programs later steps find."""
    ended = install(runner)

    assert (0, f"{runner.temp}/mjsync/bin\n") == (ended.returncode, runner.read("PATH")), ended.stderr


@pytest.mark.parametrize(
    ("environment", "directory", "name"),
    [("", ".", "default"), ("staging", ".", "staging"), ("staging", "mail/eu", "staging-mail_eu"), ("", "../x y", "")],
)
def test_name(runner, environment, directory, name):
    """Project and environment give a name that an artefact may have."""
    install(runner, **{"inputs.environment": environment, "inputs.directory": directory})

    assert f"name={name or 'default-.._x_y'}\n" == runner.read("OUTPUT")


def test_check(runner):
    """A broken manifest fails, annotated at its line."""
    runner.manifest("lists:\n  news: {nmae: x}\n")
    ended = step(runner, "Check")

    assert (4, True) == (ended.returncode, "::error file=manifests/a.yaml,line=2" in ended.stdout)


def test_plan(runner):
    """A plan is annotated, summarised, stored as JSON and as a page, and its exit code is passed on."""
    ended = step(runner, "Plan")
    kept = sorted(file.name for file in (runner.temp / "mjsync-out").iterdir())

    assert (0, ["plan.html", "plan.json", "plan.md"], "exit-code=3\n", True, True) == (
        ended.returncode,
        kept,
        runner.read("OUTPUT"),
        "1 to create" in runner.read("STEP_SUMMARY"),
        "::notice file=manifests/a.yaml,line=2" in ended.stdout,
    ), ended.stderr


@pytest.mark.parametrize("check", ["success", "failure"])
def test_plan_that_cannot_be_made(runner, check):
    """Without keys, or with broken manifests, the comment has the reason, and the exit code is passed on."""
    del runner.environ["MJ_APIKEY_PUBLIC"]
    ended = step(runner, "Plan", **{"steps.check.outcome": check})

    assert (0, "exit-code=4\n", True) == (
        ended.returncode,
        runner.read("OUTPUT"),
        "No plan could be made" in (runner.temp / "mjsync-out" / "plan.md").read_text(),
    )


def test_approvals(runner):
    """Each line of `approve` is an approval; one that matches nothing in the plan is wrong use."""
    runner.emulator.insert("contactslist", {"Name": "old", "SubscriberCount": 5})
    project = runner.folder / "project" / "mjsync.yaml"
    project.write_text("version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\n")
    runner.manifest("lists:\n  news: {}\nremoved:\n  lists: [old]\n")
    codes = []
    for approve in ("", "people:list.old\n\n", "people:list.new"):
        step(runner, "Plan", **{"inputs.approve": approve})
        codes.append(runner.read("OUTPUT").split()[-1])

    assert ["exit-code=4", "exit-code=3", "exit-code=2"] == codes


@pytest.mark.parametrize(
    ("known", "call"),
    [
        ("", "--method POST repos/me/mail/issues/7/comments --field body=@"),
        ("99", "--method PATCH repos/me/mail/issues/comments/99 --field body=@"),
    ],
)
def test_comment(runner, known, call):
    """The first plan makes a comment, each later one updates it."""
    step(runner, "Plan")
    runner.answers = {"--paginate": known}
    ended = step(runner, "Comment", **{"github.repository": "me/mail", "github.event.pull_request.number": "7"})

    assert (0, True) == (ended.returncode, call in runner.read("asked").splitlines()[-1]), ended.stderr


def test_marker(runner):
    """The comment is found again by its first line, which names project and environment."""
    step(runner, "Plan")
    step(runner, "Comment")

    assert MARKER == (runner.temp / "mjsync-out" / "comment.md").read_text().splitlines()[0]


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("3", 0), ("4", 4), ("1", 1), ("", 1)])
def test_verdict(runner, code, expected):
    """Pending changes pass; a refused or failed plan fails."""
    assert expected == step(runner, "Verdict", **{"steps.plan.outputs.exit-code": code}).returncode


def reviewed(runner, **answers):
    """The step that fetches the plan of the merged head."""
    plan = runner.temp / "mjsync-out" / "plan.json"
    kept = plan.read_text() if plan.exists() else ""
    runner.answers = {"/pulls": "abc123", "run list": "555", "plan": kept, **answers}
    return step(
        runner,
        "Reviewed plan",
        **{"github.sha": "def456", "github.repository": "me/mail", "github.workflow_ref": WORKFLOW},
    )


def test_apply_the_reviewed_plan(runner):
    """What was planned for the merged head is applied, and its receipt is kept."""
    step(runner, "Plan")
    fetched = reviewed(runner)
    ended = step(runner, "Apply")

    assert (0, 0, ["news"], True) == (
        fetched.returncode,
        ended.returncode,
        runner.lists,
        bool(list((runner.folder / "project" / ".mjsync").rglob("*.json"))),
    ), ended.stderr


def test_apply_another_plan(runner):
    """A plan that was not reviewed is refused, and nothing is written."""
    step(runner, "Plan")
    reviewed(runner)
    runner.manifest("lists:\n  other: {}\n")
    ended = step(runner, "Apply")

    assert (4, []) == (ended.returncode, runner.lists)


@pytest.mark.parametrize("missing", [{"/pulls": ""}, {"run list": ""}, {"plan": ""}])
def test_no_reviewed_plan(runner, missing):
    """Without a merged pull request, a successful run or a stored plan nothing is applied; the log has the reason."""
    step(runner, "Plan")
    ended = reviewed(runner, **missing)

    assert (4, True) == (ended.returncode, "Nothing is applied." in ended.stdout)


def test_head_is_the_merged_one(runner):
    """The run is looked up by the head of the merged pull request, not by the commit that was pushed."""
    step(runner, "Plan")
    reviewed(runner)

    assert "--workflow mail.yml --commit abc123 " in next(
        line for line in runner.read("asked").splitlines() if "run list" in line
    )


@pytest.mark.parametrize("hook", YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml"), ids=lambda hook: hook["id"])
def test_pre_commit(runner, hook):
    """Each hook's command runs in a project as it stands."""
    assert 0 == runner.script(hook["entry"]).returncode
