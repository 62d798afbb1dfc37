"""The GitHub action and the GitLab example: every script they hold, run as it stands, against the emulator."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mjsync.emulator import Emulator

ROOT = Path(__file__).resolve().parents[3]
ACTION = YAML(typ="safe").load(ROOT / "action.yml")
GITLAB = YAML(typ="safe").load(ROOT / "examples" / "ci" / "gitlab" / "review.gitlab-ci.yml")
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
MARKER = "<!-- mjsync-plan: default -->"
WORKFLOW = "me/mail/.github/workflows/mail.yml@refs/heads/a@b"

FAKE_CLI = '''#!{python}
"""Stands for gh and glab: answers from a file, keeps what it was asked."""
import json, os, sys
here = os.environ["FAKE"]
answers = json.load(open(os.path.join(here, "answers.json")))
asked = " ".join(sys.argv[1:])
with open(os.path.join(here, "asked"), "a") as log:
    log.write(asked + "\\n")
if "download" in sys.argv:
    folder = sys.argv[sys.argv.index("--dir") + 1]
    os.makedirs(folder, exist_ok=True)
    open(os.path.join(folder, "plan.json"), "w").write(answers["plan"])
    sys.exit(0 if answers["plan"] else 1)
for word, answer in answers.items():
    if word in asked:
        print(answer)
        break
'''

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


class Runner:
    """A machine of a CI service: a project, an emulated account, and the platform's command line."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.temp = folder / "temp"
        programs = folder / "bin"
        for each in (self.temp / "mjsync-out", programs, folder / "project" / "manifests"):
            each.mkdir(parents=True)
        self._program(programs / "mjsync", f'#!/bin/sh\nexec "{sys.executable}" -m mjsync "$@"\n')
        for name in ("gh", "glab"):
            self._program(programs / name, FAKE_CLI.format(python=sys.executable))
        self.answers = {}
        (folder / "project" / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
        self.manifest("lists:\n  news: {}\n")
        self.environ = {
            **os.environ,
            **emulator.environment,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "FAKE": str(folder),
            "RUNNER_TEMP": str(self.temp),
            **{f"GITHUB_{name}": str(folder / name) for name in ("OUTPUT", "PATH", "STEP_SUMMARY")},
        }

    @staticmethod
    def _program(file, text):
        file.write_text(text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def manifest(self, text):
        """State what is wanted."""
        (self.folder / "project" / "manifests" / "a.yaml").write_text(text)

    def script(self, text, **environ):
        """Run a script as GitHub and GitLab do: bash that stops at the first failure."""
        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.folder / "project",
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def step(self, name, **given):
        """Run one step of the action, its expressions filled in."""
        values = {
            "inputs.directory": ".",
            "inputs.comment-author": "bot",
            "steps.install.outputs.name": "default",
            "steps.check.outcome": "success",
            **given,
        }
        fill = lambda text: re.sub(r"\$\{\{ ([\w.-]+).*? \}\}", lambda found: values.get(found[1], ""), text)  # noqa: E731
        environ = {key: fill(value) for key, value in STEPS[name].get("env", {}).items()}
        return self.script(STEPS[name]["run"], **environ)

    def read(self, name):
        """A file that the steps wrote."""
        file = self.folder / name
        return file.read_text() if file.exists() else ""

    @property
    def lists(self):
        """The names of the lists that are on the account."""
        return [row["Name"] for row in self.emulator.rows("contactslist")]


@pytest.fixture
def runner(tmp_path):
    """A fresh machine beside a fresh account."""
    with Emulator() as emulator:
        yield Runner(tmp_path, emulator)


def test_no_expression_in_a_script():
    """No script holds an expression: what a branch or a title says can never become shell."""
    assert [] == [name for name, step in STEPS.items() if "${{" in step.get("run", "")]


def test_what_github_asks_of_a_composite_action():
    """Each script names its shell, and every input, step and output that is spoken of exists."""
    steps, text = ACTION["runs"]["steps"], (ROOT / "action.yml").read_text()
    ids = {step["id"] for step in steps if "id" in step}

    assert [] == [step["name"] for step in steps if "run" in step and step.get("shell") != "bash"]
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.([\w-]+)\.", text)) <= ids
    assert set(re.findall(r"outputs\.([\w-]+)", text)) == {"exit-code", "name"}


def test_receipts_are_kept_whatever_happens():
    """A run that failed or was cancelled keeps its receipts too."""
    assert STEPS["Keep the receipts"]["if"].startswith("always() && ")


def install(runner, **given):
    """Run the first step, its downloads left out."""
    runner._program(
        runner.folder / "bin" / "python3",
        '#!/bin/sh\nmkdir -p "$3/bin"; printf "#!/bin/sh\\necho pip $*\\n" > "$3/bin/pip"; chmod +x "$3/bin/pip"\n',
    )
    return runner.step("Install", **{"inputs.package": "mjsync==1.2.3", **given})


def test_install(runner):
    """The package is installed into an environment of its own, whose programs later steps find."""
    ended = install(runner)

    assert (0, f"{runner.temp}/mjsync/bin\n") == (ended.returncode, runner.read("PATH")), ended.stderr


@pytest.mark.parametrize(
    ("environment", "directory", "name"),
    [("", ".", "default"), ("staging", ".", "staging"), ("staging", "mail/eu", "staging-mail_eu"), ("", "../x y", "")],
)
def test_name(runner, environment, directory, name):
    """Project and environment have a name of their own, which an artefact may have."""
    install(runner, **{"inputs.environment": environment, "inputs.directory": directory})

    assert f"name={name or 'default-.._x_y'}\n" == runner.read("OUTPUT")


def test_check(runner):
    """A broken manifest fails, annotated at its line."""
    runner.manifest("lists:\n  news: {nmae: x}\n")
    ended = runner.step("Check")

    assert (4, True) == (ended.returncode, "::error file=manifests/a.yaml,line=2" in ended.stdout)


def test_plan(runner):
    """A plan is annotated, summed up, kept as JSON and as a page, and its exit code handed on."""
    ended = runner.step("Plan")
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
    """Without keys, or with broken manifests, the comment says so, and why the run fails is handed on."""
    del runner.environ["MJ_APIKEY_PUBLIC"]
    ended = runner.step("Plan", **{"steps.check.outcome": check})

    assert (0, "exit-code=4\n", True) == (
        ended.returncode,
        runner.read("OUTPUT"),
        "No plan could be made" in (runner.temp / "mjsync-out" / "plan.md").read_text(),
    )


def test_approvals(runner):
    """Each line of `approve` is an approval; one that the plan does not hold is wrong use."""
    runner.emulator.insert("contactslist", {"Name": "old", "SubscriberCount": 5})
    project = runner.folder / "project" / "mjsync.yaml"
    project.write_text("version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\n")
    runner.manifest("lists:\n  news: {}\nremoved:\n  lists: [old]\n")
    codes = []
    for approve in ("", "people:list.old\n\n", "people:list.new"):
        runner.step("Plan", **{"inputs.approve": approve})
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
    runner.step("Plan")
    runner.answers = {"--paginate": known}
    ended = runner.step("Comment", **{"github.repository": "me/mail", "github.event.pull_request.number": "7"})

    assert (0, True) == (ended.returncode, call in runner.read("asked").splitlines()[-1]), ended.stderr


def test_marker(runner):
    """The comment is found again by its first line, which names project and environment."""
    runner.step("Plan")
    runner.step("Comment")

    assert MARKER == (runner.temp / "mjsync-out" / "comment.md").read_text().splitlines()[0]


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("3", 0), ("4", 4), ("1", 1), ("", 1)])
def test_verdict(runner, code, expected):
    """Pending changes pass; a refused or failed plan fails."""
    assert expected == runner.step("Verdict", **{"steps.plan.outputs.exit-code": code}).returncode


def reviewed(runner, **answers):
    """The step that fetches the plan of the merged head."""
    plan = runner.temp / "mjsync-out" / "plan.json"
    kept = plan.read_text() if plan.exists() else ""
    runner.answers = {"/pulls": "abc123", "run list": "555", "plan": kept, **answers}
    return runner.step(
        "Reviewed plan", **{"github.sha": "def456", "github.repository": "me/mail", "github.workflow_ref": WORKFLOW}
    )


def test_apply_the_reviewed_plan(runner):
    """What was planned for the merged head is applied, and its receipt is kept."""
    runner.step("Plan")
    fetched = reviewed(runner)
    ended = runner.step("Apply")

    assert (0, 0, ["news"], True) == (
        fetched.returncode,
        ended.returncode,
        runner.lists,
        bool(list((runner.folder / "project" / ".mjsync").rglob("*.json"))),
    ), ended.stderr


def test_apply_another_plan(runner):
    """What the reviewed plan does not hold is refused, and nothing is written."""
    runner.step("Plan")
    reviewed(runner)
    runner.manifest("lists:\n  other: {}\n")
    ended = runner.step("Apply")

    assert (4, []) == (ended.returncode, runner.lists)


@pytest.mark.parametrize("missing", [{"/pulls": ""}, {"run list": ""}, {"plan": ""}])
def test_no_reviewed_plan(runner, missing):
    """Without a merged pull request, a successful run or a kept plan, nothing is applied, and the log says why."""
    runner.step("Plan")
    ended = reviewed(runner, **missing)

    assert (4, True) == (ended.returncode, "Nothing is applied." in ended.stdout)


def test_head_is_the_merged_one(runner):
    """The run is looked for by the head of the merged pull request, not by the commit that was pushed."""
    runner.step("Plan")
    reviewed(runner)

    assert "--workflow mail.yml --commit abc123 " in next(
        line for line in runner.read("asked").splitlines() if "run list" in line
    )


def gitlab(runner, job, **answers):
    """Run the script of a job of the GitLab example."""
    runner.answers = answers
    script = "\n".join(GITLAB[job]["script"])
    return runner.script(script, CI_PROJECT_ID="1", CI_MERGE_REQUEST_IID="7", CI_COMMIT_SHA="def456")


def test_gitlab_validate(runner):
    """Manifests are checked into a test report."""
    ended = gitlab(runner, "validate")

    assert (0, True) == (ended.returncode, (runner.folder / "project" / "validate.xml").exists())


@pytest.mark.parametrize(
    ("author", "call"),
    [
        ("somebody", "--method POST projects/1/merge_requests/7/notes "),
        ("robot", "--method PUT projects/1/merge_requests/7/notes/42 "),
    ],
)
def test_gitlab_plan(runner, author, call):
    """One note of our own is kept up to date; nobody else's is touched."""
    note = {"id": 42, "author": {"username": author}, "body": f"{MARKER}\nold"}
    pages = json.dumps([]) + json.dumps([note])
    ended = gitlab(runner, "plan", **{"api user": json.dumps({"username": "robot"}), "--paginate": pages})

    assert (0, True) == (ended.returncode, call in runner.read("asked")), ended.stderr


def test_gitlab_apply(runner):
    """The plan that the merged head's pipeline kept is applied."""
    gitlab(runner, "plan", **{"api user": '{"username": "robot"}', "--paginate": "[]"})
    kept = (runner.folder / "project" / "mjsync-out" / "plan.json").read_text()
    ended = gitlab(
        runner,
        "apply",
        **{
            "/merge_requests": '[{"sha": "abc123"}]',
            "pipelines?sha=abc123": '[{"id": 9}]',
            "pipelines/9/jobs": '[{"id": 1, "name": "validate"}, {"id": 2, "name": "plan"}]',
            "jobs/2/artifacts/mjsync-out/plan.json": kept,
        },
    )

    assert (0, ["news"]) == (ended.returncode, runner.lists), ended.stderr


def test_gitlab_without_a_merge_request(runner):
    """A commit that no merge request brought applies nothing."""
    ended = gitlab(runner, "apply", **{"/merge_requests": "[]"})

    assert (4, []) == (ended.returncode, runner.lists)


@pytest.mark.parametrize("hook", YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml"), ids=lambda hook: hook["id"])
def test_pre_commit(runner, hook):
    """Each hook's command runs in a project as it stands."""
    assert 0 == runner.script(hook["entry"]).returncode
