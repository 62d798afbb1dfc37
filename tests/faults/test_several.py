"""Ctrl-C and kills of a command on several accounts, with real processes and the receipts of every account."""

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
    """The app in front of it, and the project."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "main.yaml").write_text(MANIFEST)
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    door = Door(emulator.app)
    with serving(door) as url:
        door.url, door.root = url, tmp_path
        monkeypatch.setenv("MJSYNC_BASE_URL", url)
        yield door


def interrupted(door, at):
    """Apply to all accounts with Ctrl-C at the n-th request; return how it ended and what it printed."""
    door.arm(at, is_after=True)
    door.closes = False
    process = started(door.root, door.url, "apply", "-e", "shop-*", "--yes", "--concurrency", "1")
    door.watch(process)
    process.wait(60)
    out, err = process.communicate()
    return process.returncode, out, err


def receipts(door):
    """Return the receipts of each environment, oldest first."""
    found = {}
    for file in sorted((door.root / ".mjsync" / "receipts").glob("*.json")):
        document = json.loads(file.read_text())
        found.setdefault(document["environment"], []).append(document)
    return found


def there(emulator, name):
    """Return the lists of one account."""
    return {row["Name"] for row in emulator.rows("contactslist", ACCOUNTS[name])}


def check_truth(emulator, door):
    """Check that what a receipt calls applied is there, and nothing else but what it calls unknown."""
    for name in ACCOUNTS:
        steps = [step for document in receipts(door).get(name, [])[-1:] for step in document["steps"]]
        applied = {step["name"] for step in steps if step["status"] == "applied"}
        unknown = {step["name"] for step in steps if step["status"] == "unknown"}
        assert applied <= there(emulator, name) <= applied | unknown, name


def check_completed(emulator, door):
    """Check that another apply ends as desired in every account, without doubles."""
    assert 0 == run("apply", "-e", "shop-*", "--yes", at=door.root).code
    for name, number in ACCOUNTS.items():
        assert STEPS == len(emulator.rows("contactslist", number)) == len(there(emulator, name))


def test_ctrl_c_stops_all_of_them(emulator, door):
    """Requests under way end, nothing more begins in any account; exit code 5, and a receipt for each that began."""
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
    """The process ends with 5 at once; the journal of each account has what was begun there."""

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
