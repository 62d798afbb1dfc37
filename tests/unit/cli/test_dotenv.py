"""`.env` files: how a line is parsed, and which lines are wrong."""

import os

import pytest

from mjsync.cli.options import read_env_file
from mjsync.errors import WrongUse


@pytest.fixture(autouse=True)
def own_environ(monkeypatch):
    """Restore the environment after the test."""
    monkeypatch.setattr(os, "environ", dict(os.environ))


def read(tmp_path, text):
    """Return the value of NAME after a file was read."""
    file = tmp_path / ".env"
    file.write_bytes(text.encode())
    read_env_file(str(file))
    return os.environ.get("NAME")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NAME=plain", "plain"),
        ("export NAME = spaced  ", "spaced"),
        ("NAME=two words", "two words"),
        ("NAME=pass#word", "pass#word"),
        ("NAME=a#b # why", "a#b"),
        ("NAME=#none", ""),
        ("NAME= # none", ""),
        ("NAME=", ""),
        ("NAME='si#ngle $X \\n'  # why", "si#ngle $X \\n"),
        ('NAME="dou#ble \\"x\\" \\n\\t\\\\"', 'dou#ble "x" \n\t\\'),
        ("NAME=a='b'", "a='b'"),
        ("\ufeffNAME=bom\r\n", "bom"),
        ("# NAME=comment\n\n  NAME=indented", "indented"),
        ("NAME=first\nNAME=second", "first"),
        ("NAME=a\u2028b", "a\u2028b"),
    ],
)
def test_a_line(tmp_path, text, value):
    """Quotes keep everything; outside them a # behind a blank begins a comment."""
    assert value == read(tmp_path, text)


@pytest.mark.parametrize(
    "line",
    ["NAME", "2NAME=x", "NA-ME=x", "NAME='hidden", 'NAME="hidden', "NAME='hidden' x", "NAME: hidden", "NAME=hid\0den"],
)
def test_what_is_no_line(tmp_path, line):
    """A wrong line is wrong use; the message has file and line, and not the line itself."""
    with pytest.raises(WrongUse, match=r"\.env:2 ") as failure:
        read(tmp_path, f"OTHER=1\n{line}\n")

    assert "hid" not in str(failure.value).replace(str(tmp_path), "")


def test_what_the_environment_says_already_stands(tmp_path):
    """A file never changes a variable that is set."""
    os.environ["NAME"] = "outside"

    assert "outside" == read(tmp_path, "NAME=inside")


@pytest.mark.parametrize("content", [b"\xff", None])
def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path, content):
    """The message names it."""
    file = tmp_path / "x.env"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WrongUse, match=r"x\.env cannot be read"):
        read_env_file(str(file))
