"""Fixtures for the tests of the command line."""

import pytest

from mjsync.emulator import Emulator


@pytest.fixture
def emulator(monkeypatch):
    """An emulator that listens, with the environment variables for it."""
    with Emulator() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made
