"""What the manifests of an environment declared at a commit."""

from collections.abc import Mapping
from dataclasses import replace

from mjsync.errors import ManifestError
from mjsync.history.repository import Repository
from mjsync.manifest.composition.bodies import Converter
from mjsync.manifest.load import Source, load
from mjsync.manifest.project.settings import FILE, environment_of, read_project
from mjsync.resources.desired import Desired

NOTHING = Desired({})


def desired_at(
    repository: Repository,
    commit: str,
    environment: str,
    environ: Mapping[str, str],
    converters: Mapping[str, Converter],
) -> Desired:
    """Return what an environment's manifests declared at a commit; nothing where the project did not have it yet.

    Values of the process's environment may be unset: fields that hold them are then not comparable. Raises
    ManifestError where the manifests of that commit cannot be read, GitError.
    """
    if not repository.has_file(commit, FILE):
        return NOTHING
    tree = repository.tree(commit)
    try:
        project = read_project(tree)
        picked = environment_of(project.settings, environment)
        if picked is None:
            return NOTHING
        return load(Source(tree, project, *picked, environ, converters, strict=False)).desired
    except ManifestError as error:
        raise _at_commit(error, commit) from None


def _at_commit(error: ManifestError, commit: str) -> ManifestError:
    """Return the same findings, each naming the commit, and with the way out that still exists."""
    way_out = "That commit cannot change any more: name one whose manifests are valid with --deployed REV."
    return ManifestError(
        replace(finding, message=f"at the deployed commit {commit[:12]}: {finding.message}", way_out=way_out)
        for finding in error.findings
        if finding.severity == "error"
    )
