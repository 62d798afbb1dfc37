"""`-e` before and behind every command, once or several times; and the runs of one environment."""

import json

import click
import pytest

from mjsync.cli import cli
from mjsync.emulator import Emulator
from tests.terminal import run

PROJECT = """\
version: 1
manifests: [manifests]
environments: {staging: {}, production: {}}
"""


def _leaves(command, path=()):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from _leaves(command.get_command(context, name), (*path, name))
        if not command.invoke_without_command:
            return
    if path:
        yield path, command


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two environments of one account on an emulator."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests/main.yaml").write_text("lists: {news: {}}\n")
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path


@pytest.fixture
def receipts(project):
    """The receipts of one apply to each environment, newest first."""
    for name in ("staging", "production"):
        (project / "manifests/main.yaml").write_text(f"lists: {{news: {{}}, {name}: {{}}}}\n")
        assert 0 == run("apply", "-e", name, "--yes", at=project).code
    return [each["id"] for each in json.loads(run("runs", "--format", "json", at=project).out)["runs"]]


@pytest.mark.parametrize("command", [pytest.param(leaf, id=" ".join(path)) for path, leaf in _leaves(cli)])
def test_every_command_takes_it_behind(command):
    """Every command takes -e behind it."""
    assert any("-e" in option.opts and "--env" in option.opts for option in command.params)


@pytest.mark.parametrize("command", [["docs"], ["schema"], ["explain", "list"], ["fmt", "--check"]])
def test_it_has_no_effect_where_no_environment_is_concerned(project, command):
    """Where no environment is concerned, -e does not change the output."""
    assert run(*command, at=project).out == run(*command, "-e", "staging", at=project).out


def test_of_several_one_must_be_named(project):
    """None is the default where there are several, and nothing is sent."""
    ran = run("plan", at=project)

    assert (2, True) == (ran.code, "which environment? There are staging, production" in ran.err), ran.err


def test_it_may_be_repeated(project):
    """-e may be repeated, before and behind the command."""
    for line in (["plan", "-e", "staging", "-e", "production"], ["-e", "staging", "-e", "production", "plan"]):
        ran = run(*line, at=project)

        assert (0, True) == (ran.code, ran.out.endswith("2 environments, 2 planned.\n"))


def test_validate_checks_those_that_are_named(project):
    """`validate` checks the environments that are named; an unknown name is wrong use, with the nearest one."""
    assert "in 2 environments" in run("validate", "-e", "staging", "-e", "production", at=project).out
    ran = run("validate", "-e", "stagin", at=project)

    assert (2, True) == (ran.code, "did you mean 'staging'?" in ran.err)


def test_types_of_several_have_the_ids_of_each(project):
    """`types` has the ids of the environments that are named."""
    (project / "manifests/mail.yaml").write_text("templates: {welcome: {subject: Hi, html: <p>Hi</p>}}\n")
    run("apply", "-e", "staging", "--yes", at=project)
    out = run("types", "--lang", "python", "--ids", "-e", "stag*", "-e", "production", at=project).out

    assert ("staging" in out, "production" in out) == (True, True)


def test_what_is_behind_the_command_counts(project):
    """-e behind the command counts over one before it, and over the variable."""
    document = json.loads(run("-e", "staging", "plan", "-e", "production", "--format", "json", at=project).out)

    assert "production" == document["environment"]


def test_a_command_for_one_environment_refuses_two(project):
    """A command for one environment refuses two."""
    ran = run("ids", "-e", "staging", "-e", "production", at=project)

    assert (2, True) == (ran.code, "staging,production" in ran.err)


def test_diff_takes_it_before_the_command_too(project):
    """`diff` takes -e before the command; the first one is the left side."""
    document = json.loads(run("-e", "production", "-e", "staging", "diff", "--format", "json", at=project).out)

    assert ("production", "staging") == (document["left"], document["right"])


def test_diff_fails_where_a_kind_cannot_be_read(project, monkeypatch):
    """`diff` fails where a kind cannot be read, instead of showing its objects as missing."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        emulator.fault("403:GET:/v3/REST/template:times=1")
        ran = run("diff", "-e", "staging", "-e", "production", at=project)

    assert (1, "") == (ran.code, ran.out)
    assert "cannot be compared" in ran.err


def test_runs_of_one_environment(project, receipts):
    """`runs` lists those of one environment; an unknown name is wrong use."""
    assert receipts[:1] == [line.split()[0] for line in run("runs", "-e", "production", at=project).out.splitlines()]
    assert 2 == run("runs", "-e", "nope", at=project).code


@pytest.mark.parametrize("command", [["runs", "show"], ["undo", "--yes"]])
def test_a_receipt_of_another_environment_is_wrong_use(project, receipts, command):
    """A receipt of another environment is wrong use; the message names the environment."""
    ran = run(*command, receipts[0], "-e", "staging", at=project)

    assert (2, True) == (ran.code, "that run was on production, not on staging" in ran.err)


@pytest.mark.parametrize("command", [["runs", "show"], ["undo"]])
def test_a_missing_receipt_says_where_they_are_listed(project, command):
    """An unknown receipt id is an error that names the command that lists them."""
    ran = run(*command, at=project)

    assert (2, True) == (ran.code, "`mjsync runs` lists them" in ran.err)


def test_a_bug_report_of_one_environment(project, receipts, tmp_path):
    """report-bug has the newest run of the environment."""
    file = tmp_path / "report.json"
    run("report-bug", "-e", "staging", "--out", str(file), at=project)

    assert receipts[1] == json.loads(file.read_text())["last_run"]["id"]
