"""Calls to the account's own receivers."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Receiver:
    """A server that records its calls and answers with the given statuses."""

    def __init__(self):
        self.calls = []
        self.answers = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.calls.append((self.path, body, self.headers["Authorization"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, *_args):
                """Do not log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.host = f"127.0.0.1:{self._server.server_port}"

    def close(self):
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver():
    """A receiver on loopback."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def hook(emulator, receiver):
    """Create a webhook that calls the receiver."""

    def put(event, path="/hook", **values):
        row = {"EventType": event, "Url": f"http://{receiver.host}{path}", **values}
        return emulator.insert("eventcallbackurl", row)

    return put


class TestEvents:
    """Webhooks get events."""

    def test_one_event_a_call(self, emulator, receiver, hook):
        """Version 1 gets each event alone, with the documented keys."""
        hook("bounce")
        emulator.deliver(events=[{"event": "bounce", "email": "a@b.example"}, {"event": "bounce"}])

        first, second = (body for _path, body, _auth in receiver.calls)
        assert ("bounce", "a@b.example", True) == (first["event"], first["email"], first["hard_bounce"])
        assert "MessageID" in second

    def test_grouped(self, emulator, receiver, hook):
        """Version 2 gets an array with events of all types for one URL."""
        hook("bounce", Version=2)
        hook("open", Version=2)
        emulator.deliver(events=[{"event": "bounce"}, {"event": "open"}])

        assert [["bounce", "open"]] == [[each["event"] for each in body] for _path, body, _auth in receiver.calls]

    def test_events_without_a_webhook(self, emulator, receiver, hook):
        """An event without a webhook is not delivered."""
        hook("bounce")

        assert [] == emulator.deliver(events=[{"event": "open"}])
        assert [] == receiver.calls

    def test_credentials_in_the_url(self, emulator, receiver):
        """Userinfo becomes Basic auth and is masked in the report."""
        url = f"http://user:pass@{receiver.host}/hook?x=1"
        emulator.insert("eventcallbackurl", {"EventType": "open", "Url": url})
        report = emulator.deliver(events=[{"event": "open"}])

        assert [("/hook?x=1", "Basic dXNlcjpwYXNz")] == [(path, auth) for path, _body, auth in receiver.calls]
        assert f"http://***@{receiver.host}/hook?x=1" == report[0]["url"]

    def test_until_it_answers_200(self, emulator, receiver, hook):
        """Another status than 200 is repeated; the report has Mailjet's times."""
        hook("open")
        receiver.answers = [500, 204, 200]
        report = emulator.deliver(events=[{"event": "open"}])

        assert [(0, 500), (30, 204), (60, 200)] == [(each["at"], each["status"]) for each in report[0]["attempts"]]
        assert report[0]["delivered"]

    def test_a_hook_that_never_does_is_dead(self, emulator, receiver, hook):
        """After the last attempt the backup is called, and from then on."""
        hook("open", path="/main")
        hook("open", path="/backup", IsBackup=True)
        receiver.answers = [500, 500]
        emulator.deliver(events=[{"event": "open"}], attempts=2)
        emulator.deliver(events=[{"event": "open"}])

        assert ["/main", "/main", "/backup", "/backup"] == [path for path, _body, _auth in receiver.calls]
        assert ["dead", "alive"] == [each["Status"] for each in emulator.rows("eventcallbackurl")]

    def test_only_loopback_is_called(self, emulator):
        """Other hosts than loopback are not called, and the attempt has the reason."""
        emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://hooks.example.com/x"})
        report = emulator.deliver(events=[{"event": "open"}], attempts=1)

        assert "the emulator calls loopback addresses only" == report[0]["attempts"][0]["error"]

    def test_a_receiver_that_is_not_there(self, emulator):
        """A refused connection is a failed attempt."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        emulator.insert("eventcallbackurl", {"EventType": "open", "Url": f"http://127.0.0.1:{port}/x"})
        report = emulator.deliver(events=[{"event": "open"}], attempts=1)

        assert [(0, "ConnectionRefusedError")] == [(each["status"], each["error"]) for each in report[0]["attempts"]]


class TestMails:
    """Parse routes get mails."""

    def test_by_recipient(self, emulator, receiver):
        """A mail is sent to the route of its recipient, with the documented keys."""
        emulator.insert("parseroute", {"Email": "in@example.com", "Url": f"http://{receiver.host}/in"})
        emulator.insert("parseroute", {"Email": "other@example.com", "Url": f"http://{receiver.host}/other"})
        emulator.deliver(mails=[{"Recipient": "IN@example.com", "Subject": "Hi"}])

        assert [("/in", "Hi", "0")] == [
            (path, body["Subject"], body["SpamAssassinScore"]) for path, body, _auth in receiver.calls
        ]

    def test_through_the_control_api(self, client, emulator, receiver):
        """Over HTTP a mail without a recipient is sent to every route."""
        emulator.insert("parseroute", {"Email": "in@example.com", "Url": f"http://{receiver.host}/in"})
        answer = client.post("/_emulator/deliver", json={"mails": [{}]})

        assert [("parseroute", True)] == [(each["resource"], each["delivered"]) for each in answer.json()]
        assert "in@example.com" == receiver.calls[0][1]["Recipient"]
