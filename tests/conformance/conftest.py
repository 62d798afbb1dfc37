"""An emulator behind a socket, and what the official clients ask of it."""

import pytest

from mjsync.emulator import Emulator


@pytest.fixture
def emulator():
    """A fresh emulator that listens on a free loopback port."""
    with Emulator() as served:
        yield served
