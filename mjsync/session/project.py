"""Open a project folder with its settings, environments and receipts, and connect to the account of an environment."""

import ipaddress
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from mjsync.account_reports.reading import READ_CALLS
from mjsync.api.pacing import Limits, Pace, Pacer
from mjsync.errors import Finding, Location, ManifestError, Refused, WrongUse
from mjsync.journal.run_store import RunStore
from mjsync.manifest import did_you_mean
from mjsync.manifest.load import expand_setting
from mjsync.manifest.loading.document import validate_partly
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import FILE, ProjectFile, Settings, find_root, read_project_partly
from mjsync.redaction import KNOWN_SECRETS
from mjsync.resources import CALLS
from mjsync.session.local_cache import CACHE, LocalCache, account_name
from mjsync.session.options import Observer, PlanOptions
from mjsync.session.signals import register

if TYPE_CHECKING:
    from mjsync.api.client import Client, ReadClient
    from mjsync.api.sandbox import SandboxClient

    AnyClient = TypeVar("AnyClient", bound=ReadClient)

BASE_URL_VARIABLE = "MJSYNC_BASE_URL"
_MAILJET_HOST = re.compile(r"api(\.[a-z]{2})?\.mailjet\.com")

MAX_NAMES = 20
"""Environments that a message lists."""

SILENT = Observer()
DEFAULTS = PlanOptions()

PACE, PACE_AGE = "pace", 86_400.0
"""The document of an account's rate of requests, and the seconds that it is used for."""

MAX_RATE = 10_000.0
"""Requests per second; a remembered rate beyond that is not one."""

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

    def unknown_environment(self, name: str | None) -> WrongUse:
        """Return the error for a name that no environment has, or for none where there are several environments."""
        known = self.environments
        if name is None:
            return WrongUse(f"which environment? There are {_listed(known)}", "Use -e NAME, or set MJSYNC_ENV.")
        return WrongUse(f"no environment {name!r}{did_you_mean(name, known)}", f"Known here: {_listed(known)}.")

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
        home = self.root / ".mjsync"
        return RunStore(folder, folder / "journal") if folder else RunStore(home / "receipts", home / "journal")


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


# --- the account of an environment


@dataclass(frozen=True, slots=True)
class Access:
    """One environment of a project, and the way to its account. All methods raise MjsyncError.

    Clients report to the observer, remember their rate of requests in the project, and stop at Ctrl-C.
    """

    project: Project
    name: str
    environment: Environment
    observer: Observer = SILENT

    def keys(self) -> tuple[str, str]:
        """Return the public and the secret key. Raises Refused where one is not set, with the variables' names."""
        location = self.project.document.location_of("environments", self.name)
        texts = (self.environment.api_key, self.environment.secret_key)
        both = [expand_setting(text, location, os.environ, KNOWN_SECRETS) for text in texts]
        public, secret = (each.text for each in both)
        if "${" not in secret:
            KNOWN_SECRETS.add(secret)
        if any(each.is_broken for each in both):
            raise Refused(finding for each in both for finding in each.findings if finding.severity == "error")
        variables = {variable for each in both for variable in each.names("env")}
        missing = sorted(variable for variable in variables if not os.environ.get(variable))
        if missing or not public or not secret:
            lacking = f"{' and '.join(missing)} not set" if missing else "api_key or secret_key is empty"
            message = f"the keys of environment {self.name} are missing: {lacking}"
            way_out = "Export them; `mjsync emulator` prints a pair to try."
            raise Refused([Finding("missing-keys", message, way_out, location=location)])
        return public, secret

    def base_url(self) -> str:
        """Return where requests go. Raises Refused for a host that the keys must not be sent to."""
        if findings := self.project.base_url_findings(self.name, self.environment):
            raise Refused(findings)
        return os.environ.get(BASE_URL_VARIABLE) or self.environment.base_url

    def reader(self, options: PlanOptions = DEFAULTS) -> "ReadClient":
        """Open a client that can only GET."""
        from mjsync.api.client import ReadClient

        return self._open(ReadClient, options, READ_CALLS, None)

    def writer(self, options: PlanOptions = DEFAULTS, writes: int = 0) -> "Client":
        """Open a client that can send the calls in the table of allowed calls, for so many writes."""
        from mjsync.api.client import Client
        from mjsync.api.pacing import first_pace

        return self._open(Client, options, CALLS, first_pace(writes))

    def sandbox(self) -> "SandboxClient":
        """Open a client that tries messages in the sandbox; they are not sent."""
        from mjsync.api.sandbox import SandboxClient
        from mjsync.api.transport import RequestLog

        return SandboxClient(self.base_url(), self.keys(), request_log=RequestLog([self.observer.on_request]))

    def _open(
        self, kind: "type[AnyClient]", options: PlanOptions, calls: Iterable[tuple[str, str]], first: Pace | None
    ) -> "AnyClient":
        """Open a client at the rate that was set, else at the one that the last run learnt, else at the `first`.

        A learnt rate that no 429 showed is used where there is a `first`.
        """
        from mjsync.api.transport import RequestLog

        base_url, keys = self.base_url(), self.keys()
        if options.rate is not None:
            pacer = Pacer(Pace(options.rate), is_fixed=True)
        else:
            cache, name = LocalCache(self.project.root / CACHE), account_name(PACE, base_url, keys[0])
            known = cache.read(name, PACE_AGE)
            rate, burst, is_sure = known.get("rate", 0), known.get("burst", 0), known.get("is_sure", True) is True
            are_rates = all(type(each) in (int, float) and 0 <= each <= MAX_RATE for each in (rate, burst))
            is_usable = are_rates and rate >= 1 and (is_sure or first)
            pace = Pace(float(rate), float(burst), is_sure) if is_usable else first
            pacer = Pacer(pace, remember=lambda learnt: cache.write(name, asdict(learnt)))
        limits = Limits(options.concurrency, options.retry_budget)
        log = RequestLog([self.observer.on_request], self.observer.on_retry)
        client = kind(base_url, keys, calls=calls, limits=limits, request_log=log, pacer=pacer)
        register(client.stopping)
        return client


def is_emulated() -> bool:
    """Return whether the variable, which no pull request can set, leads requests to this machine."""
    return is_loopback(urlsplit(os.environ.get(BASE_URL_VARIABLE, "")).hostname or "")


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
