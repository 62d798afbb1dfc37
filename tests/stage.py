"""A project in memory and an account on the emulator; load, plan and apply without a disk or a socket."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from mjsync.api.client import Client, ReadClient
from mjsync.api.pacing import Limits
from mjsync.emulator import Clock, Emulator
from mjsync.engine.apply import Run, apply
from mjsync.engine.build_plan import build_plan
from mjsync.engine.plan import Change, Plan, Result
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.load import Source, read
from mjsync.manifest.project.settings import read_project
from mjsync.redaction import Tagger
from mjsync.resources import CALLS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired

PROJECT = "version: 1\nmanifests: [manifests]\n"
MAIN = "manifests/main.yaml"


class Memory:
    """A tree of files in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}

    def files(self) -> Iterator[str]:
        """Yield each path, sorted."""
        return iter(sorted(self._files))

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        if path not in self._files:
            raise ManifestError([Finding("missing-file", f"{path} does not exist", location=Location(path))])
        return self._files[path]


class Unwritten:
    """A journal that stores nothing."""

    def record_intent(self, *_: object) -> None:
        """Do nothing."""

    record_outcome = sync = record_intent


def noon() -> float:
    """Return the one time at which everything happens, in Unix seconds."""
    return 1_700_000_000.0


def nothing(_: Any) -> None:
    """Ignore progress, or sleep without waiting."""


class Cut(BaseException):
    """Ends a run as if the process had been killed."""


class Counting:
    """A writer that fails at its n-th write."""

    def __init__(self, inner: Client, writes: int) -> None:
        self._inner = inner
        self._left = writes

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in ("post", "put", "delete"):
            return method

        def write(*arguments: Any) -> Any:
            if self._left == 0:
                raise Cut
            self._left -= 1
            return method(*arguments)

        return write


@dataclass
class Stage:
    """One project and one account; every call reads the project again."""

    manifest: str = ""
    project: str = PROJECT
    files: dict[str, str | bytes] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    emulator: Emulator = field(default_factory=lambda: Emulator(clock=Clock(noon, nothing)))
    environment: str | None = None
    converters: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def load(self, *, strict: bool = True) -> Desired:
        """Load the manifests. Raises ManifestError."""
        desired = self.read(strict=strict)
        if not desired.is_whole:
            raise ManifestError(desired.findings)
        return desired

    def read(self, *, strict: bool = True) -> Desired:
        """Load the manifests as far as they can be read."""
        files = {"mjsync.yaml": self.project, **self.files}
        if self.manifest:
            files[MAIN] = textwrap.dedent(self.manifest)
        tree = Memory(files)
        project = read_project(tree)
        name = self.environment or next(iter(project.environments))
        environment = project.environments[name]
        return read(Source(project, name, environment, self.environ, self.converters, strict, self.secrets))

    def findings(self, *, strict: bool = True) -> list[Finding]:
        """Return the findings about the manifests."""
        try:
            return list(self.load(strict=strict).findings)
        except ManifestError as error:
            return list(error.findings)

    def codes(self, *, strict: bool = True) -> list[str]:
        """Return the codes of the findings."""
        return [finding.code for finding in self.findings(strict=strict)]

    def scope(self, **changes: Any) -> Scope:
        """Return the scope of plans, as the command line makes it."""
        settings = read_project(Memory({"mjsync.yaml": self.project})).settings
        parameters = {
            "api_key": self.emulator.api_key,
            "policies": {kind.name: settings.policy(section) for section, kind in SECTIONS.items()},
            "ignored": {kind.name: settings.ignored(section) for section, kind in SECTIONS.items()},
            **dict(settings.guards),
            "tagger": Tagger.of(self.emulator.secret_key),
            "concurrency": 1,
        }
        return Scope(**{**parameters, **changes})

    @property
    def keys(self) -> tuple[str, str]:
        """The key pair of the account."""
        return self.emulator.api_key, self.emulator.secret_key

    @contextmanager
    def reader(self) -> Iterator[ReadClient]:
        """A client that can only read."""
        with ReadClient("http://localhost", self.keys, calls=CALLS, limits=LIMITS, connect=self._connect) as client:
            yield client

    @contextmanager
    def writer(self) -> Iterator[Client]:
        """A client that can write."""
        with Client("http://localhost", self.keys, calls=CALLS, limits=LIMITS, connect=self._connect) as client:
            yield client

    def _connect(self) -> httpx.BaseTransport:
        return httpx.WSGITransport(app=self.emulator.app)

    def plan(self, **scope: Any) -> Plan:
        """Return the plan for the manifests."""
        with self.reader() as reader:
            desired = self.load()
            return build_plan(desired, reader, self.scope(warnings=desired.findings, **scope))

    def apply(self, plan: Plan | None = None, **scope: Any) -> tuple[Result, ...]:
        """Apply a plan, a new one where none is given; guards are ignored."""
        plan = plan or self.plan(**scope)
        with self.writer() as writer:
            return apply(plan, self._run(writer))

    def apply_until(self, writes: int, **scope: Any) -> bool:
        """Apply a new plan and stop after so many writes; return whether it was stopped."""
        plan = self.plan(**scope)
        with self.writer() as writer:
            try:
                apply(plan, self._run(Counting(writer, writes)))
            except Cut:
                return True
        return False

    def _run(self, writer: Any) -> Run:
        return Run(writer, Unwritten(), nothing, concurrency=1, sleep=nothing)

    def settle(self, **scope: Any) -> Plan:
        """Apply, and return the next plan."""
        for result in self.apply(**scope):
            assert result.error is None, result
        return self.plan(**scope)

    def state(self, resource: str) -> list[dict[str, Any]]:
        """The stored rows of a resource, template content included."""
        return self.emulator.state().get(resource, [])

    def stored(self, resource: str, **values: Any) -> dict[str, Any]:
        """The one stored row with these values."""
        found = [row for row in self.state(resource) if values.items() <= row.items()]
        assert len(found) == 1, found
        return found[0]

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        """Each write so far: method, path below the REST root, body."""
        return [
            (request.method, request.path.removeprefix("/v3/REST/"), request.body)
            for request in self.emulator.requests
            if request.method != "GET"
        ]

    @property
    def reads(self) -> list[str]:
        """The path of each read so far."""
        return [request.path.removeprefix("/v3/REST/") for request in self.emulator.requests if request.method == "GET"]


LIMITS = Limits(in_flight=50, retry_budget=0.001)


def project(**policies: str) -> str:
    """Return a project file with delete policies by section."""
    return PROJECT + (f"delete: {json.dumps(policies)}\n" if policies else "")


def actions(plan: Plan) -> list[tuple[str, str]]:
    """Return each change as (action, address), in plan order."""
    return [(change.action.value, str(change.address)) for change in plan.changes]


def fields(plan: Plan, address: str) -> dict[str, tuple[Any, Any]]:
    """Return path to (before, after) of one change."""
    change = the(plan, address)
    return {each.path: (each.before, each.after) for each in change.fields}


def the(plan: Plan, address: str) -> Change:
    """Return the change of one address."""
    return next(change for change in plan.changes if change.address == Address.parse(address))


def codes(findings: Iterable[Finding]) -> list[str]:
    """Return the code of each finding."""
    return [finding.code for finding in findings]
