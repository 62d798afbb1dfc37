"""Texts looked into, and mails rendered, by several processes: the same results, and no process that is left over."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from mjsync.emulator import Emulator
from mjsync.processes import share

RUN = """
import os, sys, time
from mjsync.validation.text_findings import TextFindings

cpus, what, pids = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
os.sched_getaffinity = lambda _: range(int(cpus))
parent, look, seen = os.getpid(), TextFindings.of, set()

def looked(*about, **options):
    pid = os.getpid()
    if pid not in seen:
        seen.add(pid)
        with open(pids, "a") as file:
            file.write(f"{pid}\\n")
    if what == "wait":
        time.sleep(60)
    if what == "die" and pid != parent:
        os._exit(1)
    return look(*about, **options)

TextFindings.of = looked
from mjsync.__main__ import main
main()
"""
COUNT = 120
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems use one process")


@pytest.fixture
def project(tmp_path):
    """A project of many templates, each with an error at another place and a text that is made."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n", encoding="utf-8")
    (tmp_path / "m").mkdir()
    entries = "".join(f"  t{n}: {{subject: S, html: {{file: t{n}.html}}, text: auto}}\n" for n in range(COUNT))
    (tmp_path / "m/main.yaml").write_text(f"templates:\n{entries}", encoding="utf-8")
    for number in range(COUNT):
        text = "\n" * number + "<p>{{var:x</p>" * (number % 3)
        (tmp_path / f"m/t{number}.html").write_text(f"<p>{{{{data:p{number}}}}}</p>{text}", encoding="utf-8")
    return tmp_path


def _words(folder, cpus, what="look", command="validate"):
    words = [sys.executable, "-c", RUN, str(cpus), what, str(folder / "pids"), "-C", str(folder)]
    return [*words, command, "--format", "json"]


def _found(folder, *words, variables=()):
    """Run a command without a cache; what is printed, and the processes that looked into texts."""
    for file in (folder / ".mjsync/cache").glob("*"):
        file.unlink()
    (folder / "pids").write_text("")
    environment = {**os.environ, **dict(variables)}
    ended = subprocess.run(_words(folder, *words), capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" not in ended.stderr
    return ended.stdout, (folder / "pids").read_text().split()


def test_several_processes_find_the_same(project):
    """In the same order, as one alone does; there are as many as CPUs."""
    alone, one = _found(project, 1)
    together, three = _found(project, 3)

    assert alone == together
    assert "MJS601" in alone
    assert (1, 3) == (len(one), len({*three}))


def test_a_plan_finds_the_same_while_it_reads(project):
    """Others look into the texts: it prints the errors of all, as one process does."""
    with Emulator() as server:
        alone, one = _found(project, 1, "look", "plan", variables=server.environment)
        together, three = _found(project, 3, "look", "plan", variables=server.environment)

    assert alone == together
    assert "mjsync-error/1" in alone
    assert (1, 3) == (len(one), len({*three}))


def test_few_texts_are_looked_into_by_one_process(project):
    """What is known from the run before does not count."""
    _found(project, 3)
    (project / "pids").write_text("")
    (project / "m/t1.html").write_text("<p>new</p>", encoding="utf-8")
    subprocess.run(_words(project, 3), capture_output=True, check=False)

    assert 1 == len((project / "pids").read_text().split())


def test_a_process_that_dies_loses_nothing(project):
    """What it should have found is looked for again."""
    assert _found(project, 1)[0] == _found(project, 3, "die")[0]


@pytest.mark.parametrize("everyone", [True, False])
def test_no_process_is_left_after_an_interrupt(project, everyone):
    """Whether Ctrl-C reaches all processes, as in a terminal, or one."""
    pids = project / "pids"
    pids.write_text("")
    with subprocess.Popen(
        _words(project, 3, "wait"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        while len(pids.read_text().split()) < 3:
            time.sleep(0.01)
        (os.killpg if everyone else os.kill)(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)

    assert b"Traceback" not in stderr
    assert [] == [pid for pid in pids.read_text().split() if Path(f"/proc/{pid}").exists()]


REPORT = """
import os, sys
from mjsync.render import to_html

cpus, what, pids = sys.argv[1:]
os.sched_getaffinity = lambda _: range(int(cpus))
parent, view = os.getpid(), to_html.change_view

def viewed(*about):
    with open(pids, "a") as file:
        file.write(f"{os.getpid()}\\n")
    if what == "die" and os.getpid() != parent:
        os._exit(1)
    return view(*about)

to_html.change_view = viewed
from tests.benchmarks.report import render
print(render(120, 5_000))
"""


def _report(pids, cpus, what="render"):
    """Make a report of many mails; the page, and the process that rendered each."""
    pids.write_text("")
    words = [sys.executable, "-c", REPORT, str(cpus), what, str(pids)]
    page = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return page, pids.read_text().split()


def test_several_processes_render_the_same_report(tmp_path):
    """Each mail once, in its place; also where the others die, and this one renders their mails."""
    alone, one = _report(tmp_path / "pids", 1)
    together, three = _report(tmp_path / "pids", 3)
    left, _ = _report(tmp_path / "pids", 3, "die")

    assert alone == together == left
    assert 120 == alone.count('<details class="change')
    assert (1, 3) == (len({*one}), len({*three}))
    assert 120 == len(one) == len(three)


KILLED = """
import os, time
from mjsync.processes import share

os.sched_getaffinity = lambda _: range(3)

def work(items):
    os.write(1, f"{os.getpid()}\\n".encode())
    return "x" * 1_000_000

share(work, range(3))
time.sleep(60)
"""


def test_no_process_is_left_after_a_kill():
    """Those whose results nobody reads any more end, and with them the pipe of the output."""
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as process:
        pids = [int(process.stdout.readline()) for _ in range(3)]
        process.kill()
        process.communicate(timeout=30)

    assert 3 == len({*pids})


def test_a_daemonic_process_does_all_itself(monkeypatch):
    """It may have no children: workers of a pool can check a project too."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(3))
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    context = get_context("fork")
    worker = context.Process(target=lambda: os._exit(10 + len(share(len, range(9)))), daemon=True)
    worker.start()
    worker.join()

    assert 10 + 1 == worker.exitcode
