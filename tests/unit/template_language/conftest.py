from pathlib import Path

import pytest


def read_exactly(path: Path) -> str:
    """Read a file with its line ends and its byte order mark."""
    return path.read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def real_bodies(shared: Path) -> dict[str, str]:
    """Return every HTML and MJML body of the real templates, by folder and file name."""
    bodies = sorted((shared / "real-templates").glob("*/template.*"))
    return {f"{path.parent.name}/{path.name}": read_exactly(path) for path in bodies}
