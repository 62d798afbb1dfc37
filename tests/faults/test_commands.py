"""Approval, receipts, undo and export through the command line."""

import csv
import json

import pytest

from tests.faults.sample_account import MANIFEST


def digest(sample):
    """Return the digest of a plan."""
    return json.loads(sample.apply("--dry-run").out)["digest"]


def codes(ended):
    """Return the codes of an error document."""
    return {finding["code"] for finding in json.loads(ended.out)["findings"]}


def test_the_reviewed_digest_is_applied(sample):
    """`apply --digest D` applies the plan whose digest is D."""
    assert 0 == sample.apply("--digest", digest(sample)).code


def test_another_digest_is_refused(sample):
    """With another digest nothing is written, and each step is named."""
    ended = sample.apply("--digest", "sha256:nonsense")

    assert (4, {"guard-digest"}, sample.before) == (ended.code, codes(ended), sample.live())
    assert 19 == len({finding["address"] for finding in json.loads(ended.out)["findings"]})


def test_what_is_left_stays_approved(sample):
    """After a partial run the same digest approves the rest, however often the run breaks off."""
    approved = digest(sample)
    for path in ("/v3/REST/contactfilter", "/v3/REST/template/*/detailcontent"):
        sample.emulator.fault(f"403:POST:{path}:times=all")
        assert 5 == sample.apply("--digest", approved).code
        sample.emulator.clear_faults()

    assert 0 == sample.apply("--digest", approved).code


def test_a_receipt_that_somebody_else_wrote_approves_nothing(sample):
    """A receipt that a pull request adds approves nothing: it is not signed with the keys."""
    approved = digest(sample)
    sample.emulator.fault("403:POST:/v3/REST/template:times=all")
    assert 5 == sample.apply("--digest", approved).code
    sample.emulator.clear_faults()
    sample.write(MANIFEST.replace("<h1>Order</h1>", "<h1>Elsewhere</h1>"))
    planned = json.loads(sample.apply("--dry-run").out)["changes"]
    marks = {change["address"]: change["marks"] for change in planned}
    file = sample.root / ".mjsync" / "receipts" / f"{sample.receipts[0]}.json"
    document = json.loads(file.read_text())
    for step in document["steps"]:
        step["marks"] = marks.get(step["address"], step["marks"])
    file.write_text(json.dumps(document))
    before = sample.live()

    assert (4, before) == (sample.apply("--digest", approved).code, sample.live())


def test_what_is_left_of_a_plan_file_stays_approved_anywhere(sample, tmp_path):
    """A plan file has all that is needed to approve the rest of its plan; no receipt is read."""
    file = tmp_path / "reviewed.json"
    assert 0 == sample.run("plan", "--out", str(file)).code
    for path in ("/v3/REST/contactfilter", "/v3/REST/template/*/detailcontent"):
        sample.emulator.fault(f"403:POST:{path}:times=all")
        assert 5 == sample.apply("--plan", str(file)).code
        sample.emulator.clear_faults()
        sample.forget()

    assert 0 == sample.apply("--plan", str(file)).code


def test_a_plan_file_refuses_what_moved(sample, tmp_path):
    """A step whose object moved since the plan file is named with what moved; nothing is written."""
    file = tmp_path / "reviewed.json"
    sample.run("plan", "--out", str(file))
    with sample.client() as client:
        client.put(f"contactfilter/{sample.ids('contactfilter')['Buyers']}", {"Expression": "(orders>7)"})
    before = sample.live()
    ended = sample.apply("--plan", str(file))

    (finding,) = json.loads(ended.out)["findings"]
    assert (4, "segment.buyers", before) == (ended.code, finding["address"], sample.live())
    assert "expression" in finding["message"]


@pytest.mark.parametrize("content", ["", "[]", '{"format": "mjsync-error/1"}', '{"format": "mjsync-plan/1"}'])
def test_a_file_that_is_no_plan_is_wrong_use(sample, tmp_path, content):
    """A file that is not a plan file ends with 2, without a traceback."""
    file = tmp_path / "x.json"
    file.write_text(content)

    assert (2, {"wrong-use"}) == ((ended := sample.apply("--plan", str(file))).code, codes(ended))


def test_a_refusal_under_json_is_one_document(sample):
    """With --format json a refusal is one document on stdout."""
    assert "mjsync-error/1" == json.loads(sample.apply("--digest", "x").out)["format"]


def test_an_object_that_a_receipt_knows_is_not_taken_over(sample):
    """The note `takes over` is missing for objects that an earlier run created or changed."""
    assert 0 == sample.apply().code
    sample.write(MANIFEST.replace("orders_count>3", "orders_count>4").replace("Hello", "Hi"))
    notes = {each["address"]: each["notes"] for each in json.loads(sample.apply("--dry-run").out)["changes"]}
    sample.forget()
    without = {each["address"]: each["notes"] for each in json.loads(sample.apply("--dry-run").out)["changes"]}

    assert ({"segment.buyers": [], "template.welcome": []}, {"segment.buyers": ["takes over"]}) == (
        notes,
        {"segment.buyers": without["segment.buyers"]},
    )


def test_receipts_go_where_they_are_told(sample, tmp_path):
    """`--receipts DIR` stores receipts for CI, and undo finds them there."""
    kept = tmp_path / "artefacts"
    ended = sample.apply("--receipts", str(kept))
    (receipt,) = kept.glob("*.json")

    assert str(receipt) == json.loads(ended.out)["receipt"]
    back = sample.run("undo", receipt.stem, "--receipts", str(kept), "--yes")
    assert (0, sample.before) == (back.code, sample.live())


def test_runs_are_listed_and_shown(sample):
    """Runs are listed newest first, with user, place and outcome; a single run is shown with its calls."""
    sample.apply()
    (receipt,) = sample.receipts
    sample.undo(receipt)
    (undone, first) = json.loads(sample.run("runs", "--format", "json").out)["runs"]

    assert (receipt, "apply", "complete", {"applied": 19}) == (
        first["id"],
        first["command"],
        first["outcome"],
        first["steps"],
    )
    assert ("undo", receipt) == (undone["command"], undone["undoes"])
    assert "POST /v3/REST/contactslist → 201" in sample.run("runs", "show", receipt).out


def test_undo_asks_like_apply(sample):
    """Without a terminal and without --yes undo does nothing; --dry-run shows its plan."""
    sample.apply()
    done = sample.live()

    assert 4 == sample.run("undo", sample.receipts[0]).code
    shown = sample.run("undo", sample.receipts[0], "--dry-run")
    assert (0, done) == (shown.code, sample.live())
    assert "- list.fresh" in shown.out


def test_undo_of_a_part(sample):
    """--target takes back only what it selects."""
    sample.apply()
    ended = sample.run("undo", sample.receipts[0], "--target", "list.*", "--yes")

    assert (0, ["Not ours", "Old news", "Weekly"]) == (ended.code, sample.names("contactslist"))
    assert "order" in sample.names("template")
    assert 2 == sample.run("undo", sample.receipts[0], "--target", "list.nonsense", "--yes").code


def test_undo_names_the_receipt_relative_to_the_project(sample):
    """A finding about what cannot come back has the receipt's path relative to the project, like all findings."""
    sample.apply()
    document = json.loads(sample.run("undo", sample.receipts[0], "--dry-run", "--format", "json").out)
    files = {each["file"] for each in document["warnings"] if each["code"] == "cannot-come-back"}

    assert {f".mjsync/receipts/{sample.receipts[0]}.json"} == files


def test_undo_of_what_moved_is_refused(sample):
    """Undo of an object that moved ends with 4, names the object, and writes nothing."""
    sample.apply()
    with sample.client() as client:
        client.put(f"contactslist/{sample.ids('contactslist')['Weekly news']}", {"Name": "Monthly news"})
    before = sample.live()
    ended = sample.undo(sample.receipts[0])

    (finding,) = json.loads(ended.out)["findings"]
    assert (4, "guard-moved", "list.weekly", before) == (
        ended.code,
        finding["code"],
        finding["address"],
        sample.live(),
    )


def test_undo_leaves_what_is_protected_now(sample):
    """Undo does not delete what manifests protect."""
    sample.apply()
    sample.write(MANIFEST.replace("  fresh: {}", "  fresh: {protect: true}"))
    ended = sample.undo(sample.receipts[0])

    assert (4, {"guard-protected"}) == (ended.code, codes(ended))


def test_undo_of_many_creates_needs_no_ratio(sample):
    """Ratio guards do not apply to the undo of creates."""
    (sample.root / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    sample.write(f"lists: {{{', '.join(f'l{number}: {{}}' for number in range(12))}}}")
    assert 0 == sample.apply().code

    assert (0, sample.before) == (sample.undo(sample.receipts[0]).code, sample.live())


def test_undo_needs_no_manifests(sample):
    """Undo works while manifests are broken."""
    sample.apply()
    sample.write("lists: [")

    assert (0, sample.before) == (sample.undo(sample.receipts[0]).code, sample.live())


def test_undo_on_another_account_is_refused(sample):
    """A receipt cannot be undone on another account."""
    sample.apply()
    file = sample.root / ".mjsync" / "receipts" / f"{sample.receipts[0]}.json"
    file.write_text(file.read_text().replace('"account": 123456', '"account": 99'))

    assert (4, {"wrong-account"}) == ((ended := sample.undo(sample.receipts[0])).code, codes(ended))


def test_an_apply_without_a_journal_is_none(sample):
    """Where the journal cannot be written, nothing is written to Mailjet."""
    (sample.root / ".mjsync").write_text("in the way")
    ended = sample.apply()

    assert (1, {"journal"}, sample.before) == (ended.code, codes(ended), sample.live())


@pytest.fixture
def peopled(sample):
    """Two contacts who subscribe to the list that is deleted; one has a value of the property that is deleted."""
    emulator = sample.emulator
    for number, email in enumerate(("ann@example.com", "bob@example.com")):
        contact = emulator.insert("contact", {"Email": email, "Name": email[:3]})
        emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": sample.ids("contactslist")["Old news"]})
        if number:
            emulator.insert("contactdata", {"ID": contact["ID"], "Data": [{"Name": "shoe_size", "Value": 44}]})
    return sample


def rows(file):
    """Return the rows of an export."""
    with file.open(newline="") as lines:
        return [(row["address"], row["email"] or row["value"]) for row in csv.DictReader(lines)]


EXPORTED = [("list.Old news", "ann@example.com"), ("list.Old news", "bob@example.com"), ("property.shoe_size", "44")]


def test_people_are_exported_before_they_are_touched(peopled, tmp_path):
    """Subscribers and values are in the export file, which only its owner may read."""
    file = tmp_path / "people.csv"
    assert 0 == peopled.apply("--export", str(file)).code

    assert (EXPORTED, 0o600) == (sorted(rows(file)), file.stat().st_mode & 0o777)


def test_a_failed_export_stops_before_the_first_write(peopled, tmp_path):
    """Nothing is deleted if the export fails; the next run continues the export where it stopped."""
    file, before = tmp_path / "people.csv", peopled.live()
    peopled.emulator.fault("403:GET:/v3/REST/contactdata:after=1:times=all")
    assert (1, before) == (peopled.apply("--export", str(file)).code, peopled.live())
    assert not file.exists()
    part = file.with_name("people.csv.part")
    part.write_bytes(part.read_bytes()[:-3])
    peopled.emulator.clear_faults()

    assert 0 == peopled.apply("--export", str(file)).code
    assert EXPORTED == sorted(rows(file))


def subscribe(sample, many):
    """Subscribe that many contacts to the list that is deleted; some names must be quoted in CSV."""
    emulator, number = sample.emulator, sample.ids("contactslist")["Old news"]
    for place in range(many):
        name = f'Line one\r\nline "two" {place}' if place % 2 else ""
        contact = emulator.insert("contact", {"Email": f"c{place}@example.com", "Name": name})
        emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": number})


def contacts_read(sample):
    """Return how often a page of contacts was read."""
    return sum(request.path == "/v3/REST/contact" for request in sample.emulator.requests)


@pytest.mark.parametrize("torn", [1, 12, 40])
def test_an_export_goes_on_where_it_was_stopped(sample, tmp_path, torn):
    """Wherever an export file was cut off, its whole rows are kept, and only the rest is read again."""
    subscribe(sample, 3100)
    file = tmp_path / "people.csv"
    sample.emulator.fault("403:GET:/v3/REST/contact:after=3:times=all")
    options = ("--export", str(file), "--approve", "people:list.Old news")
    assert 1 == sample.apply(*options).code
    part = file.with_name("people.csv.part")
    part.write_bytes(part.read_bytes()[:-torn])
    sample.emulator.clear_faults()
    sample.emulator.clear_requests()

    assert (0, 2) == (sample.apply(*options).code, contacts_read(sample))
    assert [f"c{place}@example.com" for place in range(3100)] == [email for _, email in rows(file)]


def test_an_export_of_another_account_is_not_gone_on_with(sample, tmp_path):
    """An export of another account is not continued: the same address may be another object there."""
    subscribe(sample, 5)
    part = tmp_path / "people.csv.part"
    lines = [f"list.Old news,99,{place},{place},other{place}@example.com,,\r\n" for place in range(2000)]
    part.write_bytes("".join(["address,id,row,contact_id,email,name,value\r\n", *lines]).encode())

    assert 0 == sample.apply("--export", str(tmp_path / "people.csv")).code
    assert {f"c{place}@example.com" for place in range(5)} <= {email for _, email in rows(tmp_path / "people.csv")}


def test_a_file_that_no_export_wrote_is_left_alone(peopled, tmp_path):
    """A file that no export wrote is not overwritten: that is wrong use."""
    part = tmp_path / "people.csv.part"
    part.write_text("mine")

    assert 2 == peopled.apply("--export", str(tmp_path / "people.csv")).code
    assert "mine" == part.read_text()


def test_an_export_is_never_written_over(peopled, tmp_path):
    """An existing export is not overwritten: that is wrong use."""
    file = tmp_path / "people.csv"
    file.write_text("mine")

    assert (2, "mine") == (peopled.apply("--export", str(file)).code, file.read_text())
