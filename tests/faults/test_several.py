"""Ctrl-C and kills of one command on several accounts: real processes; every account's receipt tells its own truth."""

import json
import signal
from collections.abc import Iterator

import pytest

from mjsync.emulator import Account, Emulator
from mjsync.emulator.serve import serving
from tests.faults.processes import Door, started
from tests.terminal import run

ACCOUNTS = {f"shop-{number:02}": 1000 + number for number in range(12)}
"""Environment to account: more than are under way at a time."""
STEPS = 6
PROJECT = "version: 1\nmanifests: [manifests]\nenvironments:\n" + "".join(
    f"  {name}: {{api_key: key-{name}, secret_key: secret-{name}, account: {number}}}\n"
    for name, number in ACCOUNTS.items()
)
MANIFEST = "lists: {" + ", ".join(f"l{number}: {{}}" for number in range(STEPS)) + "}\n"


@pytest.fixture
def emulator() -> Emulator:
    """An account for each environment."""
    first, *others = [Account(f"key-{name}", f"secret-{name}", number) for name, number in ACCOUNTS.items()]
    return Emulator(api_key=first.api_key, secret_key=first.secret_key, account=first.id, accounts=others)


@pytest.fixture
def door(emulator, tmp_path, monkeypatch) -> Iterator[Door]:
    """A door to it, and the project beside it."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "main.yaml").write_text(MANIFEST)
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    door = Door(emulator.app)
    with serving(door) as url:
        door.url, door.root = url, tmp_path
        monkeypatch.setenv("MJSYNC_BASE_URL", url)
        yield door


def interrupted(door, at):
    """How an apply to all accounts ends that gets Ctrl-C at its n-th request, and what it said."""
    door.arm(at, is_after=True)
    door.closes = False
    process = started(door.root, door.url, "apply", "-e", "shop-*", "--yes", "--concurrency", "1")
    door.watch(process)
    process.wait(60)
    out, err = process.communicate()
    return process.returncode, out, err


def receipts(door):
    """Environment to receipts of its runs, oldest first."""
    found = {}
    for file in sorted((door.root / ".mjsync" / "receipts").glob("*.json")):
        document = json.loads(file.read_text())
        found.setdefault(document["environment"], []).append(document)
    return found


def there(emulator, name):
    """The lists of one account."""
    return {row["Name"] for row in emulator.rows("contactslist", ACCOUNTS[name])}


def check_truth(emulator, door):
    """What a receipt tells as applied is there, and nothing else but what it tells as unknown."""
    for name in ACCOUNTS:
        steps = [step for document in receipts(door).get(name, [])[-1:] for step in document["steps"]]
        applied = {step["name"] for step in steps if step["status"] == "applied"}
        unknown = {step["name"] for step in steps if step["status"] == "unknown"}
        assert applied <= there(emulator, name) <= applied | unknown, name


def check_completed(emulator, door):
    """Another apply ends as wanted everywhere, without doubles."""
    assert 0 == run("apply", "-e", "shop-*", "--yes", at=door.root).code
    for name, number in ACCOUNTS.items():
        assert STEPS == len(emulator.rows("contactslist", number)) == len(there(emulator, name))


def test_ctrl_c_stops_all_of_them(emulator, door):
    """What is under way ends in each account, nothing more begins in any; 5, and receipts for those that began."""
    door.act = lambda process: process.send_signal(signal.SIGINT)
    code, out, err = interrupted(door, 60)

    assert 5 == code, (out, err)
    assert "Stopping" in err
    assert {"stopped", "complete"} >= {each[-1]["outcome"] for each in receipts(door).values()}
    assert len(receipts(door)) < len(ACCOUNTS)
    assert "interrupted" in out
    check_truth(emulator, door)
    check_completed(emulator, door)


def test_a_second_ctrl_c_stops_all_of_them_at_once(emulator, door):
    """The process ends with 5 while calls are in flight; each account's journal tells what was begun there."""

    def twice(process):
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.wait()

    door.act = twice
    code, *_ = interrupted(door, 60)

    assert 5 == code
    run("runs", at=door.root)
    assert "killed" in {each[-1]["outcome"] for each in receipts(door).values()}
    check_truth(emulator, door)
    check_completed(emulator, door)
