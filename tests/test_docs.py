"""The documents say what is true: made parts are as the code has them, and every command in them runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mjsync.cli import cli
from tests.readme import README, made

ROOT = README.parent
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("mjsync ")]
CONTEXT = click.Context(cli)


def _parameters(command: click.Command) -> list[click.Parameter]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def test_made_parts_are_as_the_code_has_them():
    """The README's tables are made from the kinds and the commands; `python -m tests.readme` writes them."""
    assert made() == TEXT


def test_ci_runs_the_line_of_the_readme():
    """The one test command of the README is the one that CI runs."""
    line = next(line for block in BLOCKS for line in block.splitlines() if "pytest" in line)

    assert line in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_each_command_has_help_with_an_example(name):
    """The help of every command shows how it is typed."""
    command = cli.get_command(CONTEXT, name)

    helps = [command, *getattr(command, "commands", {}).values()]

    assert any(f"mjsync {name}" in (each.help or "") for each in helps)


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_each_option_has_help(name):
    """No option goes without a word on what it does."""
    bare = [parameter.name for parameter in _parameters(cli.get_command(CONTEXT, name)) if not parameter.help]

    assert [] == bare


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_readme_run_as_written(line, tmp_path):
    """Each mjsync line in a shell block of the README ends well."""
    ended = subprocess.run(
        [sys.executable, "-m", *shlex.split(line, comments=True)],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )

    assert 0 == ended.returncode, ended.stderr.decode()


def test_the_licence_is_there():
    """The licence that the package names lies beside it."""
    assert Path(ROOT / "LICENSE").is_file()


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_examples_stand_on_lines_of_their_own(name):
    """The mark that keeps examples from being wrapped is read by click, not shown."""
    context = click.Context(cli.get_command(CONTEXT, name), info_name=name)

    assert "\\b" not in context.get_help()
