"""What is distributed: sdist and wheel have all files, and the wheel runs where only it and its dependencies are."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mjsync import __version__

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"^  ([a-z][a-z-]*)  ", re.MULTILINE)


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


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(dist):
    """The wheel."""
    return dist / f"mjsync-{__version__}-py3-none-any.whl"


def files_of(wheel):
    """The path and the content of each file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_has_all_files_of_the_package(wheel):
    """Each file under mjsync/ is in the wheel, and no test is."""
    written = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mjsync").rglob("*.*") if path.is_file()}
    files = files_of(wheel)

    assert {path for path in written if "__pycache__" not in path} <= files.keys()
    assert {"mjsync", f"mjsync-{__version__}.dist-info"} == {name.split("/")[0] for name in files}
    assert {"mjsync/py.typed", "mjsync/_examples/shop/mjsync.yaml"} <= files.keys()


def test_the_version_is_in_one_place(wheel):
    """The version of the distribution is that of the package."""
    metadata = files_of(wheel)[f"mjsync-{__version__}.dist-info/METADATA"].decode()

    assert f"\nVersion: {__version__}\n" in metadata
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_sdist_builds_the_same_wheel(dist, wheel, tmp_path):
    """A wheel that is built from the sdist has the same files, byte for byte."""
    with tarfile.open(dist / f"mjsync-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / f"mjsync-{__version__}", tmp_path, "wheel")

    assert files_of(wheel) == files_of(tmp_path / wheel.name)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel by pipx, from the index of packages that pip has; return what runs a command of it."""
    pytest.importorskip("pipx", reason="pipx is not installed: pip install -e '.[test]'")
    home = tmp_path_factory.mktemp("pipx")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MJ", "PYTHON", "VIRTUAL_ENV"))},
        "HOME": str(home),
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "pipx", "install", "--quiet", wheel],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode and re.search(
        r"No matching distribution|Could not fetch|connection", ended.stderr, re.IGNORECASE
    ):
        pytest.skip("no index of packages can be reached")
    assert 0 == ended.returncode, ended.stderr

    def run(*arguments):
        return subprocess.run(
            [home / "bin" / "mjsync", *arguments],
            cwd=home,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_installed_command_runs(installed, tmp_path):
    """From the wheel alone: version, pages, the help of every command, a starter that is valid, and the demo."""
    assert f"mjsync {__version__}\n" == installed("--version").stdout
    assert "# Start" in installed("docs", "start").stdout
    commands = COMMAND.findall(installed("--help").stdout.partition("Commands:")[2])
    failed = [name for name in commands if not installed(name, "--help").stdout.startswith(f"Usage: mjsync {name} ")]

    assert (True, []) == (len(commands) > 20, failed)
    assert 0 == installed("init", str(tmp_path / "mail")).returncode
    assert 0 == installed("-C", str(tmp_path / "mail"), "validate", "--strict").returncode
    demo = installed("demo", str(tmp_path / "demo"))
    assert (0, True) == (demo.returncode, "Apply complete" in demo.stdout), demo.stderr
