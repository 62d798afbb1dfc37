import gzip
import http.server
import shutil
import ssl
import subprocess
import threading

import httpx
import pytest

from mjsync.api.client import Client, ReadClient
from mjsync.api.pacing import Limits
from mjsync.api.transport import AllowedCalls, ForbiddenCallError, RequestLog
from mjsync.emulator import Emulator
from mjsync.errors import BadAnswer, Unreachable
from mjsync.resources import CALLS

ALLOWED = AllowedCalls(CALLS)

KEYS = ("public", "secret")
QUICK = Limits(retry_budget=0, max_response_bytes=1000, timeout=5)
EMPTY = b'{"Count":0,"Data":[],"Total":0}'


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET as the test defines, and records the requests."""

    def do_GET(self):
        """Record the request, and answer."""
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if status != 304 else b"")

    def do_DELETE(self):
        """Record the request, and answer."""
        self.do_GET()

    def do_CONNECT(self):
        """Record which host was to be reached, and refuse."""
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        self.send_error(502)

    def log_message(self, *_):
        """Log nothing."""


@pytest.fixture
def server():
    """A web server on loopback; `answer` is its answer, `seen` are the requests it got."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer, server.seen = (200, {}, EMPTY), []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def read(url):
    """Read a listing."""
    with ReadClient(url, KEYS, calls=CALLS, limits=QUICK) as client:
        return list(client.rows("contactslist"))


def test_redirects_are_never_followed(server):
    """A redirect is an error: it could lead the keys to another host."""
    server.answer = (302, {"Location": f"{server.url}/elsewhere"}, b"")
    with pytest.raises(BadAnswer, match="redirects elsewhere"):
        read(server.url)

    assert 1 == len(server.seen)


def test_answers_are_bounded(server):
    """An answer longer than the limit is not read to its end."""
    server.answer = (200, {}, b"x" * 5000)

    with pytest.raises(BadAnswer, match="longer than 1000 bytes"):
        read(server.url)


@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
def test_the_proxy_variables_are_followed(server, monkeypatch, variable):
    """HTTPS_PROXY, else ALL_PROXY, is asked for a tunnel to Mailjet, and never sees the key."""
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, server.url)
    with pytest.raises(Unreachable):
        read("https://mailjet.invalid")

    assert [("mailjet.invalid:443", None)] == server.seen


def test_no_proxy_is_honoured(server, monkeypatch):
    """Hosts in NO_PROXY are called directly."""
    monkeypatch.setenv("https_proxy", server.url)
    monkeypatch.setenv("no_proxy", "localhost")
    with pytest.raises(Unreachable):
        read("https://localhost:1")

    assert [] == server.seen


def test_loopback_is_never_asked_through_a_proxy(server, monkeypatch):
    """Plain http goes to loopback only, and never through a proxy, which would read the keys."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    read(server.url)

    assert 1 == len(server.seen)


@pytest.mark.parametrize("proxy", ["socks9://user:hunter2@127.0.0.1:1", "nonsense"])
def test_a_proxy_that_cannot_be_used_is_named(monkeypatch, proxy):
    """The proxy is named in the error, without the password in its URL."""
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unreachable, match=r"the proxy .* cannot be used") as error:
        read("https://mailjet.invalid")

    assert "hunter2" not in str(error.value)


def test_a_request_after_an_answer_that_was_cut_off(server):
    """The next request of the same client gets its own answer."""
    with ReadClient(server.url, KEYS, calls=CALLS, limits=QUICK) as client:
        server.answer = (200, {}, b"x" * 500_000)
        with pytest.raises(BadAnswer, match="longer than"):
            client.page("contactslist")
        server.answer = (200, {}, EMPTY)

        assert [] == client.page("contactslist")


def test_a_compressed_body_is_unpacked(server):
    """Compressed answers are read, since requests allow them with Accept-Encoding."""
    server.answer = (200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"Data":[{"ID":7}]}'))

    assert [{"ID": 7}] == read(server.url)


def test_a_body_that_cannot_be_unpacked_is_no_answer(server):
    """A body with a broken encoding is an error of the call, not of the program."""
    server.answer = (200, {"Content-Encoding": "gzip"}, b"no gzip at all")

    with pytest.raises(Unreachable):
        read(server.url)


@pytest.mark.parametrize("status", [200, 304])
def test_a_delete_that_a_portal_answered_is_none(server, status):
    """A DELETE that is answered with a web page did not delete: Mailjet answers 204."""
    server.answer = (status, {}, b"<html>Log in first</html>")

    with Client(server.url, KEYS, calls=CALLS, limits=QUICK) as client, pytest.raises(BadAnswer):
        client.delete("contactslist/1")


@pytest.fixture
def secured(server, tmp_path):
    """The server behind a certificate that it signed itself; its URL and the certificate."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command, "-addext", "subjectAltName=DNS:localhost", *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return f"https://localhost:{server.server_port}", tmp_path / "cert.pem"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unknown_certificate_is_refused(secured, server):
    """No request, and no key, goes to a server that the trust store does not know."""
    url, _ = secured
    with pytest.raises(Unreachable, match=r"certificate of localhost:.* is not trusted"):
        read(url)

    assert [] == server.seen


def test_the_systems_trust_store_is_used(secured, server, monkeypatch):
    """A certificate that the system's trust store has is accepted."""
    url, certificate = secured
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert [] == read(url)


def test_a_reader_cannot_write(server):
    """A reading client can only send GET, whoever calls it."""
    with ReadClient(server.url, KEYS, calls=CALLS, limits=QUICK) as client, pytest.raises(ForbiddenCallError):
        Client.post(client, "contactslist", {"Name": "x"})  # type: ignore[arg-type]

    assert [] == server.seen


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v3/send"),
        ("POST", "/v3.1/send"),
        ("POST", "/v3/REST/campaigndraft/1/send"),
        ("POST", "/v3/REST/campaigndraft/1/test"),
        ("POST", "/v3/REST/contact"),
        ("PUT", "/v3/REST/contactdata/1"),
        ("POST", "/v3/REST/contactslist/1/managecontact"),
        ("POST", "/v3/REST/sender"),
        ("DELETE", "/v3/REST/contactslist/1/x"),
        ("POST", "/v3/REST/template/1/detailcontent/../../../../send"),
    ],
)
def test_calls_that_send_mail_or_touch_people_are_not_in_the_table(method, path):
    """No call that sends mail or changes contacts is in the table of allowed calls."""
    assert not ALLOWED.allows(method, path)


def test_a_writer_cannot_send(server):
    """A writing client can only send calls of the same table."""
    with Client(server.url, KEYS, calls=CALLS, limits=QUICK) as client, pytest.raises(ForbiddenCallError):
        client.post("campaigndraft/1/send", {})

    assert [] == server.seen


def test_calls_are_told_to_all_who_listen():
    """Listeners get method, path, status and seconds of each call in its thread; status None is no answer."""
    first, second = [], []
    request_log = RequestLog([lambda *call: first.append(call[:3]), lambda *call: second.append(call[:3])])
    with Emulator() as emulator:
        keys = (emulator.api_key, emulator.secret_key)
        with Client(emulator.base_url, keys, calls=CALLS, limits=QUICK, request_log=request_log) as client:
            client.post("contactslist", {"Name": "x"})
            emulator.fault("close:GET")
            with pytest.raises(Unreachable):
                list(client.rows("contactslist"))

    assert first == second
    assert [("POST", "/v3/REST/contactslist", 201), ("GET", "/v3/REST/contactslist?Limit=1000&Offset=0", None)] == first


def test_half_of_a_surrogate_pair_is_sent_as_it_is():
    """A text may come back with half of a pair, and an undo writes what was there."""
    with (
        Emulator() as emulator,
        Client(emulator.base_url, (emulator.api_key, emulator.secret_key), calls=CALLS) as client,
    ):
        client.post("contactslist", {"Name": "a\ud83d"})

        assert [{"Name": "a\ud83d"}] == [request.body for request in emulator.requests]


def test_rows_go_on_from_an_offset():
    """A listing can be read from an offset on."""
    with Emulator() as emulator:
        for number in range(3):
            emulator.insert("contactslist", {"Name": str(number)})
        with ReadClient(emulator.base_url, (emulator.api_key, emulator.secret_key), calls=CALLS) as client:
            assert ["1", "2"] == [row["Name"] for row in client.rows("contactslist", {"Offset": "1"})]


@pytest.mark.parametrize("gone", [1, 5, 250])
def test_a_listing_that_shrinks_while_it_is_read_loses_nothing(gone):
    """Objects that are deleted during a listing do not make it skip or repeat any other."""
    emulator = Emulator()
    for number in range(2100):
        emulator.insert("contactslist", {"Name": str(number)})

    class Shrinking(httpx.WSGITransport):
        def handle_request(self, request):
            """Delete some after the first page."""
            response = super().handle_request(request)
            if request.url.params["Offset"] == "0" and len(emulator.requests) == 1:
                for row in emulator.rows("contactslist")[:gone]:
                    with Client("http://localhost", keys, calls=CALLS, connect=plain) as other:
                        other.delete(f"contactslist/{row['ID']}")
            return response

    keys, plain = (emulator.api_key, emulator.secret_key), lambda: httpx.WSGITransport(app=emulator.app)
    with ReadClient("http://localhost", keys, calls=CALLS, connect=lambda: Shrinking(app=emulator.app)) as client:
        names = [row["Name"] for row in client.rows("contactslist", {"IsDeleted": "false"})]

    assert [str(number) for number in range(2100)] == names


def test_a_listing_that_never_moves_on_is_no_answer():
    """A server that ignores Offset is an error, since its listing would never end."""
    rows = [{"ID": number} for number in range(1000)]

    def connect():
        return httpx.MockTransport(lambda _: httpx.Response(200, json={"Count": 1000, "Data": rows, "Total": 1000}))

    with (
        ReadClient("http://localhost", KEYS, calls=CALLS, connect=connect) as client,
        pytest.raises(BadAnswer, match="Offset"),
    ):
        list(client.rows("contact"))
