"""The endpoint table against the API's recorded description of itself."""

import json
import os
from pathlib import Path

import pytest

from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.listing import TEXT_TESTS

# Every difference between the table and the description recorded in June 2021, each with its source.
EXPECTED = {
    "apikey: property Skipspamd is not described": "recorded sample apikey-list-200",
    "user: property FirstIp is not described": "recorded sample user-list-200",
    "listrecipient: property ListName is not described": "mailjet-api.md, section 16.1",
    "statcounters: filter SourceID is not described": "mailjet-api.md, section 16.2",
    "template: property CreatedAt is not described": "recorded sample template-list-200",
    "template: property IsTextPartGenerationEnabled is not described": "recorded sample template-list-200",
    "template: property LastUpdatedAt is not described": "recorded sample template-list-200",
    "template: property LocaleList is not described": "recorded sample template-list-200",
    "template: action detailcontent is Get, Put, Post instead of Get, Post": "guides (mailjet-api.md, section 11.2)",
    **{
        f"contactfilter: filter {name} is not described": "reference of newer servers (mailjet-api.md, section 9)"
        for name in ("Name", *(f"Name{test}" for test in TEXT_TESTS))
    },
}


@pytest.fixture(scope="module")
def recorded():
    """The recorded resources by name."""
    if "MJSYNC_SHARED" not in os.environ:
        pytest.skip("MJSYNC_SHARED is not set: the recorded description is not at hand")
    path = Path(os.environ["MJSYNC_SHARED"], "mailjet-samples", "metadata-all-200.json")
    return {each["Name"]: each for each in json.loads(path.read_text(encoding="utf-8"))["Data"]}


@pytest.fixture
def served(client):
    """The resources the emulator describes, by name."""
    return {each["Name"]: each for each in client.get("/v3/REST/metadata").json()["Data"]}


def named(entries, key="Name"):
    """Entries by their name, without the prose."""
    return {each[key]: {name: value for name, value in each.items() if name != "Description"} for each in entries}


def differences(resource, ours, theirs):
    """Yield every difference of one resource as text."""
    for kind, key in (("property", "Properties"), ("filter", "Filters")):
        mine, recorded = named(ours[key]), named(theirs[key])
        yield from (f"{resource}: {kind} {name} is missing" for name in recorded.keys() - mine.keys())
        yield from (f"{resource}: {kind} {name} is not described" for name in mine.keys() - recorded.keys())
        for name in mine.keys() & recorded.keys():
            if mine[name] != recorded[name]:
                yield f"{resource}: {kind} {name} is {mine[name]} instead of {recorded[name]}"
    mine, recorded = ({each["Name"]: each["PublicOperations"] for each in row["Actions"]} for row in (ours, theirs))
    for name in mine.keys() | recorded.keys():
        if mine.get(name) != recorded.get(name):
            yield f"{resource}: action {name} is {mine.get(name)} instead of {recorded.get(name)}"
    for key in ("APIVersion", "IsReadOnly", "PublicOperations", "UniqueKey", "SortInfo", "Name"):
        if ours[key] != theirs[key]:
            yield f"{resource}: {key} is {ours[key]} instead of {theirs[key]}"


def test_every_difference_has_a_source(served, recorded):
    """All 63 resources are described as recorded, but for differences that have a source."""
    assert recorded.keys() == served.keys()
    found = {each for name in recorded for each in differences(name, served[name], recorded[name])}

    assert sorted(EXPECTED) == sorted(found)


def test_names_come_in_the_recorded_order(served, recorded):
    """Properties and filters are in the recorded order."""
    for name, row in recorded.items():
        for key in ("Properties", "Filters"):
            known = [each["Name"] for each in row[key]]
            ours = [each["Name"] for each in served[name][key] if each["Name"] in known]
            assert known == ours, name


def test_what_the_description_does_not_know_has_a_source():
    """Each newer property has its source."""
    for line in EXPECTED:
        if ": property " in line:
            resource, _, rest = line.partition(": property ")
            field = endpoints()[resource].by_input_name[rest.split()[0].casefold()]
            assert field.since, line


def test_the_page_is_ignored(client):
    """Limit has no effect (recorded)."""
    assert 63 == client.get("/v3/REST/metadata?Limit=1").json()["Total"]


def test_one_resource_by_name(client):
    """A name in the path returns that resource."""
    assert ["contactslist"] == [each["Name"] for each in client.get("/v3/REST/metadata/contactslist").json()["Data"]]
    assert 404 == client.get("/v3/REST/metadata/nothing").status_code


def test_it_cannot_be_written(client):
    """The description is read-only."""
    assert 401 == client.post("/v3/REST/metadata", json={}).status_code
