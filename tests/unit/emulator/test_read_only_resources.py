"""Read-only resources: contacts, drafts, campaigns, messages, senders, statistics."""

from datetime import UTC, datetime

import pytest

from mjsync.emulator import Clock, Emulator
from mjsync.emulator.rules.campaigns import period_start

COUNTED = {"CounterSource": "APIKey", "CounterTiming": "Message", "CounterResolution": "Lifetime"}
DRAFT = {"Status": 2, "Locale": "en_US", "Sender": "a", "SenderEmail": "a@b.example", "Subject": "s"}
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def emulator():
    """An emulator at noon of a May day, with a list, a contact on it, and things that use both."""
    state = {
        "contactmetadata": [{"Name": "age", "Datatype": "int"}, {"Name": "born", "Datatype": "datetime"}],
        "contactslist": [{"ID": 10, "Name": "News"}, {"ID": 11, "Name": "Other"}],
        "contact": [{"ID": 20, "Email": "ann@example.com"}, {"ID": 21, "Email": "bob@example.com"}],
        "contactdata": [{"ContactID": 20, "Data": [{"Name": "age", "Value": "7"}]}],
        "listrecipient": [{"ID": 30, "ContactID": 20, "ListID": 10, "SubscribedAt": "2026-01-01T00:00:00Z"}],
        "contactfilter": [{"ID": 40, "Name": "s", "Expression": "(age=1)"}],
        "campaigndraft": [
            {
                "ID": 50,
                "Title": "a",
                "SegmentationID": 40,
                "ContactsListID": 10,
                "TemplateID": 60,
                "Status": 1,
            },
            {"ID": 51, "Title": "b", "Status": -2},
        ],
        "campaign": [
            {
                "ID": 70,
                "CreatedAt": "2026-05-04T01:00:00Z",
                "CustomValue": "mj.nl=1",
                "FromEmail": "a@x.example",
            },
            {"ID": 71, "CreatedAt": "2026-05-01T01:00:00Z", "FromEmail": "a@y.example", "ListID": 10},
        ],
        "message": [
            {
                "ID": 1152921509561837015,
                "ArrivedAt": "2026-05-04T01:00:00Z",
                "Subject": "Hi",
                "Status": "sent",
            }
        ],
        "messagehistory": [{"MessageID": 80, "EventAt": 1, "EventType": "opened"}],
        "messageinformation": [{"ID": 90, "CampaignID": 70}],
        "statcounters": [{"CounterSource": "APIKey", "Total": 3, "Timeslice": "2026-05-04T01:00:00Z"}],
        "sender": [
            {"Email": "a@example.com", "Status": "Active"},
            {"Email": "*@example.org", "Status": "Active"},
            {"Email": "old@example.com", "Status": "Deleted"},
        ],
    }
    return Emulator(state=state, clock=Clock(now=lambda: NOON))


@pytest.fixture
def ids(client):
    """Return the ids in a listing."""

    def ask(resource, **params):
        answer = client.get(f"/v3/REST/{resource}", params=params)
        assert 200 == answer.status_code, answer.text
        return [each["ID"] for each in answer.json()["Data"]]

    return ask


class TestContacts:
    """Contacts, their values and their lists."""

    def test_by_address_in_any_case(self, client):
        """A path can have the address instead of the id."""
        assert 20 == client.get("/v3/REST/contact/ANN%40example.com").json()["Data"][0]["ID"]

    def test_a_key_that_is_no_address(self, client):
        """A key that is not an address is a 400, an unknown address a 404."""
        wrong = client.put("/v3/REST/contact/Non-existent-id", json={})

        expected = 'Invalid email address "Non-existent-id", reason: "No @ character in mail"'
        assert (400, expected) == (wrong.status_code, wrong.json()["ErrorMessage"])
        assert 404 == client.get("/v3/REST/contact/nobody@example.com").status_code

    def test_create_answers_the_recorded_keys(self, create):
        """Thirteen keys, unset times empty."""
        row = create("contact", Email="new@example.com", Name="New")

        assert 13 == len(row)
        assert ("", "", False) == (row["LastActivityAt"], row["UnsubscribedBy"], row["IsOptInPending"])

    @pytest.mark.parametrize(
        ("body", "status", "message"),
        [
            (
                {"Email": "ann@example.com"},
                400,
                'MJ18 A Contact resource with value "ann@example.com" for Email already exists.',
            ),
            (
                {"Email": "000"},
                400,
                'Internal error: Invalid email address "000", reason: "No @ character in mail"',
            ),
            (
                {"Email": "c@example.com", "LastActivityAt": "2020-01-01T00:00:00Z"},
                401,
                'Internal error: MJ19 Setting a value for property "LastActivityAt" is not allowed',
            ),
        ],
    )
    def test_refusals(self, client, body, status, message):
        """The recorded refusals of a new contact."""
        answer = client.post("/v3/REST/contact", json=body)

        assert (status, message) == (answer.status_code, answer.json()["ErrorMessage"])

    def test_a_change_is_dated(self, client):
        """A change sets LastUpdateAt; an exclusion sets its own date too."""
        row = client.put("/v3/REST/contact/20", json={"IsExcludedFromCampaigns": "true"}).json()["Data"][0]

        assert row["LastUpdateAt"] == row["ExclusionFromCampaignsUpdatedAt"] == "2026-05-04T12:00:00Z"

    def test_a_new_name_is_no_exclusion(self, client):
        """Other changes do not set the date of the exclusion."""
        row = client.put("/v3/REST/contact/20", json={"Name": "Ann"}).json()["Data"][0]

        assert ("2026-05-04T12:00:00Z", "") == (row["LastUpdateAt"], row["ExclusionFromCampaignsUpdatedAt"])

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"ContactsList": 10}, [20]),
            ({"IsUnsubscribed": "true"}, []),
            ({"IsUnsubscribed": "false"}, [20, 21]),
            ({"IsExcludedFromCampaigns": "true"}, []),
        ],
    )
    def test_filters(self, ids, params, expected):
        """Contacts are filtered by list, exclusion and unsubscription."""
        assert expected == ids("contact", **params)

    def test_lists_of_a_contact(self, client):
        """The recorded four keys."""
        row = {"IsActive": True, "IsUnsub": False, "ListID": 10, "SubscribedAt": "2026-01-01T00:00:00Z"}

        assert [row] == client.get("/v3/REST/contact/20/getcontactslists").json()["Data"]

    def test_values_are_text(self, client):
        """Numbers come back as text; PUT merges; null removes."""
        client.put("/v3/REST/contactdata/20", json={"Data": [{"Name": "born", "Value": "2021-02-11T23:03:03.000Z"}]})
        both = client.get("/v3/REST/contactdata/ann@example.com").json()["Data"][0]
        client.put("/v3/REST/contactdata/20", json={"Data": [{"Name": "age", "Value": None}]})
        one = client.get("/v3/REST/contactdata/20").json()["Data"][0]

        born = {"Name": "born", "Value": "2021-02-11T23:03:03Z"}
        assert [{"Name": "age", "Value": "7"}, born] == both["Data"]
        assert [born] == one["Data"]

    def test_values_come_in_the_order_of_their_definitions(self, client):
        """Values are in the order of the property definitions, not in that of the writes."""
        for name, value in (("born", "1"), ("age", 2)):
            client.put("/v3/REST/contactdata/21", json={"Data": [{"Name": name, "Value": value}]})

        rows = client.get("/v3/REST/contactdata/21").json()["Data"][0]["Data"]
        assert ["age", "born"] == [each["Name"] for each in rows]

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"Name": "foo", "Value": "1"}, 'Invalid key name: "foo"'),
            (
                {"Name": "born", "Value": "asd"},
                '[{ "born" : "CM09 "asd" is not a valid datetime value for key born" }]',
            ),
        ],
    )
    def test_values_that_do_not_fit(self, client, entry, message):
        """An undefined property and an invalid time are refused."""
        answer = client.put("/v3/REST/contactdata/20", json={"Data": [entry]})

        assert (400, message) == (answer.status_code, answer.json()["ErrorMessage"])

    def test_values_of_an_unknown_contact(self, client):
        """An unknown address is a 404, a broken body a 400."""
        assert 404 == client.get("/v3/REST/contactdata/nobody@example.com").status_code
        assert 400 == client.put("/v3/REST/contactdata/20", json={"Data": ["age"]}).status_code

    @pytest.mark.parametrize(
        ("params", "expected"),
        [({"ContactEmail": "ann@example.com"}, [20]), ({"Limit": 1}, [20]), ({"Status": "x"}, [20, 21])],
    )
    def test_values_by_address(self, ids, params, expected):
        """The listing of values can be filtered by address."""
        assert expected == ids("contactdata", **params)

    def test_deleting_all_values(self, client):
        """The contact stays, without values."""
        client.delete("/v3/REST/contactdata/20")

        assert [] == client.get("/v3/REST/contactdata/20").json()["Data"][0]["Data"]

    def test_values_without_an_id(self, client):
        """PUT without an id is a 404 here."""
        assert 404 == client.put("/v3/REST/contactdata", json={}).status_code

    def test_deleting_a_property_deletes_its_values(self, client, emulator):
        """The values of all contacts go with the property."""
        number = emulator.rows("contactmetadata")[0]["ID"]
        client.delete(f"/v3/REST/contactmetadata/{number}")

        assert [] == client.get("/v3/REST/contactdata/20").json()["Data"][0]["Data"]

    def test_renaming_a_property_keeps_its_values(self, client, emulator):
        """The values follow the name."""
        number = emulator.rows("contactmetadata")[0]["ID"]
        client.put(f"/v3/REST/contactmetadata/{number}", json={"Name": "years"})

        assert [{"Name": "years", "Value": "7"}] == client.get("/v3/REST/contactdata/20").json()["Data"][0]["Data"]


class TestSubscriptions:
    """List memberships."""

    def count(self, client):
        """Return the number of subscribers of the list."""
        return client.get("/v3/REST/contactslist/10").json()["Data"][0]["SubscriberCount"]

    def test_lists_of_a_state_file_are_counted(self, client):
        """The members of a list without SubscriberCount are counted."""
        assert 1 == self.count(client)

    def test_the_count_follows(self, client, create):
        """The subscriber count follows each membership."""
        row = create("listrecipient", ContactID=21, ListID=10)
        assert ("News", 2) == (row["ListName"], self.count(client))
        client.put(f"/v3/REST/listrecipient/{row['ID']}", json={"IsUnsubscribed": True})
        assert 1 == self.count(client)
        client.delete("/v3/REST/listrecipient/30")
        assert 0 == self.count(client)

    def test_by_alternate_key(self, create):
        """A contact may be named by its address."""
        assert 21 == create("listrecipient", ContactALT="bob@example.com", ListID=10)["ContactID"]

    def test_an_unknown_alternate_key(self, client):
        """The recorded refusal names the property and the value."""
        body = {"ContactAlt": "nobody@example.com", "ListID": 10}
        answer = client.post("/v3/REST/listrecipient", json=body)

        expected = 'Property "Contact", alternate key value "nobody@example.com" could not be resolved to an ID'
        assert (400, expected) == (answer.status_code, answer.json()["ErrorMessage"])

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"ContactsList": 10}, [30]),
            ({"ContactsList": 11}, []),
            ({"Contact": 20}, [30]),
            ({"ContactEmail": "ann@example.com"}, [30]),
            ({"Unsub": "true"}, []),
            ({"ListName": "News"}, [30]),
            ({"Active": "false"}, []),
        ],
    )
    def test_filters(self, ids, params, expected):
        """The filters an impact check needs."""
        assert expected == ids("listrecipient", **params)

    def test_on_a_list_once(self, client):
        """A second membership is a duplicate; one of an unknown contact is a 404."""
        answer = client.post("/v3/REST/listrecipient", json={"ContactID": 20, "ListID": 10})

        expected = 'MJ18 A ListRecipient resource with value "20|10" for ContactID|ListID already exists.'
        assert expected == answer.json()["ErrorMessage"]
        assert 404 == client.post("/v3/REST/listrecipient", json={"ContactID": 9, "ListID": 10}).status_code

    def test_leaving_and_coming_back(self, client):
        """Each action changes the membership."""
        path = "/v3/REST/contactslist/10/managecontact"
        counts = []
        for action in ("unsub", "addnoforce", "addforce", "remove", "remove", "unsub"):
            client.post(path, json={"Email": "ann@example.com", "Action": action})
            counts.append(self.count(client))

        assert [0, 0, 1, 0, 0, 0] == counts
        assert 400 == client.post(path, json={"Email": "ann@example.com", "Action": "x"}).status_code

    def test_those_of_deleted_lists_can_be_ignored(self, client, ids):
        """IgnoreDeleted leaves out recipients of deleted lists."""
        client.delete("/v3/REST/contactslist/10")

        assert ([30], []) == (ids("listrecipient"), ids("listrecipient", IgnoreDeleted="true"))

    def test_managing_a_contact_of_a_list(self, client):
        """The answer echoes the contact with its properties."""
        body = {"Email": "cy@example.com", "Name": "Cy", "Action": "addforce", "Properties": {"age": 3}}
        answer = client.post("/v3/REST/contactslist/10/managecontact", json=body)

        row = answer.json()["Data"][0]
        assert (201, {"age": "3"}, "Cy") == (answer.status_code, row["Properties"], row["Name"])
        assert 2 == self.count(client)

    def test_managing_the_lists_of_a_contact(self, client):
        """Several lists change at once, or none if one of them is deleted."""
        path = "/v3/REST/contact/21/managecontactslists"
        good = client.post(path, json={"ContactsLists": [{"ListID": "10", "Action": "addnoforce"}]})
        bad = client.post(path, json={"ContactsLists": [{"ListID": 99, "Action": "addforce"}]})

        assert [{"ContactsLists": [{"Action": "addnoforce", "ListID": 10}]}] == good.json()["Data"]
        assert "List ID 99 is invalid or deleted" == bad.json()["ErrorInfo"]["ContactsLists"][0]["Error"]


class TestDrafts:
    """Campaign drafts."""

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"Template": 60}, [50]),
            ({"Segmentation": 40}, [50]),
            ({"ContactsList": 10}, [50]),
            ({"Status": "0,1"}, [50]),
            ({"IsDeleted": "true"}, [51]),
            ({"Template": 61}, []),
        ],
    )
    def test_filters(self, ids, params, expected):
        """By the template, segment and list they use, and by their state."""
        assert expected == ids("campaigndraft", **params)

    def test_unset_references_are_missing(self, client):
        """A draft without a segment has no such key (recorded)."""
        set_, unset = client.get("/v3/REST/campaigndraft").json()["Data"]

        assert 40 == set_["SegmentationID"]
        assert not {"SegmentationID", "TemplateID", "ContactsListID", "ReplyEmail"} & unset.keys()

    def test_mandatory_references_are_never_missing(self, client, emulator):
        """A job without data has a zero there (recorded)."""
        emulator.insert("batchjob", {"JobType": "Send newsletter"})
        row = client.get("/v3/REST/batchjob").json()["Data"][0]

        assert (0, False) == (row["DataID"], "APIKeyID" in row)

    def test_a_reference_can_be_unset(self, client):
        """Zero takes the key away."""
        body = {"SegmentationID": 0, "Locale": "en_US", "Sender": "a", "SenderEmail": "a@b.example", "Subject": "s"}
        row = client.put("/v3/REST/campaigndraft/50", json=body).json()["Data"][0]

        assert "SegmentationID" not in row

    def test_references_come_back_as_numbers(self, create):
        """Ids sent as text are numbers in the answer (reported)."""
        row = create(
            "campaigndraft",
            Locale="en_US",
            Sender="Alex",
            SenderEmail="a@example.com",
            Subject="Hello",
            ContactsListID="10",
            SegmentationID="40",
        )

        assert (10, 40, 0, "tool2") == (
            row["ContactsListID"],
            row["SegmentationID"],
            row["Status"],
            row["EditMode"],
        )

    def test_state_by_name(self, client):
        """The status action names the state."""
        assert [{"Status": "Programmed"}] == client.get("/v3/REST/campaigndraft/50/status").json()["Data"]

    @pytest.mark.parametrize("action", ["send", "test", "schedule"])
    def test_nothing_is_sent(self, client, emulator, action):
        """Sending is refused and counted."""
        assert 403 == client.post(f"/v3/REST/campaigndraft/50/{action}", json={}).status_code
        assert 1 == emulator.tripwires

    @pytest.mark.parametrize("segment", [40, 41])
    def test_a_sending_uses_its_segment(self, client, emulator, segment):
        """A sending sets its segment to used; a missing segment is ignored."""
        emulator.insert("campaign", {"SegmentationID": segment, "FromEmail": "a@example.com"})

        expected = "used" if segment == 40 else "unused"
        assert expected == client.get("/v3/REST/contactfilter/40").json()["Data"][0]["Status"]

    def test_a_sent_draft_uses_its_segment(self, client, emulator):
        """The same for a draft in state sent; a change is dated."""
        emulator.load({**emulator.state(), "campaigndraft": [{**emulator.rows("campaigndraft")[0], **DRAFT}]})
        row = client.put("/v3/REST/campaigndraft/50", json={"Title": "b"}).json()["Data"][0]

        assert "2026-05-04T12:00:00Z" == row["ModifiedAt"]
        assert "used" == emulator.rows("contactfilter")[0]["Status"]

    def test_a_draft_has_no_send_to_read(self, client):
        """A draft without a schedule is a 404."""
        assert 404 == client.get("/v3/REST/campaigndraft/50/schedule").status_code

    def test_content_of_a_draft(self, client):
        """Drafts have content of their own, in the classic style."""
        path = "/v3/REST/campaigndraft/50/detailcontent"
        client.post(path, json={"Html-part": "<p>"})

        assert '"Html-part" : "<p>"' in client.get(path).text


class TestSendings:
    """Campaigns and messages."""

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({}, [70]),
            ({"FromTS": "2026-04-01T00:00:00Z"}, [70, 71]),
            ({"FromTS": "2026-05-01T01:00:00Z"}, [70]),
            ({"FromTS": "1", "ToTS": "2026-05-02T00:00:00Z"}, [71]),
            ({"Period": "Month"}, [70, 71]),
            ({"Period": "Month", "ContactsListID": 10}, [71]),
            ({"Period": "Month", "FromDomain": "x.example"}, [70]),
            ({"CustomCampaign": "mj.nl=1"}, [70]),
            ({"CampaignID": 71}, [71]),
        ],
    )
    def test_campaigns(self, ids, params, expected):
        """Without a date only today's are listed; the lower bound is exclusive."""
        assert expected == ids("campaign", **params)

    def test_a_campaign_by_its_key(self, client):
        """A path can have the custom value instead of the id."""
        assert 70 == client.get("/v3/REST/campaign/mj.nl=1").json()["Data"][0]["ID"]

    def test_a_time_with_a_bound(self, emulator, ids):
        """Other times are bounded by their names: from by default, to with Max."""
        emulator.load({"sender": []})
        for number in (1, 2):
            emulator.insert("dns", {"Domain": f"{number}.example", "LastCheckAt": f"2026-05-0{number}T00:00:00Z"})

        early, late = (row["ID"] for row in emulator.rows("dns"))
        assert [late] == ids("dns", MinLastCheckAt="2026-05-01T00:00:00Z")
        assert [early] == ids("dns", MaxLastCheckAt="2026-05-01T00:00:00Z")

    def test_a_message_id_beyond_double_precision(self, ids):
        """Ids above 2^53 are exact."""
        assert [1152921509561837015] == ids("message", FromTS=1, MessageStatus="sent")

    def test_a_subject_shows_on_demand(self, client):
        """Subject is filled with ShowSubject only."""
        plain = client.get("/v3/REST/message").json()["Data"][0]
        shown = client.get("/v3/REST/message", params={"ShowSubject": "true"}).json()["Data"][0]

        assert ("", "Hi") == (plain["Subject"], shown["Subject"])

    def test_history_by_message(self, client):
        """The id in the path is the message's; an unknown one is 200 without events."""
        events = client.get("/v3/REST/messagehistory/80").json()

        assert ["opened"] == [each["EventType"] for each in events["Data"]]
        assert b'{ "Count" : 0, "Data" : [], "Total" : 0 }' == client.get("/v3/REST/messagehistory/123").content

    def test_information_by_campaign(self, ids):
        """Message information is filtered by campaign."""
        assert ([90], []) == (
            ids("messageinformation", CampaignID=70),
            ids("messageinformation", CampaignID=71),
        )


class TestCounters:
    """Mandatory filters of statcounters."""

    def test_with_all_it_needs(self, client):
        """Source, timing and resolution are enough for a lifetime."""
        answer = client.get("/v3/REST/statcounters", params=COUNTED)

        assert (200, 3) == (answer.status_code, answer.json()["Data"][0]["Total"])

    @pytest.mark.parametrize(
        "change",
        [
            {"CounterSource": ""},
            {"CounterTiming": ""},
            {"CounterResolution": ""},
            {"CounterResolution": "Day"},
            {"CounterSource": "Campaign"},
            {"CounterSource": "Sender", "CounterTiming": "Event"},
        ],
    )
    def test_with_something_missing(self, client, change):
        """Each mandatory filter is one."""
        assert 400 == client.get("/v3/REST/statcounters", params={**COUNTED, **change}).status_code


class TestSenders:
    """Senders."""

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({}, ["a@example.com", "*@example.org"]),
            ({"ShowDeleted": "true"}, ["a@example.com", "*@example.org", "old@example.com"]),
            ({"Domain": "example.org"}, ["*@example.org"]),
            ({"IsDomainSender": "false"}, ["a@example.com"]),
            ({"LocalPart": "a"}, ["a@example.com"]),
            ({"Status": "Deleted"}, ["old@example.com"]),
        ],
    )
    def test_filters(self, client, params, expected):
        """Deleted ones show on demand; parts of the address filter."""
        assert expected == [each["Email"] for each in client.get("/v3/REST/sender", params=params).json()["Data"]]

    def test_the_address_of_a_deleted_sender_is_taken(self, client):
        """A deleted sender cannot be made again (reported)."""
        answer = client.post("/v3/REST/sender", json={"Email": "old@example.com"})

        expected = 'MJ18 A Sender resource with value "old@example.com" for Email already exists.'
        assert expected == answer.json()["ErrorMessage"]

    def test_delete_is_soft(self, client, emulator):
        """A deleted sender is marked."""
        client.delete("/v3/REST/sender/a@example.com")

        assert "Deleted" == emulator.rows("sender")[0]["Status"]

    def test_a_new_one_waits_for_its_confirmation(self, create, emulator):
        """A new sender is inactive, and counted: Mailjet would send mail."""
        assert "Inactive" == create("sender", Email="new@example.com")["Status"]
        assert 1 == emulator.tripwires


class TestElsewhere:
    """Paths that are not REST resources."""

    def test_erasing_a_contact(self, client, emulator):
        """Erasing a contact by v4 answers 200 to anything, and is counted."""
        answer = client.delete("/v4/contacts/20")

        assert (200, b"", 1) == (answer.status_code, answer.content, emulator.tripwires)

    def test_uploading_data(self, client, emulator):
        """An upload answers a bare object, or a 404 for an unknown source."""
        good = client.post("/v3/DATA/contactslist/10/CSVData/text:plain", content=b"email")
        bad = client.post("/v3/DATA/contactslist/99/CSVData/text:plain", content=b"email")

        assert (200, {"ID": 1}) == (good.status_code, good.json())
        assert (404, "Source object not found") == (bad.status_code, bad.json()["ErrorMessage"])
        assert 2 == emulator.tripwires

    def test_key_pairs_cannot_be_made(self, client):
        """Key pairs cannot be created."""
        assert 403 == client.post("/v3/REST/apikey", json={"Name": "x"}).status_code

    def test_an_action_the_emulator_does_not_have(self, client):
        """A known action that is not offered is a 403; an unknown one is an unknown path."""
        assert 403 == client.post("/v3/REST/contactslist/10/importlist", json={}).status_code
        assert 500 == client.post("/v3/REST/contactslist/10/nonsense", json={}).status_code


BIG = 1152921509561837015  # beyond 2^53


def message(number, status, **values):
    """Return a row of `message` in campaign BIG."""
    return {"ID": BIG + number, "CampaignID": BIG, "Status": status, "ArrivedAt": "2026-05-04T10:00:00Z", **values}


class TestMessages:
    """Messages with ids beyond 2^53, as the health and impact commands read them."""

    @pytest.fixture
    def emulator(self):
        """An account with two campaigns and five messages."""
        state = {
            "sender": [{"ID": 5, "Email": "shop@example.com", "Status": "Active"}],
            "campaign": [
                {"ID": BIG, "ListID": 9, "FromEmail": "shop@example.com", "CustomValue": "spring", "CampaignType": 2},
                {"ID": BIG + 1, "FromEmail": "other@other.example", "CampaignType": 1},
            ],
            "message": [
                message(1, "sent", MessageSize=100, Subject="Hello", SenderID=5),
                message(2, "blocked", StateID=17),
                message(3, "blocked", StateID=18, CampaignID=BIG + 1),
                message(4, "opened", ArrivedAt="2026-04-01T10:00:00Z"),
                message(5, "softbounced"),
            ],
        }
        return Emulator(state=state, clock=Clock(now=lambda: NOON))

    @pytest.mark.parametrize(
        ("params", "numbers"),
        [
            ({"MessageStatus": 8}, [2, 3]),
            ({"MessageStatus": "blocked"}, [2, 3]),
            ({"MessageStatus": 9}, [5]),
            ({"MessageStatus": 2}, [1]),
            ({"MessageState": 18}, [3]),
            ({"MessageState": "17,18"}, [2, 3]),
            ({"Campaign": BIG + 1}, [3]),
            ({"CampaignID": BIG + 1}, [3]),
            ({"From": "other@other.example"}, [3]),
            ({"FromDomain": "example.com"}, [1, 2, 4, 5]),
            ({"FromType": 1}, [3]),
            ({"SenderID": 5}, [1]),
            ({"FromTS": "2026-05-01T00:00:00Z"}, [1, 2, 3, 5]),
            ({"FromTS": "2026-05-01T00:00:00Z", "ToTS": "2026-05-02T00:00:00Z"}, []),
        ],
    )
    def test_filters(self, ids, params, numbers):
        """Messages are filtered by their own values, and by those of their campaign and sender."""
        assert [BIG + number for number in numbers] == ids("message", **params)

    def test_information_of_a_message_without_a_row(self, client):
        """Sizes are derived from the message."""
        row = client.get(f"/v3/REST/messageinformation/{BIG + 1}").json()["Data"][0]

        assert (BIG + 1, BIG, 100) == (row["ID"], row["CampaignID"], row["MessageSize"])

    @pytest.mark.parametrize(
        ("params", "numbers"),
        [
            ({"MessageStatus": 8}, [2, 3]),
            ({"ContactsList": 9}, [1, 2, 4, 5]),
            ({"CustomCampaign": "spring", "Period": "Month"}, [1, 2, 5]),
        ],
    )
    def test_information_filters(self, ids, params, numbers):
        """Message information is filtered by its message and campaign."""
        assert [BIG + number for number in numbers] == ids("messageinformation", **params)

    def test_history_of_a_message_without_events(self, client):
        """The events follow from the message's status and state."""
        events = client.get(f"/v3/REST/messagehistory/{BIG + 3}").json()["Data"]

        assert [("blocked", "error in template language")] == [(each["EventType"], each["State"]) for each in events]

    def test_summaries_are_of_today(self, client):
        """Without a parameter, sent statistics cover today: the first message of each campaign."""
        data = client.get("/v3/REST/messagesentstatistics").json()["Data"]

        assert [(BIG + 1, 3), (BIG + 3, 1)] == [(row["MessageID"], row["CntRecipients"]) for row in data]

    def test_summaries_of_all_messages(self, client):
        """AllMessages shows every message that fits."""
        params = {"AllMessages": "true", "CampaignID": BIG}
        data = client.get("/v3/REST/messagesentstatistics", params=params).json()["Data"]

        assert [BIG + number for number in (1, 2, 4, 5)] == [row["MessageID"] for row in data]
        assert [True] == [row["Open"] for row in data if row["MessageID"] == BIG + 4]

    def test_a_summary_by_message(self, client):
        """The id in the path is the message's."""
        row = client.get(f"/v3/REST/messagesentstatistics/{BIG + 2}").json()["Data"][0]

        assert (True, 17, "bad or empty template") == (row["Blocked"], row["StateID"], row["Details"])

    def test_states(self, client):
        """Every state has a text."""
        data = client.get("/v3/REST/messagestate", params={"Limit": 100}).json()["Data"]

        assert (21, "error in template language") == (len(data), data[17]["State"])

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"CounterSource": "APIKey", "CounterResolution": "Lifetime"}, [("", 5, 2, 1)]),
            (
                {"CounterSource": "List", "SourceID": 9, "CounterResolution": "Day", "FromTS": "2026-04-30T00:00:00Z"},
                [("2026-05-04T00:00:00Z", 3, 1, 0)],
            ),
            ({"CounterSource": "Campaign", "SourceID": BIG + 1, "CounterResolution": "Lifetime"}, [("", 1, 1, 0)]),
        ],
    )
    def test_counters_are_counted_from_messages(self, client, params, expected):
        """Without stored counters they are counted from the messages, by source and time slice."""
        query = {"CounterTiming": "Message", **params}
        data = client.get("/v3/REST/statcounters", params=query).json()["Data"]
        fields = ("Timeslice", "Total", "MessageBlockedCount", "MessageOpenedCount")

        assert expected == [tuple(row[name] for name in fields) for row in data]


def test_paging_through_thousands_of_messages(make_client):
    """Pages have at most 1000 rows and Total is the page's size; countOnly has the whole number."""
    client = make_client(Emulator(state={"message": [message(number, "sent") for number in range(2500)]}))
    pages = [client.get("/v3/REST/message", params={"Limit": 5000, "Offset": at}).json() for at in (0, 1000, 2000)]
    count = client.get("/v3/REST/message", params={"countOnly": 1}).json()

    assert [1000, 1000, 500] == [page["Total"] for page in pages]
    assert {BIG + number for number in range(2500)} == {row["ID"] for page in pages for row in page["Data"]}
    assert (2500, []) == (count["Total"], count["Data"])


def test_a_scheduled_draft(client, emulator):
    """A draft with ScheduledAt in its row is scheduled; another one is not."""
    base = {"Locale": "en_US", "Sender": "1", "SenderEmail": "a@example.com", "Subject": "s"}
    emulator.load({"campaigndraft": [{"ID": 1, **base}, {"ID": 2, **base, "ScheduledAt": "2026-06-01T08:00:00Z"}]})

    assert 404 == client.get("/v3/REST/campaigndraft/1/schedule").status_code
    assert "2026-06-01T08:00:00Z" == client.get("/v3/REST/campaigndraft/2/schedule").json()["Data"][0]["Date"]


def test_statistics_of_lists(client, emulator):
    """Lists without stored statistics have their name and subscribers, and can be found by id."""
    emulator.load({"contactslist": [{"ID": 1, "Name": "Weekly", "SubscriberCount": 7}, {"ID": 2, "Name": "Old"}]})
    row = client.get("/v3/REST/liststatistics", params={"ContactsListID": 1}).json()["Data"]

    assert [("Weekly", 7)] == [(each["Name"], each["SubscriberCount"]) for each in row]


@pytest.mark.parametrize(("click", "expected"), [("true", [2]), ("false", [0])])
def test_statistics_with_a_count(client, emulator, click, expected):
    """A filter such as Click compares whether the counter is above zero."""
    emulator.load({"contactstatistics": [{"ID": 1, "ClickedCount": 2}, {"ID": 2}]})
    data = client.get("/v3/REST/contactstatistics", params={"Click": click}).json()["Data"]

    assert expected == [row["ClickedCount"] for row in data]


class TestDomains:
    """DNS state of the domains that mail is sent from."""

    def test_senders_of_a_domain_share_its_row(self, client, emulator):
        """Each sender refers to its domain's row, which says OK if nothing else is stored."""
        emulator.load(
            {
                "dns": [{"ID": 9, "Domain": "bad.example", "SPFStatus": "Error", "DKIMStatus": "Not checked"}],
                "sender": [
                    {"ID": 1, "Email": "a@good.example", "Status": "Active"},
                    {"ID": 2, "Email": "*@good.example", "Status": "Active"},
                    {"ID": 3, "Email": "a@bad.example", "Status": "Active"},
                    {"ID": 4, "Email": "a@new.example"},
                ],
            }
        )
        data = client.get("/v3/REST/dns").json()["Data"]

        assert [1, 1, 9, -1] == [row["DNSID"] for row in client.get("/v3/REST/sender").json()["Data"]]
        assert [("good.example", "OK", "OK"), ("bad.example", "Error", "Not checked")] == [
            (row["Domain"], row["SPFStatus"], row["DKIMStatus"]) for row in data
        ]

    def test_by_domain(self, client):
        """The domain or the id is the key; another one is a 404."""
        assert "example.com" == client.get("/v3/REST/dns/example.com").json()["Data"][0]["Domain"]
        assert 404 == client.get("/v3/REST/dns/none.example").status_code


def test_contacts_of_a_campaign(ids, emulator):
    """Contacts are filtered by the campaign of their messages, and their values too."""
    people = [{"ID": 1, "Email": "a@example.com"}, {"ID": 2, "Email": "b@example.com"}]
    emulator.load({"contact": people, "message": [{**message(1, "sent"), "ContactID": 2}]})

    assert ([2], [2]) == (ids("contact", Campaign=BIG), ids("contactdata", Campaign=BIG))


# Every resource that the public guide and the reference of the message resources name, with a row of it.
NAMED = {
    "message": {},
    "messagehistory": None,
    "messageinformation": {},
    "messagesentstatistics": {},
    "contact": {"Email": "a@example.com"},
    "contactdata": None,
    "contactmetadata": {"Name": "age"},
    "contactslist": {"Name": "Weekly"},
    "campaigndraft": {"Locale": "en_US", "Sender": "1", "SenderEmail": "a@example.com", "Subject": "s"},
    "campaign": {"FromEmail": "a@example.com"},
    "template": {"Name": "T"},
    "contactfilter": {"Name": "S", "Expression": "(age>1)"},
    "contactstatistics": {},
    "bouncestatistics": {},
    "eventcallbackurl": {"EventType": "open", "Url": "https://hooks.example.com/x"},
    "parseroute": {"Email": "a@in.example.com", "Url": "https://hooks.example.com/x"},
}


@pytest.mark.parametrize("resource", [name for name, row in NAMED.items() if row is not None])
def test_every_named_resource_answers_from_its_rows(make_client, resource):
    """A stored row can be read by its id and is counted."""
    emulator = Emulator(state={resource: [{"ID": 4242, **NAMED[resource]}]})
    client = make_client(emulator)
    count = client.get(f"/v3/REST/{resource}", params={"countOnly": 1, "AllMessages": 1, "FromTS": 1}).json()["Total"]

    assert 1 == client.get(f"/v3/REST/{resource}/4242").json()["Count"]
    assert 1 == count


@pytest.mark.parametrize(
    ("period", "start"),
    [
        ("Day", "2026-05-07T00:00:00Z"),
        ("Week", "2026-05-04T00:00:00Z"),
        ("Month", "2026-05-01T00:00:00Z"),
        ("year", "2026-01-01T00:00:00Z"),
        ("Decade", ""),
    ],
)
def test_periods(period, start):
    """A period begins at midnight UTC of its first day; weeks begin on Monday."""
    assert start == period_start(period, "2026-05-07T13:14:15Z")
