"""Read the project file, mjsync.yaml: manifests, environments and policies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, field_validator

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import Document, read_document, validate_partly
from mjsync.manifest.loading.files import Tree, read_text
from mjsync.manifest.loading.yaml_builder import Locations
from mjsync.manifest.project.environments import (
    Accounts,
    Environment,
    EnvironmentName,
    read_accounts,
    usable_environments,
)
from mjsync.resources import DELETABLE_SECTIONS, SECTIONS

FILE = "mjsync.yaml"


def _readable_version(value: Any) -> Any:
    if value != 1 or isinstance(value, bool):
        message = "must be 1, the version that this mjsync reads; a newer mjsync may read others"
        raise ValueError(message)
    return value


Policy = Literal["never", "declared", "all"]
DriftPolicy = Literal["overwrite", "refuse", "adopt"]
Severity = Literal["off", "warning", "error"]


class Guards(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """Limits on the finished plan."""

    max_deleted_ratio: Annotated[float, Field(ge=0, le=1)] = 0.3
    """Share of a kind's live objects that may be deleted or replaced, from 10 objects up."""
    max_changed_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The same with updates and renames counted in."""
    max_people: Annotated[int, Field(ge=0)] = 0
    """Subscribers of a list, or contacts with a value of a property, that a delete may concern without approval."""


_CONFIG = ConfigDict(frozen=True, extra="forbid", defer_build=True)
_GLOBS: dict[str, Any] = dict.fromkeys(DELETABLE_SECTIONS, (tuple[str, ...], ()))
_POLICIES: dict[str, Any] = dict.fromkeys(DELETABLE_SECTIONS, (Policy, "never"))

_DEFAULTS: dict[str, Any] = dict.fromkeys(SECTIONS, (dict[str, Any], Field(default={})))

Defaults = create_model("Defaults", __config__=_CONFIG, __doc__="Default values of entries, by section.", **_DEFAULTS)
Ignore = create_model("Ignore", __config__=_CONFIG, __doc__="Globs on remote names, by section.", **_GLOBS)
Delete = create_model(
    "Delete",
    __config__=_CONFIG,
    __doc__="What may be deleted, by section.",
    **_POLICIES,
    ignore=(Ignore, Ignore.model_construct()),
)


_DRIFTS: dict[str, Any] = dict.fromkeys(SECTIONS, (DriftPolicy, "overwrite"))
_DRIFT_DOC = "What an apply does with edits made in Mailjet since the deployed commit, by section."
Drift = create_model("Drift", __config__=_CONFIG, __doc__=_DRIFT_DOC, **_DRIFTS)


class Mjml(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """How MJML is compiled."""

    compiler: Literal["mjml-python", "node"] = "mjml-python"
    """The compiler: the built-in one, or the `mjml` that the project has installed with npm."""


class Settings(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """The whole of mjsync.yaml."""

    version: Annotated[Literal[1], BeforeValidator(_readable_version)]
    """The version of this file's format."""
    manifests: Annotated[tuple[str, ...], Field(min_length=1)]
    """Folders or globs, relative to this file."""
    environments: dict[EnvironmentName, Environment] = {}
    """Name to account: its keys, variables and overlays."""
    accounts: Accounts | None = None
    # Defaults are constructed without validation, for which each model would build a schema at import.
    defaults: Defaults = Defaults.model_construct()
    delete: Delete = Delete.model_construct()
    drift: Drift = Drift.model_construct()
    guards: Guards = Guards.model_construct()
    mjml: Mjml = Mjml.model_construct()
    lint: Annotated[
        dict[str, Severity], Field(description="What a code weighs here, MJS205: error; off silences it.")
    ] = {}

    @field_validator("environments", mode="before")
    @classmethod
    def _empty_is_default(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: {} if settings is None else settings for name, settings in value.items()}
        return value

    def policy(self, section: str) -> Policy:
        """Return the delete policy of one section."""
        policy: Policy = getattr(self.delete, section, "never")
        return policy

    def ignored(self, section: str) -> tuple[str, ...]:
        """Globs on remote names that `all` leaves alone."""
        globs: tuple[str, ...] = getattr(getattr(self.delete, "ignore"), section, ())  # noqa: B009 - create_model declares it
        return globs


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project file: its settings, the location of each, and the files around it."""

    settings: Settings
    document: Document
    tree: Tree

    @property
    def environments(self) -> Mapping[str, Environment]:
        """Name to environment, in the order of mjsync.yaml; one called `default` if it defines none."""
        return self.settings.environments or {"default": Environment()}


def read_project(tree: Tree) -> ProjectFile:
    """Read and validate the project file. Raises ManifestError with everything that is wrong in it."""
    project, findings = read_project_partly(tree)
    if project is None or findings:
        raise ManifestError(findings)
    return project


def read_project_partly(tree: Tree) -> tuple[ProjectFile | None, tuple[Finding, ...]]:
    """Read what is right of the project file, and what is wrong in it; None where too little is right.

    Raises ManifestError where the file cannot be read.
    """
    document, doubles = read_document(FILE, read_text(tree, FILE))
    if not isinstance(document.value, dict):
        finding = Finding(
            "empty-manifest",
            "mjsync.yaml contains no settings",
            "Start with `version: 1` and `manifests:`.",
            location=Location(FILE),
        )
        raise ManifestError([finding])
    settings, wrong = validate_partly(Settings, document.value, lambda path: document.location_of(*path.split(".")))
    findings = [*doubles, *(finding for each in wrong.values() for finding in each)]
    if settings is None or "manifests" in wrong:
        return None, tuple(findings)
    if "environments" in wrong:
        settings = settings.model_copy(update={"environments": usable_environments(document.value["environments"])})
    if settings.accounts:
        try:
            environments, locations = read_accounts(settings.accounts, tree, settings.environments)
            settings = settings.model_copy(update={"environments": {**settings.environments, **environments}})
            document.locations.at.setdefault("environments", document.location_of())
            document.locations.below.setdefault("environments", Locations()).at.update(locations)
        except ManifestError as error:
            findings += error.findings
    return ProjectFile(settings, document, tree), tuple(findings)


def find_root(start: Path) -> Path | None:
    """Return the nearest folder with a project file: this one, or one above it."""
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), None)
