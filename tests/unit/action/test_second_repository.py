"""A repository with a project only, and the action or the hooks of this one, each used from start to end."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from tests.terminal import run
from tests.unit.action.machine import CONTEXT, ROOT

STEPS = YAML(typ="safe").load(ROOT / "action.yml")["runs"]["steps"]


def test_the_action_from_pull_request_to_deploy(runner):
    """A pull request is planned and commented, and its merge applies what was planned."""
    planned = runner.event(STEPS, "pull_request", **CONTEXT)
    before = runner.lists
    runner.answers = {"/pulls": "abc123", "run list": "555", "plan": (runner.temp / "mjsync-out/plan.json").read_text()}
    applied = runner.event(STEPS, "push", **CONTEXT)

    assert dict.fromkeys(["Fetch", "Check", "Plan", "Comment", "Verdict"], 0) == planned
    assert dict.fromkeys(["Fetch", "Check", "Reviewed plan", "Apply"], 0) == applied
    assert ([], ["news"]) == (before, runner.lists)


def test_a_push_that_was_not_reviewed(runner):
    """A push to the main branch without a pull request applies nothing."""
    runner.event(STEPS, "pull_request", **CONTEXT)
    runner.answers = {"/pulls": ""}

    assert {"Fetch": 0, "Check": 0, "Reviewed plan": 4} == runner.event(STEPS, "push", **CONTEXT)
    assert [] == runner.lists


@pytest.fixture
def hooks(tmp_path):
    """A repository with the starter and our hooks; return it, and what runs pre-commit in it."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed: pip install -e '.[test]'")
    ours, second = tmp_path / "mjsync", tmp_path / "second"
    for folder in ("mjsync", "examples"):
        shutil.copytree(ROOT / folder, ours / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / file, ours)
    who = {f"GIT_{role}_{key}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHONPATH"))},
        **who,
        "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
    }

    def call(*command, at=second):
        return subprocess.run(command, cwd=at, env=environ, capture_output=True, text=True, check=False)

    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
        assert 0 == call("git", *command, at=ours).returncode
    commit = call("git", "rev-parse", "HEAD", at=ours).stdout.strip()
    assert 0 == run("init", str(second), at=tmp_path).code
    (second / ".pre-commit-config.yaml").write_text(
        f"repos:\n- {{repo: {ours}, rev: {commit}, hooks: [{{id: mjsync-fmt}}, {{id: mjsync-validate}}]}}\n"
    )
    call("git", "init", "-q")
    call("git", "add", ".")
    return second, lambda: call(sys.executable, "-m", "pre_commit", "run", "--all-files")


def test_pre_commit_hooks(hooks):
    """Both hooks pass the starter; one fixes the layout, the other reports a typo with its line."""
    second, pre_commit = hooks
    first = pre_commit()
    if re.search(r"No matching distribution|Could not fetch|connection", first.stdout, re.IGNORECASE):
        pytest.skip("no index of packages can be reached")
    manifest = second / "manifests" / "main.yaml"
    manifest.write_text(manifest.read_text().replace("name: Newsletter", "nmae:   Newsletter"))
    then = pre_commit()

    assert (0, 2) == (first.returncode, first.stdout.count("Passed")), first.stdout
    assert (1, 2) == (then.returncode, then.stdout.count("Failed"))
    assert "changed manifests/main.yaml" in then.stdout
    assert "error: manifests/main.yaml:8:16: list.newsletter: unknown key 'nmae'; did you mean 'name'?" in then.stdout
