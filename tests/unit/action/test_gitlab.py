"""The GitLab example: every script it holds, run as it stands, against the emulator."""

import json

import pytest
from ruamel.yaml import YAML

from tests.unit.action.machine import ROOT

GITLAB = YAML(typ="safe").load(ROOT / "examples" / "ci" / "gitlab" / "review.gitlab-ci.yml")
MARKER = "<!-- mjsync plan: default -->"


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
