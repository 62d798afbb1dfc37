"""Open a project folder: its files, its settings, its environments and its receipts."""

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from mjsync.errors import Finding, Location, ManifestError, WrongUse
from mjsync.journal.run_store import RunStore
from mjsync.manifest import did_you_mean
from mjsync.manifest.loading.document import validate_partly
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import FILE, ProjectFile, Settings, find_root, read_project_partly
from mjsync.redaction import KNOWN_SECRETS

BASE_URL_VARIABLE = "MJSYNC_BASE_URL"
_MAILJET_HOST = re.compile(r"api(\.[a-z]{2})?\.mailjet\.com")

MAX_NAMES = 20
"""Environments that a message lists."""

_CAUSES = {
    "unset-variable": {"vars"},
    "unknown-reference": {"overlays"},
    "missing-key": {"overlays", "defaults"},
    "removed-never": {"delete"},
}
"""Errors in manifests that may be consequences, each with the keys of mjsync.yaml that may be wrong then."""


@dataclass(frozen=True, slots=True)
class Project(ProjectFile):
    """A project folder: mjsync.yaml as it was read, and what is in the folder besides."""

    root: Path

    @classmethod
    def of(cls, file: ProjectFile, root: Path) -> "Project":
        """Return the project in a folder with this project file, which may be that of a commit."""
        return cls(file.settings, file.document, file.tree, root)

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

    def base_url_findings(self, name: str, environment: Environment) -> list[Finding]:
        """Return why the keys must not be sent to the base URL of an environment; nothing where they may."""
        override = os.environ.get(BASE_URL_VARIABLE)
        location = None if override else self.document.location_of("environments", name, "base_url")
        problem = base_url_problem(override or environment.base_url, from_file=not override)
        way_out = f"Correct {BASE_URL_VARIABLE}." if override else f"Set {BASE_URL_VARIABLE} to use another host."
        return [Finding("base-url", problem, way_out, location=location)] if problem else []

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
    file, findings = read_project_partly(DiskTree(root))
    if file is None or findings:
        is_double = any(each.code == "duplicate-key" for each in findings)
        others = _other_errors(Project.of(file, root), is_double=is_double) if file else ()
        raise ManifestError(dict.fromkeys((*findings, *others)))
    return Project.of(file, root)


def _other_errors(project: Project, *, is_double: bool) -> Iterator[Finding]:
    """Yield the errors that are not in mjsync.yaml, where that has some; not those that may be their consequence."""
    from mjsync.manifest.load import Source, read
    from mjsync.session.checks import new_validator, problems_of
    from mjsync.session.converters import converters

    validator, compilers = new_validator(project), converters(project, project.root)
    for name, environment in project.environments.items():
        source = Source(project, name, environment, os.environ, compilers, False, KNOWN_SECRETS)  # noqa: FBT003
        yield from project.base_url_findings(name, environment)
        wrong = set().union(*_CAUSES.values()) if is_double else _wrong_keys(project, name)
        for each in problems_of(read(source), project, validator):
            if each.severity == "error" and not wrong & _CAUSES.get(each.code, set()):
                yield each


def _wrong_keys(file: ProjectFile, name: str) -> set[str]:
    """Return the keys of mjsync.yaml and of an environment that are wrong; an unknown key may be any other."""
    values, environments = file.document.value, file.document.value.get("environments")
    _, wrong = validate_partly(Settings, values, file.document.location_of)
    own = environments.get(name) if isinstance(environments, dict) else None
    _, wrong_here = validate_partly(Environment, own or {}, file.document.location_of)
    keys = wrong.keys() | wrong_here.keys()
    if wrong.keys() - Settings.model_fields.keys():
        keys |= set().union(*_CAUSES.values())
    is_substitute = not file.settings.environments and (environments or "accounts" in values)
    if is_substitute or wrong_here.keys() - Environment.model_fields.keys():
        keys |= {"vars", "overlays"}
    return keys


def _listed(names: Mapping[str, Environment]) -> str:
    return ", ".join([*names][:MAX_NAMES]) + (" …" if len(names) > MAX_NAMES else "")


# --- where keys may be sent


def base_url_problem(url: str, *, from_file: bool) -> str:
    """Return why the keys must not be sent to this base URL; empty where they may.

    Only the environment variable may name a host other than Mailjet's: a pull request must not lead keys elsewhere.
    """
    if from_file and "${" in url:
        return f"{url!r} contains a placeholder; base_url names a host only"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"{url!r} is not a URL: {error}"
    if not host or parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        return f"{url!r} is not a base URL: a scheme and a host, nothing else"
    if is_loopback(host):
        return "" if parts.scheme in ("http", "https") else f"{url!r} must be http or https"
    if parts.scheme != "https":
        return f"{url!r} must be https; http goes to loopback only"
    problem = f"{host} is not a host of Mailjet's; mjsync.yaml may name only api[.region].mailjet.com or loopback"
    return problem if from_file and not _MAILJET_HOST.fullmatch(host) else ""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
