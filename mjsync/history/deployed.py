"""What the manifests of an environment declared at a commit."""

from collections.abc import Callable
from dataclasses import replace

from mjsync.errors import ManifestError
from mjsync.history.repository import Repository
from mjsync.manifest.load import Source, load
from mjsync.manifest.loading.files import Tree
from mjsync.manifest.project.settings import FILE, Environment, Project, environment_of, read_project
from mjsync.resources.desired import Desired

NOTHING = Desired({})


MakeSource = Callable[[Tree, Project, Environment], Source]
"""Makes what a load reads, from the files, the project file and the environment of a commit."""


def desired_at(repository: Repository, commit: str, environment: str, make_source: MakeSource) -> Desired:
    """Return what an environment's manifests declared at a commit; nothing where the project did not have it yet.

    Raises ManifestError where the manifests of that commit cannot be read, GitError.
    """
    if not repository.has_file(commit, FILE):
        return NOTHING
    tree = repository.tree(commit)
    try:
        project = read_project(tree)
        picked = environment_of(project.settings, environment)
        if picked is None:
            return NOTHING
        return load(make_source(tree, project, picked[1])).desired
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
