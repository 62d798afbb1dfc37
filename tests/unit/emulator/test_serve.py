"""The emulator over a socket, and many clients at once."""

import base64
import http.client
import json
import os
import signal
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from werkzeug.test import EnvironBuilder

from mjsync.emulator import ConnectionClosed, Emulator, serve_forever
from mjsync.emulator.serve import _Channel

LIST = "/v3/REST/contactslist"
KEYS = ("mj-public", "mj-secret")


def test_a_free_port_and_a_clean_end():
    """The emulator listens on loopback inside the `with` block only."""
    with Emulator() as emulator:
        url = emulator.base_url
        assert url.startswith("http://127.0.0.1:")
        assert 200 == httpx.get(f"{url}{LIST}", auth=KEYS).status_code

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}{LIST}", auth=KEYS)
    with pytest.raises(RuntimeError):
        _ = emulator.base_url


def test_the_other_loopback():
    """An IPv6 address is in brackets in the base URL."""
    seen = []

    def announce(url):
        seen.append(url)
        raise KeyboardInterrupt

    try:
        serve_forever(Emulator(), "::1", 0, announce)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")

    assert seen[0].startswith("http://[::1]:")


def test_no_thread_is_left():
    """No thread of the server is left after its end."""
    before = set(threading.enumerate())
    with Emulator() as emulator:
        httpx.get(f"{emulator.base_url}{LIST}", auth=KEYS)

    late = set(threading.enumerate()) - before
    for each in late:
        each.join(5)
    assert not [each for each in late if each.is_alive()]


def test_the_environment_points_there():
    """The environment has the three variables that a client needs."""
    with Emulator(api_key="a", secret_key="b") as emulator:
        expected = {"MJSYNC_BASE_URL": emulator.base_url, "MJ_APIKEY_PUBLIC": "a", "MJ_APIKEY_PRIVATE": "b"}
        assert expected == emulator.environment


def test_a_request_is_received_and_answered_in_one_piece(monkeypatch):
    """Its body of 20 kB is received at once, and the head and body of the response are sent together."""
    calls = Counter()

    def counted(name):
        call = getattr(_Channel, name)
        return lambda channel, *arguments, **options: (calls.update([name]), call(channel, *arguments, **options))[1]

    monkeypatch.setattr(_Channel, "recv", counted("recv"))
    monkeypatch.setattr(_Channel, "send", counted("send"))
    content = {"Headers": {}, "Html-part": "a" * 20_000}
    with Emulator() as emulator, socket.create_connection(emulator.base_url[7:].split(":")) as client:
        number = emulator.insert("template", {"Name": "a"})["ID"]
        body = json.dumps(content).encode()
        login = base64.b64encode(b"mj-public:mj-secret").decode()
        head = f"POST /v3/REST/template/{number}/detailcontent HTTP/1.1\r\nAuthorization: Basic {login}\r\n"
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        response = http.client.HTTPResponse(client)
        response.begin()
        assert content["Html-part"] == json.loads(response.read())["Data"][0]["Html-part"]

        assert {"recv": 1, "send": 1} == calls


def test_two_at_once_do_not_disturb_each_other():
    """Two emulators have different ports, keys and rows."""
    with Emulator() as first, Emulator(api_key="other") as second:
        httpx.post(f"{first.base_url}{LIST}", auth=KEYS, json={"Name": "a"})

        assert first.base_url != second.base_url
        assert (1, 0) == (len(first.rows("contactslist")), len(second.rows("contactslist")))
        assert 401 == httpx.get(f"{second.base_url}{LIST}", auth=KEYS).status_code


def post(url, path, body):
    """Return the status of one POST on a connection of its own."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    secret = base64.b64encode(":".join(KEYS).encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_fifty_clients_lose_and_double_nothing():
    """Fifty clients that create the same eight lists in different orders create each once."""

    def make(number):
        order = [(place * 3 + number) % 8 for place in range(8)]
        return [post(url, LIST, {"Name": f"list {place}"}) for place in order]

    with Emulator() as emulator, ThreadPoolExecutor(50) as pool:
        url = emulator.base_url
        statuses = [each for statuses in pool.map(make, range(50)) for each in statuses]

        assert (8, 392) == (statuses.count(201), statuses.count(400))
        assert {f"list {place}" for place in range(8)} == {each["Name"] for each in emulator.rows("contactslist")}
        assert (8, 400) == (
            len({each["ID"] for each in emulator.rows("contactslist")}),
            len(emulator.requests),
        )


def test_fifty_clients_write_one_content():
    """Every content write is whole: its parts belong together."""

    def write(number):
        return post(emulator.base_url, path, {"Html-part": f"<p>{number}</p>", "Text-part": str(number)})

    with Emulator() as emulator, ThreadPoolExecutor(50) as pool:
        path = f"/v3/REST/template/{emulator.insert('template', {'Name': 'T'})['ID']}/detailcontent"
        assert {201} == set(pool.map(write, range(50)))

        content = httpx.get(f"{emulator.base_url}{path}", auth=KEYS).json()["Data"][0]
        assert f"<p>{content['Text-part']}</p>" == content["Html-part"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_until_a_signal(number):
    """`serve_forever` announces its URL, answers, and returns on a signal."""
    seen = []

    def announce(url):
        seen.append(url)

        def ask_and_end():
            seen.append(httpx.get(f"{url}{LIST}", auth=KEYS).status_code)
            os.kill(os.getpid(), number)

        threading.Thread(target=ask_and_end).start()

    before = signal.getsignal(signal.SIGTERM)
    serve_forever(Emulator(), "127.0.0.1", 0, announce)

    assert 200 == seen[1]
    assert before == signal.getsignal(signal.SIGTERM)


def test_serving_beside_the_main_thread():
    """Outside the main thread no signal handler is set; an interrupt ends the server."""

    def announce(_url):
        raise KeyboardInterrupt

    thread = threading.Thread(target=serve_forever, args=(Emulator(), "127.0.0.1", 0, announce))
    thread.start()
    thread.join(10)

    assert not thread.is_alive()


def test_a_port_that_is_taken():
    """A port in use is an OSError."""
    with Emulator() as emulator, pytest.raises(OSError, match="in use"):
        serve_forever(Emulator(), "127.0.0.1", int(emulator.base_url.rpartition(":")[2]), print)


def test_an_incomplete_request_is_dropped():
    """A client that ends in the middle of a body changes nothing, and its request is not logged."""
    keys = base64.b64encode(b"mj-public:mj-secret").decode()
    body = json.dumps({"Name": "Weekly"})
    head = f"POST {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {keys}\r\nContent-Length: {len(body)}\r\n\r\n"
    with Emulator() as emulator:
        address = ("127.0.0.1", int(emulator.base_url.rpartition(":")[2]))
        with socket.create_connection(address) as client:
            client.sendall((head + body[:-1]).encode())
            client.shutdown(socket.SHUT_WR)
            answer = client.recv(100)
        later = httpx.get(f"{emulator.base_url}{LIST}", auth=KEYS).json()["Count"]

        assert (b"", 0, ["GET"]) == (answer, later, [each.method for each in emulator.requests])


def test_an_incomplete_request_is_dropped_under_any_server():
    """The app answers and stores nothing for an incomplete body, under any server."""
    keys = base64.b64encode(b"mj-public:mj-secret").decode()
    body = b'{"Name": "Weekly"}'
    environ = EnvironBuilder(
        LIST, method="POST", data=body[:-1], headers={"Authorization": f"Basic {keys}"}
    ).get_environ()
    with Emulator() as emulator:
        with pytest.raises(ConnectionClosed):
            emulator.app({**environ, "CONTENT_LENGTH": str(len(body))}, lambda *_: None)

        assert ([], ()) == (emulator.rows("contactslist"), emulator.requests)
