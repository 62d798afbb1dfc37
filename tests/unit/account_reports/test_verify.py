"""`mjsync verify` and `apply --verify`: sandbox sends of templates, and calls of webhooks."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from mjsync.api import RequestLog
from mjsync.api.sandbox import SandboxClient, SandboxTransport
from mjsync.api.transport import ForbiddenCallError

TEMPLATES = """\
templates:
  order:
    from: {name: Shop, email: me@example.com}
    subject: 'Order {{var:number}}'
    html: <p>{{var:number}}</p>
    text: '{{var:number}}'
    variables: {number: {type: int, example: 17}}
  unknown: {from: {email: me@other.example}, subject: x, html: <p>x</p>, text: x}
  silent: {subject: x, html: <p>x</p>, text: x}
"""


@pytest.fixture
def mails(shop):
    """A project with three templates, on an account that has one sender."""
    shop.load(sender=[{"Email": "me@example.com", "Status": "Active"}])
    shop.emulator.set("sandbox_checks_sender", value=True)
    shop.write(TEMPLATES)
    return shop


def trials(ran):
    """Address to status and codes."""
    return {
        each["address"]: (each["status"], [finding["code"] for finding in each["findings"]])
        for each in json.loads(ran.out)["trials"]
    }


def sends(shop):
    """The bodies of the sandbox sends of the last command."""
    return [each.body for each in shop.emulator.requests if each.path == "/v3.1/send"]


def test_the_templates_of_the_last_apply_are_tried(mails):
    """One request for all, from their own senders with their examples; errors are shown by address."""
    assert 0 == mails.run("apply", "--yes").code
    ran = mails.run("verify", "--format", "json")

    assert 1 == ran.code
    assert {
        "template.order": ("accepted", []),
        "template.silent": ("skipped", ["not-tried"]),
        "template.unknown": ("refused", ["send-0008"]),
    } == trials(ran)
    assert 1 == len(mails.paths)
    (body,) = sends(mails)
    assert body["SandboxMode"] is True
    assert [{"number": 17}, {}] == sorted((each["Variables"] for each in body["Messages"]), key=len, reverse=True)
    assert 0 == mails.emulator.tripwires


def test_apply_verifies_what_it_wrote(mails):
    """A refused template makes the exit code 5; the account is as applied."""
    ran = mails.run("apply", "--yes", "--verify")

    assert 5 == ran.code
    assert "1 of 3 templates accepted" in ran.err
    assert "me@other.example" in ran.err or "send-0008" in ran.err
    assert 3 == len([row for row in mails.emulator.rows("template") if row["OwnerType"] == "apikey"])


def test_a_template_that_is_gone_is_refused(mails):
    """With --all the account is read for ids; a template that was deleted since is refused."""
    mails.run("apply", "--yes")
    rows = {row["Name"]: row["ID"] for row in mails.emulator.rows("template")}
    assert 3 == len(trials(mails.run("verify", "--all", "--format", "json")))
    state = mails.emulator.state()
    mails.emulator.load({**state, "template": [row for row in state["template"] if row["ID"] != rows["order"]]})

    assert ("refused", ["send-0010"]) == trials(mails.run("verify", "--format", "json"))["template.order"]


def test_fifty_templates_are_one_request(mails):
    """A hundred and twenty templates are tried in three requests."""
    one = "{from: {email: me@example.com}, subject: x, html: <p>x</p>, text: x}"
    mails.write("templates:\n" + "".join(f"  t{number}: {one}\n" for number in range(120)))
    mails.run("apply", "--yes")

    assert 0 == mails.run("verify").code
    assert ["POST /v3.1/send"] * 3 == mails.paths


def test_the_transport_forces_the_sandbox():
    """A body that states SandboxMode false is sent with true, and no other call passes."""
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"Messages": [{"Status": "success"}]})

    def transport() -> SandboxTransport:
        return SandboxTransport(httpx.MockTransport(answer), RequestLog())

    with httpx.Client(base_url="https://x.example", transport=transport()) as client:
        client.post("/v3.1/send", json={"SandboxMode": False, "Messages": []})
        for method, path in [("POST", "/v3/send"), ("GET", "/v3.1/send"), ("POST", "/v3.1/send?x=1"), ("DELETE", "/")]:
            with pytest.raises(ForbiddenCallError):
                client.request(method, path, json={})
    with SandboxClient("https://x.example", ("a", "b"), connect=lambda: httpx.MockTransport(answer)) as client:
        client.try_messages([{"SandboxMode": False}])

    assert [True, True] == [body["SandboxMode"] for body in seen]


@pytest.fixture
def receiver():
    """A server that answers 200 at /good and 500 elsewhere; yields its URL and the bodies it got."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == "/good" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def test_webhooks_are_called_only_if_asked(shop, receiver):
    """Each is posted an empty list; what is not https, does not resolve or does not answer 200 is refused."""
    url, bodies = receiver
    shop.write(
        f"webhooks:\n  open: {{url: '{url}/good'}}\n  click: {{url: '{url}/bad'}}\n"
        "  sent: {url: 'https://nobody.invalid/x'}\n"
    )
    assert 0 == shop.run("verify").code
    assert [] == bodies
    found = trials(shop.run("verify", "--webhooks", "--format", "json"))

    assert [b"[]", b"[]"] == bodies
    assert ("refused", ["webhook-not-https"]) == found["webhook.open"]
    assert ("refused", ["webhook-not-https", "webhook-answer"]) == found["webhook.click"]
    assert ("refused", ["webhook-answer"]) == found["webhook.sent"]
