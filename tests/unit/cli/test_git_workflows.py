"""The example workflows: their shell steps, run in clones of depth 1 against a bare repository and the emulator."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mjsync.emulator import Emulator
from tests.unit.history.conftest import GIT_SETTINGS, Clone, cloned

CI = Path(__file__).parents[3] / "examples/ci"
DEPLOYED = "'+refs/mjsync/deployed/*:refs/mjsync/deployed/*'"
PROJECT = "version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\nenvironments: {production: {}}\n"
BASE = """\
lists: {news: {name: Weekly}, old: {name: Old}}
segments: {s: {description: first, expression: '(country="NL")'}}
"""
WORKFLOWS = (
    "github/many-accounts.yml",
    "github/deploy.yml",
    "github/drift.yml",
    "gitlab/accounts.yml",
    "gitlab/review.gitlab-ci.yml",
)


@dataclass
class Runner:
    """Runs named steps of a workflow as GitHub would, each in a new shell."""

    folder: Path
    emulator: Emulator
    scratch: Path
    variables: dict[str, str] = field(default_factory=dict)

    def clone(self, bare: Path, branch: str) -> Clone:
        """A clone of one commit, detached, without refs, as actions/checkout makes it."""
        folder = self.scratch / f"clone-{len(list(self.scratch.iterdir()))}"
        made = cloned(Clone(bare), folder, "--depth=1", f"--branch={branch}")
        made.git("checkout", "-q", "--detach")
        made.git("branch", "-q", "-D", branch)
        return made

    def run(self, clone: Clone, workflow: str, *names: str, code: int = 0) -> str:
        """Run these steps of the workflow's only job in a clone; the output, once all ended with this code."""
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
    """The one job of a workflow of GitHub's."""
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
    """The repository of somebody who works on the project."""
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
    """Each workflow that plans fetches the deployed refs before it does."""
    text = (CI / workflow).read_text()
    commands = [text.index(word) for word in ("mjsync plan", '" plan', "mjsync drift", "mjsync apply") if word in text]

    assert text.index(f"HEAD {DEPLOYED}" if "--depth=1" in text else DEPLOYED) < min(commands)


def test_from_pull_request_to_the_next_three_way_plan(tmp_path, bare, runner):
    """Plan with a report, merge, apply by digest, ref moved and pushed, and the next plan is three-way."""
    runner.variables["MJSYNC_ENV"] = "production"
    work = developer(tmp_path, bare)
    work.git("switch", "-q", "-c", "first")
    work.commit({"README": "words"})
    work.git("push", "-q", "origin", "first")
    pull = runner.clone(bare, "first")
    runner.run(pull, "github/deploy.yml", "Fetch", "Plan")
    digest = next(line for line in (pull.folder / "out/plan.md").read_text().split() if "sha256:" in line)
    digest = digest[digest.index("sha256:") :].split("<")[0]

    work.git("switch", "-q", "main")
    work.git("merge", "-q", "--no-ff", "-m", f"Merge first\n\nPlan: {digest}", "first")
    work.git("push", "-q", "origin", "main")
    runner.run(runner.clone(bare, "main"), "github/deploy.yml", "Fetch", "Apply")
    main = work.git("rev-parse", "main")
    assert main == Clone(bare).git("rev-parse", "refs/mjsync/deployed/root/production")

    work.git("switch", "-q", "-c", "second")
    work.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})
    work.git("push", "-q", "origin", "second")
    pull = runner.clone(bare, "second")
    runner.run(pull, "github/deploy.yml", "Fetch", "Plan")
    plan = (pull.folder / "out/plan.json").read_text()
    assert f'"deployed": "{main}"' in plan
    assert '"address": "list.old"' in plan

    work.git("switch", "-q", "main")
    work.git("merge", "-q", "--no-ff", "-m", "Merge second", "second")
    work.git("push", "-q", "origin", "main")
    refused = runner.run(runner.clone(bare, "main"), "github/deploy.yml", "Fetch")
    refused += runner.run(runner.clone(bare, "main"), "github/deploy.yml", "Apply", code=4)
    assert "does not say which plan it approves" in refused


def test_the_drift_workflow_pushes_one_branch_and_updates_it(tmp_path, bare, runner):
    """Edits made in Mailjet arrive on one branch; the next night's run replaces its commits."""
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
        runner.run(runner.clone(bare, "main"), "github/drift.yml", "Fetch", "Drift")

        branches = Clone(bare).git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        assert ["main", "mjsync/drift-production"] == branches
        assert f"description: {description}," in Clone(bare).git("show", "mjsync/drift-production:manifests/main.yaml")
    assert "branch=mjsync/drift-production" in (tmp_path / "output").read_text()
