"""Read and move the deployed ref of an environment: the commit of git that was last applied."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync.engine.deployed import Deployed
from mjsync.errors import FAILED, IN_SYNC, PARTIAL, Finding, GitError, ManifestError
from mjsync.journal.run_store import RunStore
from mjsync.manifest.loading.files import Tree
from mjsync.resources.address import Address
from mjsync.session.options import PlanOptions

if TYPE_CHECKING:
    from mjsync.history.repository import MakeSource, Repository
    from mjsync.session.execution import ApplyResult


KEPT_BYTES = 32 * 1024 * 1024
"""Bytes of files that a plan keeps: a body is checked, compared and sent, and is read again where it is not kept."""


def find_repository(folder: Path) -> "Repository | None":
    """Return the repository that a project folder is in, None where there is none. Raises GitError."""
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return None
    from mjsync.history.repository import Repository  # here, because a project without git does not need it

    return Repository.of(folder)


@dataclass(slots=True)
class RecordingTree:
    """A tree that remembers which files were read, and the bytes of the first of them."""

    tree: Tree
    read_files: dict[str, bytes | None] = field(default_factory=dict)
    _left: int = field(default_factory=lambda: KEPT_BYTES)

    def files(self) -> Iterator[str]:
        """Return each file, in path order."""
        return self.tree.files()

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        content = self.read_files.get(path)
        if content is None:
            content = self.tree.read(path)
            is_kept = len(content) <= self._left
            self._left -= len(content) if is_kept else 0
            self.read_files[path] = content if is_kept else None
        return content


@dataclass(frozen=True, slots=True)
class GitRecord:
    """The repository of a project, None where there is none; `problem` is why git cannot be used.

    Where the deployed commit `is_needed`, it is a warning that there is none.
    """

    environment: str
    repository: "Repository | None" = None
    problem: Finding | None = None
    is_needed: bool = True

    @classmethod
    def find(cls, root: Path, environment: str, *, is_needed: bool = True) -> "GitRecord":
        """Find the repository of a project folder; a git that fails is a problem, not an error."""
        try:
            return cls(environment, find_repository(root), is_needed=is_needed)
        except GitError as error:
            message = f"what was deployed is not known: {error.message}"
            return cls(environment, None, Finding("git", message, error.way_out, "warning"))

    def deployed(
        self, revision: str | None, make_source: "MakeSource", store: RunStore
    ) -> tuple[Deployed | None, tuple[Finding, ...]]:
        """Return what the deployed commit declared, None where it is not known, and warnings.

        The commit is that of the revision, else of the environment's deployed ref; that there is none yet is only a
        warning where it is needed. Raises GitError where the commit, or the project in it, is not there, and
        ManifestError where the manifests of the commit are invalid.
        """
        if self.repository is None:
            if revision is not None:
                what = self.problem.message if self.problem else "the project is not in a git repository"
                raise GitError(f"--deployed {revision}: {what}", self.problem.way_out if self.problem else "")
            return None, (self.problem,) if self.problem else ()
        if revision is not None and not revision.strip("0"):
            message = f"--deployed {revision} is not a commit: what was deployed is not known"
            return None, (Finding("no-deployed-commit", message, "", "warning"),)
        repository = self.repository
        commit = repository.resolve(revision) if revision else repository.deployed(self.environment)
        if commit is None and not self.is_needed:
            return None, ()
        if commit is None:
            message = (
                f"no deployed commit of {self.environment} is known: what it declared and is no longer declared stays "
                "under `declared`, and what it protected is not protected"
            )
            fetch = f"Run `{repository.fetch_refs_command}` if it was applied elsewhere"
            way_out = f"{fetch}; otherwise the next complete apply records it."
            return None, (Finding("no-deployed-commit", message, way_out, "warning"),)
        if not repository.has_project(commit):
            named = f"--deployed {revision}" if revision else repository.deployed_ref(self.environment)
            raise GitError(f"{named}: the project is not in that commit", "Name a commit that has it with --deployed.")
        found = repository.desired_at(commit, self.environment, make_source)
        if found is None:
            message = (
                f"the environment {self.environment} is not in the commit {commit[:12]}: "
                "what was deployed is not known, and what was protected is not protected"
            )
            return None, (Finding("no-deployed-commit", message, "", "warning"),)
        desired, pin = found
        written = _written(store, self.environment, repository.time_of(commit))
        account = repository.account(self.environment) or pin
        return Deployed(commit, desired, frozenset(written), account), ()

    def protected(self, make_source: "MakeSource") -> frozenset[Address]:
        """Return what the deployed commit protects; nothing where it is not known or its manifests are invalid."""
        with suppress(GitError, ManifestError):
            if self.repository and (commit := self.repository.deployed(self.environment)):
                found = self.repository.desired_at(commit, self.environment, make_source)
                return found[0].protected if found else frozenset()
        return frozenset()


def record_applied(root: Path, applied: "ApplyResult", options: PlanOptions) -> "ApplyResult":
    """Move the deployed ref to the commit that was applied, after a complete apply of the whole plan.

    What git refuses is in the result.
    """
    plan = applied.plan
    if applied.exit_code != IN_SYNC or plan.undoes or options.targets or options.record == "off":
        return applied
    repository = GitRecord.find(root, plan.environment).repository
    if repository is None:
        return applied
    try:
        if plan.commit is None or plan.uncommitted:
            what = f"{', '.join(plan.uncommitted)} differ from it" if plan.commit else "there is no commit yet"
            message = f"the deployed commit of {plan.environment} is not recorded: {what}"
            finding = Finding("not-recorded", message, "Commit the manifests, then apply again.", "warning")
            return replace(applied, findings=(finding,))
        repository.record(plan.environment, plan.commit, plan.account)
        if options.record == "push":
            repository.push(plan.environment)
    except GitError as error:
        return replace(applied, exit_code=PARTIAL if applied.results else FAILED, findings=error.findings)
    return applied


def _written(store: RunStore, environment: str, since: datetime) -> Iterator[tuple[str, int, str, str]]:
    """Yield kind, id, path and mark of each value that a run after a moment is recorded to have written."""
    for head in store.all():
        if datetime.fromisoformat(head.document["started"]) < since:
            break  # they come newest first
        for step in store.read(head.path).document["steps"] if head.is_of(environment, None) else ():
            if step["status"] == "applied" and step["id"] is not None:
                for path, (_, after) in step["marks"].items():
                    yield step["kind"], int(step["id"]), path, after
