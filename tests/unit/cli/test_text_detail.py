"""`plan --brief` and `--wide`, the link of `--report-url`, and the pager."""

import os
import sys

import pytest

from mjsync.cli.console import Console
from mjsync.emulator import Emulator
from tests.terminal import run

MANIFEST = """\
lists:
  newsletter: {name: Weekly}
templates:
  order:
    subject: Hello
    html: "<p>Hello, this is a mail</p>"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two objects to create."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.yaml").write_text(MANIFEST)
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\nenvironments: {staging: {}}\n")
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path


def test_brief(project):
    """With --brief each change is one line."""
    ran = run("plan", "--brief", at=project)

    assert ['+ list.newsletter  create "Weekly"', "+ template.order   create", ""] == ran.out.splitlines()[:3]


def test_report_url(project):
    """Markdown links to the report; a URL that is not http or https is left out."""
    links = [
        run("plan", "--format", "markdown", "--report-url", url, at=project).out.count("pictures of the mails](<https")
        for url in ("https://ci.example.com/run/1", "javascript:alert(1)")
    ]

    assert [1, 0] == links


@pytest.mark.parametrize(("pager", "expected"), [("cat", []), ("", []), ("true", ["paged"])])
def test_pager(monkeypatch, pager, expected):
    """More than a screen on a terminal is shown in $PAGER; `cat` or an empty value turn it off."""
    used = []
    monkeypatch.setenv("PAGER", pager)
    monkeypatch.setitem(os.environ, "LINES", "10")
    for stream in (sys.stdout, sys.stdin):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("click.echo_via_pager", lambda *_, **__: used.append("paged"))
    Console().page([("line", "")] * 20)

    assert expected == used
