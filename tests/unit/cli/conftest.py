"""What tests of the command line share."""

import pytest

from mjsync.emulator import Emulator


@pytest.fixture
def emulator(monkeypatch):
    """An emulator that listens, and the environment that leads there."""
    with Emulator() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made
