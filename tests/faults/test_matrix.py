"""Every fault at every request of a mixed apply; then apply again, or undo, and look at the account."""

import json

import pytest

WRITE_FAULTS = (
    "close",
    "close-after-commit",
    "429",
    "403",
    "500",
    "500-after-commit",
    "502:body=html",
    "truncated",
    "wrong-type",
    "delay:seconds=0",
    "lag:requests=2",
)
LASTING = ("close", "403", "500")
"""Faults that also stay until the run is over, on that path."""
CASES = [(fault, "1") for fault in WRITE_FAULTS] + [(fault, "all") for fault in LASTING]
READ_FAULTS = ("close", "429", "403", "404", "404:body=html", "500", "502:body=html", "truncated", "wrong-type")
READ_CASES = [
    (fault, times, 0, 1) for fault in READ_FAULTS for times in ("1", "all") if (fault, times) != ("429", "all")
]
READ_CASES += [("429", "all", part, 4) for part in range(4)]
"""Fault, how often, and which part of the paths: waiting for a limit that lasts takes a quarter of a minute a path."""
AGAIN = 3
"""Runs until the account must be as desired: while reads lag behind, a run may refuse what seems to have moved."""


def writes(sample):
    """Method, path and number among equal ones, of each write of an apply without faults."""
    assert 0 == sample.apply().code
    found = []
    for request in sample.emulator.requests:
        call = (request.method, request.path)
        if request.method != "GET":
            found.append((*call, sum(call == seen[:2] for seen in found) + 1))
    return found


def check_code(ended, sample, done):
    """Check the exit code: 0 all done, 1 and 4 nothing written, 5 some of it."""
    state = sample.live()
    if ended.code == 0:
        assert done == state
    elif ended.code in (1, 4):
        assert sample.before == state
    else:
        assert 5 == ended.code, ended.err


def test_the_sample_changes_every_kind_in_every_way(sample):
    """The apply under test creates, updates and deletes objects of all six kinds, and renames some."""
    document = json.loads(sample.apply("--dry-run").out)
    seen = {(change["kind"], change["action"]) for change in document["changes"]}

    kinds = ("property", "list", "segment", "template", "webhook", "parse_route")
    expected = {(kind, action) for kind in kinds for action in ("create", "delete", "update")}
    renamed = {(kind, "rename") for kind in ("property", "list", "template")}
    assert (expected | renamed) - {("list", "update"), ("template", "update")} == seen


@pytest.mark.parametrize(("fault", "times"), CASES)
def test_a_fault_on_any_write_is_survived(sample, fault, times, record_property):
    """After any fault at any write, apply ends as desired and undo as before; nothing is doubled or changed besides."""
    calls = writes(sample)
    done = sample.live()
    for method, path, nth in calls:
        sample.again()
        sample.emulator.fault(f"{fault}:{method}:{path}:nth={nth}:times={times}")
        first = sample.apply()
        sample.check()
        check_code(first, sample, done)
        sample.emulator.clear_faults()
        then, (receipt,) = sample.emulator.snapshot(), sample.receipts

        again = settled(sample, sample.apply)
        assert (0, done) == (again.code, sample.live()), (method, path, first.err, again.err)
        sample.emulator.restore(then)
        back = settled(sample, lambda receipt=receipt: sample.undo(receipt))
        assert (0, sample.before) == (back.code, sample.live()), (method, path, first.out, back.out, back.err)
    record_property("fault cases", 2 * len(calls))


def settled(sample, run):
    """Apply until it ends with 0, a few times at most; no run may double or change anything else."""
    for _ in range(AGAIN):
        ended = run()
        sample.check()
        if ended.code == 0:
            break
    return ended


@pytest.mark.parametrize(("fault", "times", "part", "parts"), READ_CASES)
def test_a_fault_on_any_read_leads_to_nothing_unwanted(sample, fault, times, part, parts, record_property):
    """After any fault at any read, only what the plan without faults has is created or deleted."""
    assert 0 == sample.apply().code
    done = sample.live()
    reads = sorted({request.path for request in sample.emulator.requests if request.method == "GET"})
    if (fault, times) == ("404", "all"):  # how Mailjet may say for good that a template has no content yet
        reads = [path for path in reads if not path.endswith("/detailcontent")]
    for path in reads[part::parts]:
        sample.again()
        sample.emulator.fault(f"{fault}:GET:{path}:times={times}")
        first = sample.apply()
        sample.check()
        check_code(first, sample, done)
        assert_on_the_way(sample, done)
        sample.emulator.clear_faults()
        assert (0, done) == (settled(sample, sample.apply).code, sample.live()), (path, first.out, first.err)
    record_property("fault cases", len(reads[part::parts]))


def assert_on_the_way(sample, done):
    """Check that each row was there before, is desired, or is a template between its two requests."""
    for resource, rows in sample.live().items():
        known = [*sample.before[resource], *done[resource]]
        halves = [{**row, "detailcontent": {"Headers": {}}} for row in known if "detailcontent" in row]
        metas = [row.get("Name") for row in known]
        for row in rows:
            assert row in known or row in halves or row.get("Name") in metas, row
