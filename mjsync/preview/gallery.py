"""All templates on show, loaded again whenever a file they are made of was saved."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mjsync.errors import Finding, MjsyncError
from mjsync.preview.file_watcher import WatchedTree
from mjsync.preview.template_view import TemplateView
from mjsync.resources.desired import Desired, Entry

Load = Callable[[WatchedTree], tuple[Desired, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class LocaleGroup:
    """What is looked at side by side: one template, or all the locales of one entry."""

    handle: str
    exhibits: tuple[TemplateView, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with any of them."""
        return tuple(finding for exhibit in self.exhibits for finding in exhibit.findings)


@dataclass(frozen=True, slots=True)
class GalleryState:
    """What the gallery shows of one revision of the files: the templates by handle, or why there are none."""

    revision: str
    exhibits: tuple[TemplateView, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def families(self) -> tuple[LocaleGroup, ...]:
        """All of them, those of one entry together."""
        in_order = sorted(self.exhibits, key=lambda exhibit: exhibit.family)
        return tuple(LocaleGroup(handle, tuple(each)) for handle, each in groupby(in_order, lambda one: one.family))

    def family(self, handle: str) -> LocaleGroup | None:
        """The locales of an entry, or the one template of a handle."""
        alone = (LocaleGroup(handle, (exhibit,)) for exhibit in self.exhibits if exhibit.handle == handle)
        return next((family for family in (*self.families, *alone) if family.handle == handle), None)


class Gallery:
    """The show of a project folder.

    `load` reads the manifests from a tree and judges them, `hang` makes an exhibit of a template and what was found of
    it; both may raise MjsyncError.
    """

    def __init__(self, root: Path, load: Load, hang: Callable[[Entry, Sequence[Finding]], TemplateView]) -> None:
        self._root = root
        self._load = load
        self._hang = hang
        self._lock = threading.Lock()
        self._last: tuple[WatchedTree, GalleryState] | None = None

    def show(self) -> GalleryState:
        """The show of the files as they are."""
        with self._lock:
            if self._last is None or not self._last[0].is_current():
                tree = WatchedTree(self._root)
                self._last = tree, self._made(tree)
            return self._last[1]

    def _made(self, tree: WatchedTree) -> GalleryState:
        try:
            desired, findings = self._load(tree)
            entries = desired.of_kind("template")
            exhibits = tuple(self._hang(entry, _about(entry, findings)) for entry in entries)
        except MjsyncError as error:
            return GalleryState(tree.revision, findings=tuple(error.findings))
        return GalleryState(tree.revision, exhibits)


def _about(entry: Entry, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.address == str(entry.address)]
