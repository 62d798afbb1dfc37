"""What is distributed: sdist and wheel have all files, and the wheel runs where only it and its dependencies are."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mjsync import __version__
from tests.distribution import INDEX_MISSING, ROOT, build, strangers_environment

COMMAND = re.compile(r"^  ([a-z][a-z-]*)  ", re.MULTILINE)


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
    """Install the wheel by pipx, from the index of packages; return the folder of its programs, and its environment."""
    pytest.importorskip("pipx", reason="pipx is not installed: pip install -e '.[test]'")
    home = tmp_path_factory.mktemp("pipx")
    environ = strangers_environment(home)
    ended = call([sys.executable, "-m", "pipx", "install", "--quiet", wheel], home, environ)
    assert 0 == ended.returncode, ended.stderr
    return home, environ


def call(command, folder, environ):
    """Run a program; skip the test where it needs an index of packages that cannot be reached."""
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if ended.returncode and re.search(INDEX_MISSING, ended.stderr, re.IGNORECASE):
        pytest.skip("no index of packages can be reached")
    return ended


def test_the_installed_command_runs(installed, tmp_path):
    """From the wheel alone: version, pages, a starter that is valid, and the demo."""
    home, environ = installed

    def run(*arguments):
        return call([home / "bin" / "mjsync", *arguments], home, environ)

    assert f"mjsync {__version__}\n" == run("--version").stdout
    assert "# Start" in run("docs", "start").stdout
    assert 0 == run("init", str(tmp_path / "mail")).returncode
    assert 0 == run("-C", str(tmp_path / "mail"), "validate", "--strict").returncode
    demo = run("demo", str(tmp_path / "demo"))
    assert (0, True) == (demo.returncode, "Apply complete" in demo.stdout), demo.stderr


HELPS = """
from mjsync.cli import cli
import click

context = click.Context(cli, info_name="mjsync")
for name in cli.list_commands(context):
    command = cli.get_command(context, name)
    print(command.get_help(click.Context(command, info_name=name, parent=context)).splitlines()[0])
"""


def test_every_command_of_the_installed_one_has_its_help(installed):
    """Everything that --help needs is in the wheel and its dependencies."""
    home, environ = installed
    python = next((home / "pipx" / "venvs" / "mjsync").glob("*/python"))
    helps = call([python, "-c", HELPS], home, environ).stdout.splitlines()
    commands = COMMAND.findall(
        call([home / "bin" / "mjsync", "--help"], home, environ).stdout.partition("Commands:")[2]
    )

    assert len(commands) > 20
    assert commands == [line.removeprefix("Usage: mjsync ").split()[0] for line in helps]


def test_uvx_runs_the_wheel(wheel, tmp_path):
    """`uvx` runs the wheel without an installation, as the README shows."""
    uv = pytest.importorskip("uv", reason="uv is not installed: pip install -e '.[test]'")
    uvx = Path(uv.find_uv_bin()).with_name("uvx")
    ended = call([uvx, "--quiet", "--from", wheel, "mjsync", "--version"], tmp_path, strangers_environment(tmp_path))

    assert (0, f"mjsync {__version__}\n") == (ended.returncode, ended.stdout), ended.stderr
