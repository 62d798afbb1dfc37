"""`/_emulator/deliver` calls webhooks and parse routes as Mailjet does (mailjet-api.md, sections 14 and 15)."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

KEYS = {
    "sent": {"mj_message_id", "smtp_reply"},
    "open": {"ip", "geo", "agent"},
    "click": {"url", "ip", "geo", "agent"},
    "bounce": {"blocked", "hard_bounce", "error_related_to", "error", "comment"},
    "blocked": {"error_related_to", "error"},
    "spam": {"source"},
    "unsub": {"mj_list_id", "ip", "geo", "agent"},
}
COMMON = {
    *("event", "time", "MessageID", "Message_GUID", "email", "mj_campaign_id", "mj_contact_id"),
    *("customcampaign", "CustomID", "Payload"),
}
MAIL = {
    *("Sender", "Recipient", "Date", "From", "Subject", "Headers", "Parts", "Text-part", "Html-part"),
    *("SpamAssassinScore", "CustomID", "Payload"),
}


class Receiver(ThreadingHTTPServer):
    """A webhook receiver on loopback: the calls it got, and the statuses that it answers."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hook)
        self.calls, self.statuses = [], []

    def url(self, path, userinfo=""):
        """Its address."""
        return f"http://{userinfo}127.0.0.1:{self.server_port}{path}"


class Hook(BaseHTTPRequestHandler):
    """One call."""

    def do_POST(self):
        """Record the call and answer the next status, else 200."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append((self.path, dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *_):
        """Do not log."""


@pytest.fixture
def receiver():
    """A receiver that runs while the test does."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def mailjet(emulator):
    """A plain client of the emulator."""
    with httpx.Client(base_url=emulator.base_url, auth=(emulator.api_key, emulator.secret_key)) as client:
        yield client


@pytest.fixture
def create(mailjet):
    """Create an object and return its row."""
    return lambda resource, **values: mailjet.post(f"/v3/REST/{resource}", json=values).json()["Data"][0]


@pytest.fixture
def deliver(mailjet):
    """Ask for deliveries and return the results."""
    return lambda **what: httpx.post(f"{mailjet.base_url}/_emulator/deliver", json=what).json()


@pytest.mark.parametrize("event", KEYS)
def test_event(create, deliver, receiver, event):
    """A webhook gets one event, with the documented keys of its type."""
    create("eventcallbackurl", EventType=event, Url=receiver.url("/hook?team=a"))
    deliver(events=[{"event": event, "email": "jo@example.com", "CustomID": "order-7"}])

    ((path, headers, body),) = receiver.calls
    assert ("/hook?team=a", "application/json") == (path, headers["Content-Type"])
    assert COMMON | KEYS[event] == set(body)
    assert (event, "jo@example.com", "order-7") == (body["event"], body["email"], body["CustomID"])
    assert body["MessageID"] > 2**53


def test_grouped(create, deliver, receiver):
    """Version 2 gets an array in one call."""
    create("eventcallbackurl", EventType="open", Url=receiver.url("/hook"), Version=2)
    deliver(events=[{"event": "open"}, {"event": "open"}])

    assert [["open", "open"]] == [[each["event"] for each in body] for _, _, body in receiver.calls]


def test_events_without_a_hook(create, deliver, receiver):
    """An event without a webhook is not delivered."""
    create("eventcallbackurl", EventType="open", Url=receiver.url("/hook"))

    assert [] == deliver(events=[{"event": "click"}])


def test_userinfo(create, deliver, receiver):
    """Credentials in the URL are sent as Basic authentication, and are not in the report."""
    create("eventcallbackurl", EventType="open", Url=receiver.url("/hook", "me:s%40cret@"))
    report = deliver(events=[{"event": "open"}])

    expected = "Basic " + base64.b64encode(b"me:s@cret").decode()
    assert expected == receiver.calls[0][1]["Authorization"]
    assert "cret" not in json.dumps(report)


def test_retries(create, deliver, receiver):
    """A call that is not answered with 200 is repeated, half a minute later by Mailjet's clock."""
    create("eventcallbackurl", EventType="open", Url=receiver.url("/hook"))
    receiver.statuses = [500, 302, 200]
    (report,) = deliver(events=[{"event": "open"}])

    assert ([500, 302, 200], [0, 30, 60]) == tuple(
        [each[name] for each in report["attempts"]] for name in ("status", "at")
    )
    assert report["delivered"]


def test_a_hook_that_fails_is_suspended(mailjet, create, deliver, receiver):
    """After its last attempt a webhook is dead, its backup gets the event, and a new URL makes it alive again."""
    hook = create("eventcallbackurl", EventType="open", Url=receiver.url("/first"))
    create("eventcallbackurl", EventType="open", Url=receiver.url("/backup"), IsBackup=True)
    receiver.statuses = [500] * 3
    deliver(events=[{"event": "open"}], attempts=3)
    path = f"/v3/REST/eventcallbackurl/{hook['ID']}"

    assert ["/first"] * 3 + ["/backup"] == [path for path, _, _ in receiver.calls]
    assert "dead" == mailjet.get(path).json()["Data"][0]["Status"]
    assert "alive" == mailjet.put(path, json={"Url": receiver.url("/second")}).json()["Data"][0]["Status"]


def test_an_unreachable_receiver(create, deliver):
    """A receiver that cannot be reached is a failed attempt."""
    create("eventcallbackurl", EventType="open", Url="http://127.0.0.1:9/hook")
    (report,) = deliver(events=[{"event": "open"}], attempts=1)

    assert (0, False) == (report["attempts"][0]["status"], report["delivered"])


def test_the_wide_world_is_not_called(create, deliver):
    """A URL beyond loopback is reported and never called."""
    create("eventcallbackurl", EventType="open", Url="https://hooks.example.com/hook")
    (report,) = deliver(events=[{"event": "open"}])

    assert {"the emulator calls loopback addresses only"} == {each["error"] for each in report["attempts"]}


def test_mail(create, deliver, receiver):
    """A parse route gets a mail addressed to it, with the documented keys."""
    route = create("parseroute", Url=receiver.url("/mail"))
    deliver(mails=[{"Subject": "Help", "Text-part": "Please"}])

    ((path, _, body),) = receiver.calls
    assert ("/mail", MAIL) == (path, set(body))
    assert (route["Email"], "Help", "Please") == (body["Recipient"], body["Subject"], body["Text-part"])


def test_mail_for_another_address(create, deliver, receiver):
    """A mail goes to the route of its recipient only, in any case of letters."""
    create("parseroute", Email="a@in.example.com", Url=receiver.url("/a"))
    create("parseroute", Email="b@in.example.com", Url=receiver.url("/b"))
    deliver(mails=[{"Recipient": "B@in.example.com"}])

    assert ["/b"] == [path for path, _, _ in receiver.calls]


@pytest.mark.parametrize("what", [{"events": 7}, {"events": [7]}, {"mails": [[]]}, {"attempts": "many"}, [], "x"])
def test_nonsense(mailjet, create, receiver, what):
    """An invalid request for deliveries is a 400 with a reason."""
    create("eventcallbackurl", EventType="open", Url=receiver.url("/hook"))
    create("parseroute", Url=receiver.url("/mail"))
    answer = httpx.post(f"{mailjet.base_url}/_emulator/deliver", json=what)

    assert (400, True) == (answer.status_code, bool(answer.json()["error"]))
