"""The six managed resources."""

import pytest

LIST = "/v3/REST/contactslist"
HOOK = "/v3/REST/eventcallbackurl"
URL = "https://hooks.example.com/x"


class TestLists:
    """Lists: soft deletes, names that are free again, generated addresses."""

    def test_create_answers_the_recorded_keys(self, create):
        """A new list has the six recorded keys, in alphabetical order."""
        row = create("contactslist", Name="Test List")

        assert ["Address", "CreatedAt", "ID", "IsDeleted", "Name", "SubscriberCount"] == list(row)
        assert (9, False, 0) == (len(row["Address"]), row["IsDeleted"], row["SubscriberCount"])

    def test_delete_is_soft(self, client, create):
        """A deleted list is found by its id, marked, and not listed."""
        row = create("contactslist", Name="Gone")
        deleted = client.delete(f"{LIST}/{row['ID']}")

        assert (204, b"") == (deleted.status_code, deleted.content)
        assert [{**row, "IsDeleted": True}] == client.get(f"{LIST}/{row['ID']}").json()["Data"]
        assert [] == client.get(LIST).json()["Data"]

    def test_deleting_twice(self, client, create):
        """A deleted list can be deleted again."""
        path = f"{LIST}/{create('contactslist', Name='Gone')['ID']}"

        assert [204, 204] == [client.delete(path).status_code for _ in range(2)]

    def test_deleting_by_put_and_restoring(self, client, create):
        """IsDeleted is written as any property."""
        path = f"{LIST}/{create('contactslist', Name='Gone')['ID']}"
        client.put(path, json={"IsDeleted": True})
        client.put(path, json={"IsDeleted": False})

        assert 1 == client.get(LIST).json()["Count"]

    def test_deleted_lists_are_listed_on_demand(self, client, create):
        """IsDeleted=true lists the deleted ones alone."""
        gone, _kept = create("contactslist", Name="Gone"), create("contactslist", Name="Kept")
        client.delete(f"{LIST}/{gone['ID']}")

        rows = client.get(LIST, params={"IsDeleted": "true"}).json()["Data"]
        assert ["Gone"] == [each["Name"] for each in rows]

    def test_the_name_of_a_deleted_list_is_free_at_once(self, client, create):
        """A new list of the old name has another id and address."""
        first = create("contactslist", Name="Again")
        client.delete(f"{LIST}/{first['ID']}")
        second = create("contactslist", Name="Again")

        assert first["ID"] != second["ID"]
        assert first["Address"] != second["Address"]

    def test_a_live_name_is_taken(self, client, create):
        """Two live lists cannot have one name."""
        create("contactslist", Name="Once")
        answer = client.post(LIST, json={"Name": "Once"})

        assert 400 == answer.status_code
        assert "A contact list with name Once already exists" == answer.json()["ErrorMessage"]

    def test_restoring_onto_a_taken_name(self, client, create):
        """A deleted list cannot come back beside a live one of its name."""
        first = create("contactslist", Name="Again")
        client.delete(f"{LIST}/{first['ID']}")
        create("contactslist", Name="Again")

        assert 400 == client.put(f"{LIST}/{first['ID']}", json={"IsDeleted": False}).status_code

    def test_an_empty_name(self, client):
        """The recorded refusal of a list without a name."""
        answer = client.post(LIST, json={})

        expected = "MJ08 Property Name is invalid: MJ04 Value must have at least length 1"
        assert expected == answer.json()["ErrorInfo"]

    @pytest.mark.parametrize("body", [{}, {"Name": "Same"}, {"ID": 7}])
    def test_a_put_that_changes_nothing(self, client, create, body):
        """Nothing, equal values and read-only values are 304 with no body."""
        row = create("contactslist", Name="Same")
        answer = client.put(f"{LIST}/{row['ID']}", json=body)

        assert (304, b"") == (answer.status_code, answer.content)

    def test_the_address_cannot_be_chosen(self, client):
        """An address in the body is the recorded 401."""
        answer = client.post(LIST, json={"Name": "x", "Address": "mine"})

        expected = "Internal error: List address is automatically generated and can't be changed"
        assert (401, expected) == (answer.status_code, answer.json()["ErrorMessage"])

    def test_put_by_address(self, client, create):
        """A path can have the unique key instead of the id."""
        row = create("contactslist", Name="a")

        assert "b" == client.put(f"{LIST}/{row['Address']}", json={"Name": "b"}).json()["Data"][0]["Name"]


class TestSegments:
    """Segments: soft deletes by Status; the name may stay taken."""

    def test_delete_and_restore(self, client, create):
        """Deleting sets Status; a PUT of unused brings the segment back."""
        row = create("contactfilter", Name="s", Expression="(age<35)")
        path = f"/v3/REST/contactfilter/{row['ID']}"
        client.delete(path)

        assert "deleted" == client.get(path).json()["Data"][0]["Status"]
        assert "unused" == client.put(path, json={"Status": "unused"}).json()["Data"][0]["Status"]

    def test_an_old_expression_is_not_looked_at_again(self, client):
        """A segment with an invalid stored expression can be renamed."""
        client.put("/_emulator/state", json={"contactfilter": [{"ID": 7, "Name": "s", "Expression": "((old"}]})

        assert 200 == client.put("/v3/REST/contactfilter/7", json={"Name": "t"}).status_code
        assert 400 == client.put("/v3/REST/contactfilter/7", json={"Expression": "((new"}).status_code

    @pytest.mark.parametrize(("query", "names"), [("", ["live"]), ("?ShowDeleted=true", ["gone", "live"])])
    def test_listing(self, client, create, query, names):
        """Deleted segments are listed only with ShowDeleted or Status."""
        gone = create("contactfilter", Name="gone", Expression="(a=1)")
        create("contactfilter", Name="live", Expression="(a=1)")
        client.delete(f"/v3/REST/contactfilter/{gone['ID']}")

        answer = client.get(f"/v3/REST/contactfilter{query}")
        assert names == [each["Name"] for each in answer.json()["Data"]]

    @pytest.mark.parametrize(("blocks", "status"), [(True, 400), (False, 201)])
    def test_the_name_of_a_deleted_segment(self, emulator, client, create, blocks, status):
        """A switch decides whether the name of a deleted segment is free, also when it is set later."""
        row = create("contactfilter", Name="s", Expression="(a=1)")
        client.delete(f"/v3/REST/contactfilter/{row['ID']}")
        emulator.set("deleted_segment_blocks_name", blocks)

        answer = client.post("/v3/REST/contactfilter", json={"Name": "s", "Expression": "(a=1)"})
        assert status == answer.status_code


class TestProperties:
    """Properties: hard deletes, a fixed namespace."""

    def test_create_answers_the_recorded_keys(self, create):
        """A row has four keys; the namespace is static by default."""
        row = create("contactmetadata", Name="middle_name")

        assert ["Datatype", "ID", "Name", "NameSpace"] == list(row)
        assert ("str", "static") == (row["Datatype"], row["NameSpace"])

    def test_a_fresh_account_has_four(self, client):
        """A fresh account has the default properties."""
        rows = client.get("/v3/REST/contactmetadata").json()["Data"]

        assert ["firstname", "name", "country", "newsletter_sub"] == [each["Name"] for each in rows]

    def test_delete_is_hard(self, client, create):
        """A deleted property is a 404."""
        row = create("contactmetadata", Name="x")
        client.delete(f"/v3/REST/contactmetadata/{row['ID']}")

        assert 404 == client.get(f"/v3/REST/contactmetadata/{row['ID']}").status_code

    def test_the_namespace_is_set_at_creation_only(self, client, create):
        """POST takes the namespace, PUT ignores it."""
        row = create("contactmetadata", Name="x", NameSpace="historic")
        answer = client.put(f"/v3/REST/contactmetadata/{row['ID']}", json={"NameSpace": "static", "Name": "y"})

        assert {**row, "Name": "y"} == answer.json()["Data"][0]

    @pytest.mark.parametrize("body", [{"Name": "9x"}, {"Name": "a b"}, {"Name": "x", "NameSpace": "other"}, {}])
    def test_what_is_no_property(self, client, body):
        """Other names and namespaces are refused."""
        assert 400 == client.post("/v3/REST/contactmetadata", json=body).status_code

    def test_a_taken_name(self, client):
        """The MJ18 text names both parts of the key."""
        answer = client.post("/v3/REST/contactmetadata", json={"Name": "country"})

        expected = 'MJ18 A ContactMetaData resource with value "static|country" for Namespace|Name already exists.'
        assert expected == answer.json()["ErrorMessage"]

    @pytest.mark.parametrize("path", ["static|country", "static%7Ccountry"])
    def test_addressed_by_namespace_and_name(self, client, path):
        """Both an encoded and a literal bar work."""
        assert "country" == client.get(f"/v3/REST/contactmetadata/{path}").json()["Data"][0]["Name"]


class TestTemplates:
    """Templates: metadata."""

    def test_create_answers_the_recorded_keys(self, create):
        """Keys come in the order of recorded rows; unset lists are lists."""
        row = create("template", Name="T")

        assert ["ID", "Name", "Author", "OwnerId", "OwnerType", "Presets", "Categories"] == list(row)[:7]
        expected = ([], [], "apikey", 123456)
        assert expected == (row["Purposes"], row["Categories"], row["OwnerType"], row["OwnerId"])

    def test_a_taken_name(self, client, create):
        """A taken name is the template service's own error."""
        create("template", Name="T")
        answer = client.post("/v3/REST/template", json={"Name": "T"})

        expected = {
            "ErrorCode": "ps-0015",
            "StatusCode": 400,
            "ErrorMessage": 'A template with "name": "T" already exists.',
            "ErrorRelatedTo": ["template"],
        }
        assert (400, expected) == (answer.status_code, answer.json())

    def test_the_unfiltered_listing_has_others_templates(self, client, create):
        """Global and user templates are listed unless OwnerType is sent."""
        create("template", Name="Mine")
        owners = {each["OwnerType"] for each in client.get("/v3/REST/template").json()["Data"]}
        own = client.get("/v3/REST/template", params={"OwnerType": "apikey"}).json()["Data"]

        assert {"apikey", "user", "global"} == owners
        assert ["Mine"] == [each["Name"] for each in own]

    def test_addressed_by_owner_and_name(self, client, create):
        """A path can have the unique key, with spaces."""
        create("template", Name="My Template é")

        assert 200 == client.get("/v3/REST/template/apikey|My Template é").status_code
        assert 200 == client.get("/v3/REST/template/My Template é").status_code
        assert 404 == client.get("/v3/REST/template/user|My Template é").status_code

    def test_an_unknown_mode(self, client):
        """There are four modes."""
        assert 400 == client.post("/v3/REST/template", json={"Name": "T", "EditMode": 5}).status_code

    def test_another_language(self, client, create):
        """LocaleList gets each new Locale."""
        path = f"/v3/REST/template/{create('template', Name='T')['ID']}"
        lists = [
            client.put(path, json=body).json()["Data"][0]["LocaleList"] for body in ({"Locale": "fr_FR"}, {"Name": "U"})
        ]

        assert [["en_US", "fr_FR"], ["en_US", "fr_FR"]] == lists

    def test_giving_it_to_the_user(self, client, create):
        """The owner follows OwnerType, and the unique key follows the owner."""
        row = create("template", Name="T")
        values = client.put(f"/v3/REST/template/{row['ID']}", json={"OwnerType": "user"}).json()["Data"][0]

        assert row["OwnerId"] != values["OwnerId"]
        assert 200 == client.get("/v3/REST/template/user|T").status_code
        assert 201 == client.post("/v3/REST/template", json={"Name": "T"}).status_code

    def test_global_templates_are_read_only(self, client):
        """A key may read gallery templates, and not change them."""
        row = client.get("/v3/REST/template", params={"OwnerType": "global"}).json()["Data"][0]

        assert 403 == client.put(f"/v3/REST/template/{row['ID']}", json={"Name": "Mine"}).status_code
        assert 403 == client.delete(f"/v3/REST/template/{row['ID']}").status_code

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"Purposes": "marketing"}, ["a", "b"]),
            ({"Purposes": "marketing,automation", "PurposesSelectionMethod": "containsall"}, ["b"]),
            ({"Purposes": "marketing", "PurposesSelectionMethod": "issubset"}, ["a"]),
            ({"EditMode": "2"}, ["b"]),
            ({"APIKey": "123456"}, ["a", "b"]),
            ({"User": "123456"}, []),
            ({"Name": "a"}, ["a"]),
        ],
    )
    def test_filters(self, client, create, query, names):
        """Purposes compare as sets by their selection method; the mode is a number."""
        create("template", Name="a", Purposes=["marketing"])
        create("template", Name="b", Purposes=["marketing", "automation"], EditMode=2)

        rows = client.get("/v3/REST/template", params={"OwnerType": "apikey", **query}).json()["Data"]
        assert names == [each["Name"] for each in rows]


class TestContent:
    """The content of a template."""

    @pytest.fixture
    def path(self, create):
        """The content of a new template."""
        return f"/v3/REST/template/{create('template', Name='T')['ID']}/detailcontent"

    def test_before_any_content(self, client, path):
        """A template without content has empty parts."""
        empty = {"MJMLContent": None, "Html-part": None, "Text-part": None, "Headers": {}}

        assert [empty] == client.get(path).json()["Data"]

    def test_post_wipes_what_it_leaves_out(self, client, path):
        """POST replaces the whole content."""
        client.post(path, json={"Html-part": "<p>", "Text-part": "t", "Headers": {"Subject": "s"}})
        answer = client.post(path, json={"Html-part": "<b>"})

        content = {"MJMLContent": None, "Html-part": "<b>", "Text-part": None, "Headers": {}}
        assert (201, [content]) == (answer.status_code, answer.json()["Data"])

    def test_put_keeps_what_it_leaves_out(self, client, path):
        """PUT keeps parts that are not sent."""
        client.post(path, json={"Html-part": "<p>", "Text-part": "t"})
        answer = client.put(path, json={"Html-part": "<b>"})

        assert (200, "t") == (answer.status_code, answer.json()["Data"][0]["Text-part"])

    def test_bytes_come_back_as_they_went(self, client, path):
        """CRLF, emoji and outer blanks of a part are kept."""
        html = ' <p>\r\n\u2603 \U0001f600 a/b \\ "</p>\n\n'
        client.post(path, json={"Html-part": html})

        assert html == client.get(path).json()["Data"][0]["Html-part"]

    @pytest.mark.parametrize("mjml", ["<mjml></mjml>", {"tagName": "mjml", "children": []}])
    def test_mjml_is_text_or_a_tree(self, client, path, mjml):
        """MJMLContent may be text or an object, and the HTML part stays empty."""
        client.post(path, json={"MJMLContent": mjml, "Html-part": "<p>"})
        row = client.get(path).json()["Data"][0]

        assert (mjml, "<p>") == (row["MJMLContent"], row["Html-part"])

    def test_unknown_names_are_ignored(self, client, path):
        """Author, Name and Locale in the content are ignored."""
        answer = client.post(path, json={"Html-part": "<p>", "Author": "a", "Locale": "en_US"})

        assert 201 == answer.status_code

    def test_a_part_of_the_wrong_type(self, client, path):
        """The error for a part that is not text has its name."""
        assert ["Html-part"] == client.post(path, json={"Html-part": 7}).json()["ErrorRelatedTo"]

    def test_of_an_unknown_template(self, client):
        """The newer backend's 404 has an identifier and its own words."""
        answer = client.get("/v3/REST/template/123/detailcontent")

        assert (404, ["ErrorIdentifier", "StatusCode", "ErrorMessage"]) == (
            answer.status_code,
            list(answer.json()),
        )

    def test_delete_is_not_offered(self, client, path):
        """Content cannot be deleted."""
        assert 405 == client.delete(path).status_code

    def test_deleting_the_template_takes_it_along(self, client, create, emulator, path):
        """The content is deleted with its template."""
        client.post(path, json={"Html-part": "<p>"})
        client.delete(path.removesuffix("/detailcontent"))
        again = create("template", Name="T")

        assert 404 == client.get(path).status_code
        content = client.get(f"/v3/REST/template/{again['ID']}/detailcontent").json()["Data"][0]
        assert content["Html-part"] is None
        assert {} == emulator._service.account().table("template/detailcontent").rows

    def test_a_write_moves_the_runtime_fields(self, client, path):
        """A content write changes the preview and the date."""
        client.post(path, json={"Html-part": "<p>"})

        assert client.get(path.removesuffix("/detailcontent")).json()["Data"][0]["Previews"]


class TestWebhooks:
    """One URL for each event and backup flag."""

    def test_create_answers_the_recorded_keys(self, create):
        """A new webhook has seven keys; version 1, alive, not a backup, credentials in clear."""
        row = create("eventcallbackurl", EventType="open", Url="https://u:p@hooks.example.com/x")

        expected = {
            "APIKeyID": 123456,
            "EventType": "open",
            "ID": row["ID"],
            "IsBackup": False,
            "Status": "alive",
            "Url": "https://u:p@hooks.example.com/x",
            "Version": 1,
        }
        assert list(expected.items()) == list(row.items())

    def test_the_slot_is_unique(self, client, create):
        """A taken event is the recorded error with the number of the type; the backup is free."""
        create("eventcallbackurl", EventType="sent", Url=URL)
        create("eventcallbackurl", EventType="sent", Url=URL, IsBackup=True)
        answer = client.post(HOOK, json={"EventType": "sent", "Url": URL})

        expected = 'MJ18 A EventCallbackURL resource with value "7|false" for EventType|Backup already exists.'
        assert expected == answer.json()["ErrorMessage"]

    def test_moving_onto_a_taken_slot(self, client, create):
        """PUT cannot take the event of another webhook."""
        create("eventcallbackurl", EventType="sent", Url=URL)
        row = create("eventcallbackurl", EventType="open", Url=URL)

        assert 400 == client.put(f"{HOOK}/{row['ID']}", json={"EventType": "sent"}).status_code

    def test_a_new_url_makes_a_dead_hook_alive(self, client, emulator):
        """A dead webhook is alive after a new URL."""
        row = emulator.insert("eventcallbackurl", {"EventType": "sent", "Url": URL, "Status": "dead"})
        client.put(f"{HOOK}/{row['ID']}", json={"Url": f"{URL}/new"})

        assert "alive" == emulator.rows("eventcallbackurl")[0]["Status"]

    def test_another_change_leaves_a_hook_dead(self, client, emulator):
        """A dead webhook stays dead without a new URL."""
        row = emulator.insert("eventcallbackurl", {"EventType": "sent", "Url": URL, "Status": "dead"})
        client.put(f"{HOOK}/{row['ID']}", json={"Version": 2})

        assert "dead" == emulator.rows("eventcallbackurl")[0]["Status"]

    @pytest.mark.parametrize("event_type", ["open", "6"])
    def test_filtered_by_type(self, client, create, event_type):
        """The filter takes the type's name and its number."""
        create("eventcallbackurl", EventType="open", Url=URL)
        create("eventcallbackurl", EventType="click", Url=URL)

        rows = client.get(HOOK, params={"eventType": event_type}).json()["Data"]
        assert ["open"] == [each["EventType"] for each in rows]

    @pytest.mark.parametrize(
        ("params", "count"), [({"Status": "alive"}, 1), ({"Status": "0"}, 0), ({"Version": 1}, 1), ({"Backup": 1}, 0)]
    )
    def test_other_filters(self, client, create, params, count):
        """Webhooks are filtered by status, version and flag."""
        create("eventcallbackurl", EventType="open", Url=URL)

        assert count == client.get(HOOK, params=params).json()["Count"]

    @pytest.mark.parametrize("url", ["", "https://a.example", "https://a.example/", "ftp://a.example/x", "no"])
    def test_a_url_needs_a_path(self, client, url):
        """URLs without a path and invalid URLs are refused."""
        answer = client.post(HOOK, json={"EventType": "open", "Url": url})

        assert (400, "Object properties invalid") == (answer.status_code, answer.json()["ErrorMessage"])

    def test_addressed_by_type_and_flag(self, client, create):
        """The unique key has the type by name."""
        create("eventcallbackurl", EventType="open", Url=URL, IsBackup="true")

        assert 200 == client.get(f"{HOOK}/open|true").status_code
        assert 404 == client.get(f"{HOOK}/open|false").status_code


class TestParseRoutes:
    """Inbound addresses, one of them generated."""

    def test_an_address_is_made(self, create):
        """Without Email an address is generated."""
        email = create("parseroute", Url=URL)["Email"]

        assert email.endswith("@parse-in1.mailjet.com")
        assert 16 == len(email.partition("@")[0])

    def test_only_one_address_is_made(self, client, create):
        """A second route without Email is a duplicate."""
        create("parseroute", Url=URL)

        assert 400 == client.post("/v3/REST/parseroute", json={"Url": URL}).status_code

    def test_addressed_by_email(self, client, create):
        """The unique key is the address."""
        create("parseroute", Email="in@example.com", Url=URL)

        assert 200 == client.get("/v3/REST/parseroute/in@example.com").status_code
