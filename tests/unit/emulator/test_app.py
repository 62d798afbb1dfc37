"""Keys, paths, JSON styles and error shapes."""

import base64
import io

import httpx
import pytest
from werkzeug.test import create_environ

from mjsync.emulator import Account, ConnectionClosed, Emulator


class TestKeys:
    """Authentication."""

    def test_wrong_keys_get_an_empty_challenge(self, emulator, make_client):
        """The classic backend answers wrong keys with nothing but a challenge."""
        answer = make_client(emulator, ("mj-public", "wrong")).get("/v3/REST/contactslist")

        assert (401, b"", "text/html") == (answer.status_code, answer.content, answer.headers["Content-Type"])
        assert 'Basic realm="Provide an apiKey and secretKey"' == answer.headers["WWW-Authenticate"]

    def test_wrong_keys_on_the_newer_backend(self, emulator, make_client):
        """The template service answers wrong keys in JSON."""
        answer = make_client(emulator, ("nobody", "wrong")).get("/v3/REST/template")

        assert {"ErrorIdentifier", "StatusCode", "ErrorMessage"} == set(answer.json())

    def test_no_keys_at_all(self, emulator, make_client):
        """A request without credentials is a 401."""
        assert 401 == make_client(emulator, None).get("/v3/REST/contactslist").status_code

    def test_each_key_pair_has_a_world_of_its_own(self, make_client):
        """Objects of one key pair are not seen by another."""
        emulator = Emulator(accounts=[Account("other", "pair", 222)])
        make_client(emulator).post("/v3/REST/contactslist", json={"Name": "Mine"})

        assert [] == make_client(emulator, ("other", "pair")).get("/v3/REST/contactslist").json()["Data"]

    def test_the_callers_own_key_tells_the_account(self, client):
        """The numeric account id is the ID of the key's row; its secret is in clear text."""
        row = client.get("/v3/REST/apikey/mj-public").json()["Data"][0]

        assert (123456, "mj-secret") == (row["ID"], row["SecretKey"])


class TestStyles:
    """Two backends, two ways of writing JSON."""

    def test_classic_json_is_spaced_and_escapes_slashes(self, client, emulator):
        """The classic backend writes spaces around colons and escapes slashes."""
        row = emulator.insert("contactslist", {"Name": "a/b", "Address": "abc", "CreatedAt": "2020-11-06T13:38:49Z"})
        answer = client.get(f"/v3/REST/contactslist/{row['ID']}")

        shown = '"IsDeleted" : false, "Name" : "a\\/b", "SubscriberCount" : 0'
        dated = '"Address" : "abc", "CreatedAt" : "2020-11-06T13:38:49Z"'
        expected = f'{{ "Count" : 1, "Data" : [{{ {dated}, "ID" : {row["ID"]}, {shown} }}], "Total" : 1 }}'
        assert expected == answer.text
        assert "application/json" == answer.headers["Content-Type"]

    def test_newer_json_is_compact_and_has_a_request_id(self, client, emulator):
        """The newer backend writes compact JSON with a charset, a request id and a line end."""
        row = emulator.insert("template", {"Name": "T", "detailcontent": {"Html-part": "a/b"}})
        answer = client.get(f"/v3/REST/template/{row['ID']}/detailcontent")

        content = '{"MJMLContent":null,"Html-part":"a/b","Text-part":null,"Headers":{}}'
        expected = f'{{"Count":1,"Data":[{content}],"Total":1}}\n'
        assert expected == answer.text
        assert "application/json; charset=UTF-8" == answer.headers["Content-Type"]
        assert answer.headers["X-Mj-Request-Guid"]

    def test_an_empty_listing_is_the_recorded_41_bytes(self, client):
        """No match is an empty envelope, not a 404."""
        assert b'{ "Count" : 0, "Data" : [], "Total" : 0 }' == client.get("/v3/REST/contactslist").content


class TestPaths:
    """Paths without a resource."""

    def test_an_unknown_path_is_a_500(self, client):
        """The classic service names the path without its version."""
        answer = client.get("/v3/wrongresourcepath?Limit=0")

        assert 500 == answer.status_code
        assert 'Could not determine HTTP module for request "wrongresourcepath"' == answer.json()["ErrorMessage"]

    def test_off_the_route_is_html(self, client):
        """Another version of the REST path is a 404 page."""
        answer = client.get("/v3.1/REST/contactslist")

        assert (404, "text/html") == (answer.status_code, answer.headers["Content-Type"])

    def test_a_trailing_slash_changes_nothing(self, client):
        """Collections answer with a slash behind them as without."""
        assert client.get("/v3/REST/contactmetadata").text == client.get("/v3/REST/contactmetadata/").text

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("PUT", "contactslist", 405),
            ("DELETE", "contactslist", 405),
            ("POST", "contactslist/1", 405),
            ("DELETE", "contact/1", 401),
            ("GET", "contactslist/999999999", 404),
        ],
    )
    def test_what_a_target_does_not_offer(self, client, method, path, status):
        """Writes to a collection are 405, operations that a resource lacks 401, unknown ids 404."""
        answer = client.request(method, f"/v3/REST/{path}")

        assert (status, status) == (answer.status_code, answer.json()["StatusCode"])

    def test_reason_phrases_over_a_socket(self):
        """The status line has the service's own reason phrase."""
        with (
            Emulator() as emulator,
            httpx.Client(base_url=emulator.base_url, auth=("mj-public", "mj-secret")) as client,
        ):
            answer = client.get("/v3/REST/contactslist/1")

        assert "Object not found" == answer.extensions["reason_phrase"].decode()


class TestBodies:
    """Request bodies."""

    @pytest.mark.parametrize("content", [b'{"Name": ', b'{"Name": NaN}', b"x", b"[" * 100_000])
    def test_broken_json(self, client, content):
        """A body that is not JSON is a 400, whatever its Content-Type."""
        answer = client.post("/v3/REST/contactslist", content=content, headers={"Content-Type": "text/plain"})

        assert 400 == answer.status_code
        assert answer.json()["ErrorMessage"].startswith("Invalid json input: expected")

    def test_no_body_sets_nothing(self, client, create):
        """A PUT without a body changes nothing."""
        row = create("contactslist", Name="a")

        assert 304 == client.put(f"/v3/REST/contactslist/{row['ID']}").status_code

    def test_a_lone_surrogate_is_answered(self, client):
        """Invalid Unicode is replaced in the response."""
        answer = client.post("/v3/REST/contactslist", content=b'{"Name": "\\ud800"}')

        assert (201, "?") == (answer.status_code, answer.json()["Data"][0]["Name"])

    def test_a_very_long_message_is_no_reason_phrase(self):
        """A long or multi-line message is not used as reason phrase."""
        keys = ("mj-public", "mj-secret")
        with Emulator() as emulator, httpx.Client(base_url=emulator.base_url, auth=keys) as client:
            emulator.insert("contactslist", {"Name": "a" * 100_000})
            answer = client.post("/v3/REST/contactslist", json={"Name": "a" * 100_000})

        assert "Bad Request" == answer.extensions["reason_phrase"].decode()

    def test_an_array_is_no_bulk_write(self, client):
        """An array of objects is a 405."""
        assert 405 == client.post("/v3/REST/contactslist", json=[{"Name": "a"}, {"Name": "b"}]).status_code

    def test_an_unknown_property_is_refused_by_class(self, client):
        """The error names the class and the property."""
        answer = client.post("/v3/REST/contactslist", json={"Name": "a", "Colour": "red"})

        expected = 'Invalid json input: object ""->"TContactsList" has no property "Colour"'
        assert (400, expected) == (answer.status_code, answer.json()["ErrorMessage"])

    def test_names_in_any_case_and_strings_for_booleans(self, client, create):
        """Property names ignore case; booleans may come as text."""
        row = create("contactslist", name="a")
        answer = client.put(f"/v3/REST/contactslist/{row['ID']}", json={"isdeleted": "true"})

        assert answer.json()["Data"][0]["IsDeleted"] is True


def test_an_incomplete_body_is_dropped(emulator):
    """A request whose body ends before its Content-Length gets no response and stores nothing."""
    body = b'{"Name": "Weekly"}'
    keys = {"Authorization": "Basic " + base64.b64encode(b"mj-public:mj-secret").decode()}
    environ = create_environ("/v3/REST/contactslist", method="POST", data=body, headers=keys)
    environ["wsgi.input"] = io.BytesIO(body[:-1])

    with pytest.raises(ConnectionClosed, match="Content-Length"):
        emulator.app(environ, lambda *_: None)
    assert [] == emulator.rows("contactslist")
