"""Import live objects as manifests: read the account, edit the project's files, and plan with the result."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mjsync.engine.build_plan import build_plan
from mjsync.engine.diff import differing_fields
from mjsync.engine.match import match
from mjsync.engine.plan import Plan
from mjsync.engine.read import Account, CachingReader, map_concurrently, read_account
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, WrongUse
from mjsync.manifest import did_you_mean
from mjsync.manifest.load import Source, defaults_of, load, variables_of
from mjsync.manifest.loading.files import DiskTree, OverlayTree, glob_yaml, resolve_path, write, write_new
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import FILE, find_root, read_project
from mjsync.manifest.writing.credentials import SecretExtractor
from mjsync.manifest.writing.importer import Importer
from mjsync.redaction import KNOWN_SECRETS
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address, resolve
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Live
from mjsync.session.options import Observer, PlanOptions
from mjsync.session.project import Project, open_project
from mjsync.session.session import Session

Pick = Callable[[Live, Address | None], bool]
"""Returns whether to import a live object; the address is that of its entry, if a manifest declares it."""

PREPARED = ".mjsync-import-"
"""The start of the name of the folder of prepared files."""

STARTER = """\
version: 1
manifests: [manifests]
# environments:
#   production:
#     account: {}  # the id of the API key: any other key is refused
"""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Which objects to import, and the folder for new manifests; each of `addresses` must be found."""

    pick: Pick
    into: str | None = None
    addresses: frozenset[str] = frozenset()
    concurrency: int = 10


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The files an import changed, and the next plan.

    `variables` are the environment variables that have to be set before it, with their present values.
    """

    files: Mapping[str, bytes]
    plan: Plan
    addresses: frozenset[Address]
    added: int
    variables: Mapping[str, str]
    findings: tuple[Finding, ...]

    @property
    def pending(self) -> tuple[Address, ...]:
        """The imported objects that the next plan changes all the same."""
        return tuple(change.address for change in self.plan.changes if change.address in self.addresses)


def open_import(directory: str | Path, environment: str | None, observer: Observer) -> Session:
    """Open the environment to import into, in a new project where there is none. Raises ManifestError, WrongUse."""
    root = Path(directory).resolve()
    if find_root(root) or not root.is_dir():
        project = open_project(directory)
        session = Session.of(project, environment, observer)
        return replace(session, project=replace(project, tree=OverlayTree(project.tree)))
    tree = OverlayTree(DiskTree(root), {FILE: _starter(None)})
    return Session(Project.of(read_project(tree), root), environment or "default", Environment(), observer)


def import_objects(session: Session, options: ImportOptions) -> ImportResult:
    """Write the picked live objects into the project of `open_import`. Raises WrongUse, ManifestError, ApiError."""
    with session.reader(PlanOptions(concurrency=options.concurrency)) as client:
        return import_from(CachingReader(client), session, options)


def import_from(reader: CachingReader, session: Session, options: ImportOptions) -> ImportResult:
    """Write the picked objects of an account that may have been read in part already. Raises as import_objects does."""
    folder = _manifest_folder(session.project, options.into)
    scope = session.scope(PlanOptions(concurrency=options.concurrency))
    options, root = replace(options, into=folder), session.project.root
    with _hidden_folder(root) as hidden_folder, ThreadPoolExecutor(1) as pool:
        prepared = PreparedFiles(hidden_folder, pool)
        result = _imported(session.source(strict=False), reader, scope, options, prepared)
        started = {FILE: _starter(result.plan.account)} if FILE in result.files else {}
        write(DiskTree(root), {**result.files, **started}, prepared.written())
    return result


@contextmanager
def _hidden_folder(root: Path) -> Iterator[str]:
    """Make a folder in the project for the time of a block; one that a killed import left is removed.

    Only its owner may enter it, and git ignores it. Where the project cannot be written to, it is outside.
    """
    for old in root.glob(f"{PREPARED}*"):
        shutil.rmtree(old, ignore_errors=True)
    try:
        folder = TemporaryDirectory(prefix=PREPARED, dir=root, ignore_cleanup_errors=True)
    except OSError:
        folder = TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as path:
        with suppress(OSError):
            Path(path, ".gitignore").write_text("*\n", encoding="utf-8")
        yield path


@dataclass(frozen=True, slots=True)
class PreparedFiles:
    """New files, written to a folder by a thread while more of the account is read; at the end they are moved."""

    folder: str
    pool: ThreadPoolExecutor
    pending: dict[str, tuple[str, Future[None]]] = field(default_factory=dict)

    def add(self, path: str, content: bytes) -> None:
        """Begin to write what is to be the file at a path of the project."""
        prepared = f"{self.folder}/{len(self.pending)}"
        self.pending[path] = prepared, self.pool.submit(write_new, prepared, content)

    def written(self) -> dict[str, str]:
        """Return where each file is, by its path in the project, without those that could not be written."""
        return {path: prepared for path, (prepared, written) in self.pending.items() if written.exception() is None}


def _starter(account: int | None) -> bytes:
    """Return a project file, with the account's id as the example of a pin."""
    return STARTER.format(account or 123456).encode()


def _manifest_folder(project: Project, into: str | None) -> str:
    """Return the folder for new manifests: `into`, else the first that the project reads. Raises WrongUse."""
    patterns = project.settings.manifests
    if into is None:
        first = patterns[0].strip("/").removeprefix("./")
        is_file = first.endswith((".yaml", ".yml"))
        return (first.partition("*")[0].rpartition("/")[0] if "*" in first or is_file else first) or "."
    folder = resolve_path(FILE, into)
    if folder is None:
        message = f"--into {into} leads out of the project folder"
        raise WrongUse(message, "Name a folder inside it.")
    file = f"{folder or '.'}/new.yaml".removeprefix("./")
    if not any(glob_yaml(OverlayTree(project.tree, {file: b""}), pattern).count(file) for pattern in patterns):
        message = f"--into {into} is not a folder that manifests are read from"
        raise WrongUse(message, f"Add it to `manifests:` in {FILE}; there are {', '.join(patterns)}.")
    return folder or "."


def _imported(
    source: Source, reader: CachingReader, scope: Scope, options: ImportOptions, prepared: PreparedFiles
) -> ImportResult:
    """Read what is picked, change files in the overlay alone, and plan with the result."""
    tree = source.project.tree
    assert isinstance(tree, OverlayTree)  # noqa: S101 - open_import made it
    desired = load(source) if _has_manifests(source) else Desired({})
    account = read_account([kind.name for kind in SECTIONS.values()], reader, scope)
    pairs = match(desired, account.live).pairs
    _check_found(options.addresses, pairs, account)
    extractor = SecretExtractor(_placeholders(source, desired, pairs))
    importer = Importer(
        tree, desired, options.into or ".", source.converters, extractor, defaults_of(source), prepared.add
    )
    ids = {address: live.id for address, live in pairs.items()}
    picked = [(desired.entries[address], live) for address, live in pairs.items() if options.pick(live, address)]
    complete = _with_content([live for _, live in picked], reader, scope)
    for (entry, _), live in zip(picked, complete, strict=True):
        importer.update(entry, live, _differing(entry, live, ids))
    undeclared = sorted(_undeclared(account, pairs, importer, options.pick), key=lambda live: live.id)
    importer.add(_with_content(undeclared, reader, scope))
    importer.finish()
    variables = extractor.variables
    KNOWN_SECRETS.update(variables.values())
    source, plan = replace(source, environ={**os.environ, **variables}), Plan(scope.environment, None)
    if _has_manifests(source):  # a project that declares nothing has an empty plan; what was read needs no threads
        desired = load(source)
        plan = build_plan(desired, reader, replace(scope, warnings=desired.findings, concurrency=1))
    refused = (replace(finding, severity="warning") for finding in account.refused.values())
    unset = (warning for warning in plan.warnings if warning.code == "unset-environment")
    return ImportResult(
        tree.changed,
        plan,
        frozenset(importer.addresses),
        importer.added,
        {name: value for name, value in variables.items() if os.environ.get(name) != value},
        (*refused, *importer.findings, *unset),
    )


def _has_manifests(source: Source) -> bool:
    patterns = source.project.settings.manifests
    return any(file != FILE for pattern in patterns for file in glob_yaml(source.project.tree, pattern))


def _check_found(addresses: frozenset[str], pairs: Mapping[Address, Live], account: Account) -> None:
    """Raise WrongUse where an address is of no live object."""
    live = {str(Address(kind, each.name)) for kind, objects in account.live.items() for each in objects}
    for address in sorted(addresses - live - set(map(str, pairs))):
        message = f"{address} is not on the account{did_you_mean(address, {*map(str, pairs), *live})}"
        raise WrongUse(message, "Addresses are a kind and a handle, or a kind and a remote name.")


def _placeholders(source: Source, desired: Desired, pairs: Mapping[Address, Live]) -> dict[str, str]:
    """Return the inside of each placeholder with its value."""
    return {
        **{f"env.{name}": value for name, value in source.environ.items()},
        **{f"var.{name}": value.text for name, value in variables_of(source).items()},
        **{f"id.{address}": str(live.id) for address, live in pairs.items()},
        **{str(address): part.text for address, part in desired.parts.items()},
    }


def _differing(entry: Entry, live: Live, ids: Mapping[Address, int]) -> list[str]:
    """Return the dotted paths whose live value differs from the manifest's."""
    values = {field: resolve(read_bodies(value), ids) for field, value in entry.values.items()}
    paths = differing_fields(entry.kind, live.fields, values)
    return [path for path in paths if path not in entry.kind.key_fields or live.key != entry.key]


def _undeclared(account: Account, pairs: Mapping[Address, Live], importer: Importer, pick: Pick) -> list[Live]:
    """Return the picked objects that no entry declares; those that share their name with another cannot be."""
    declared = {(live.kind, live.id) for live in pairs.values()}
    found = []
    for kind in SECTIONS.values():
        objects = account.live.get(kind.name, ())
        fold = str.casefold if kind.keys_ignore_case else str
        keys = [fold(live.key) for live in objects]
        count = Counter(
            [*keys, *(fold(entry.key) for entry in importer.desired.of_kind(kind.name) if entry.address not in pairs)]
        )
        for live, key in zip(objects, keys, strict=True):
            if (live.kind, live.id) in declared or not pick(live, None):
                continue
            if count[key] > 1:
                message = f"is not imported: another {live.kind}, live or declared, has this name too (id {live.id})"
                address = f"{live.kind}.{live.name}"
                importer.findings.append(Finding("not-imported", message, "Rename one of them.", "warning", address))
            else:
                found.append(live)
    return found


def _with_content(objects: Sequence[Live], reader: CachingReader, scope: Scope) -> Iterator[Live]:
    """Yield the objects with their content, read concurrently, in their order."""
    partial_objects = [live for live in objects if KINDS[live.kind].content_path]
    complete = map_concurrently(
        lambda live: KINDS[live.kind].with_content(reader, live), partial_objects, scope, "bodies"
    )
    return (next(complete) if KINDS[live.kind].content_path else live for live in objects)
