"""An emulator behind a socket, and clients of it."""

import pytest
from mailjet_rest import Client

from mjsync.emulator import Emulator


@pytest.fixture
def emulator():
    """A fresh emulator that listens on a free loopback port."""
    with Emulator() as served:
        yield served


@pytest.fixture
def connect(emulator):
    """Make a client of the emulator that is closed at the end of the test."""
    clients = []

    def make(**options):
        keys = {"auth": (emulator.api_key, emulator.secret_key), "api_url": emulator.base_url}
        clients.append(Client(**{**keys, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def mailjet(connect):
    """A client of the Email API, v3."""
    return connect()
