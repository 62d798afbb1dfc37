"""Repositories in temporary folders, driven by the git command."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mjsync.history import git_command
from mjsync.history.repository import Repository

PROJECT = "version: 1\nmanifests: [manifests]\n"
GIT_SETTINGS = """\
[user]
name = Test
email = test@example.com
[init]
defaultBranch = main
[protocol "file"]
allow = always
[uploadpack]
allowAnySHA1InWant = true
[advice]
detachedHead = false
"""


@dataclass
class Clone:
    """A work tree in which git commands run."""

    folder: Path

    def git(self, *arguments: str) -> str:
        """Run git; return its output without the last line end."""
        ended = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.rstrip("\n")

    def write(self, **files: str | None) -> None:
        """Write files, or remove those that are None; `__` stands for a slash, `_DOT_` for a dot."""
        self.put({name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()})

    def put(self, files: dict[str, str | None]) -> None:
        """Write files by path, or remove those that are None."""
        for path, text in files.items():
            target = self.folder / path
            if text is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")

    def commit(self, files: dict[str, str | None] | None = None, message: str = "change") -> str:
        """Write files, commit everything, and return the commit."""
        self.put(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def repository(self, project: str = "") -> Repository:
        """The repository as mjsync finds it from a project folder."""
        return Repository.of((self.folder / project).resolve())


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let git read no settings of this machine; submodules come from folders; variables of mjsync are unset."""
    settings = folder / "gitconfig"
    settings.write_text(GIT_SETTINGS)
    for name in [name for name in os.environ if name.startswith(("GIT_", "MJSYNC_", "MJ_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    git_command._environment.cache_clear()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    """Let git read no settings of this machine."""
    isolate(monkeypatch, tmp_path)


@pytest.fixture
def clone(tmp_path) -> Clone:
    """An empty repository."""
    folder = tmp_path / "work"
    folder.mkdir()
    made = Clone(folder)
    made.git("init", "-q")
    return made


def cloned(source: Clone, folder: Path, *options: str) -> Clone:
    """A clone of a repository, made with these options through the transport that knows depth."""
    subprocess.run(["git", "clone", "-q", *options, f"file://{source.folder}", str(folder)], check=True)
    return Clone(folder)
