"""What all tests share: hypothesis profiles, and the shared folder of facts about Mailjet."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings

from mjsync.emulator import Emulator
from mjsync.emulator.service import Service
from tests.distribution import ROOT, WHEEL, build

# What a shell starts in the background ignores Ctrl-C, and so does all that is started there; some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class Calls(list):
    """The forbidden calls of one emulator; they are passed on to the running test."""

    seen: ClassVar[list[str]] = []

    def append(self, call: str) -> None:
        """Record one call."""
        super().append(call)
        self.seen.append(call)


def _new_service(service: Service, *arguments: object) -> None:
    _init(service, *arguments)
    service.forbidden_calls = Calls()


_init, Service.__init__ = Service.__init__, _new_service
ON_PURPOSE = ("tests/unit/emulator/", "tests/conformance/", "tests/browser/test_inbox.py")
"""Tests of the emulator itself, which send what it must refuse."""


@pytest.fixture(autouse=True)
def no_forbidden_calls(request) -> Iterator[None]:
    """Fail a test in which a request would have sent mail or changed a contact on any emulator of this process."""
    Calls.seen.clear()
    yield
    if not request.node.nodeid.startswith(ON_PURPOSE):
        assert [] == Calls.seen


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded answers and real templates."""
    folder = os.environ.get("MJSYNC_SHARED")
    if not folder:
        pytest.skip("MJSYNC_SHARED is not set")
    return Path(folder)


@pytest.fixture
def empty_project(tmp_path, monkeypatch) -> Iterator[tuple[Path, Emulator]]:
    """A project whose manifest, main.yaml, is still to be written, and the emulator of its account."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [main.yaml]\n", encoding="utf-8")
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield tmp_path, emulator


@pytest.fixture(scope="session")
def dist(tmp_path_factory) -> Path:
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="session")
def wheel(dist) -> Path:
    """The wheel."""
    return dist / WHEEL


def pytest_terminal_summary(terminalreporter) -> None:
    """Print how many cases of the fault tests ran."""
    passed = terminalreporter.stats.get("passed", [])
    cases = sum(count for report in passed for name, count in report.user_properties if name == "fault cases")
    if cases:
        terminalreporter.write_line(f"{cases} fault cases passed")
