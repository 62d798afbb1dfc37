"""A browser for the tests of this folder; without Chromium they are skipped, with the reason."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = Path(os.environ.get("MJSYNC_AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))


@pytest.fixture(scope="session")
def browser():
    """One window for all tests."""
    pytest.importorskip("selenium", reason="selenium is not installed")
    from tests.browser import browsing

    if not (browsing.CHROMIUM and browsing.DRIVER):
        pytest.skip("no Chromium with its chromedriver is installed")
    with browsing.browser() as window:
        yield window


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm install --no-save axe-core")
    return AXE.read_text(encoding="utf-8")
