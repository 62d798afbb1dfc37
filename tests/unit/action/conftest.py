"""A fresh machine for each test; all are skipped where there is no bash."""

import shutil

import pytest

from mjsync.emulator import Emulator
from tests.unit.action.machine import Runner


@pytest.fixture
def runner(tmp_path):
    """A fresh machine beside a fresh account."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    with Emulator() as emulator:
        yield Runner(tmp_path, emulator)
