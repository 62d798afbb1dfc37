"""The example workflows: their shell steps, run in clones of depth 1 against a bare repository and the emulator."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mjsync.emulator import Emulator
from mjsync.manifest.project.starter import WORKFLOW, starter_files
from tests.unit.action.machine import CONTEXT, ROOT
from tests.unit.action.machine import Runner as Machine
from tests.unit.history.conftest import GIT_SETTINGS, Clone, cloned

CI = ROOT / "examples/ci"
DEPLOYED = "'+refs/mjsync/deployed/*:refs/mjsync/deployed/*'"
PROJECT = "version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\nenvironments: {production: {}}\n"
BASE = """\
lists: {news: {name: Weekly}, old: {name: Old}}
segments: {s: {description: first, expression: '(country="NL")'}}
"""
DROPPED = BASE.replace(", old: {name: Old}", "")
REF = "refs/mjsync/deployed/root/production"
WORKFLOWS = (
    "github/many-accounts.yml",
    "github/deploy.yml",
    "github/drift.yml",
    "gitlab/accounts.yml",
    "gitlab/drift.gitlab-ci.yml",
    "gitlab/review.gitlab-ci.yml",
)


@dataclass
class Runner:
    """Runs named steps of a workflow, each in a new shell, as GitHub does."""

    folder: Path
    emulator: Emulator
    scratch: Path
    variables: dict[str, str] = field(default_factory=dict)

    def clone(self, bare: Path, branch: str, *depth: str) -> Clone:
        """Make a detached clone of one branch without refs, as actions/checkout and GitLab do."""
        folder = self.scratch / f"clone-{len(list(self.scratch.iterdir()))}"
        made = cloned(Clone(bare), folder, *(depth or ("--single-branch",)), f"--branch={branch}")
        made.git("checkout", "-q", "--detach")
        made.git("branch", "-q", "-D", branch)
        return made

    def run(self, clone: Clone, workflow: str, *names: str, code: int = 0) -> str:
        """Run these steps of the workflow's only job in a clone; return the output, once all ended with this code."""
        steps = {step.get("name"): step.get("run") for step in only_job(workflow)["steps"]}
        text = ""
        for name in names:
            ended = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", steps[name]],
                cwd=clone.folder,
                env={**os.environ, **self.emulator.environment, **self.variables},
                capture_output=True,
                text=True,
                check=False,
            )
            text += ended.stdout + ended.stderr
            assert ended.returncode == code, text
        return text


def only_job(workflow: str) -> dict:
    """Return the one job of a workflow of GitHub's."""
    (job,) = YAML(typ="safe", pure=True).load((CI / workflow).read_text())["jobs"].values()
    return job


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """A bare repository with a project on main."""
    settings = tmp_path / "gitconfig"
    settings.write_text(GIT_SETTINGS)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    folder = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    developer(tmp_path, folder).git("push", "-q", "origin", "main")
    return folder


def developer(tmp_path: Path, bare: Path) -> Clone:
    """A clone with which somebody works on the project."""
    made = Clone(tmp_path / "developer")
    if not made.folder.exists():
        made.folder.mkdir()
        made.git("init", "-q")
        made.git("remote", "add", "origin", str(bare))
        made.commit({"mjsync.yaml": PROJECT, "manifests/main.yaml": BASE, ".gitignore": ".mjsync/\nout/\n"})
    return made


@pytest.fixture
def runner(tmp_path):
    """A runner with mjsync on its path."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Emulator() as emulator:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        output = tmp_path / "output"
        variables = {"PATH": path, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(output)}
        yield Runner(tmp_path, emulator, scratch, variables)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_each_example_states_the_fetch_it_needs(workflow):
    """Each workflow that plans fetches the deployed refs before."""
    text = (CI / workflow).read_text()
    commands = [text.index(word) for word in ("mjsync plan", '" plan', "mjsync drift", "mjsync apply") if word in text]

    assert text.index(f"HEAD {DEPLOYED}" if "--depth=1" in text else DEPLOYED) < min(commands)


def steps_of(workflow: str) -> list[dict]:
    """Return the steps that plan and apply; for GitLab the jobs, each with the fetch before it."""
    texts = {"action.yml": (ROOT / "action.yml").read_text(), "init": starter_files()[WORKFLOW]}
    document = YAML(typ="safe", pure=True).load(texts.get(workflow) or (CI / workflow).read_text())
    if "runs" in document or "jobs" in document:
        return (document.get("runs") or document["jobs"]["mail"])["steps"]
    before = (document.get("default") or document[".mail"])["before_script"]
    fetch = [line for line in before if line.startswith("git ")]
    return [
        {"name": job, "if": f"'{event}'", "run": "\n".join([*fetch, *document[job]["script"]])}
        for job, event in (("plan", "pull_request"), ("apply", "push"))
    ]


@pytest.fixture
def machine(tmp_path, runner) -> Machine:
    """A machine of a CI service with git, and the variables that its workflows read."""
    made = Machine(tmp_path / "machine", runner.emulator)
    (made.folder / "bin/git").unlink()
    made.environ["PATH"] += os.pathsep + str(Path(sys.executable).parent)
    made.environ |= {"MJSYNC_ENV": "production", "ENVIRONMENT": "production", "SECRETS": "{}"}
    made.environ |= {"CI_SERVER_HOST": "gitlab.example", "CI_PROJECT_PATH": "me/mail", "CI_PROJECT_ID": "1"}
    made.environ |= {"CI_MERGE_REQUEST_IID": "7", "CI_COMMIT_SHA": "def456", "GITLAB_TOKEN": "t", "MAIL_TOKEN": "t"}
    return made


def run_job(machine: Machine, workflow: str, event: str, clone: Clone, plan: str = "") -> None:
    """Run a workflow's scripts for an event in a clone; this plan of the pull request is stored on the platform."""
    machine.project = clone.folder
    clone.git("config", f"url.{clone.git('remote', 'get-url', 'origin')}.insteadOf", GITLAB_PUSH)
    gitlab = workflow.startswith("gitlab")
    machine.answers = {
        "api user": '{"username": "robot"}',
        "--paginate": "[]" if gitlab else "",
        "/merge_requests": '[{"sha": "abc123"}]',
        "pipelines?sha=abc123": '[{"id": 9}]',
        "pipelines/9/jobs": '[{"id": 2, "name": "plan"}]',
        "/pulls": "abc123",
        "run list": "555",
        "plan": plan,
    }
    codes = machine.event(steps_of(workflow), event, **CONTEXT)
    assert {0} == set(codes.values()), codes


GITLAB_PUSH = "https://oauth2:t@gitlab.example/me/mail.git"
PLANS = {
    "action.yml": "machine/temp/mjsync-out/plan.json",
    "init": "out/plan.json",
    "github/deploy.yml": "out/plan.json",
    "github/many-accounts.yml": "",
    "gitlab/review.gitlab-ci.yml": "mjsync-out/plan.json",
    "gitlab/accounts.yml": "",
}
"""Where each workflow leaves its plan, for those that keep one."""


@pytest.mark.parametrize("workflow", PLANS)
def test_from_pull_request_to_the_next_three_way_plan(tmp_path, bare, runner, machine, workflow):
    """Plan with a report, merge, apply what was planned, ref moved and pushed, and the next plan is three-way."""
    depth = {"gitlab/review.gitlab-ci.yml": (), "gitlab/accounts.yml": ("--depth=20",)}.get(workflow, ("--depth=1",))
    work = developer(tmp_path, bare)
    for branch, files in (("first", {"README": "words"}), ("second", {"manifests/main.yaml": DROPPED})):
        deployed = Clone(bare).git("for-each-ref", "--format=%(objectname)", REF)
        work.git("switch", "-q", "-c", branch)
        work.commit(files)
        work.git("push", "-q", "origin", branch)
        pull = runner.clone(bare, branch, *depth)
        run_job(machine, workflow, "pull_request", pull)
        plan = ""
        if PLANS[workflow]:
            file = (tmp_path if workflow == "action.yml" else pull.folder) / PLANS[workflow]
            plan, report = file.read_text(), file.with_suffix(".md").read_text()
            assert ("1 to delete" if deployed else "3 to create") in report
            assert deployed == json.loads(plan).get("deployed", "")

        work.git("switch", "-q", "main")
        digest = json.loads(plan)["digest"] if plan else ""
        work.git("merge", "-q", "--no-ff", "-m", f"Merge {branch}\n\nPlan: {digest}", branch)
        work.git("push", "-q", "origin", "main")
        run_job(machine, workflow, "push", runner.clone(bare, "main", *depth), plan)
        assert work.git("rev-parse", "main") == Clone(bare).git("rev-parse", REF)

    live = {row["Name"] for row in runner.emulator.rows("contactslist") if not row["IsDeleted"]}
    assert {"Weekly"} == live
    assert "123456" == Clone(bare).git("log", "-1", "--format=%s", f"{REF}.account")


def test_an_apply_needs_the_digest_of_a_plan(tmp_path, bare, runner):
    """A merge without the digest of a plan is refused."""
    developer(tmp_path, bare)
    main = runner.clone(bare, "main", "--depth=1")

    assert "does not say which plan it approves" in runner.run(main, "github/deploy.yml", "Apply", code=4)


@pytest.mark.parametrize("workflow", ["github/drift.yml", "gitlab/drift.gitlab-ci.yml"])
def test_the_drift_workflow_pushes_one_branch_and_updates_it(tmp_path, bare, runner, machine, workflow):
    """Edits in Mailjet are pushed to one branch; the next run replaces its commits."""
    runner.variables["MJSYNC_ENV"] = "production"
    work = developer(tmp_path, bare)
    deploy = Clone(work.folder)
    subprocess.run(
        ["mjsync", "apply", "--yes", "--record", "push"],
        cwd=deploy.folder,
        env={**os.environ, **runner.emulator.environment, **runner.variables},
        check=True,
        capture_output=True,
    )
    row = runner.emulator.rows("contactfilter")[0]
    for description in ("edited", "edited again"):
        runner.emulator.load({**runner.emulator.state(), "contactfilter": [{**row, "Description": description}]})
        clone = runner.clone(bare, "main", "--depth=1")
        if workflow == "github/drift.yml":
            runner.run(clone, workflow, "Fetch", "Drift")
            assert "branch=mjsync/drift-production" in (tmp_path / "output").read_text()
        else:
            Clone(bare).git("config", "receive.advertisePushOptions", "true")
            job = YAML(typ="safe", pure=True).load((CI / workflow).read_text())["drift"]
            machine.project = clone.folder
            clone.git("config", f"url.file://{bare}.insteadOf", GITLAB_PUSH)
            ended = machine.script("\n".join([job["before_script"][-1], *job["script"]]), CI_DEFAULT_BRANCH="main")
            assert 0 == ended.returncode, ended.stderr

        branches = Clone(bare).git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        assert ["main", "mjsync/drift-production"] == branches
        assert f"description: {description}," in Clone(bare).git("show", "mjsync/drift-production:manifests/main.yaml")
