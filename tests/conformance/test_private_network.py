"""A company's network on loopback: a proxy in front of Mailjet, and a certificate of a private authority."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading

import pytest

from mjsync.emulator import Emulator
from tests.stage import PROJECT

HOST = "mailjet.internal"
"""A name that only the proxy resolves."""


class Relay:
    """A server that passes bytes on to another port of this machine, with TLS or as a proxy in front of it."""

    def __init__(self, port, context=None, *, is_proxy=False):
        self._target, self._context, self._is_proxy = port, context, is_proxy
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.requests = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        """Stop listening."""
        self._listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._context:
                client = self._context.wrap_socket(client, server_side=True)
            stack.enter_context(client)
            if self._is_proxy:
                self.requests.append(client.recv(65536))
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            server = stack.enter_context(socket.create_connection(("127.0.0.1", self._target)))
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join(10)

    @staticmethod
    def _copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A folder with the certificate of a throwaway authority, and a server's key and certificate by it."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("authority")
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    own = [*new, "-subj", "/CN=Throwaway", "-keyout", "ca.key", "-out", "ca.pem"]
    server = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-addext", "basicConstraints=CA:FALSE"]
    for command in (own, [*new, *server, "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "s.key", "-out", "s.pem"]):
        made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode and "-CA" in made.stderr:
            pytest.skip("this openssl is older than 3.0")
        assert 0 == made.returncode, made.stderr
    return folder


@pytest.fixture
def network(authority, tmp_path):
    """The proxy, the account behind it, and a function that runs mjsync in a project."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests/main.yaml").write_text("lists: {news: {}}\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "s.pem", authority / "s.key")
    with Emulator() as emulator:
        front = Relay(int(emulator.base_url.rpartition(":")[2]), context)
        proxy = Relay(front.port, is_proxy=True)
        environ = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            **emulator.environment,
            "MJSYNC_BASE_URL": f"https://{HOST}",
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
            "SSL_CERT_FILE": str(authority / "ca.pem"),
        }

        def run(*arguments, **changed):
            return subprocess.run(
                [sys.executable, "-m", "mjsync", *arguments],
                cwd=tmp_path,
                env={name: value for name, value in {**environ, **changed}.items() if value},
                capture_output=True,
                text=True,
                check=False,
            )

        yield emulator, proxy, run
        proxy.close()
        front.close()


def test_apply_through_a_proxy_with_a_private_authority(network):
    """HTTPS_PROXY and SSL_CERT_FILE are all that is needed, and the proxy sees the host's name and no key."""
    emulator, proxy, run = network
    ended = run("apply", "--yes")

    assert (0, ["news"]) == (ended.returncode, [row["Name"] for row in emulator.rows("contactslist")]), ended.stderr
    assert {f"CONNECT {HOST}:443 HTTP/1.1".encode()} == {request.split(b"\r\n")[0] for request in proxy.requests}
    assert b"authorization" not in b"".join(proxy.requests).lower()


def test_an_authority_that_is_not_known(network):
    """Without SSL_CERT_FILE the certificate is refused with a way out, and no request arrives."""
    emulator, _, run = network
    ended = run("plan", "--retry-budget", "0", SSL_CERT_FILE="", SSL_CERT_DIR="")

    assert 1 == ended.returncode
    assert f"the TLS certificate of {HOST}:443 is not trusted" in ended.stderr
    assert "set SSL_CERT_FILE" in ended.stderr
    assert [] == list(emulator.requests)
