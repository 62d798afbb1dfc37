"""A copy of the project in which a test may add files, such as a kind."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copy_project(folder: Path) -> Path:
    """Copy the package, its tests and its examples into a folder, and return the folder."""
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("mjsync", "tests", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run_module(folder: Path, *words: str, path: str = "") -> str:
    """Run a module of Python in a copy, and return what it printed; it must end with 0."""
    environ = {"PYTHONPATH": str(folder), "PATH": path, "COLUMNS": "100"}
    ended = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    return ended.stdout
