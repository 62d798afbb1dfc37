"""A project folder that remembers what was read of it, so as to say whether that is still what is there."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.settings import FILE

_MANIFESTS = (".yaml", ".yml")


class WatchedTree(DiskTree):
    """A tree for one load. What no load reads, it does not look at: a build beside the manifests costs nothing."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._seen = {FILE: self._state(FILE)}
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes:
        """The bytes of one file. Raises ManifestError."""
        self._seen.setdefault(path, self._state(path))  # before it is read: what is saved meanwhile has another one
        return super().read(path)

    def watch(self, folders: Iterable[str]) -> None:
        """Look for manifests that come and go in these folders too."""
        self._listed |= {folder: self._manifests(folder) for folder in folders}

    @property
    def revision(self) -> str:
        """A word for what was read, as it was then."""
        return hashlib.sha256(repr((sorted(self._seen.items()), self._listed)).encode()).hexdigest()[:16]

    def is_current(self) -> bool:
        """Whether all that was read is as it was."""
        return all(state == self._state(path) for path, state in list(self._seen.items())) and all(
            names == self._manifests(folder) for folder, names in self._listed.items()
        )

    def _state(self, path: str) -> tuple[int, int] | None:
        """When it was written last, in nanoseconds, and its size in bytes; None where it is not there."""
        try:
            about = (self.root / path).stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_size

    def _manifests(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in DiskTree(self.root / folder).files() if name.endswith(_MANIFESTS))
