"""The distributions, built once for all tests of a worker, and an environment to install them in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mjsync import __version__

ROOT = Path(__file__).resolve().parent.parent
WHEEL = f"mjsync-{__version__}-py3-none-any.whl"
INDEX_MISSING = r"No matching distribution|Could not fetch|connection|Failed to fetch|no solution found"
"""What pip, pipx and uv print where no index of packages can be reached."""


def build(source, folder, *targets):
    """Build distributions of a source tree into a folder."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[test]'")
    options = [option for target in targets for option in ("-t", target)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder, *options],
        cwd=source,
        check=True,
        capture_output=True,
    )


def strangers_environment(home):
    """Return the environment variables of a user with an empty home; programs are installed below it."""
    ours = ("MJ", "PYTHON", "VIRTUAL_ENV", "GIT_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "HOME": str(home),
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
        "UV_CACHE_DIR": str(home / "uv"),
    }
