import errno
import json
import os
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mjsync.engine.plan import Action, Change, Plan, Result
from mjsync.errors import Finding, Location, WrongUse
from mjsync.journal.journal import JournalLost, RecordRedactor, RunHeader
from mjsync.journal.record import RunRecord
from mjsync.journal.run_store import RunStore
from mjsync.redaction import Redactor
from mjsync.resources.address import Address
from mjsync.resources.contact_list import ContactList, ContactListEntry
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAD = RunHeader(
    "20260101T120000000Z-ab12", "apply", "ann@laptop", "0.1.0", "https://api.mailjet.com", "sha256:approved"
)
REDACTOR = RecordRedactor(Redactor.of(["a-long-secret"]))


def change(handle, action=Action.CREATE, live=None):
    """A change of one list."""
    address = Address("list", handle)
    entry = Entry(address, ContactList(), ContactListEntry(), {"name": handle}, handle, Location("a.yaml"), {})
    return Change(action, address, ContactList(), handle, entry, live, digest=f"sha256:{handle}")


FIRST, SECOND = change("first"), change("second")
PLAN = Plan("staging", 123, (FIRST, SECOND), digest="sha256:plan")


@pytest.fixture
def folder(tmp_path):
    """The receipts of a fresh project."""
    return RunStore(tmp_path / ".mjsync/receipts", tmp_path / ".mjsync/journal")


@pytest.fixture
def running(folder):
    """A run that has begun."""
    running = folder.begin(HEAD, PLAN, REDACTOR, lambda: NOON)
    yield running
    running._file.close()


def lines(folder):
    """Return the lines of the journal on disk."""
    (file,) = folder.journals.glob("*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def receipt(folder, running, outcome=None):
    """Return the receipt of a run."""
    return folder.read(running.end(outcome)).document


def test_the_head_is_on_disk_before_anything_is_done(folder, running):
    """The first line of a journal has user, time and every step."""
    (head,) = lines(folder)

    assert ["list.first", "list.second"] == [step["address"] for step in head["run"]["steps"]]
    assert ("ann@laptop", 123, "2026-01-01T12:00:00.000+00:00") == tuple(
        head["run"][key] for key in ("who", "account", "started")
    )


def test_an_intent_is_on_disk_when_intend_returns(folder, running):
    """An intent is on disk when record_intent returns, with its address and values."""
    running.journal.record_intent(FIRST, None, {"name": "first"})

    intent = lines(folder)[-1]["intent"]
    assert ("list.first", {"name": "first"}) == (intent["address"], intent["after"]["fields"])


def test_an_intent_is_synced_and_an_outcome_with_the_next(running, monkeypatch):
    """An intent is synced before its call; an outcome with the next intent."""
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    running.journal.record_intent(FIRST, None, {})
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    assert [running._file.fileno()] == synced

    running.journal.record_intent(SECOND, None, {})
    assert 2 == len(synced)
    running.journal.sync()
    assert 2 == len(synced)


def test_outcomes_without_a_next_intent_are_synced_when_asked(running, monkeypatch):
    """`sync` writes outcomes while no step ends."""
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    running.journal.sync()

    assert [running._file.fileno()] == synced


def test_one_fsync_covers_the_intents_of_all_threads_that_wait(folder, monkeypatch):
    """Nine intents that are written while the first is synced share the second fsync."""
    changes = tuple(change(f"l{number}") for number in range(10))
    running = folder.begin(HEAD, replace(PLAN, changes=changes), REDACTOR, lambda: NOON)
    synced, all_written = [], threading.Event()

    def slow(opened):
        synced.append(opened)
        if len(synced) == 1:
            all_written.wait(10)

    monkeypatch.setattr(os, "fsync", slow)
    threads = [threading.Thread(target=running.journal.record_intent, args=(each, None, {})) for each in changes]
    for thread in threads:
        thread.start()
    while running.journal._written < 1 + len(changes):
        time.sleep(0.001)
    all_written.set()
    for thread in threads:
        thread.join()

    killed(running)
    assert 2 == len(synced)


def test_nothing_is_recorded_after_a_failed_fsync(running, monkeypatch):
    """After a failed fsync nothing more is recorded."""
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
    with pytest.raises(JournalLost, match="I/O error"):
        running.journal.record_intent(FIRST, None, {})
    monkeypatch.setattr(os, "fsync", lambda _: None)

    for record in (
        lambda: running.journal.record_intent(SECOND, None, {}),
        lambda: running.journal.record_outcome(Result(SECOND, "applied", 8)),
        running.journal.sync,
    ):
        with pytest.raises(JournalLost, match="I/O error"):
            record()


@pytest.fixture
def synced(monkeypatch):
    """Return the inode of each file or folder that was synced, in order."""
    seen = []
    monkeypatch.setattr(os, "fsync", lambda opened: seen.append(os.fstat(opened).st_ino))
    return seen


def test_the_name_of_a_journal_is_synced(folder, synced):
    """The folder of a journal, and each folder that was created for it, is synced."""
    running = folder.begin(HEAD, PLAN, REDACTOR, lambda: NOON)
    running._file.close()
    home = folder.journals.parent

    assert {home.parent.stat().st_ino, home.stat().st_ino} < set(synced)
    assert folder.journals.stat().st_ino == synced[-1]


def test_the_name_of_a_receipt_is_synced_before_the_journal_goes(folder, running, monkeypatch):
    """The folder of a receipt is synced before the journal is deleted."""
    seen = []
    monkeypatch.setattr(os, "fsync", lambda opened: seen.append((os.fstat(opened).st_ino, len(journals(folder)))))
    running.end()

    assert ((folder.receipts.stat().st_ino, 1), 0) == (seen[-1], len(journals(folder)))


def journals(folder):
    """Return the journals in the folder."""
    return list(folder.journals.glob("*.jsonl"))


def test_a_folder_that_cannot_be_synced_stops_the_run(folder, monkeypatch):
    """A folder that cannot be synced stops the run, except on file systems that sync no folders."""
    for number, stops in ((errno.EIO, True), (errno.EINVAL, False)):
        monkeypatch.setattr(os, "fsync", lambda opened, number=number: _fails_on_folders(opened, number))
        try:
            folder.begin(replace(HEAD, id=f"run-{number}"), PLAN, REDACTOR, lambda: NOON)._file.close()
        except JournalLost:
            assert stops
        else:
            assert not stops


def _fails_on_folders(opened, number):
    if stat.S_ISDIR(os.fstat(opened).st_mode):
        raise OSError(number, os.strerror(number))


def test_an_outcome_holds_the_calls_of_its_thread(folder, running):
    """An outcome has the calls of its thread since the last step: method, path, status and duration."""
    journal = running.journal

    def step(which, path):
        journal.record_call("POST", path, 201, 0.0123)
        journal.record_outcome(Result(which, "applied", 7))

    threads = [threading.Thread(target=step, args=pair) for pair in ((FIRST, "/one"), (SECOND, "/two"))]
    for thread in threads:
        thread.start()
        thread.join()

    calls = {line["outcome"]["address"]: line["outcome"]["calls"] for line in lines(folder)[1:]}
    assert [{"method": "POST", "path": "/one", "status": 201, "ms": 12}] == calls["list.first"]
    assert ["/two"] == [call["path"] for call in calls["list.second"]]


def test_calls_are_told_once(folder, running):
    """The calls of a step are not those of the next step in the same thread."""
    running.journal.record_call("POST", "/one", 201, 0)
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    running.journal.record_outcome(Result(SECOND, "applied", 8))

    assert [] == lines(folder)[-1]["outcome"]["calls"]


def test_folders_and_files_are_for_their_owner_alone(tmp_path, folder, running):
    """`.mjsync` and everything in it is 0700 or 0600."""
    running.end()

    modes = {
        path.name: oct(path.stat().st_mode & 0o777) for path in [tmp_path / ".mjsync", *tmp_path.rglob(".mjsync/**/*")]
    }
    assert {"0o700"} == {modes[name] for name in (".mjsync", "receipts", "journal")}
    assert {"0o600"} == {modes[name] for name in (".gitignore", f"{HEAD.id}.json")}


def test_receipts_are_kept_out_of_git(tmp_path, running):
    """`.mjsync` has a .gitignore."""
    assert "*\n" == (tmp_path / ".mjsync" / ".gitignore").read_text()


@pytest.mark.parametrize("linked", [".mjsync", ".mjsync/.gitignore", ".mjsync/journal", ".mjsync/receipts"])
def test_a_symbolic_link_is_not_followed(tmp_path, linked):
    """Nothing is written through a symbolic link in place of `.mjsync` or a file in it."""
    root, outside = tmp_path / "project", tmp_path / "outside"
    (root / linked).parent.mkdir(parents=True)
    outside.mkdir()
    if linked.endswith(".gitignore"):
        outside = outside / "file"
        outside.write_text("important")
    (root / linked).symlink_to(outside)

    with pytest.raises(JournalLost, match="it is a symbolic link"):
        RunStore(root / ".mjsync/receipts", root / ".mjsync/journal").begin(HEAD, PLAN, REDACTOR, lambda: NOON)
    assert "important" == outside.read_text() if outside.is_file() else not list(outside.iterdir())


def test_a_receipt_tells_each_step(folder, running):
    """A step has the status of its outcome; one that never began was skipped."""
    running.journal.record_intent(FIRST, None, {"name": "first"})
    running.journal.record_outcome(Result(FIRST, "applied", 7))

    document = receipt(folder, running)
    assert [("applied", 7), ("skipped", None)] == [(step["status"], step["id"]) for step in document["steps"]]
    assert "partial" == document["outcome"]


def test_a_run_that_did_all_is_complete(folder, running):
    """The outcome of a run is complete if every step was applied, also after Ctrl-C."""
    for number, each in enumerate((FIRST, SECOND)):
        running.journal.record_intent(each, None, {"name": each.name})
        running.journal.record_outcome(Result(each, "applied", number))

    assert "complete" == receipt(folder, running, "stopped")["outcome"]


def test_a_receipt_is_the_same_from_the_journal_of_a_killed_run(folder, running):
    """The record that a run keeps while it writes is the one that is read from its journal; secrets are in neither."""
    live = Live("list", 5, "first", "first", {"name": "Before"}, {"ID": 5})
    update = replace(change("first", Action.UPDATE, live), fields=())
    running.journal.record_intent(update, live, {"name": "a-long-secret"})
    running.journal.record_call("PUT", "/one", 200, 0)
    warning = Finding("code", "a-long-secret", "way out", "warning")
    running.journal.record_outcome(Result(update, "applied", 5, warnings=(warning,)))
    running.journal.record_intent(SECOND, None, {"name": "second"})
    (path,) = folder.journals.glob("*.jsonl")
    kept, read = running.journal.record, RunRecord.read(path)

    assert "a-long-secret" not in repr(kept)
    assert [*read.receipt(path, None, None)] == [*kept.receipt(path, None, None)]


def test_an_ended_run_does_not_read_its_journal_again(folder, running, monkeypatch):
    """Its bodies are copied to the receipt as they are; only the journal of a killed run is parsed."""
    monkeypatch.setattr(RunRecord, "read", None)
    running.journal.record_intent(FIRST, None, {"name": "first"})

    assert {"name": "first"} == receipt(folder, running)["steps"][0]["after"]["fields"]


def test_after_a_line_that_was_written_in_part_there_are_no_more(folder, running, monkeypatch):
    """The disk is full in the middle of an intent: nothing is sent or recorded, and the receipt has what was before."""
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    file = running._file

    class Full:
        def write(self, data):
            if len(data) < 30:
                raise OSError(errno.ENOSPC, "No space left on device")
            return file.write(data[:30])

        def fileno(self):
            return file.fileno()

    monkeypatch.setattr(running.journal, "_file", Full())
    for _ in range(2):
        with pytest.raises(JournalLost, match="No space left"):
            running.journal.record_intent(SECOND, None, {"name": "second"})
    monkeypatch.setattr(running.journal, "_file", file)
    with pytest.raises(JournalLost, match="No space left"):
        running.journal.record_outcome(Result(SECOND, "applied", 8))

    assert ["applied", "skipped"] == [step["status"] for step in receipt(folder, running)["steps"]]


def test_an_ended_run_leaves_no_journal(folder, running):
    """The journal is deleted once its receipt is written."""
    running.end()

    assert [] == list(folder.journals.iterdir())


def test_a_running_run_is_not_recovered(folder, running):
    """A journal whose run is alive is not recovered."""
    assert [] == list(folder.recover())


def killed(running):
    """End a run as if its process had been killed: its file is closed, its journal stays."""
    running._file.close()


def test_a_killed_run_gets_its_receipt(folder, running):
    """In a recovered receipt a begun step is unknown, with its before-image."""
    live = Live("list", 5, "first", "first", {"name": "Before"}, {"ID": 5})
    update = replace(change("first", Action.UPDATE, live), fields=())
    running.journal.record_intent(update, live, {"name": "first"})
    killed(running)

    (found,) = folder.recover()
    step = found.document["steps"][0]
    assert ("killed", "unknown", {"name": "Before"}) == (
        found.document["outcome"],
        step["status"],
        step["before"]["fields"],
    )


def test_a_torn_last_line_is_no_line(folder, running):
    """A torn last line of a journal is ignored."""
    running.journal.record_intent(FIRST, None, {"name": "first"})
    killed(running)
    (file,) = folder.journals.glob("*.jsonl")
    file.write_bytes(file.read_bytes() + b'{"outcome": {"addr')

    (found,) = folder.recover()
    assert "unknown" == found.document["steps"][0]["status"]


def test_a_recovered_run_is_recovered_once(folder, running):
    """A recovered journal is deleted."""
    killed(running)
    list(folder.recover())

    assert [] == list(folder.recover())


def test_known_secrets_never_reach_the_disk(folder, running):
    """Known secrets are masked in names, errors and paths."""
    finding = Finding("x", "Mailjet says a-long-secret")
    running.journal.record_call("GET", "/v3/REST/x?y=a-long-secret", 200, 0)
    running.journal.record_intent(FIRST, None, {"name": "a-long-secret"})
    running.journal.record_outcome(Result(FIRST, "failed", error=finding))

    (file,) = folder.journals.glob("*.jsonl")
    assert "a-long-secret" not in file.read_text() + json.dumps(receipt(folder, running))


def test_a_journal_that_cannot_be_written_stops_the_step(running):
    """An intent that cannot be written is an error, and nothing is sent."""
    running._file.close()

    with pytest.raises(JournalLost):
        running.journal.record_intent(FIRST, None, {})


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    """Where the journal cannot be created, no run begins."""
    (tmp_path / ".mjsync").write_text("in the way")

    with pytest.raises(JournalLost, match="cannot be opened"):
        RunStore(tmp_path / ".mjsync/receipts", tmp_path / ".mjsync/journal").begin(HEAD, PLAN, REDACTOR, lambda: NOON)


def test_a_loose_folder_is_closed(tmp_path, folder):
    """Group and others lose their rights on an existing `.mjsync`."""
    (tmp_path / ".mjsync").mkdir(mode=0o755)
    folder.begin(HEAD, PLAN, REDACTOR, lambda: NOON).end()

    assert 0o700 == (tmp_path / ".mjsync").stat().st_mode & 0o777


def test_a_receipt_that_was_laid_out_anew_is_still_read(folder, running):
    """A receipt in another JSON layout is read."""
    path = running.end()
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))

    assert [HEAD.id] == [found.id for found in folder.all()]


def test_receipts_are_listed_newest_first(folder):
    """Receipts are sorted by the time in their ids."""
    for second in (1, 3, 2):
        folder.begin(replace(HEAD, id=f"2026010{second}-x"), PLAN, REDACTOR, lambda: NOON).end()

    assert ["20260103-x", "20260102-x", "20260101-x"] == [found.id for found in folder.all()]


def test_a_receipt_is_found_by_id_and_by_path(folder, running):
    """`undo` takes an id or a path."""
    path = running.end()

    assert folder.find(HEAD.id) == folder.find(str(path))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": "mjsync-plan/1"}'])
def test_another_file_is_no_receipt(tmp_path, folder, content):
    """A file that is not a receipt is wrong use, and is skipped in lists."""
    folder.receipts.mkdir(parents=True)
    file = folder.receipts / "other.json"
    file.write_text(content)

    with pytest.raises(WrongUse):
        folder.find("other")
    assert [] == list(folder.all())


def test_an_unknown_receipt_names_the_way_out(folder):
    """The error for an unknown id says where ids are listed."""
    with pytest.raises(WrongUse, match="neither a file nor the id"):
        folder.find("nonsense")


def test_a_named_folder_holds_receipts_and_journal(tmp_path):
    """A folder of --receipts has receipts and journal."""
    folder = RunStore(tmp_path / "kept", tmp_path / "kept" / "journal")

    assert tmp_path / "kept" / "journal" == folder.journals
    assert f"{HEAD.id}.json" == folder.begin(HEAD, PLAN, REDACTOR, lambda: NOON).end().name


def test_known_objects_are_those_that_were_made_or_changed(folder, running):
    """A receipt has kind and id of each object of an applied step."""
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    running.journal.record_outcome(Result(SECOND, "failed", 8))

    assert [("list", 7)] == list(folder.read(running.end()).known_objects)


def test_a_receipt_is_of_its_environment_and_account(folder, running):
    """An account of null matches any account."""
    found = folder.read(running.end())

    assert [True, True, False, False] == [
        found.is_of("staging", 123),
        found.is_of("staging", None),
        found.is_of("staging", 5),
        found.is_of("production", 123),
    ]


def test_a_disk_that_is_full_keeps_the_journal(folder, running, monkeypatch):
    """A receipt that cannot be written leaves the journal for the next run."""

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(JournalLost, match="No space left"):
        running.end()
    assert 1 == len(list(folder.journals.glob("*.jsonl")))


def test_a_receipt_approves_what_was_applied_alone(folder, running):
    """Only the digests of applied steps count for an approved plan."""
    running.journal.record_intent(FIRST, None, {})
    running.journal.record_intent(SECOND, None, {})
    running.journal.record_outcome(Result(FIRST, "applied", 7))
    running.journal.record_outcome(Result(SECOND, "failed"))
    found = folder.read(running.end())

    assert ({"sha256:first"}, ["list.second"]) == (found.applied, [step["address"] for step in found.begun])


@pytest.mark.parametrize("content", ["", "garbage", '{"run": {"id": "x"', '{"intent": {"address": "list.x"}}'])
def test_a_journal_without_a_head_is_no_run(folder, running, content):
    """A journal without a first line stops no later run, and is kept."""
    running._file.close()
    (folder.journals / "00.jsonl").write_text(content)

    assert [HEAD.id] == [receipt.id for receipt in folder.recover()]
    assert ["00.jsonl"] == [file.name for file in journals(folder)]


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\x00", b'{"format": "mjsync-receipt/1"}'])
def test_a_file_that_is_no_receipt_is_passed_over(folder, running, content):
    """A file that is not a receipt is skipped in lists, and wrong use by name."""
    running.end()
    (folder.receipts / "00.json").write_bytes(content)

    assert [HEAD.id] == [receipt.id for receipt in folder.all()]
    with pytest.raises(WrongUse):
        folder.find("00")


def test_a_link_to_a_device_is_no_receipt(folder, running):
    """A link to a device is skipped."""
    running.end()
    (folder.receipts / "00.json").symlink_to("/dev/zero")

    assert [HEAD.id] == [receipt.id for receipt in folder.all()]
