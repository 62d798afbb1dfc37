"""Messages of failed connections, and the number of writes to a socket that a request takes."""

import socket
import threading

import httpx
import pytest
from httpcore._backends.sync import SyncStream

from mjsync.api.client import Client, ReadClient
from mjsync.api.pacing import Limits
from mjsync.api.transport import RequestLog
from mjsync.errors import BadAnswer, Rejected, Unreachable
from mjsync.resources import CALLS

KEYS = ("public", "secret")
ONCE = Limits(retry_budget=0, timeout=2)


def failure(url):
    """Return the error of a read from a URL."""
    with ReadClient(url, KEYS, calls=CALLS, limits=ONCE) as client, pytest.raises(Unreachable) as caught:
        client.get("template/1")
    return caught.value


def serve(answer, received=None):
    """Serve one connection with these bytes; return its port. `received` gets each piece that arrives."""
    listener = socket.create_server(("127.0.0.1", 0))

    def once():
        connection, _ = listener.accept()
        with connection, listener:
            piece = connection.recv(1_000_000)
            if received is not None:
                received.append(piece)
            connection.sendall(answer)

    threading.Thread(target=once, daemon=True).start()
    return listener.getsockname()[1]


@pytest.fixture
def closed():
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_nothing_listens(closed):
    """The error of a refused connection names host and port."""
    error = failure(f"http://127.0.0.1:{closed}")

    assert f"nothing listens at 127.0.0.1:{closed} (connection refused)" == error.message
    assert "host and port" in error.way_out


def test_a_name_that_does_not_resolve():
    """The error of a host without a DNS entry names the host."""
    error = failure("https://mjsync.invalid")

    assert "the host name of mjsync.invalid:443 cannot be resolved" in error.message
    assert "spelling" in error.way_out


def test_no_tls():
    """A server that does not speak TLS has another message than one with a bad certificate."""
    port = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    error = failure(f"https://127.0.0.1:{port}")

    assert f"127.0.0.1:{port} does not speak TLS as expected" in error.message
    assert "scheme" in error.way_out


def test_a_proxy_that_is_not_there(monkeypatch, closed):
    """The error of a refused connection to a proxy names the proxy and its variable."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed}")
    error = failure("https://api.example.com")

    assert f"nothing listens at the proxy 127.0.0.1:{closed} (connection refused)" == error.message
    assert "HTTPS_PROXY" in error.way_out


def test_a_proxy_that_refuses(monkeypatch):
    """The error of a proxy that does not connect has the proxy's answer."""
    port = serve(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    error = failure("https://api.example.com")

    assert f"the proxy 127.0.0.1:{port} refused to connect to api.example.com:443" in error.message
    assert "407" in error.message


def test_a_server_that_hangs_up():
    """A connection that was closed without an answer has another message than one that was never made."""
    port = serve(b"")

    assert f"127.0.0.1:{port} closed the connection" in failure(f"http://127.0.0.1:{port}").message


def test_a_request_leaves_in_one_send(monkeypatch):
    """Head and body are sent in one write: a client that is killed never sends half a request."""
    sends = []
    write = SyncStream.write

    def counted(stream, buffer, timeout=None):
        sends.append(bytes(buffer))
        write(stream, buffer, timeout)

    monkeypatch.setattr(SyncStream, "write", counted)
    port = serve(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")
    with Client(f"http://127.0.0.1:{port}", KEYS, calls=CALLS, limits=ONCE) as client, pytest.raises(Rejected):
        client.post("template", {"Name": "x" * 20_000})
    (sent,) = sends
    head, _, body = sent.partition(b"\r\n\r\n")

    assert head.startswith(b"POST /v3/REST/template HTTP/1.1")
    assert f"content-length: {len(body)}".encode() in head.lower()


def pages(handler, request_log=None):
    """Return a client whose requests a function answers."""
    return ReadClient(
        "http://x", KEYS, calls=CALLS, request_log=request_log, connect=lambda: httpx.MockTransport(handler)
    )


@pytest.mark.parametrize("closes", [True, False])
def test_requests_share_a_connection_until_the_server_closes_it(closes):
    """Where the server closed an idle connection, the next POST goes out on another one, and once."""
    accepted, idle = [], threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    body = b'{"Count":1,"Data":[{"ID":1}],"Total":1}'
    answer = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def answers():
        left = 2
        while left:
            connection, _ = listener.accept()
            accepted.append(connection)
            for _ in range(1 if closes else 2):
                connection.recv(1_000_000)
                connection.sendall(answer)
                left -= 1
            connection.close()
            idle.set()

    thread = threading.Thread(target=answers, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, Client(url, KEYS, calls=CALLS, limits=ONCE) as client:
        client.post("contactslist", {"Name": "a"})
        if closes:
            assert idle.wait(2)
        client.post("contactslist", {"Name": "b"})
        thread.join()

    assert (2 if closes else 1) == len(accepted)


def test_a_web_page_is_tried_three_times(clock):
    """A web page instead of JSON is tried again, and ends in an error that has the page's title."""
    messages = []
    html = "<html><head><title>Welcome to &quot;Hotel&quot; WiFi</title></head></html>"
    with (
        pages(lambda _: httpx.Response(200, html=html), RequestLog(on_retry=messages.append)) as client,
        pytest.raises(BadAnswer, match="is a web page titled 'Welcome to \"Hotel\" WiFi'"),
    ):
        client.get("template/1")

    assert ["try 1 of 3", "try 2 of 3", "try 3 of 3"] == [text[-11:-1] for text in messages]


def endless(total):
    """Return a client for a listing whose every page is full and new; the account counts so many objects."""

    def answer(request):
        if request.url.params.get("countOnly") and total is not None:
            return httpx.Response(200, json={"Count": total, "Data": [], "Total": total})
        offset = int(request.url.params["Offset"])
        return httpx.Response(200, json={"Data": [{"ID": number} for number in range(offset, offset + 1000)]})

    return answer


@pytest.mark.parametrize(("total", "message"), [(3, "the account counts 3"), (None, "the most that mjsync reads")])
def test_a_listing_that_never_ends(total, message):
    """Such a listing ends at a limit from the account's count, or at a fixed one, with an error."""
    with pages(endless(total)) as client, pytest.raises(BadAnswer, match=f"does not end: .*{message}"):
        list(client.rows("template"))


def test_a_long_listing_is_read_whole():
    """A listing that is as long as the account says is read to its end."""
    rows = [{"ID": number} for number in range(60_500)]

    def answer(request):
        if request.url.params.get("countOnly"):
            return httpx.Response(200, json={"Count": len(rows), "Data": [], "Total": len(rows)})
        offset = int(request.url.params["Offset"])
        return httpx.Response(200, json={"Data": rows[offset : offset + 1000]})

    with pages(answer) as client:
        assert len(rows) == len(list(client.rows("template")))
