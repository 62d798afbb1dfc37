"""An account for fault tests, without waiting times."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from mjsync.emulator import Emulator
from tests.faults.sample_account import SampleAccount


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleAccount]:
    """A fresh account and project; retries and look-ups do not wait."""
    monkeypatch.setattr("mjsync.engine.step.LOOKUP_DELAYS", (0.0, 0.0, 0.0, 0.0))
    with Emulator() as emulator, stamina.set_testing(True, attempts=6):
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield SampleAccount(tmp_path, emulator)
