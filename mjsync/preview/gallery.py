"""Keep the state of the gallery: every template filled with its examples, loaded again when a file changed."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from mjsync.errors import Finding, MjsyncError
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.settings import FILE
from mjsync.preview.fill import FilledTemplate, fill, fill_values, source, source_field
from mjsync.render.frame import framed
from mjsync.render.mail import PREHEADER, first_words
from mjsync.render.text import size
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.template_entry import Variable

_MANIFESTS = (".yaml", ".yml")
_WRITTEN = ("mjml", "html", "text")


class WatchedTree(DiskTree):
    """A project folder that remembers what was read, to know whether it changed; files never read are not watched."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._seen = {FILE: self._state(FILE)}
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        self._seen.setdefault(path, self._state(path))  # before reading: a file saved meanwhile counts as changed
        return super().read(path)

    def watch(self, folders: Iterable[str]) -> None:
        """Watch for manifests added to or removed from these folders too."""
        self._listed |= {folder: self._manifests(folder) for folder in folders}

    @property
    def revision(self) -> str:
        """A hash of the state of all files read."""
        return hashlib.sha256(repr((sorted(self._seen.items()), self._listed)).encode()).hexdigest()[:16]

    def is_current(self) -> bool:
        """Return whether no file that was read has changed."""
        return all(state == self._state(path) for path, state in list(self._seen.items())) and all(
            names == self._manifests(folder) for folder, names in self._listed.items()
        )

    def _state(self, path: str) -> tuple[int, int] | None:
        """Return the time of the last write in nanoseconds and the size in bytes; None for a missing file."""
        try:
            about = (self.root / path).stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_size

    def _manifests(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in DiskTree(self.root / folder).files() if name.endswith(_MANIFESTS))


Load = Callable[[WatchedTree], tuple[Desired, tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True)
class FormValues:
    """What a reader of the gallery entered: the name of a test case, and variables by name as text."""

    case: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "FormValues":
        """Read a query: `case`, and `var.NAME` for each variable."""
        variables = {name.removeprefix("var."): text for name, text in query.items() if name.startswith("var.")}
        return cls(query.get("case", ""), variables)


@dataclass(frozen=True, slots=True)
class TemplateView:
    """One template as the gallery shows it; parts that the manifest does not state are empty.

    `family` is the handle in the manifest, `locale` one of its locales if it has several. `frame` is the document of a
    sandboxed frame, `sources` the parts written by hand by their field. `size` is that of the HTML as it is sent.
    `form` holds each variable with its name and its value as text, `cases` the names of the test cases, `case` the
    chosen one.
    """

    handle: str
    family: str
    locale: str
    sender: str
    preheader: str
    frame: str
    sources: tuple[tuple[str, str], ...]
    size: str
    findings: tuple[Finding, ...]
    form: tuple[tuple[str, Variable, str], ...]
    cases: tuple[str, ...]
    case: str
    entry: Entry = field(repr=False)
    mail: FilledTemplate = field(repr=False)


def template_view(
    entry: Entry,
    findings: Iterable[Finding],
    form: FormValues = FormValues(),
    *,
    now: datetime,
    with_images: bool = False,
) -> TemplateView:
    """Fill one template with its examples, a test case or entered values. Raises ManifestError if a file is gone."""
    case = next((test for test in getattr(entry.model, "tests", ()) if test.name == form.case), None)
    stated: Mapping[str, Variable] = getattr(entry.model, "variables", {})
    passed = {
        **(case.data if case else {}),
        **{name: _parsed(text, stated.get(name)) for name, text in form.variables.items()},
    }
    values = fill_values(entry, passed, case.contact if case else {}, now, case.segments if case else ())
    mail = fill(entry, values)
    html = mail.parts.get("html", "")
    sender = entry.values.get("from") or {}
    written = (field for field in _WRITTEN if field in entry.values and source_field(entry, field) == field)
    return TemplateView(
        handle=entry.address.handle,
        family=entry.locale.template_handle if entry.locale else entry.address.handle,
        locale=entry.locale.key if entry.locale else "",
        sender=" ".join(filter(None, (sender.get("name"), sender.get("email")))),
        preheader=first_words(html)[:PREHEADER],
        frame=framed(html, with_images=with_images) if html else "",
        sources=tuple((field, source(entry, field)) for field in written),
        size=size(source(entry, "html")) if html else "",
        findings=(*mail.findings, *findings),
        form=tuple((name, variable, _as_text(values.variables.get(name))) for name, variable in stated.items()),
        cases=tuple(test.name for test in getattr(entry.model, "tests", ())),
        case=form.case,
        entry=entry,
        mail=mail,
    )


def _parsed(text: str, variable: Variable | None) -> Any:
    """Return an entered value in the type of its variable; text that is not of the type stays text."""
    if variable is None or variable.type in ("str", "date"):
        return text
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def _as_text(value: Any) -> str:
    return (
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    )


class LocaleGroup(NamedTuple):
    """Templates shown side by side: one, or all locales of one entry."""

    handle: str
    templates: tuple[TemplateView, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all its templates."""
        return tuple(finding for template in self.templates for finding in template.findings)


@dataclass(frozen=True, slots=True)
class GalleryState:
    """The templates of one revision of the files by handle, or the findings that prevent showing them."""

    revision: str
    templates: tuple[TemplateView, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def groups(self) -> tuple[LocaleGroup, ...]:
        """All templates, the locales of one entry together."""
        in_order = sorted(self.templates, key=lambda template: template.family)
        return tuple(LocaleGroup(handle, tuple(each)) for handle, each in groupby(in_order, lambda one: one.family))

    def group(self, handle: str) -> LocaleGroup | None:
        """Return the locales of an entry, or the single template of a handle; None if there is none."""
        alone = (LocaleGroup(handle, (template,)) for template in self.templates if template.handle == handle)
        return next((group for group in (*self.groups, *alone) if group.handle == handle), None)


class Gallery:
    """The gallery of a project folder.

    `load` loads and validates the manifests of a tree, `view` makes the view of an entry from its findings and
    FormValues; both may raise MjsyncError.
    """

    def __init__(self, root: Path, load: Load, view: Callable[..., TemplateView]) -> None:
        self._root = root
        self._load = load
        self._view = view
        self._lock = threading.Lock()
        self._last: tuple[WatchedTree, GalleryState] | None = None

    def state(self) -> GalleryState:
        """Return the state of the files as they are now."""
        with self._lock:
            if self._last is None or not self._last[0].is_current():
                tree = WatchedTree(self._root)
                self._last = tree, self._load_state(tree)
            return self._last[1]

    def filled(self, group: LocaleGroup, form: FormValues) -> LocaleGroup:
        """Return the same templates filled with entered values. Raises MjsyncError."""
        views = (self._view(each.entry, each.findings[len(each.mail.findings) :], form) for each in group.templates)
        return LocaleGroup(group.handle, tuple(views))

    def _load_state(self, tree: WatchedTree) -> GalleryState:
        try:
            desired, findings = self._load(tree)
            templates = tuple(
                self._view(entry, [each for each in findings if each.address == str(entry.address)])
                for entry in desired.of_kind("template")
            )
        except MjsyncError as error:
            return GalleryState(tree.revision, findings=tuple(error.findings))
        return GalleryState(tree.revision, templates)
