"""State: load, dump, database file, snapshots."""

import json
import sqlite3

import pytest

from mjsync.emulator import Account, Clock, Emulator

LIST = "/v3/REST/contactslist"


class TestState:
    """All rows as one value."""

    def test_loading_what_was_dumped_changes_nothing(self, emulator, client, create):
        """A dumped state loads as the same account, with soft-deleted rows and content."""
        client.delete(f"{LIST}/{create('contactslist', Name='gone')['ID']}")
        number = create("template", Name="T")["ID"]
        client.post(f"/v3/REST/template/{number}/detailcontent", json={"Html-part": "<p>"})
        create("contact", Email="ann@example.com")
        create("listrecipient", ContactALT="ann@example.com", ListID=create("contactslist", Name="a")["ID"])

        state = json.loads(json.dumps(emulator.state()))
        assert state == Emulator(state=state).state()
        assert "<p>" == state["template"][-1]["detailcontent"]["Html-part"]

    def test_what_a_state_names_is_all_there_is(self):
        """A resource in a state has exactly its rows; others have those of a fresh account."""
        noon = Clock(now=lambda: 0.0)
        emulator = Emulator(state={"contactmetadata": [{"Name": "age"}]}, clock=noon)

        assert ["age"] == [each["Name"] for each in emulator.rows("contactmetadata")]
        assert Emulator(clock=noon).rows("template") == emulator.rows("template")

    def test_an_empty_resource_stays_empty(self):
        """A resource without rows in a state is empty."""
        emulator = Emulator(state={"contactmetadata": []})

        assert [] == Emulator(state=emulator.state()).rows("contactmetadata")

    def test_from_a_file(self, tmp_path):
        """A state may come from a JSON file."""
        path = tmp_path / "state.json"
        path.write_text('{"contactslist": [{"Name": "a"}]}', encoding="utf-8")

        assert ["a"] == [each["Name"] for each in Emulator(state=path).rows("contactslist")]

    def test_a_file_that_is_no_state(self, tmp_path):
        """A JSON list is not a state."""
        path = tmp_path / "state.json"
        path.write_text("[]", encoding="utf-8")

        with pytest.raises(ValueError, match=r"state\.json"):
            Emulator(state=path)

    @pytest.mark.parametrize(
        "state",
        [
            {"nonsense": []},
            {"contactslist": {"Name": "a"}},
            {"contactslist": [{"Name": "a"}, {"Name": "a"}]},
            {"contactslist": [{"Name": "a", "SubscriberCount": "many"}]},
        ],
    )
    def test_a_bad_state_changes_nothing(self, emulator, state):
        """An invalid state is an error and changes nothing."""
        emulator.insert("contactslist", {"Name": "kept"})
        before = emulator.state()
        with pytest.raises(ValueError, match=r"nonsense|contactslist"):
            emulator.load(state)

        assert before == emulator.state()

    def test_inserting_obeys_the_rules(self, emulator):
        """An inserted row is checked like a POST."""
        with pytest.raises(ValueError, match="Expression"):
            emulator.insert("contactfilter", {"Name": "s"})

    def test_rows_are_copies(self, emulator):
        """Changing what was returned changes nothing."""
        emulator.insert("contactslist", {"Name": "a"})["Name"] = "b"
        emulator.rows("contactslist")[0]["Name"] = "b"

        assert "a" == emulator.rows("contactslist")[0]["Name"]

    def test_ids_are_never_used_again(self, client, create):
        """The id of a deleted row is not used again."""
        first = create("contactmetadata", Name="a")["ID"]
        client.delete(f"/v3/REST/contactmetadata/{first}")

        assert first < create("contactmetadata", Name="a")["ID"]

    def test_ids_of_two_kinds_never_meet(self, create):
        """Ids of different resources differ."""
        assert create("contactslist", Name="a")["ID"] != create("template", Name="a")["ID"]

    def test_each_account_is_addressed_by_its_number(self, make_client):
        """State, rows and inserts may be those of another account."""
        emulator = Emulator(accounts=[Account("other", "pair", 222, is_master=False)])
        emulator.insert("contactslist", {"Name": "theirs"}, account=222)

        assert [] == emulator.rows("contactslist")
        assert ["theirs"] == [each["Name"] for each in emulator.state(account=222)["contactslist"]]
        client = make_client(emulator, ("other", "pair"))
        assert 222 == client.get("/v3/REST/apikey/other").json()["Data"][0]["ID"]
        assert 403 == client.post("/v3/REST/template", json={"Name": "T", "OwnerType": "user"}).status_code
        with pytest.raises(KeyError, match="333"):
            emulator.state(account=333)


class TestSnapshots:
    """Everything as it was."""

    def test_restore(self, emulator, client, create):
        """Rows and unique keys are as at the snapshot."""
        create("contactslist", Name="before")
        kept = emulator.snapshot()
        create("contactslist", Name="after")
        emulator.restore(kept)

        assert ["before"] == [each["Name"] for each in client.get(LIST).json()["Data"]]
        create("contactslist", Name="after")
        assert 400 == client.post(LIST, json={"Name": "before"}).status_code

    def test_a_snapshot_that_was_not_made(self, emulator):
        """An unknown name is an error."""
        with pytest.raises(KeyError):
            emulator.restore("snapshot-9")

    def test_reset(self, emulator, client, create):
        """Reset restores everything but the switches."""
        emulator.set("root_urls_refused", value=False)
        fresh = emulator.state()
        create("contactslist", Name="a")
        create("contact", Email="a@b.example")
        emulator.fault("500:times=all")
        emulator.reset()

        assert (fresh.keys(), (), 0) == (emulator.state().keys(), emulator.requests, emulator.tripwires)
        assert 200 == client.get(LIST).status_code
        hook = {"EventType": "open", "Url": "https://a.example"}
        assert 201 == client.post("/v3/REST/eventcallbackurl", json=hook).status_code


class TestFile:
    """Rows in SQLite."""

    def test_rows_outlive_the_emulator(self, tmp_path, make_client):
        """Rows, unique keys and ids are kept in the file."""
        path = tmp_path / "mailjet.db"
        first = Emulator(db=path)
        made = make_client(first).post(LIST, json={"Name": "a"}).json()["Data"][0]
        gone = make_client(first).post("/v3/REST/contactmetadata", json={"Name": "x"}).json()["Data"][0]
        make_client(first).delete(f"/v3/REST/contactmetadata/{gone['ID']}")
        state = first.state()
        first.close()
        second = Emulator(db=path)

        assert state == second.state()
        assert 400 == make_client(second).post(LIST, json={"Name": "a"}).status_code
        again = make_client(second).post("/v3/REST/contactmetadata", json={"Name": "x"}).json()["Data"][0]
        assert (made["ID"] + 1, gone["ID"] + 1) == (
            second.insert("contactslist", {"Name": "b"})["ID"],
            again["ID"],
        )
        second.close()

    def test_loading_and_restoring_are_written_too(self, tmp_path):
        """Loading and restoring are written to the file too."""
        path = tmp_path / "mailjet.db"
        first = Emulator(db=path, state={"contactslist": [{"Name": "a"}]})
        kept = first.snapshot()
        first.load({"contactslist": [{"Name": "b"}]})
        first.restore(kept)
        first.close()
        second = Emulator(db=path)

        assert ["a"] == [each["Name"] for each in second.rows("contactslist")]
        second.close()

    def test_two_emulators_cannot_share_a_file(self, tmp_path):
        """A second emulator on the same file is refused."""
        first = Emulator(db=tmp_path / "mailjet.db")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            Emulator(db=tmp_path / "mailjet.db")
        first.close()
