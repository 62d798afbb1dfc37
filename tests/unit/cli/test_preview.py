"""`mjsync preview`: its output, its end by Ctrl-C, and wrong use."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.terminal import run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path):
    """A project without templates."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text("templates: {}\n")
    return tmp_path


def test_first_line_is_the_address_and_ctrl_c_ends_it(project):
    """The first line on stdout is the address, which answers; Ctrl-C ends with 0 and without a traceback."""
    command = [sys.executable, "-m", "mjsync", "-C", str(project), "preview"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, **pipes) as running:
        try:
            answer = httpx.get(running.stdout.readline().strip())
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()

    assert (200, 0, "") == (answer.status_code, running.returncode, out)
    assert "Ctrl-C ends the preview.\n" == err


def test_a_port_that_is_taken_is_wrong_use(project):
    """A port in use is wrong use, with a way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("preview", "--port", str(port), at=project)

    assert 2 == ran.code
    assert f"cannot listen at port {port}: " in ran.err


def test_no_project_is_told_before_anything_is_served(tmp_path):
    """Without a project the error is that of every command, before anything is served."""
    assert 4 == run("preview", at=tmp_path).code
