"""`mjsync verify` and `apply --verify`: sandbox sends of templates, and calls of webhooks."""

import base64
import json
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from mjsync.account_reports.verify import verify_webhooks
from mjsync.api.sandbox import SandboxClient, SandboxTransport
from mjsync.api.transport import READS, AllowedCalls, ForbiddenCallError, RequestLog
from mjsync.errors import Location
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.resources.webhook import Webhook, WebhookEntry
from mjsync.session.project import is_emulated

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
    """Return address to status and codes."""
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
    """A refused template makes the exit code 5; the account is as applied, and every format has the reason."""
    ran = mails.run("apply", "--yes", "--verify", "--format", "json", "--out", str(mails.folder / "report.md"))
    document = json.loads(ran.out)

    assert 5 == ran.code
    assert "1 of 3 templates accepted" in ran.err
    assert ["template.unknown"] == [each["address"] for each in document["warnings"] if each["code"] == "send-0008"]
    assert "me&#64;other" in (mails.folder / "report.md").read_text()
    assert 1 == document["requests"]["POST"] - 6
    assert 3 == len([row for row in mails.emulator.rows("template") if row["OwnerType"] == "apikey"])
    assert 0 == mails.run("apply", "--yes", "--verify").code


def test_several_environments_are_verified(mails, tmp_path):
    """Each environment tries what it wrote; the worst exit code counts, and the report has the reason."""
    environments = "environments: {a: {overlays: [a]}, b: {overlays: [b]}}"
    (tmp_path / "mjsync.yaml").write_text(f"version: 1\nmanifests: [manifests]\n{environments}\n")
    mails.write("lists: {}\n")
    for name, sender in (("a", "me@other.example"), ("b", "me@example.com")):
        (tmp_path / name).mkdir()
        template = f"{{from: {{email: {sender}}}, subject: x, html: <p>x</p>, text: x}}"
        (tmp_path / name / "x.yaml").write_text(f"templates: {{order-{name}: {template}}}\n")
    ran = mails.run("-e", "*", "apply", "--yes", "--verify", "--format", "json")
    plans = {plan["environment"]: plan for plan in json.loads(ran.out)["plans"]}

    assert (5, 5, 0) == (ran.code, plans["a"]["exit"], plans["b"]["exit"])
    assert "send-0008" in [each["code"] for each in plans["a"]["warnings"]]
    assert "a: Verified in the sandbox: 0 of 1 template accepted." in ran.err
    assert "b: Verified in the sandbox: 1 of 1 template accepted." in ran.err
    assert "a: error: " in ran.err


def test_a_new_template_is_tried_until_mailjet_shows_it(mails, monkeypatch):
    """Reads lag behind writes: only what was just created is tried again, a few times."""
    pauses = []
    monkeypatch.setattr("mjsync.session.execution.time.sleep", pauses.append)
    mails.write(TEMPLATES.partition("  unknown:")[0])
    mails.emulator.fault("lag:POST:/v3/REST/template:requests=2")

    assert 0 == mails.run("apply", "--yes", "--verify").code
    assert [0.0, 0.5, 1.0] == pauses
    pauses.clear()
    rows = mails.emulator.state()["template"]
    mails.load(template=[row for row in rows if row["Name"] != "order"])
    assert 1 == mails.run("verify").code
    assert [0.0, 0.5, 1.0, 2.0, 4.0] == pauses


def test_what_cannot_be_verified_stays_applied(mails):
    """A send that fails makes the exit code 5, with the reason."""
    mails.emulator.fault("401:POST:/v3.1/send:times=all")
    ran = mails.run("apply", "--yes", "--verify")

    assert 5 == ran.code
    assert "not verified: " in ran.err
    assert "Apply complete: 3 applied" in ran.out


def test_a_declared_template_that_is_not_there_is_named(mails):
    """With --all it is skipped, with the way out."""
    found = trials(mails.run("verify", "--all", "--format", "json"))

    assert {("skipped", ("not-live",))} == {(status, tuple(codes)) for status, codes in found.values()}
    assert [] == sends(mails)


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
        return SandboxTransport(httpx.MockTransport(answer), AllowedCalls(()), READS, RequestLog())

    with httpx.Client(base_url="https://x.example", transport=transport()) as client:
        client.post("/v3.1/send", json={"SandboxMode": False, "Messages": []})
        for method, path in [("POST", "/v3/send"), ("GET", "/v3.1/send"), ("POST", "/v3.1/send?x=1"), ("DELETE", "/")]:
            with pytest.raises(ForbiddenCallError):
                client.request(method, path, json={})
    with SandboxClient("https://x.example", ("a", "b"), connect=lambda: httpx.MockTransport(answer)) as client:
        client.try_messages([{"SandboxMode": False}])

    assert [True, True] == [body["SandboxMode"] for body in seen]


@pytest.fixture
def receiver(tmp_path, monkeypatch):
    """An https server on loopback that answers 200 at /good and 500 elsewhere; its URL and the requests it got."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command, "-addext", "subjectAltName=DNS:localhost", *files], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, body, self.headers["Authorization"], self.headers["Host"]))
            self.send_response(200 if self.path == "/good" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def webhook(handle, url):
    """Return an entry of a webhook with this URL."""
    return Entry(Address("webhook", handle), Webhook(), WebhookEntry(url=url), {"url": url}, handle, Location("a"), {})


def codes(trials):
    """Status and codes of each trial."""
    return [(trial.status, [finding.code for finding in trial.findings]) for trial in trials]


def test_webhooks_are_called_only_if_asked(shop, receiver, monkeypatch):
    """Without --webhooks none is; what is not https, not public or does not resolve is refused without a call."""
    url, seen = receiver
    connected = []
    monkeypatch.setattr("mjsync.session.account.is_emulated", lambda: False)
    monkeypatch.setattr("mjsync.account_reports.verify.build_opener", lambda *_: connected.append(1))
    shop.write(
        f"webhooks:\n  open: {{url: '{url.replace('https', 'http')}/good'}}\n  click: {{url: '{url}/good'}}\n"
        "  sent: {url: 'https://nobody.invalid/x'}\n  bounce: {url: 'https://10.0.0.1/x'}\n"
        "  spam: {url: 'https://169.254.169.254/x'}\n  blocked: {url: 'https://[::ffff:127.0.0.1]/x'}\n"
    )
    assert 0 == shop.run("verify").code
    ran = shop.run("verify", "--webhooks", "--format", "json")
    found = trials(ran)

    assert ("refused", ["webhook-not-https"]) == found.pop("webhook.open")
    assert [("refused", ["webhook-answer"])] * 5 == list(found.values())
    assert 4 == ran.out.count("Mailjet could not reach it")
    assert ([], []) == (seen, connected)


def test_a_webhook_gets_an_empty_list_and_answers_200(receiver):
    """Any other answer is refused."""
    url, seen = receiver
    tried = verify_webhooks([webhook("open", f"{url}/good"), webhook("click", f"{url}/bad")], allow_loopback=True)

    assert [("accepted", []), ("refused", ["webhook-answer"])] == codes(tried)
    assert [b"[]", b"[]"] == [body for _, body, _, _ in seen]


def test_the_login_in_a_webhooks_url_is_sent_as_a_header(receiver):
    """Its name and password are percent-decoded, and are not part of the host."""
    url, seen = receiver
    with_login = url.replace("https://", "https://ann:s%40crt@")
    tried = verify_webhooks([webhook("open", f"{with_login}/good")], allow_loopback=True)

    assert [("accepted", [])] == codes(tried)
    expected = "Basic " + base64.b64encode(b"ann:s@crt").decode()
    assert [("/good", b"[]", expected, url.removeprefix("https://"))] == seen


@pytest.mark.parametrize(
    ("url", "expected"), [("http://127.0.0.1:8080", True), ("https://api.mailjet.com", False), (None, False)]
)
def test_receivers_on_this_machine_belong_to_an_emulator(monkeypatch, url, expected):
    """Only the variable counts: a pull request can change base_url in mjsync.yaml."""
    monkeypatch.delenv("MJSYNC_BASE_URL", raising=False)
    if url:
        monkeypatch.setenv("MJSYNC_BASE_URL", url)

    assert expected == is_emulated()
