"""Real processes that are killed, interrupted and run at the same time."""

import random
import signal
from collections.abc import Iterator

import pytest

from mjsync.emulator.serve import serving
from tests.faults.processes import Door, started

RUNS, PARTS = 200, 10


@pytest.fixture
def door(town) -> Iterator[Door]:
    """The app in front of the emulator, listening at `door.url`."""
    door = Door(town.emulator.app)
    with serving(door) as url:
        door.url = url
        yield door


def requests_of_an_apply(town):
    """Return how many requests an apply makes, and the account after it."""
    town.emulator.clear_requests()
    assert 0 == town.apply().code
    return len(town.emulator.requests), town.live()


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_at_any_request_is_resumed_or_undone(town, door, part, record_property):
    """After SIGKILL at any request, apply completes the run and undo takes it back; nothing is created twice."""
    total, done = requests_of_an_apply(town)
    chance = random.Random(part)  # noqa: S311 - seeded on purpose
    for _ in range(RUNS // PARTS):
        town.again()
        at, is_after, takes_back = chance.randint(1, total), chance.random() < 0.5, chance.random() < 0.5
        door.arm(at, is_after=is_after)
        process = started(town.root, door.url, "-q", "apply", "--yes")
        door.watch(process)
        process.communicate()
        town.check()
        assert -signal.SIGKILL == process.returncode

        resumed_or_undone(town, done, (at, is_after), takes_back=takes_back)
    record_property("fault cases", RUNS // PARTS)


def resumed_or_undone(town, done, where, *, takes_back):
    """Check both ways to go on after a kill."""
    town.run("runs")
    if takes_back and town.receipts:
        ended, wanted = town.undo(town.receipts[0]), town.before
    else:
        ended, wanted = town.apply(), done
    town.check()
    assert (0, wanted) == (ended.code, town.live()), (where, ended)


def test_a_killed_run_is_noticed_by_the_next(town, door):
    """The next apply names the run that was killed, and the path of its receipt."""
    total, _ = requests_of_an_apply(town)
    town.again()
    door.arm(total - 3, is_after=True)
    process = started(town.root, door.url, "-q", "apply", "--yes")
    door.watch(process)
    process.communicate()

    said = town.apply().err

    assert f"Run {town.receipts[0]} was killed" in said


def test_ctrl_c_ends_what_is_under_way(town, door):
    """Ctrl-C lets requests in flight end, writes the receipt and ends with 5; the next apply does the rest."""
    total, done = requests_of_an_apply(town)
    town.again()
    door.arm(total // 2 + 5, is_after=True)
    door.act, door.closes = (lambda process: process.send_signal(signal.SIGINT)), False
    process = started(town.root, door.url, "apply", "--yes")
    door.watch(process)
    out, err = process.communicate()

    assert 5 == process.returncode
    assert "Stopping" in err
    assert "the run was stopped before it" in out
    assert '"outcome": "stopped"' in (town.root / ".mjsync" / "receipts" / f"{town.receipts[0]}.json").read_text()
    assert (0, done) == (town.apply().code, town.live())


def test_a_second_ctrl_c_stops_at_once(town, door):
    """A second Ctrl-C ends the process with 5 at once; the journal has what was begun."""
    total, _ = requests_of_an_apply(town)
    town.again()
    door.arm(total // 2 + 5, is_after=True)

    def twice(process):
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.wait()

    door.act = twice
    process = started(town.root, door.url, "apply", "--yes")
    door.watch(process)
    process.wait()
    process.communicate()

    assert 5 == process.returncode
    town.run("runs")
    assert '"outcome": "killed"' in (town.root / ".mjsync" / "receipts" / f"{town.receipts[0]}.json").read_text()


def test_ctrl_c_breaks_a_plan_off(town, door):
    """Ctrl-C before the first write ends with 1, and failing requests are not repeated any more."""
    town.emulator.fault("500:GET:/v3/REST/template/*:times=all")
    door.arm(12, is_after=True)
    door.act, door.closes = (lambda process: process.send_signal(signal.SIGINT)), False
    process = started(town.root, door.url, "apply", "--yes")
    door.watch(process)
    _, err = process.communicate(timeout=20)

    assert (1, town.before) == (process.returncode, town.live())
    assert "interrupted" in err


@pytest.mark.parametrize("seed", range(6))
def test_two_applies_at_once_never_double(town, door, seed):
    """Two applies of the same plan at once end with 0, 1 or 5 each, create nothing twice, and a third one converges."""
    _, done = requests_of_an_apply(town)
    town.again()
    door.runs = 2
    processes = [started(town.root, door.url, "-q", "apply", "--yes") for _ in range(2)]
    said = [process.communicate() for process in processes]

    assert {process.returncode for process in processes} <= {0, 1, 5}, said
    town.check()
    assert (0, done) == (town.apply().code, town.live())
