"""Open a project folder: its files, its settings, its environments and its receipts."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mjsync.errors import Finding, Location, ManifestError, WrongUse
from mjsync.journal.run_store import RunStore
from mjsync.manifest.loading.files import DiskTree, Tree
from mjsync.manifest.project.settings import FILE, Environment, Settings, find_root, read_project_partly
from mjsync.manifest.project.settings import Project as ProjectFile
from mjsync.manifest.suggestion import did_you_mean
from mjsync.session import secrets

MAX_NAMES = 20
"""Environments that a message lists."""

_CONSEQUENCES = ("unset-variable", "unknown-reference", "missing-key", "removed-never")
"""Errors in manifests whose cause may be a var, an overlay, a default or a policy that is wrong in mjsync.yaml."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder, and its mjsync.yaml as it was read."""

    root: Path
    tree: Tree
    file: ProjectFile

    @property
    def settings(self) -> Settings:
        """The contents of mjsync.yaml."""
        return self.file.settings

    @property
    def environments(self) -> Mapping[str, Environment]:
        """Name to environment, in the order of mjsync.yaml; one called `default` if it defines none."""
        return self.settings.environments or {"default": Environment()}

    def environment_name(self, name: str | None = None, *, any_environment: bool = False) -> str:
        """Return the name if it exists, or the only environment there is without one. Raises WrongUse.

        With `any_environment` the first one is returned where there are several.
        """
        known = self.environments
        if name is None:
            if len(known) > 1 and not any_environment:
                message = f"which environment? There are {_listed(known)}"
                raise WrongUse(message, "Use -e NAME, or set MJSYNC_ENV.")
            return next(iter(known))
        if name not in known:
            raise WrongUse(f"no environment {name!r}{did_you_mean(name, known)}", f"Known here: {_listed(known)}.")
        return name

    def select_environments(self, patterns: str | None) -> list[str]:
        """Return the environments that globs with commas between select, all without any; in the file's order.

        Raises WrongUse where one of the globs matches none.
        """
        globs = (patterns or "*").split(",")
        for glob in globs:
            if not any(fnmatchcase(each, glob) for each in self.environments):
                message = f"-e {glob} matches no environment{did_you_mean(glob, self.environments)}"
                raise WrongUse(message, f"Known here: {_listed(self.environments)}.")
        return [each for each in self.environments if any(fnmatchcase(each, glob) for glob in globs)]

    def run_store(self, folder: Path | None = None) -> RunStore:
        """Return the store of receipts and journals: under `.mjsync`, or in the folder given."""
        return RunStore.of(self.root, folder)


def open_project(directory: str | Path = ".") -> Project:
    """Open the project that a folder is in. Raises ManifestError where there is none or mjsync.yaml is wrong."""
    start = Path(directory)
    if not start.is_dir():
        raise ManifestError([Finding("no-project", f"-C {directory} is not a folder", "Name the project's folder.")])
    root = find_root(start.resolve())
    if root is None:
        message = f"no {FILE} here or in any folder above"
        way_out = "Run `mjsync init`, or name the folder with -C."
        raise ManifestError([Finding("no-project", message, way_out, location=Location(FILE))])
    tree = DiskTree(root)
    file, findings = read_project_partly(tree)
    if file is None or findings:
        others = _other_errors(Project(root, tree, file)) if file else ()
        raise ManifestError(dict.fromkeys((*findings, *others)))
    return Project(root, tree, file)


def _other_errors(project: Project) -> Iterator[Finding]:
    """Yield the errors that are not in mjsync.yaml, where that has some; not those that may be their consequence."""
    from mjsync.manifest.load import Source, read
    from mjsync.session.checks import new_validator, problems_of
    from mjsync.session.connection import base_url_findings
    from mjsync.session.converters import converters

    file, validator = project.file, new_validator(project.file)
    compilers = converters(project.tree, file, project.root)
    for name, environment in project.environments.items():
        source = Source(project.tree, file, name, environment, os.environ, compilers, False, secrets.KNOWN)  # noqa: FBT003
        yield from base_url_findings(file, name, environment)
        problems = problems_of(read(source), file, validator)
        yield from (each for each in problems if each.severity == "error" and each.code not in _CONSEQUENCES)


def _listed(names: Mapping[str, Environment]) -> str:
    return ", ".join([*names][:MAX_NAMES]) + (" …" if len(names) > MAX_NAMES else "")
