"""Many accounts: two hundred in one command, and the shell steps of the example pipelines, run unchanged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mjsync.emulator import Account, Emulator
from tests.terminal import run

CI = Path(__file__).parents[3] / "examples/ci"
COUNT = 200


def table(count):
    """Return the project file for a table of so many accounts, and their keys."""
    rows = [f"shop-{number:03},KEY_{number},SECRET_{number}" for number in range(count)]
    keys = {f"KEY_{number}": f"key-{number}" for number in range(count)}
    return "\n".join(["name,api_key,secret_key", *rows, ""]), {
        **keys,
        **{f"SECRET_{number}": f"secret-{number}" for number in range(count)},
    }


def emulator_of(count):
    """An emulator with this many accounts beside its own."""
    return Emulator(accounts=[Account(f"key-{number}", f"secret-{number}", 1000 + number) for number in range(count)])


def project(folder, count):
    """Write a project with one list; return the keys."""
    text, keys = table(count)
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\naccounts: {file: shops.csv}\n")
    (folder / "shops.csv").write_text(text)
    (folder / "manifests").mkdir()
    (folder / "manifests/a.yaml").write_text("lists: {news: {name: News}}\n")
    return keys


def test_two_hundred_accounts_in_one_command(tmp_path, monkeypatch):
    """One account fails: the others are applied, and the exit code and the last line name it."""
    keys = project(tmp_path, COUNT) | {"SECRET_77": "wrong"}
    with emulator_of(COUNT) as emulator:
        monkeypatch.setenv("MJSYNC_BASE_URL", emulator.base_url)
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        ran = run("apply", "-e", "shop-*", "--yes", at=tmp_path)
        done = [number for number in range(COUNT) if emulator.rows("contactslist", 1000 + number)]

        assert 1 == ran.code
        assert [number for number in range(COUNT) if number != 77] == done
        assert ran.out.endswith("200 environments, 199 applied, 1 failed: shop-077.\n")


# --- the example pipelines


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs shell steps in a project of three accounts, with this mjsync as the installed one."""
    keys = project(tmp_path, 3)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mjsync").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mjsync "$@"\n')
    for name in ("pip", "git"):  # what they fetch is there; test_git_workflows runs the git steps
        (tools / name).write_text("#!/bin/sh\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (tmp_path / "examples").symlink_to(CI.parent)
    environment = {
        **os.environ, **keys,
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(CI.parents[1]),
    }  # fmt: skip

    def run_steps(steps, **variables):
        script = "set -e\n" + "\n".join(steps)
        return subprocess.run(
            ["sh", "-c", script],
            cwd=tmp_path,
            env={name: value for name, value in {**environment, **variables}.items() if value is not None},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    with emulator_of(3) as emulator:
        environment["MJSYNC_BASE_URL"] = emulator.base_url
        run_steps.emulator = emulator
        run_steps.keys = keys
        yield run_steps


def applied(shell):
    """Return the accounts that have the list."""
    return [number for number in range(3) if shell.emulator.rows("contactslist", 1000 + number)]


def yaml(path):
    """One of the example files."""
    return YAML(typ="safe", pure=True).load((CI / path).read_text())


def test_the_github_matrix_works(shell, tmp_path):
    """The list step gives the matrix, and a job for each entry applies it."""
    jobs = yaml("github/many-accounts.yml")["jobs"]
    output = tmp_path / "output"
    shell(
        [step["run"] for step in jobs["environments"]["steps"] if "run" in step],
        GITHUB_OUTPUT=str(output),
    )
    matrix = json.loads(output.read_text().removeprefix("matrix="))
    steps = [step["run"] for step in jobs["mail"]["steps"] if "run" in step and "plan" not in step["run"]]
    secrets = json.dumps(shell.keys | {"DEPLOY_KEY": "---\nof 'several' \"lines\" # \\ ü\n---"})
    for environment in matrix["environment"]:
        unset = dict.fromkeys(shell.keys)
        shell(steps, ENVIRONMENT=environment, RUNNER_TEMP=str(tmp_path), SECRETS=secrets, **unset)

    assert 3 == len(matrix["environment"])
    assert [0, 1, 2] == applied(shell)


def test_the_gitlab_matrix_works(shell, tmp_path):
    """The list job makes the child pipeline, whose jobs apply."""
    shell(yaml("gitlab/.gitlab-ci.yml")["list"]["script"])
    child = YAML(typ="safe", pure=True).load((tmp_path / "accounts.yml").read_text())
    for environment in child[".mail"]["parallel"]["matrix"][0]["ENVIRONMENT"]:
        shell([*child["plan"]["script"], *child["apply"]["script"]], ENVIRONMENT=environment)

    assert [0, 1, 2] == applied(shell)


def test_the_kubernetes_job_works(shell, tmp_path):
    """Each index applies its part; an index beyond the accounts does nothing."""
    container = yaml("kubernetes/job.yaml")["spec"]["template"]["spec"]["containers"][0]
    for index in range(4):
        shell(container["args"], JOB_COMPLETION_INDEX=str(index), PARTS="4", RECEIPTS=str(tmp_path / "kept"))

    assert [0, 1, 2] == applied(shell)
    assert 3 == len(list((tmp_path / "kept").rglob("*.json")))


def test_the_kubernetes_job_has_a_pod_for_each_part():
    """The numbers of parts that pods are given are those of the job."""
    spec = yaml("kubernetes/job.yaml")["spec"]
    container = spec["template"]["spec"]["containers"][0]
    environ = {each["name"]: each["value"] for each in container["env"]}

    assert str(spec["completions"]) == environ["PARTS"]
    assert [environ["RECEIPTS"]] == [each["mountPath"] for each in container["volumeMounts"]]


@pytest.mark.parametrize("file", ["github/many-accounts.yml", "gitlab/.gitlab-ci.yml"])
def test_a_list_that_cannot_be_made_stops_the_pipeline(shell, tmp_path, file):
    """A broken project stops the pipeline instead of giving an empty matrix."""
    jobs = yaml(file)
    steps = jobs["list"]["script"] if "list" in jobs else [jobs["jobs"]["environments"]["steps"][-1]["run"]]
    (tmp_path / "shops.csv").write_text("nothing")

    with pytest.raises(subprocess.CalledProcessError):
        shell([step for step in steps if "validate" not in step], GITHUB_OUTPUT=str(tmp_path / "output"))
