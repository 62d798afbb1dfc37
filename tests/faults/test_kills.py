"""Real processes that are killed, interrupted and run at the same time."""

import random
import signal
import subprocess
from collections.abc import Iterator

import pytest

from mjsync.emulator.serve import serving
from tests.faults.processes import Door, started

RUNS, PARTS = 200, 10


@pytest.fixture
def door(sample) -> Iterator[Door]:
    """The app in front of the emulator, listening at `door.url`."""
    door = Door(sample.emulator.app)
    with serving(door) as url:
        door.url = url
        yield door


def requests_of_an_apply(sample):
    """Return how many requests an apply makes, and the account after it."""
    sample.emulator.clear_requests()
    assert 0 == sample.apply().code
    return len(sample.emulator.requests), sample.live()


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_at_any_request_is_resumed_or_undone(sample, door, part, record_property):
    """After SIGKILL at any request, apply completes the run and undo takes it back; nothing is created twice."""
    total, done = requests_of_an_apply(sample)
    chance = random.Random(part)  # noqa: S311 - seeded on purpose
    for _ in range(RUNS // PARTS):
        sample.again()
        at, is_after, takes_back = chance.randint(1, total), chance.random() < 0.5, chance.random() < 0.5
        door.arm(at, is_after=is_after)
        process = started(sample.root, door.url, "-q", "apply", "--yes")
        door.watch(process)
        process.communicate()
        sample.check()
        assert -signal.SIGKILL == process.returncode

        resumed_or_undone(sample, done, (at, is_after), takes_back=takes_back)
    record_property("fault cases", RUNS // PARTS)


def resumed_or_undone(sample, done, where, *, takes_back):
    """Check both ways to go on after a kill."""
    sample.run("runs")
    if takes_back and sample.receipts:
        ended, expected = sample.undo(sample.receipts[0]), sample.before
    else:
        ended, expected = sample.apply(), done
    sample.check()
    assert (0, expected) == (ended.code, sample.live()), (where, ended)


def test_a_killed_run_is_noticed_by_the_next(sample, door):
    """The next apply names the run that was killed, and the path of its receipt."""
    total, _ = requests_of_an_apply(sample)
    sample.again()
    door.arm(total - 3, is_after=True)
    process = started(sample.root, door.url, "-q", "apply", "--yes")
    door.watch(process)
    process.communicate()

    output = sample.apply().err

    assert f"Run {sample.receipts[0]} was killed" in output


def test_ctrl_c_ends_what_is_under_way(sample, door):
    """Ctrl-C lets requests in flight end, writes the receipt and ends with 5; the next apply does the rest."""
    total, done = requests_of_an_apply(sample)
    sample.again()
    door.arm(total // 2 + 5, is_after=True)
    door.act, door.closes = (lambda process: process.send_signal(signal.SIGINT)), False
    process = started(sample.root, door.url, "apply", "--yes")
    door.watch(process)
    out, err = process.communicate()

    assert 5 == process.returncode
    assert "Stopping" in err
    assert "the run was stopped before it" in out
    assert '"outcome": "stopped"' in (sample.root / ".mjsync" / "receipts" / f"{sample.receipts[0]}.json").read_text()
    assert (0, done) == (sample.apply().code, sample.live())


def test_a_second_ctrl_c_stops_at_once(sample, door):
    """A second Ctrl-C ends the process with 5 at once; the journal has what was begun."""
    total, _ = requests_of_an_apply(sample)
    sample.again()
    door.arm(total // 2 + 5, is_after=True)

    def twice(process):
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.wait()

    door.act = twice
    process = started(sample.root, door.url, "apply", "--yes")
    door.watch(process)
    process.wait()
    process.communicate()

    assert 5 == process.returncode
    sample.run("runs")
    assert '"outcome": "killed"' in (sample.root / ".mjsync" / "receipts" / f"{sample.receipts[0]}.json").read_text()


def test_ctrl_c_breaks_a_plan_off(sample, door):
    """Ctrl-C before the first write ends with 1, and failing requests are not repeated any more."""
    sample.emulator.fault("500:GET:/v3/REST/template/*:times=all")
    door.arm(12, is_after=True)
    door.act, door.closes = (lambda process: process.send_signal(signal.SIGINT)), False
    process = started(sample.root, door.url, "apply", "--yes")
    door.watch(process)
    _, err = process.communicate(timeout=20)

    assert (1, sample.before) == (process.returncode, sample.live())
    assert "interrupted" in err


@pytest.mark.parametrize("seed", range(6))
def test_two_applies_at_once_never_double(sample, door, seed):
    """Two applies of the same plan at once end with 0, 1 or 5 each, create nothing twice, and a third one converges."""
    _, done = requests_of_an_apply(sample)
    sample.again()
    door.runs = 2
    processes = [started(sample.root, door.url, "-q", "apply", "--yes") for _ in range(2)]
    output = [process.communicate() for process in processes]

    assert {process.returncode for process in processes} <= {0, 1, 5}, output
    sample.check()
    assert (0, done) == (sample.apply().code, sample.live())


def test_a_killed_import_leaves_nothing_that_git_sees(sample, door, tmp_path_factory):
    """Files that an import prepared before it was killed are not in git's status; the next import removes them."""
    words, folder = ("-q", "import", "--concurrency", "1"), tmp_path_factory.mktemp("imported")
    for number in range(30):
        sample.emulator.insert("template", {"Name": f"t{number}", "detailcontent": {"Html-part": "<p>Hi</p>"}})
    sample.emulator.clear_requests()
    whole = started(tmp_path_factory.mktemp("whole"), door.url, *words)
    whole.communicate()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    door.arm(len(sample.emulator.requests), is_after=True)
    killed = started(folder, door.url, *words)
    door.watch(killed)
    killed.communicate()
    (prepared,) = folder.glob(".mjsync-import-*")

    assert (0, -signal.SIGKILL) == (whole.returncode, killed.returncode)
    assert len(list(prepared.iterdir())) > 1
    assert b"" == subprocess.check_output(["git", "status", "--porcelain"], cwd=folder)

    following = started(folder, door.url, *words)
    following.communicate()

    assert 0 == following.returncode
    assert [] == list(folder.glob(".mjsync-*"))
