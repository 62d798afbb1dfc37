"""In-process clients of an emulator."""

from collections.abc import Callable

import httpx
import pytest

from mjsync.emulator import Emulator

KEYS = ("mj-public", "mj-secret")


@pytest.fixture
def emulator():
    """A fresh emulator."""
    return Emulator()


@pytest.fixture
def make_client() -> Callable[..., httpx.Client]:
    """Make a client of an emulator, in process."""

    def make(emulator, auth=KEYS):
        transport = httpx.WSGITransport(app=emulator.app)
        return httpx.Client(transport=transport, base_url="http://emulator", auth=auth)

    return make


@pytest.fixture
def client(emulator, make_client):
    """A client of the fresh emulator, in process."""
    return make_client(emulator)


@pytest.fixture
def create(client):
    """Create an object over HTTP and return its row."""

    def post(resource, **values):
        answer = client.post(f"/v3/REST/{resource}", json=values)
        assert 201 == answer.status_code, answer.text
        return answer.json()["Data"][0]

    return post
