"""CONTRIBUTING and the architecture page are correct: the worked example, the paths, and the hops of a request."""

import re
import sys
import threading
import traceback
from pathlib import Path

import httpx
import pytest

from mjsync.emulator import Emulator
from tests import pages, terminal
from tests.project_copy import ROOT, copy_project, run_module

CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "mjsync" / "docs" / "architecture.md").read_text(encoding="utf-8")
STEPS = list(pages.steps(CONTRIBUTING))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project with the files of the example."""
    folder = copy_project(tmp_path_factory.mktemp("project"))
    for step in STEPS:
        if step.path:
            assert not (folder / step.path).exists()
            (folder / step.path).write_text(step.text, encoding="utf-8")
    return folder


def test_the_kind_of_the_example_is_two_files(copy):
    """One source file and one test file make a kind: its contract passes, and the tests of imports and sizes too."""
    source, test = (step.path for step in STEPS if step.path)

    assert source.startswith("mjsync/resources/")
    assert " passed" in run_module(copy, "pytest", "-q", "-n0", test, "tests/test_architecture.py")


def test_the_kind_of_the_example_is_explained(copy):
    """The reference has the new kind with each of its fields, as the page shows."""
    (stated,) = (step.output[3] for step in STEPS if step.output)

    assert stated == run_module(copy, "mjsync", "explain", "preset")


@pytest.mark.parametrize("text", [CONTRIBUTING, ARCHITECTURE], ids=["CONTRIBUTING", "architecture"])
def test_paths_exist(text):
    """Each file and folder that the pages name exists."""
    named = {path for path in re.findall(r"`((?:mjsync|tests|\.ci)/[^` ]*)`", text) if not re.search("[A-Z]{4}", path)}
    made = {step.path for step in STEPS}

    assert [] == [path for path in sorted(named - made) if not (ROOT / path).exists()]


@pytest.mark.parametrize(
    ("number", "command", "method"), [(0, ("plan",), "GET"), (1, ("apply", "--yes"), "POST")], ids=["plan", "apply"]
)
def test_the_hops_of_the_architecture_page_are_those_of_a_request(number, command, method, tmp_path, monkeypatch):
    """From the first file of each table on, the call stack of a request for lists has exactly these files."""
    stacks = []
    send = httpx.HTTPTransport.handle_request

    def record(self, request):
        if request.method == method and "contactslist" in request.url.path:
            main = sys._current_frames()[threading.main_thread().ident]
            stacks.append([frame.filename for top in (main, sys._getframe()) for frame in traceback.extract_stack(top)])
        return send(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", record)
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\nenvironments: {a: {}}\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "main.yaml").write_text("lists: {news: {}}\n")
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        assert 0 == terminal.run(*command, at=tmp_path).code

    hops = re.findall(r"^\| \d \| `(\S+)` \|", ARCHITECTURE, re.MULTILINE)[8 * number : 8 * number + 8]
    package = [Path(file).relative_to(ROOT).as_posix() for file in stacks[0] if Path(file).is_relative_to(ROOT)]
    called = list(dict.fromkeys(file for file in package if file.startswith("mjsync/")))
    assert hops == called[called.index(hops[0]) :]
