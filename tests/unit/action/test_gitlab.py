"""The GitLab example: every script in it is run unchanged, against the emulator."""

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
    """The note of this project is updated; those of others are not touched."""
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
    """A commit without a merge request applies nothing."""
    ended = gitlab(runner, "apply", **{"/merge_requests": "[]"})

    assert (4, []) == (ended.returncode, runner.lists)


class SecondRepository:
    """A GitLab project that holds a project of ours and an include of the template, and the pipelines of its commits.

    Each job runs in a clone of its own: rules, before_script, script and artefacts are those of the template.
    """

    def __init__(self, runner):
        self.runner, self.origin, self.work = runner, runner.folder / "mail.git", runner.folder / "second"
        (runner.folder / "bin" / "git").unlink()
        for name in ("pip", "apt-get"):
            runner._program(runner.folder / "bin" / name, "#!/bin/sh\n")
        push = "https://oauth2:a-token@gitlab.example/me/mail.git"
        runner.environ |= {
            "HOME": str(runner.folder),
            **{f"GIT_{role}_{key}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")},
            "GITLAB_TOKEN": "a-token",
            "CI_SERVER_HOST": "gitlab.example",
            "CI_PROJECT_PATH": "me/mail",
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_URL": "https://gitlab.example/me/mail/-/jobs/2",
        }
        (runner.folder / ".gitconfig").write_text(f'[url "{self.origin}"]\n  insteadOf = {push}\n')
        self.shell(f"git init -q --bare -b main {self.origin}; git clone -q {self.origin} {self.work}", runner.folder)
        (self.work / "manifests").mkdir()
        (self.work / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\ndelete: {lists: declared}\n")
        included = "examples/ci/gitlab/review.gitlab-ci.yml"
        (self.work / ".gitlab-ci.yml").write_text(f"include: {{project: OWNER/mjsync, ref: main, file: {included}}}\n")
        (self.work / ".gitignore").write_text(".mjsync/\nmjsync-out/\n")
        self.kept = {}

    def shell(self, text, folder=None, **environ):
        """Run a script; return its exit code and output, or fail where it must not."""
        ended = self.runner.script(f"cd {folder or self.work}\n{text}", **environ)
        return ended.returncode, ended.stdout + ended.stderr

    def commit(self, text):
        """Commit a manifest on a branch and push it; return the commit."""
        (self.work / "manifests" / "lists.yaml").write_text(text)
        code, output = self.shell(
            "git switch -q -C change; git add .; git commit -qm Change; git push -qf origin change; git rev-parse HEAD"
        )
        assert 0 == code, output
        return output.split()[-1]

    def merge(self):
        """Merge the branch into main and push that; return the commit."""
        code, output = self.shell(
            "git fetch -q; git switch -q -C main change; git push -q origin main; git rev-parse HEAD"
        )
        assert 0 == code, output
        return output.split()[-1]

    def pipeline(self, source, branch, commit):
        """Run the jobs that the rules select; return name to exit code."""
        included = YAML(typ="safe").load(self.work / ".gitlab-ci.yml")["include"]["file"]
        template = YAML(typ="safe").load(ROOT / included)
        known = {"CI_PIPELINE_SOURCE": source, "CI_COMMIT_BRANCH": branch, "CI_COMMIT_SHA": commit}
        settings = {**known, **template["variables"], "GITLAB_HOST": self.runner.environ["CI_SERVER_HOST"]}
        self.runner.environ |= {name: str(value) for name, value in settings.items() if value is not None}
        codes = {}
        for stage in template["stages"]:
            for name, job in template.items():
                if isinstance(job, dict) and job.get("stage") == stage and self.is_selected(job, known):
                    codes[name], output = self.job(job, commit)
                    assert 0 == codes[name], f"{name}: {output}"
        return codes

    def is_selected(self, job, known):
        """Whether one of the rules of a job holds; each is comparisons of variables with && between."""
        values = {**self.runner.environ, **known}

        def value(word):
            return word.strip('"') if word.startswith('"') else values.get(word.removeprefix("$"))

        rules = [[part.split(" == ") for part in rule["if"].split(" && ")] for rule in job["rules"]]
        return any(all(value(left) == value(right) for left, right in rule) for rule in rules)

    def job(self, job, commit):
        """Run one job in a fresh clone, and keep its artefacts."""
        folder = self.runner.folder / f"build-{len(self.kept)}"
        script = "\n".join([*self.default["before_script"], *job["script"]])
        code, output = self.shell(
            f"git clone -q {self.origin} {folder}; cd {folder}; git checkout -q {commit}\n{script}"
        )
        self.kept[folder.name] = {
            path.relative_to(folder).as_posix(): path.read_text()
            for kept in job["artifacts"].get("paths", ())
            for path in (folder / kept).rglob("*")
            if path.is_file()
        }
        return code, output

    @property
    def default(self):
        """Return the defaults of all jobs of the template."""
        return GITLAB["default"]


def test_gitlab_from_a_second_repository(runner):
    """Two merge requests are planned and noted; each merge applies its plan, and pushes the deployed ref."""
    second = SecondRepository(runner)
    codes, output = [], []
    for manifest in ("lists: {news: {}, old: {}}\n", "lists: {news: {}}\n"):
        runner.answers = {"api user": '{"username": "robot"}', "--paginate": "[]"}
        head = second.commit(manifest)
        codes.append(second.pipeline("merge_request_event", None, head))
        plan = list(second.kept.values())[-1]
        output.append(plan["mjsync-out/plan.md"])
        runner.answers = {
            "/merge_requests": json.dumps([{"sha": head}]),
            f"pipelines?sha={head}&source=merge_request_event&status=success": '[{"id": 9}]',
            "pipelines/9/jobs": '[{"id": 1, "name": "validate"}, {"id": 2, "name": "plan"}]',
            "jobs/2/artifacts/mjsync-out/plan.json": plan["mjsync-out/plan.json"],
        }
        merged = second.merge()
        codes.append(second.pipeline("push", "main", merged))
        applied = list(second.kept.values())[-1]

        assert any(name.startswith(".mjsync/receipts/") for name in applied)
        assert merged in second.shell("git ls-remote origin 'refs/mjsync/deployed/*'")[1]

    assert 2 * [{"validate": 0, "plan": 0}, {"validate": 0, "apply": 0}] == codes
    assert ["2 to create" in output[0], "1 to delete" in output[1]] == [True, True]
    assert {"news": False, "old": True} == {r["Name"]: r["IsDeleted"] for r in runner.emulator.rows("contactslist")}
    assert 2 == runner.read("asked").count("--method POST projects/1/merge_requests/7/notes ")
