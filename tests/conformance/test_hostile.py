"""Unusual input: each answer has a known status and shape, and stored values keep their types."""

import json
import socket
from base64 import b64encode

import pytest
from werkzeug.test import Client

from mjsync.emulator import Emulator
from mjsync.emulator.endpoints import endpoints
from tests.conformance.lifecycles import LIFECYCLES

SIX = {life.resource: life for life in LIFECYCLES}
OTHERS = ("contact", "contactdata", "listrecipient", "campaigndraft", "newsletter", "sender", "batchjob", "message")
VALUES = (
    *(None, True, 0, -1, 2**70, 1.5, 1e300, "", " ", "x", "\x00\r\n", "\N{SNOWMAN}\N{SUPERSCRIPT TWO}", "9" * 5000),
    *("true", "a|b/c", "@", "2020-13-45", [], ["a"], [None], [{}], {}, {"Name": "x"}),
)
TEXTS = (
    *("", "-1", "0", "abc", "9" * 30, "9" * 5000, "1.5", "%C2%B2", "%00", "%FF", "true", "a,b", "ID+desc", "ID%2Bdesc"),
    *(
        "%F0%9F%98%80",
        "2020-01-01",
        "|",
        "%7C",
        "%2F",
        "..",
        "%2E%2E",
        "a@b@c",
        "static|country",
        "open|false",
        "%0D%0A",
    ),
)
SHAPE_A = {"ErrorInfo", "ErrorMessage", "StatusCode"}
SHAPES_B = ({"ErrorIdentifier", "StatusCode", "ErrorMessage"}, {"ErrorCode", "StatusCode", "ErrorMessage"})


@pytest.fixture
def emulator():
    """An emulator with a row of every resource that is used here."""
    held = {life.resource: [{"ID": 1, **life.body}] for life in LIFECYCLES}
    return Emulator(state={**held, **{name: [{"ID": 1, "Email": "someone@example.com"}] for name in OTHERS}})


@pytest.fixture
def ask(emulator):
    """Send one request and check its response; an exception of the app is raised."""
    client = Client(emulator.app)

    def send(method, path, body=None):
        data = body if isinstance(body, bytes | None) else json.dumps(body)
        keys = (emulator.api_key, emulator.secret_key)
        answer = client.open(path, method=method, data=data, content_type="application/json", auth=keys)
        assert is_sound(answer), (method, path[:200], str(body)[:200], answer.status, answer.data[:500])
        return answer

    return send


def is_sound(answer):
    """Return whether status and body are among the known ones (mjsync/docs/mailjet-api.md, sections 2 and 3)."""
    status, is_json = answer.status_code, answer.content_type and "json" in answer.content_type
    if status in {204, 304} or not answer.data:
        return status in {200, 204, 304, 401}
    if not is_json:
        return (status, answer.content_type) == (404, "text/html")
    if status in {200, 201}:
        return "Messages" in answer.json or {"Count", "Data", "Total"} == set(answer.json)
    is_a = set(answer.json) == SHAPE_A
    is_b = set(answer.json) - {"ErrorRelatedTo"} in SHAPES_B
    is_c = status in {400, 403} and set(answer.json) == {"Messages"}
    is_known = status in {400, 401, 403, 404, 405} or answer.json.get("ErrorInfo") == "EFPWebError"
    return is_known and (is_c or ((is_a or is_b) and answer.json["StatusCode"] == status))


def types(row):
    """Return the type of the value of each key."""
    return {name: type(value) for name, value in row.items()}


@pytest.mark.parametrize("resource", [*SIX, *OTHERS])
class TestBodies:
    """Every property with values of every type."""

    def test_answers_are_sound(self, ask, resource):
        """POST and PUT answer any body in a known shape."""
        base = SIX[resource].bodies[1] if resource in SIX else {}
        for field in endpoints()[resource].properties:
            for value in VALUES:
                ask("PUT", f"/v3/REST/{resource}/1", {field.name: value})
                ask("POST", f"/v3/REST/{resource}", {**base, field.name: value})

    def test_types_stay(self, ask, resource):
        """Whatever was sent, a row that is read has the types of an unchanged row."""
        path = f"/v3/REST/{resource}/1"
        untouched = [types(row) for row in ask("GET", path).json["Data"]]
        for field in endpoints()[resource].properties:
            for value in VALUES:
                ask("PUT", path, {field.name: value})
            now = [types(row) for row in ask("GET", path).json["Data"]]
            assert [{**row, **before} for row, before in zip(now, untouched, strict=True)] == now, field.name


@pytest.mark.parametrize("resource", [*SIX, *OTHERS])
class TestQueriesAndKeys:
    """Every filter and every path key with unusual texts."""

    def test_queries(self, ask, resource):
        """Listings answer any query in a known shape."""
        endpoint = endpoints()[resource]
        for name in (
            "Limit",
            "Offset",
            "Sort",
            "countOnly",
            "countRecords",
            *endpoint.filters,
            *endpoint.newer_filters,
        ):
            for text in TEXTS:
                ask("GET", f"/v3/REST/{resource}?{name}={text}")

    def test_keys(self, ask, resource):
        """Any key in a path is answered in a known shape."""
        for text in TEXTS:
            for method in ("GET", "PUT", "DELETE", "POST", "PATCH"):
                ask(method, f"/v3/REST/{resource}/{text}", {})


NO_OBJECTS = (
    *(b"{", b"[]", b"[{}]", b"null", b'"x"', b"7", b"\xff\xfe", b'{"Name": NaN}', b"[" * 100_000),
    b'{"Name": 1' + b"0" * 5000 + b"}",
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", f"/v3/REST/{resource}") for resource in SIX),
        *(("PUT", f"/v3/REST/{resource}/1") for resource in SIX),
        ("POST", "/v3/REST/template/1/detailcontent"),
        ("PUT", "/v3/REST/template/1/detailcontent"),
        ("POST", "/v3.1/send"),
    ],
)
def test_bodies_that_are_no_object(ask, method, path):
    """A body that is not a JSON object is refused."""
    assert {400, 405} >= {ask(method, path, body).status_code for body in NO_OBJECTS}


@pytest.mark.parametrize("name", ["Globals", "Messages", "SandboxMode", "AdvanceErrorHandling"])
def test_odd_sends(ask, name):
    """The root of a send with values of every type."""
    person = {"Email": "pilot@example.com"}
    message = {"From": person, "To": [person], "TextPart": "t"}
    for value in VALUES:
        ask("POST", "/v3.1/send", {"SandboxMode": True, "Messages": [message], name: value})


MESSAGE_NAMES = (
    *("From", "To", "Cc", "Bcc", "Sender", "ReplyTo", "Subject", "TextPart", "HTMLPart", "TemplateID", "Variables"),
    *("TemplateLanguage", "TemplateErrorReporting", "TemplateErrorDeliver", "CustomID", "EventPayload", "Headers"),
    *("CustomCampaign", "DeduplicateCampaign", "URLTags", "Attachments", "Priority", "MonitoringCategory", "Unheard"),
)


@pytest.mark.parametrize("name", MESSAGE_NAMES)
def test_odd_messages(ask, name):
    """Every property of a message with values of every type, and recipients of every type."""
    person = {"Email": "pilot@example.com"}
    message = {"From": person, "To": [person], "TextPart": "t"}
    odd_people = [[{"Email": value, "Name": value}] for value in VALUES]
    for value in (*VALUES, *odd_people, *(people[0] for people in odd_people)):
        ask("POST", "/v3.1/send", {"SandboxMode": True, "Messages": [{**message, name: value}]})


def test_head_has_no_body():
    """A HEAD is answered without a body, so that the connection can be used again."""
    with Emulator() as emulator:
        host, _, port = emulator.base_url.removeprefix("http://").partition(":")
        token = b64encode(f"{emulator.api_key}:{emulator.secret_key}".encode()).decode()
        head = f"HEAD /v3/REST/contactslist HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n"
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
            answer = connection.makefile("rb").read()

    assert b"" == answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_long_refusal_can_be_read(ask, size):
    """Only short messages are used as reason phrase: the length of a status line is limited."""
    answer = ask("POST", "/v3/REST/contact", {"Email": "x" * size})

    assert 400 == answer.status_code
    assert len(answer.status) < 1_000
