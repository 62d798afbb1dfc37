"""A pytest fixture that runs a local Mailjet for a test.

    def test_order_mail(mailjet_emulator):
        send_order_mail("passenger@example.com")  # your code, with SandboxMode on
        assert "Your order" == mailjet_emulator.outbox[0]["Subject"]

While a test uses the fixture, MJSYNC_BASE_URL, MJ_APIKEY_PUBLIC and MJ_APIKEY_PRIVATE point at it. The marker
`@pytest.mark.mailjet_emulator(settings=…, state=…, faults=…)` passes its arguments to `Emulator`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mjsync.emulator import Emulator


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers", "mailjet_emulator(**arguments): arguments of Emulator for the mailjet_emulator fixture"
    )


@pytest.fixture
def mailjet_emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator["Emulator"]:
    """Yield a local Mailjet on a free loopback port, fresh for each test."""
    from mjsync.emulator import Emulator

    marker = request.node.get_closest_marker("mailjet_emulator")
    with Emulator(**(marker.kwargs if marker else {})) as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator
