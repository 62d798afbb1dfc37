"""A tree of files with changes on top that are not on disk yet: they can be read, checked, and then written."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.files import DiskTree, Tree


@dataclass(frozen=True)
class OverlayTree:
    """A tree, and the files that are to be written over it; the tree stays as it is meanwhile."""

    under: Tree
    written: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> Iterator[str]:
        """Each file, in path order."""
        return iter(sorted({*self._there, *self.written}))

    def holds(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return path in self.written or path in self._there

    def read(self, path: str) -> bytes:
        """The bytes of one file. Raises ManifestError."""
        return self.written[path] if path in self.written else self.under.read(path)

    @property
    def changed(self) -> dict[str, bytes]:
        """The written files that differ from what is there."""
        return {
            path: content
            for path, content in sorted(self.written.items())
            if path not in self._there or self.under.read(path) != content
        }

    @cached_property
    def _there(self) -> frozenset[str]:
        return frozenset(self.under.files())


def write(disk: DiskTree, files: dict[str, bytes]) -> None:
    """Put files into a project folder, each whole or not at all. Raises ManifestError."""
    for path, content in files.items():
        target = disk.root / path
        try:
            if not target.parent.resolve().is_relative_to(disk.root):
                finding = Finding(
                    "outside-project", f"{path} leads out of the project folder", "", location=Location(path)
                )
                raise ManifestError([finding])
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target.resolve() if target.is_symlink() else target, content)
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror}"
            raise ManifestError(
                [Finding("unwritable-file", message, "Correct what it is.", location=Location(path))]
            ) from None


def _replace(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else None
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".mjsync-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask if mode is None else mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
