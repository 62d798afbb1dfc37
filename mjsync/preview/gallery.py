"""All templates on show, loaded again whenever a file of the project was saved."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mjsync.errors import Finding, MjsyncError
from mjsync.manifest.tree import Disk
from mjsync.preview.exhibit import Exhibit
from mjsync.resources.desired import Desired, Entry

Load = Callable[[], tuple[Desired, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class Show:
    """What the gallery shows of one revision of the files: the templates by handle, or why there are none."""

    revision: str
    exhibits: tuple[Exhibit, ...] = ()
    findings: tuple[Finding, ...] = ()

    def exhibit(self, handle: str) -> Exhibit | None:
        """The template of a handle."""
        return next((exhibit for exhibit in self.exhibits if exhibit.handle == handle), None)


class Gallery:
    """The show of a project folder.

    `load` reads the manifests and judges them, `hang` makes an exhibit of a template and what was found of it; both
    may raise MjsyncError.
    """

    def __init__(self, tree: Disk, load: Load, hang: Callable[[Entry, Sequence[Finding]], Exhibit]) -> None:
        self._tree = tree
        self._load = load
        self._hang = hang
        self._lock = threading.Lock()
        self._last: Show | None = None

    def revision(self) -> str:
        """A word that differs once any file of the project was saved, added or removed."""
        digest = hashlib.sha256()
        for path in self._tree.files():
            try:
                about = (self._tree.root / path).stat()
            except OSError:
                continue  # it went away, or leads nowhere; the revision without it says so
            digest.update(f"{path}\0{about.st_mtime_ns}\0{about.st_size}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:16]

    def show(self) -> Show:
        """The show of the files as they are."""
        with self._lock:
            revision = self.revision()  # before loading: what is saved meanwhile has another one
            if self._last is None or self._last.revision != revision:
                self._last = self._made(revision)
            return self._last

    def _made(self, revision: str) -> Show:
        try:
            desired, findings = self._load()
            entries = desired.of_kind("template")
            return Show(revision, tuple(self._hang(entry, _about(entry, findings)) for entry in entries))
        except MjsyncError as error:
            return Show(revision, findings=tuple(error.findings))


def _about(entry: Entry, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.address == str(entry.address)]
