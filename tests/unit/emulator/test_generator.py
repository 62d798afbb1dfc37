"""Generated state of a large account."""

import pytest

from mjsync.emulator import Emulator, generate_state, parse_counts
from mjsync.emulator.generator import GENERATORS

NOW = 1_780_000_000.0


def test_all_resources_can_be_loaded(make_client):
    """Every generated row is accepted, and campaigns, drafts and messages have ids beyond 2^53."""
    emulator = Emulator(state=generate_state(dict.fromkeys(GENERATORS, 30), NOW))

    assert {name: 30 for name in GENERATORS if name != "template"} == {
        name: len(emulator.rows(name)) for name in GENERATORS if name != "template"
    }
    assert all(row["ID"] > 2**53 for name in ("campaign", "campaigndraft", "message") for row in emulator.rows(name))


def test_messages_have_template_errors(make_client):
    """Among thousands of messages some are blocked with the states 17 and 18."""
    client = make_client(Emulator(state=generate_state({"message": 2000}, NOW)))
    counts = [
        client.get("/v3/REST/message", params={"MessageState": state, "countOnly": 1}).json()["Total"]
        for state in (17, 18)
    ]

    assert [30, 30] == counts


def test_the_same_again():
    """The same counts and time give the same rows."""
    assert generate_state({"campaign": 5}, NOW) == generate_state({"campaign": 5}, NOW)


def test_counts_as_text():
    """The command line writes RESOURCE=COUNT."""
    assert {"message": 5, "contact": 2} == parse_counts(["message=5", "contact=2"])
    with pytest.raises(ValueError, match="RESOURCE=COUNT"):
        parse_counts(["message"])
    with pytest.raises(ValueError, match="webhook cannot be generated"):
        generate_state({"webhook": 1}, NOW)
