"""What all tests share: hypothesis profiles, and the shared folder of facts about Mailjet."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded answers and real templates."""
    folder = os.environ.get("MJSYNC_SHARED")
    if not folder:
        pytest.skip("MJSYNC_SHARED is not set")
    return Path(folder)


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how many cases of the fault tests ran."""
    passed = terminalreporter.stats.get("passed", [])
    cases = sum(count for report in passed for name, count in report.user_properties if name == "fault cases")
    if cases:
        terminalreporter.write_line(f"{cases} fault cases passed")
