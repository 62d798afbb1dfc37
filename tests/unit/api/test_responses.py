"""Errors by type: every shape of a failure becomes one typed error with Mailjet's words and a way out."""

import json

import pytest

from mjsync.api.responses import Response
from mjsync.errors import (
    AuthFailed,
    BadAnswer,
    Call,
    Duplicate,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    Unclear,
)


def answer(status, body=b"", method="GET", **headers):
    """An answer to one call."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(Call(method, "/v3/REST/contactslist"), status, headers, content)


def shape(message, info="", status=400):
    """Return an error as the classic service writes it."""
    return {"ErrorInfo": info, "ErrorMessage": message, "StatusCode": status}


CHALLENGE = {"www-authenticate": 'Basic realm="Provide an apiKey and secretKey"'}
MJ18 = 'MJ18 A EventCallbackURL resource with value "7|false" for EventType|Backup already exists.'
NEWER = {"ErrorIdentifier": "b5a9-uuid", "StatusCode": 401, "ErrorMessage": "API key authentication failure."}


BODIES = (b"<html><h1>No</h1></html>", b"", b'{"ErrorMess', b"no", b"[]", b'{"message": "no"}')
"""Bodies of answers that Mailjet did not word."""


class TestMeanings:
    """Which error a failure is."""

    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            (answer(401, **CHALLENGE), AuthFailed),
            (answer(401), AuthFailed),
            (answer(401, NEWER), AuthFailed),
            (answer(401, shape("Operation not allowed", status=401)), Forbidden),
            (answer(401, shape('Internal error: MJ19 Setting a value for property "x" is not allowed')), Rejected),
            (answer(401, shape("Internal error: List address is automatically generated")), Rejected),
            (answer(403, shape("no")), Forbidden),
            (answer(404, shape("Object not found", status=404)), NotFound),
            (answer(404, {"ErrorIdentifier": "b5a9", "StatusCode": 404, "ErrorMessage": "does not exist"}), NotFound),
            (answer(404, b"<html><h1>404 Not Found</h1></html>"), BadAnswer),
            (answer(404, b"404 page not found"), BadAnswer),
            (answer(404, b""), BadAnswer),
            (answer(404, {"message": "no Route matched with those values"}), BadAnswer),
            *((answer(status, body, "POST"), Rejected) for status in (400, 404, 405, 409, 413, 422) for body in BODIES),
            *((answer(404, body, "PUT"), Rejected) for body in BODIES),
            *((answer(403, body, "POST"), Forbidden) for body in BODIES),
            *((answer(status, body, "POST"), Unclear) for status in (408, 500, 502, 503, 504) for body in BODIES),
            *((answer(429, body, "POST"), RateLimited) for body in BODIES),
            (answer(408, b"<html>", "POST"), Unclear),
            (answer(405, shape("Method not allowed", status=405)), Rejected),
            (answer(429, b"Too Many Requests"), RateLimited),
            (answer(429, b"<html><title>429 Too Many Requests</title></html>"), RateLimited),
            (answer(400, shape(MJ18), "POST"), Duplicate),
            (answer(400, shape("A contact list with name x already exists"), "POST"), Duplicate),
            (answer(400, {"ErrorCode": "ps-0015", "ErrorMessage": "taken"}, "POST"), Duplicate),
            (answer(400, shape("Object properties invalid", {"Properties": [{"p": "not defined"}]})), Rejected),
            (answer(400, shape('[{ "d" : "CM09 "x" is not a valid datetime" }]')), Rejected),
            (answer(500, shape("Could not determine HTTP module", "EFPWebError", 500)), BadAnswer),
            (answer(500, b"", "POST"), Unclear),
            (answer(502, b"<html>Bad gateway</html>"), BadAnswer),
            (answer(503, b"<html>", "POST"), Unclear),
            (answer(301, b""), BadAnswer),
        ],
    )
    def test_of_a_failure(self, values, kind):
        """The type follows from the status, then from Mailjet's code; only one meaning of 401 is a wrong key."""
        assert type(values.error()) is kind

    @pytest.mark.parametrize("status", [200, 201, 204, 304])
    def test_of_a_success(self, status):
        """A 304 of a PUT counts as success."""
        assert answer(status).is_success

    @pytest.mark.parametrize("status", [202, 302, 400, 404, 500])
    def test_of_no_success(self, status):
        """No other status is a success."""
        assert not answer(status).is_success


class TestWords:
    """The texts of errors."""

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (shape("Object properties invalid", "MJ08 Property Name is invalid"), "MJ08 Property Name is invalid"),
            (shape("x", {"ContactsLists": [{"Error": "List ID 5 is invalid"}]}), "List ID 5 is invalid"),
            (NEWER, "quote b5a9-uuid to Mailjet"),
            (b"<html><body><h1>Bad   gateway</h1></body></html>", "Bad gateway"),
            (b"Properties not supported in JSON payload", "Properties not supported"),
            (b"[1, 2]", "[1, 2]"),
            (shape('[{ "d" : "CM09 "x" is not valid" }]'), 'CM09 "x" is not valid'),
        ],
    )
    def test_are_mailjets(self, body, message):
        """An error has Mailjet's own words, whichever shape they came in."""
        assert message in str(answer(400, body).error())

    def test_the_call_and_the_status(self):
        """An error names the call and the status."""
        assert "(GET /v3/REST/contactslist answered 403" in str(answer(403, shape("no")).error())

    def test_a_way_out(self):
        """Every error has a way out."""
        assert all(answer(status).error().way_out for status in (301, 400, 401, 403, 404, 405, 429, 500, 502))

    def test_a_long_page_is_cut(self):
        """A long HTML page is cut in the message."""
        assert 600 > len(str(answer(502, b"<p>" + b"x " * 10_000).error()))


class TestBodies:
    """Bodies that are not answers of this API."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b"null",
            b"[]",
            b"{}",
            b'{"Data": 5}',
            b'{"Data": [5]}',
            b'{"Data": {}}',
            b'{"Count": 0',
            b"\xff",
        ],
    )
    def test_is_refused(self, body):
        """A success without a list of objects is an error."""
        with pytest.raises(BadAnswer):
            _ = answer(200, body).rows

    def test_of_a_create_is_unclear(self):
        """An unreadable answer to a create is unclear: the object may exist."""
        with pytest.raises(Unclear):
            answer(201, b"<html>", "POST").row()

    def test_no_object_where_there_must_be_one(self):
        """An empty list where one object must be is an error."""
        with pytest.raises(BadAnswer):
            answer(200, {"Data": []}).row()

    def test_more_keys_than_known(self):
        """Unknown keys of an envelope are ignored."""
        assert [{"ID": 1}] == answer(200, {"Data": [{"ID": 1}], "Total": 99, "Count": 0, "New": 1}).rows


def test_recorded_failures(shared):
    """Every recorded failure becomes an error that has its words."""
    folder = shared / "mailjet-samples"
    seen = 0
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        if entry["status"] < 400:
            continue
        body = (folder / entry["file"]).read_bytes()
        error = answer(entry["status"], body, entry["method"]).error()
        words = body.decode() if not body.startswith(b"{") else json.loads(body).get("ErrorMessage", "")
        seen += 1
        assert words[:40] in str(error).replace("\\/", "/")

    assert seen > 8
