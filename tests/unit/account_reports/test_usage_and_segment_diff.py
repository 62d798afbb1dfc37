"""`mjsync usage` and `mjsync segment-diff`: what nothing names, and who enters and leaves."""

import html
import json
from datetime import UTC, datetime

import pytest

from mjsync.account_reports import segment_evaluation
from mjsync.account_reports.segment_diff import Contacts, compare_segment
from mjsync.account_reports.segment_evaluation import Evaluator
from mjsync.account_reports.usage import MAX_REQUESTS
from mjsync.cli.commands.usage import command
from mjsync.emulator.generator import generate_state
from mjsync.template_language.segments import parse_expression
from tests.unit.account_reports.conftest import BIG, ago

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTENT = {"Html-part": "<p>x</p>", "Text-part": "text", "MJMLContent": None}
CONTACT = {"age": "35", "country": "France", "vip": "true", "seen": "2026-05-20T00:00:00Z", "empty": ""}


def document(shop, *arguments, code=0):
    """The JSON document of a command."""
    ran = shop.run(*arguments, "--format", "json")
    assert code == ran.code, ran.err
    return json.loads(ran.out)


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ("(age<35)", False),
        ("(age<=35)", True),
        ('(country="France")', True),
        ('(country<>"France")', False),
        ("(vip=true)", True),
        ("(IsProvided(country))", True),
        ("((not IsProvided(empty)))", True),
        ("(nothing>3)", False),
        ('(StartsWith(country,"Fr"))', True),
        ('(Contains(country,"xx"))', False),
        ("(IsBetweenNumbers(age,18,35))", True),
        ("(IsInPreviousDays(seen,30))", True),
        ("(IsInPreviousDays(seen,3))", False),
        ("(IsInNextDays(seen,30))", False),
        ('(Between(seen,"2026-05-01T00:00:00.000Z","2026-05-31T00:00:00.000Z"))', True),
        ("(seen<DateTimeNow())", True),
        ("(seen<ToDate(1556658000))", False),
        ('((country="Spain") AND (age>1)) OR (vip=true)', True),
        ("(hasopenedsince(7))", None),
        ("((not hasclickedsince(7)))", None),
        ("(hasopenedsince(7)) OR (age=35)", True),
        ("(hasopenedsince(7)) AND (age=35)", None),
        ("(hasopenedsince(7)) AND (age=36)", False),
    ],
)
def test_expressions_are_evaluated(expression, matches):
    """Each documented form is evaluated; opens and clicks are undecided unless they do not matter."""
    root = parse_expression(expression).root

    assert matches is Evaluator(NOW).matches(root, CONTACT)


@pytest.fixture
def segment(shop):
    """A segment that differs from the account's."""
    shop.load(contactfilter=[{"ID": 8, "Name": "s", "Expression": "(age<30)"}])
    shop.write("properties: {age: int}\nsegments: {s: {expression: (age<40)}}\n")
    return shop


def test_contacts_of_a_file(segment):
    """Columns are properties in any case; one request, for the segment on the account."""
    file = segment.folder / "contacts.csv"
    file.write_text("email,Age\n" + "".join(f"p{age}@x.example,{age}\n" for age in range(20, 60)))
    found = document(segment, "segment-diff", "s", "--contacts", str(file))

    assert (40, 10, 20, 10, 0) == tuple(
        found[key] for key in ("contacts", "matched_before", "matched_after", "enter", "leave")
    )
    assert 1 == len(segment.paths)
    assert "10 entering, 0 leaving" in segment.run("segment-diff", "s", "--contacts", str(file)).out


def test_a_segment_that_is_renamed_is_compared_with_its_former_self(segment, csv):
    """The object on the account is found by a former name that the manifest states."""
    segment.write("properties: {age: int}\nsegments: {adults: {renamed_from: s, expression: (age<40)}}\n")
    found = document(segment, "segment-diff", "adults", "--contacts", csv)

    assert (10, 20) == (found["matched_before"], found["matched_after"])


def test_a_sample_is_read_in_pages(segment):
    """A sample of 1,500 contacts costs two requests, whatever the number of contacts; opens are reported."""
    segment.load(
        contact=[{"ID": number + 1, "Email": f"p{number}@x.example"} for number in range(3000)],
        contactmetadata=[{"ID": 1, "Name": "age", "Datatype": "int"}],
        contactdata=[
            {"ID": number + 1, "ContactID": number + 1, "Data": [{"Name": "age", "Value": "35"}]}
            for number in range(3000)
        ],
    )
    segment.write("properties: {age: int}\nsegments: {s: {expression: (age<40) AND (hasopenedsince(7))}}\n")
    found = document(segment, "segment-diff", "segment.s", "--sample", "1500")

    assert (1500, 1500, ["hasopenedsince"]) == (found["contacts"], found["undecided"], found["functions"])
    assert 3 == len(segment.paths)
    assert "cannot be evaluated offline" in segment.run("segment-diff", "s").out


@pytest.fixture
def csv(segment):
    """A file of contacts from 20 to 59 years old, as a spreadsheet writes it."""
    file = segment.folder / "contacts.csv"
    file.write_text("\ufeffemail;Age\n" + "".join(f"p{age}@x.example;{age}\n" for age in range(20, 60)))
    return str(file)


def test_a_plan_shows_it_beside_each_change(segment, csv):
    """Counts of changed and of new segments are in every format; a file costs no request."""
    segment.write("properties: {age: int}\nsegments: {s: {expression: (age<40)}, new: {expression: (age>=58)}}\n")
    segment.run("plan")
    requests = segment.paths
    changes = {each["address"]: each for each in document(segment, "plan", "--contacts", csv)["changes"]}

    names = ("compared", "matched_before", "matched_after", "enter", "leave", "undecided")
    assert (40, 10, 20, 10, 0, 0) == tuple(changes["segment.s"]["impact"][name] for name in names)
    assert (40, 0, 2, 2, 0, 0) == tuple(changes["segment.new"]["impact"][name] for name in names)
    assert {} == changes["property.age"]["impact"]
    assert sorted(requests) == sorted(segment.paths)
    sentence = "of 40 contacts (contacts.csv): 10 entering, 0 leaving; matching 10 before, 20 after"
    assert sentence in segment.run("plan", "--contacts", csv).out
    for form in ("markdown", "html"):
        out = html.unescape(segment.run("plan", "--contacts", csv, "--format", form).out)
        assert sentence in out
        assert "10 entering, 0 leaving</" in out


def test_a_plan_reads_one_sample_for_all_segments(segment):
    """A sample of 1,500 costs two requests, and none where no segment changes; the digest stays."""
    segment.load(
        contact=[{"ID": number + 1, "Email": f"p{number}@x.example"} for number in range(1600)],
        contactmetadata=[{"ID": 1, "Name": "age", "Datatype": "int"}],
        contactdata=[
            {"ID": number, "ContactID": number, "Data": [{"Name": "age", "Value": "35"}]} for number in range(1, 1601)
        ],
    )
    segment.write("segments: {s: {expression: (age<40)}, new: {expression: (hasopenedsince(7))}}\n")
    found = document(segment, "plan", "--sample", "1500")

    assert 2 == segment.paths.count("GET contactdata")
    assert found["digest"] == document(segment, "plan")["digest"]
    notes = {each["address"]: each["notes"] for each in found["changes"]}
    assert "1,500 contacts undecided: hasopenedsince cannot be evaluated offline" in notes["segment.new"]
    segment.write("lists: {a: {}}\n")
    document(segment, "plan", "--sample", "1500")
    assert 0 == segment.paths.count("GET contactdata")


def test_an_apply_shows_it_too(segment, csv):
    """The plan that is confirmed has the counts."""
    assert "10 entering, 0 leaving" in segment.run("apply", "--yes", "--contacts", csv).out


def test_contacts_without_a_snapshot_and_with_one(segment, csv):
    """A plan against a snapshot uses a file, and refuses a sample; both together are wrong use."""
    file = str(segment.folder / "account.json")
    segment.run("snapshot", "--out", file)

    assert "10 entering" in segment.run("plan", "--against", file, "--contacts", csv).out
    assert 2 == segment.run("plan", "--against", file, "--sample", "10").code
    assert 2 == segment.run("plan", "--sample", "10", "--contacts", csv).code
    assert 2 == segment.run("segment-diff", "s", "--contacts", csv, "--sample", "10").code


def test_a_column_that_the_file_lacks_is_named(segment, csv):
    """Its contacts count as having no value, and the output says so."""
    segment.write("properties: {age: int, city: str}\nsegments: {s: {expression: '(age<40) AND (city=\"Rome\")'}}\n")
    found = document(segment, "segment-diff", "s", "--contacts", csv)

    assert (["city"], 0) == (found["missing"], found["matched_after"])
    assert "has no column city" in segment.run("plan", "--contacts", csv).out


def test_contacts_that_cannot_be_read_do_not_fail_the_plan(segment):
    """The change has a note."""
    segment.emulator.fault("403:GET:/v3/REST/contactdata:times=all")
    ran = segment.run("plan", "--sample", "10")

    assert 0 == ran.code
    assert "who enters and leaves could not be counted" in ran.out


def test_an_unknown_segment_and_a_file_that_is_not_text(segment):
    """Both are wrong use."""
    (segment.folder / "x.csv").write_bytes(b"\xff\xfe\x00")

    assert 2 == segment.run("segment-diff", "z").code
    assert 2 == segment.run("segment-diff", "s", "--contacts", str(segment.folder / "x.csv")).code


def test_usage_lists_what_nothing_names(shop):
    """Drafts that are deleted and campaigns of long ago do not count; other owners' templates are not listed."""
    draft = {"Locale": "en_US", "Sender": "1", "SenderEmail": "a@b.example", "Subject": "s"}
    shop.load(
        contactslist=[{"ID": 1, "Name": "used"}, {"ID": 2, "Name": "old"}],
        contactfilter=[{"ID": 3, "Name": "seg", "Expression": "(a=1)"}],
        template=[
            {"ID": 4, "Name": "t4"},
            {"ID": 5, "Name": "t5", "detailcontent": CONTENT},
            {"ID": 6, "Name": "g", "OwnerType": "global"},
        ],
        campaigndraft=[{**draft, "ID": BIG, "TemplateID": 4}, {**draft, "ID": BIG + 1, "TemplateID": 5, "Status": -2}],
        campaign=[
            {"ID": BIG, "ListID": 1, "FromEmail": "a@b.example", "CreatedAt": ago(days=2), "SendStartAt": ago(days=2)},
            {
                "ID": BIG + 1,
                "ListID": 2,
                "FromEmail": "a@b.example",
                "CreatedAt": ago(days=99),
                "SendStartAt": ago(days=99),
            },
        ],
    )
    found = document(shop, "usage")

    sizes = [(each["name"], each["bytes"], each["subscribers"]) for each in found["unused"]]
    assert [("t5", 12, None), ("old", None, 0), ("seg", None, None)] == sizes
    assert 6 == len(shop.paths)
    assert "12 B" in shop.run("usage").out
    assert ["t5", "seg"] == [each["name"] for each in document(shop, "usage", "--days", "365")["unused"]]


def test_usage_of_a_large_account_is_bounded(shop):
    """Thousands of drafts and campaigns are read up to the limit, which the help states and the output reports."""
    counts = {"campaign": 6000, "campaigndraft": 6000, "contactslist": 10, "contactfilter": 5, "template": 60}
    shop.load(**generate_state(counts, datetime.now(UTC).timestamp()))
    found = document(shop, "usage")

    assert found["complete"] is False
    assert MAX_REQUESTS >= len(shop.paths) == 33
    assert f"at most {MAX_REQUESTS}" in command.help
    out = shop.run("usage").out
    assert "Not all was read" in out
    assert "The sizes are those of the first 20 templates." in out


def test_contacts_with_the_same_values_are_evaluated_once(monkeypatch):
    """A file of a million contacts has few different values of what an expression uses."""
    calls = []
    compare = segment_evaluation._compared
    monkeypatch.setattr(segment_evaluation, "_compared", lambda *arguments: calls.append(1) or compare(*arguments))
    rows = ({"age": str(number % 4), "email": f"p{number}@x.example"} for number in range(1000))
    diff = compare_segment("segment.s", ("(age<1)", "(age<2)"), Contacts(rows, "x"))

    assert (1000, 250, 500, 250) == (diff.contacts, diff.matched_before, diff.matched_after, diff.enter)
    assert 2 * 4 == len(calls)
