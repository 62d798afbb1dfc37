"""Work that is counted rather than timed: reads of files, and requests."""

import itertools
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from mjsync.api.client import ReadClient
from mjsync.api.connection import Connector
from mjsync.api.transport import GuardedTransport
from mjsync.emulator import Emulator
from mjsync.engine.apply import Run, apply
from mjsync.engine.build_plan import ordered
from mjsync.engine.diff import Comparison
from mjsync.engine.plan import Action, Change, Plan, with_digest
from mjsync.errors import Location
from mjsync.journal.journal import RecordRedactor, RunHeader
from mjsync.journal.run_store import RunStore
from mjsync.manifest.load import read
from mjsync.manifest.loading import layers
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.writing import importer
from mjsync.redaction import Redactor
from mjsync.resources.address import Address
from mjsync.resources.contact_list import ContactList, ContactListEntry
from mjsync.resources.desired import Entry
from mjsync.resources.sender import Sender
from mjsync.resources.template import Template
from mjsync.session import git_record
from mjsync.session.importer import ImportOptions, import_objects, open_import
from mjsync.session.options import PlanOptions
from mjsync.session.session import SILENT, open_session

COUNT = 12


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of templates with bodies in files, which the account has, besides one that no manifest names."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    with Emulator() as server:
        server.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        for number in range(COUNT + 1):
            content = {"Html-part": f"<p>{number}</p>", "Headers": {"Subject": "S"}}
            server.insert("template", {"Name": f"t{number}", "detailcontent": content})
        for number in range(COUNT):
            (tmp_path / "manifests" / f"t{number}.html").write_text(f"<p>{number}</p>", encoding="utf-8")
            text = f"templates:\n  t{number}: {{subject: S, html: {{file: t{number}.html}}}}\n"
            (tmp_path / "manifests" / f"t{number}.yaml").write_text(text, encoding="utf-8")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path, server


@pytest.fixture
def reads(monkeypatch):
    """How often each file was read, by path."""
    counts = Counter()
    read = DiskTree.read

    def counted(tree, path):
        counts[path] += 1
        return read(tree, path)

    monkeypatch.setattr(DiskTree, "read", counted)
    return counts


def test_validate_reads_a_manifest_once_and_a_body_twice(project, reads):
    """A body is read twice, to expand and to check it, and is not kept in memory."""
    folder, _ = project
    open_session(folder).validate()

    assert {1} == {count for path, count in reads.items() if path.endswith(".yaml")}
    assert {2} == {count for path, count in reads.items() if path.endswith(".html")}


def test_plan_parses_a_manifest_once(project, monkeypatch):
    """A manifest is parsed once for composition, checks and the plan."""
    folder, _ = project
    parsed = Counter()
    parse = layers.read_document
    monkeypatch.setattr(layers, "read_document", lambda path, *more: (parsed.update([path]), parse(path, *more))[1])
    open_session(folder).plan()

    assert {f"manifests/t{number}.yaml": 1 for number in range(COUNT)} == {**parsed}


@pytest.mark.parametrize(("kept", "expected"), [(git_record.KEPT_BYTES, {1}), (0, {2})])
def test_plan_reads_a_body_once(project, reads, monkeypatch, kept, expected):
    """A body is read once; what is not kept is read to check it, and to compare it."""
    folder, _ = project
    monkeypatch.setattr(git_record, "KEPT_BYTES", kept)
    assert () == open_session(folder).plan().changes

    assert {1} == {count for path, count in reads.items() if path.endswith(".yaml")}
    assert expected == {count for path, count in reads.items() if path.endswith(".html")}


def test_what_is_kept_is_bounded(project, reads, monkeypatch):
    """Files are kept as long as there is room for them, whatever their order."""
    folder, _ = project
    (folder / "manifests" / "t0.html").write_text("<p>" + "word " * 1000)
    monkeypatch.setattr(git_record, "KEPT_BYTES", 4000)
    open_session(folder).plan()

    assert 1 < reads["manifests/t0.html"]
    assert {1} == {count for path, count in reads.items() if path != "manifests/t0.html"}


def test_what_was_planned_is_sent(project):
    """A body that changes between the plan and the apply is sent as it was planned."""
    folder, server = project
    (folder / "manifests" / "t0.html").write_text("<p>Planned</p>\n")
    session = open_session(folder)
    plan = session.plan()
    (folder / "manifests" / "t0.html").write_text("<p>Later</p>\n")
    session.apply(plan)

    sent = [each.body for each in server.requests if each.path.endswith("/detailcontent") and each.body]
    assert ["<p>Planned</p>\n"] == [body["Html-part"] for body in sent]


def test_a_load_for_a_plan_reads_no_body(project, reads):
    """What is loaded before the first request reads no body file without placeholders."""
    folder, _ = project
    desired = read(open_session(folder).source(strict=True, reads_bodies=False))

    assert COUNT == len(desired.entries)
    assert set() == {path for path in reads if path.endswith(".html")}


def test_a_plan_that_creates_reads_a_body_three_times_at_most(project, reads, monkeypatch):
    """A new body is read to check it, once for its change and its order, and to check what it names."""
    monkeypatch.setattr(git_record, "KEPT_BYTES", 0)
    folder, _ = project
    for number in range(COUNT):
        text = f"templates:\n  new{number}: {{subject: S, html: {{file: t{number}.html}}}}\n"
        (folder / "manifests" / f"t{number}.yaml").write_text(text, encoding="utf-8")

    assert COUNT == len(open_session(folder).plan().changes)
    assert max(count for path, count in reads.items() if path.endswith(".html")) <= 3


def test_a_body_is_read_once_to_compare_it_with_all_that_is_deleted(project, reads, monkeypatch):
    """Whether a new template looks like a deleted one takes one more read, however many are deleted."""
    monkeypatch.setattr(git_record, "KEPT_BYTES", 0)
    folder, _ = project
    with (folder / "mjsync.yaml").open("a", encoding="utf-8") as settings:
        settings.write("delete: {templates: all}\nguards: {max_deleted_ratio: 1.0}\n")
    for number in range(COUNT):
        text = f"templates:\n  new{number}: {{subject: S, html: {{file: t{number}.html}}}}\n"
        (folder / "manifests" / f"t{number}.yaml").write_text(text, encoding="utf-8")
    plan = open_session(folder).plan()

    assert [("lookalike", f"template.t{number}") for number in range(COUNT)] == sorted(
        ((guard.code, guard.address) for guard in plan.guards), key=lambda each: int(each[1].removeprefix("template.t"))
    )
    assert max(count for path, count in reads.items() if path.endswith(".html")) <= 5


def test_plan_sends_one_request_for_each_page_and_managed_body(project):
    """The body of a template that no manifest names is not read."""
    folder, server = project
    plan = open_session(folder).plan()
    paths = [request.path for request in server.requests]
    bodies = [path for path in paths if re.search(r"/template/\d+/detailcontent$", path)]

    assert COUNT == len(bodies) == len(set(bodies))
    assert len(set(paths)) == len(paths) == plan.requests["GET"]
    assert len(paths) - COUNT <= 4


def apply_lists(folder, count, concurrency):
    """Create so many more lists."""
    (folder / "main.yaml").write_text("lists:\n" + "".join(f"  l{each}: {{}}\n" for each in range(count)))
    options = PlanOptions(concurrency=concurrency)
    session = open_session(folder)
    result = session.apply(session.plan(options), options)
    assert 0 == result.exit_code
    return result


def test_a_create_is_one_request_and_one_fsync(empty_project, monkeypatch):
    """A create is one request and one fsync: its outcome is written with the next intent, or the receipt."""
    folder, server = empty_project
    monkeypatch.setattr("mjsync.engine.apply.SYNC_AFTER", 60)
    apply_lists(folder, 1, 1)
    synced, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), sync(file)))
    counts = []
    for total in (11, 31):
        synced.clear()
        server.clear_requests()
        apply_lists(folder, total, 1)
        counts.append(Counter(request.method for request in server.requests) + Counter(fsyncs=len(synced)))

    assert {"POST": 10, "fsyncs": 10} == counts[1] - counts[0]


def test_every_intent_is_on_disk_before_its_call(empty_project, monkeypatch):
    """An intent is on disk before its call, also where one fsync covers several."""
    folder, _ = empty_project
    on_disk, late = set(), []
    sync, send = os.fsync, GuardedTransport.handle_request

    def synced(file):
        """Take the lines before the fsync for what is on disk after it; the last may be half written."""
        written = b"".join(path.read_bytes() for path in (folder / ".mjsync" / "journal").glob("*.jsonl"))
        sync(file)
        whole = written[: written.rfind(b"\n") + 1].splitlines()
        lines = [json.loads(line) for line in whole if line.startswith(b'{"intent"')]
        on_disk.update(line["intent"]["address"] for line in lines)

    def sent(transport, request):
        if request.method == "POST" and f"list.{json.loads(request.read())['Name']}" not in on_disk:
            late.append(request.url.path)
        return send(transport, request)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(GuardedTransport, "handle_request", sent)
    apply_lists(folder, 40, 8)

    assert [] == late
    assert 40 == len(on_disk)


def test_the_work_of_a_create_does_not_grow_with_their_number(empty_project, monkeypatch):
    """Function calls for each further list, in all threads: as many from 20 to 200 as from 10 to 20."""
    folder, server = empty_project
    monkeypatch.setattr("mjsync.engine.apply.SYNC_AFTER", 60)

    def calls_of(count):
        calls = Counter()
        server.load({})
        (folder / "main.yaml").write_text("lists:\n" + "".join(f"  l{each}: {{}}\n" for each in range(count)))
        session = open_session(folder)
        plan = session.plan()
        profile = lambda frame, event, _: calls.update([event])  # noqa: E731, ARG005 - as short as it can be
        threading.setprofile(profile)
        try:
            assert 0 == session.apply(plan).exit_code
        finally:
            threading.setprofile(None)
        return calls["call"]

    few, more, many = (calls_of(count) for count in (10, 20, 200))
    assert (many - few) / 190 < 1.1 * (more - few) / 10


class Accepting:
    """A writer whose server accepts everything, without requests."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def post(self, _, body):
        """Answer what was sent, with an id."""
        return {**body, "ID": next(self.numbers)}


def _events_of(count, folder):
    """Calls and returns of functions, Python's and C's, from the changes of so many creates to their receipt."""
    kind, location = ContactList(), Location("main.yaml", 1, 1)
    changes = [
        Change(Action.CREATE, address, kind, name, Entry(address, kind, ContactListEntry(), values, name, location, {}))
        for name in map(str, range(count))
        for address, values in [(Address("list", name), {"name": name})]
    ]
    store, head = (
        RunStore(folder / ".mjsync/receipts", folder / ".mjsync/journal"),
        RunHeader(f"run-{count}", "apply", "ann", "1", "https://x.example.com", ""),
    )
    redactor, noon = RecordRedactor(Redactor.of(["a-long-secret"])), datetime(2026, 1, 1, tzinfo=UTC)
    events, results = itertools.count(), []
    profile = lambda *_: next(events)  # noqa: E731 - as short as it can be
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        plan = Plan("production", 1, tuple(with_digest(change, 1) for change, _ in ordered(changes)))
        run = store.begin(head, plan, redactor, lambda: noon)
        apply(plan, Run(Accepting(), run.journal, results.append, concurrency=4))
        run.end()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert count == len(results) == store.find(head.id).counts["applied"]
    return next(events)


def test_the_work_of_a_step_is_the_same_in_an_apply_of_ten_thousand(tmp_path, monkeypatch):
    """Order, digests, journal, steps and receipt, counted in calls of functions; an fsync is no work here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    few, more, many = (_events_of(count, tmp_path) for count in (10, 1000, 10_000))

    assert (many - more) / 9000 < 1.05 * (more - few) / 990


def test_bodies_are_asked_for_before_all_listings_are_read(project, monkeypatch):
    """Bodies are requested as soon as the row of a declared template is read; the senders are listed last."""
    folder, server = project
    listed = server.requests
    rows = Sender.list_live

    def late(kind, reader):
        while not any(request.path.endswith("/detailcontent") for request in [*listed]):
            time.sleep(0.001)
        return rows(kind, reader)

    monkeypatch.setattr(Sender, "list_live", late)

    assert () == open_session(folder).plan().changes


def test_creates_are_made_while_deleted_objects_are_listed(empty_project, monkeypatch):
    """The request for lists that a create may bring back is under way when the create is made."""
    folder, _ = empty_project
    (folder / "main.yaml").write_text("lists: {a: {}}\n")
    begun, made = threading.Event(), threading.Event()
    new, page = Comparison.new_change, ReadClient.rows

    def create(*each):
        assert begun.wait(5)
        made.set()
        return new(*each)

    def rows(client, endpoint, filters=None):
        if (filters or {}).get("IsDeleted") == "true":
            begun.set()
            assert made.wait(5)
        yield from page(client, endpoint, filters)

    monkeypatch.setattr(Comparison, "new_change", create)
    monkeypatch.setattr(ReadClient, "rows", rows)

    assert 1 == len(open_session(folder).plan().changes)


def test_connections_are_as_many_as_requests_in_flight(project, monkeypatch):
    """Listings and bodies share connections, whatever threads read them."""
    folder, _ = project
    made = []
    transport = Connector.transport

    def counted(connector):
        made.append(1)
        return transport(connector)

    monkeypatch.setattr(Connector, "transport", counted)
    open_session(folder).plan(PlanOptions(concurrency=3))

    assert len(made) <= 3


def test_import_exports_a_template_while_others_are_read(project, monkeypatch):
    """The last body is only sent once the first entry is made."""
    folder, _ = project
    (folder / "new").mkdir()
    last, exported = COUNT, threading.Event()
    read, export = Template.with_content, importer.export_entry

    def late(kind, reader, live):
        assert live.key != f"t{last}" or exported.wait(10)
        return read(kind, reader, live)

    monkeypatch.setattr(Template, "with_content", late)
    monkeypatch.setattr(importer, "export_entry", lambda *about: (exported.set(), export(*about))[1])
    (folder / "mjsync.yaml").rename(folder / "new" / "mjsync.yaml")
    options = ImportOptions(pick=lambda live, _: live.kind == "template")
    result = import_objects(open_import(folder / "new", None, SILENT), options)

    assert COUNT + 1 == result.added
    assert exported.is_set()
