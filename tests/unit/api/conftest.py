"""A clock that only moves when somebody sleeps, and clients of an emulator."""

import time
from dataclasses import dataclass, field

import httpx
import pytest

from mjsync.api.client import Client
from mjsync.api.pacing import Limits
from mjsync.emulator import Emulator
from mjsync.resources import CALLS


@dataclass
class Clock:
    """Seconds since the test began, and each sleep."""

    now: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.sleeps.append(seconds)


@pytest.fixture
def clock(monkeypatch):
    """The test's own time."""
    clock = Clock()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def emulator():
    """A fresh emulator."""
    return Emulator()


@pytest.fixture
def client(emulator):
    """A client of it, in process."""
    with Client(
        "http://localhost",
        (emulator.api_key, emulator.secret_key),
        calls=CALLS,
        limits=Limits(retry_budget=60),
        connect=lambda: httpx.WSGITransport(app=emulator.app),
    ) as client:
        yield client
