"""One environment of a project: its manifests, its account, and what a plan is made for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mjsync.api import Client, Limits, ReadClient, RequestLog
from mjsync.cli import secrets
from mjsync.cli.globals import Globals
from mjsync.cli.stopping import stoppable
from mjsync.engine.scope import ProgressCallback, Scope, Thresholds
from mjsync.errors import Finding, Location, ManifestError, Refused, WrongUse
from mjsync.manifest.composition.bodies import Converter
from mjsync.manifest.load import Loaded, Source, expand_setting, load, read
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.settings import FILE, Environment, Project, base_url_problem, find_root, read_project
from mjsync.redaction import Tagger
from mjsync.resources import SECTIONS

BASE_URL_VARIABLE = "MJSYNC_BASE_URL"


@dataclass(frozen=True, slots=True)
class Workplace:
    """A project folder, and the environment that was picked."""

    tree: DiskTree
    project: Project
    name: str
    environment: Environment

    def load(self, *, strict: bool = True) -> Loaded:
        """All that the manifests ask for. Raises ManifestError."""
        from mjsync.cli.makers import makers

        return load(self.source(makers(self.tree), strict=strict))

    def read(self) -> Loaded:
        """What the manifests ask for, as far as it can be read, and what is wrong with them."""
        from mjsync.cli.makers import makers

        return read(self.source(makers(self.tree), strict=False))

    def source(self, made: Mapping[str, Converter], *, strict: bool) -> Source:
        """What a load reads; every secret it finds is masked from then on."""
        given = (self.tree, self.project, self.name, self.environment, os.environ)
        return Source(*given, made, strict, secrets.KNOWN)

    def keys(self) -> tuple[str, str]:
        """The key pair. Raises Refused where it is not set, naming the variables."""
        place = self.project.location_of("environments", self.name)
        both = [
            expand_setting(text, place, os.environ, secrets.KNOWN)
            for text in (self.environment.api_key, self.environment.secret_key)
        ]
        public, secret = (each.text for each in both)
        secrets.learn([secret] if "${" not in secret else [])
        if any(each.is_broken for each in both):
            raise Refused(finding for each in both for finding in each.findings if finding.severity == "error")
        unset = sorted({name for each in both for name in each.names("env")} - os.environ.keys())
        if unset or not public or not secret:
            names = " and ".join(unset) or "the keys"
            message = f"the keys of environment {self.name} are missing: {names} not set"
            raise Refused(
                [
                    Finding(
                        "missing-keys", message, "Export them; `mjsync emulator` prints a pair to try.", location=place
                    )
                ]
            )
        return public, secret

    def base_url(self) -> str:
        """Where requests go. Raises Refused for a host that the keys must not be sent to."""
        override = os.environ.get(BASE_URL_VARIABLE)
        location = self.project.location_of("environments", self.name, "base_url")
        url = override or expand_setting(self.environment.base_url, location, os.environ, secrets.KNOWN).text
        if problem := base_url_problem(url, from_file=not override):
            way_out = (
                f"Export {BASE_URL_VARIABLE} to use another host on purpose."
                if not override
                else f"Correct {BASE_URL_VARIABLE}."
            )
            raise Refused([Finding("base-url", problem, way_out, location=None if override else location)])
        return url

    def reader(self, limits: Limits, trace: RequestLog) -> ReadClient:
        """A client that can only GET."""
        client = ReadClient(self.base_url(), self._keys_or_all_that_lacks(), limits=limits, trace=trace)
        stoppable(client.stopping)
        return client

    def writer(self, limits: Limits, trace: RequestLog) -> Client:
        """A client that can write what the table allows."""
        client = Client(self.base_url(), self._keys_or_all_that_lacks(), limits=limits, trace=trace)
        stoppable(client.stopping)
        return client

    def _keys_or_all_that_lacks(self) -> tuple[str, str]:
        """The key pair. Raises Refused; what else the manifests lack is then said in one go."""
        try:
            return self.keys()
        except Refused as missing:
            try:
                self.load()
            except ManifestError as error:
                raise Refused((*missing.findings, *error.findings)) from None
            raise

    def scope(self, watch: ProgressCallback, concurrency: int) -> Scope:
        """What a plan of this environment is made for, before the command line adds to it."""
        settings = self.project.settings
        public, secret = self.keys()
        limits = settings.guards
        return Scope(
            environment=self.name,
            api_key=public,
            account_pin=self.environment.account,
            policies={kind.kind: settings.policy(section) for section, kind in SECTIONS.items()},
            ignored={kind.kind: settings.ignored(section) for section, kind in SECTIONS.items()},
            thresholds=Thresholds(limits.max_deleted_ratio, limits.max_changed_ratio, limits.max_people),
            tagger=Tagger.of(secret),
            concurrency=concurrency,
            on_progress=watch,
        )


def workplace(options: Globals, *, any_environment: bool = False) -> Workplace:
    """The project around the folder, and the environment asked for. Raises ManifestError, WrongUse."""
    tree, project = project_of(options)
    settings = project.settings
    environments = settings.environments or {"default": Environment()}
    name = options.environment
    if name is None:
        if len(environments) > 1 and not any_environment:
            message = f"which environment? There are {', '.join(environments)}"
            raise WrongUse(message, "Say -e NAME, or set MJSYNC_ENV.")
        name = next(iter(environments))
    if name not in environments:
        from mjsync.manifest.suggestion import did_you_mean

        message = f"no environment {name!r}{did_you_mean(name, environments)}"
        raise WrongUse(message, f"There are {', '.join(environments)}.")
    return Workplace(tree, project, name, environments[name])


def project_of(options: Globals) -> tuple[DiskTree, Project]:
    """The project folder and its settings. Raises ManifestError."""
    start = Path(options.directory)
    if not start.is_dir():
        raise ManifestError(
            [Finding("no-project", f"-C {options.directory} is no folder", "Name the project's folder.")]
        )
    root = find_root(start.resolve())
    if root is None:
        message = f"no {FILE} here or in any folder above"
        raise ManifestError(
            [Finding("no-project", message, "Run `mjsync init`, or name the folder with -C.", location=Location(FILE))]
        )
    tree = DiskTree(root)
    return tree, read_project(tree)
