"""Completion in bash, zsh and fish, with the lines of the page on commands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mjsync.cli.commands.docs import PAGES

LINES = dict(
    re.findall(r"^\| (bash|zsh|fish)[^|]*\| `([^`]*)` \|", PAGES["commands"].read_text(encoding="utf-8"), re.MULTILINE)
)


@pytest.fixture
def environ(tmp_path):
    """An environment in which `mjsync` is a command."""
    command = tmp_path / "mjsync"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mjsync "$@"\n')
    command.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path.cwd()),
        "HOME": str(tmp_path),
    }


def output(*command, environ):
    """Return the output of a command, which must succeed."""
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert 0 == ended.returncode, ended.stderr
    return ended.stdout


def test_the_page_names_three_shells():
    """Each shell that click knows has its line."""
    assert {"bash", "zsh", "fish"} == set(LINES)


@pytest.mark.parametrize("shell", LINES)
def test_the_line_of_the_page_loads(shell, environ):
    """The line of the page prints a script that the shell accepts."""
    line = LINES[shell].replace(r"\|", "|")
    script = re.search(r"_MJSYNC_COMPLETE=(\w+)", line)[1]
    assert "_mjsync_completion" in output("mjsync", environ={**environ, "_MJSYNC_COMPLETE": script})

    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    output(shell, "-c", line, environ=environ)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("mjsync ap", {"apply"}), ("mjsync plan --form", {"--format"}), ("mjsync plan --format j", {"json", "junit"})],
)
def test_bash_completes_commands_options_and_values(typed, completed, environ):
    """With the line of the page, bash offers what fits the word being typed."""
    words = typed.split()
    script = f"{LINES['bash']}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}"

    offered = output("bash", "-c", f'{script}; _mjsync_completion mjsync; echo "${{COMPREPLY[@]}}"', environ=environ)

    assert completed == set(offered.split())


def test_fish_completes_a_command(environ):
    """With the line of the page, fish offers the command."""
    if not shutil.which("fish"):
        pytest.skip("needs fish")
    line = LINES["fish"].replace(r"\|", "|")

    assert "apply" in output("fish", "-c", f"{line}; complete -C 'mjsync ap'", environ=environ)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_offered_the_same(shell, environ):
    """The scripts for zsh and fish get the command and its description."""
    word = "1" if shell == "zsh" else "ap"
    variables = {"COMP_WORDS": "mjsync ap", "COMP_CWORD": word, "_MJSYNC_COMPLETE": f"{shell}_complete"}

    assert "apply" in output("mjsync", environ={**environ, **variables})
