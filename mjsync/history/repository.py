"""The git repository around a project folder: its commits, its deployed refs, and what is not committed."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path

from mjsync.errors import GitError, ManifestError
from mjsync.history.commit_tree import MAX_LINKS, CommitTree
from mjsync.history.git_command import REFS, git, git_line, ref_part
from mjsync.manifest.load import Source, load
from mjsync.manifest.loading.files import glob_yaml
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import FILE, ProjectFile, read_project
from mjsync.resources.desired import Desired

_IDENTITY = ("-c", "user.name=mjsync", "-c", "user.email=mjsync@localhost")
_BLAMED = re.compile(r"[0-9a-f]{40,64} \d+ \d+")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-f]{7,39}")

MakeSource = Callable[[ProjectFile, Environment], Source]
"""Makes what a load reads, from the project file and the environment of a commit."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A project folder in a git work tree; `prefix` is its path from the root, with a slash behind it."""

    folder: Path
    prefix: str
    is_shallow: bool

    @classmethod
    def of(cls, folder: Path) -> "Repository":
        """Return the repository that a project folder is in. Raises GitError."""
        lines = git(folder, "rev-parse", "--show-prefix", "--is-shallow-repository").decode().split("\n")
        return cls(folder, lines[0], lines[1] == "true")

    @property
    def head(self) -> str | None:
        """The commit that is checked out; None before the first."""
        return git_line(self.folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @property
    def remote(self) -> str | None:
        """The remote that refs are fetched from and pushed to: `origin`, or the first there is."""
        remotes = git(self.folder, "remote").decode().split()
        return "origin" if "origin" in remotes else next(iter(remotes), None)

    @property
    def fetch_refs_command(self) -> str:
        """The command that brings every deployed ref with its commit; a complete clone stays complete.

        With a depth git fails where only the refs are fetched and there are none yet: HEAD is always there.
        """
        head = "HEAD " if self.is_shallow else ""
        return f"git fetch {self._depth}{self.remote or 'origin'} {head}'+{REFS}/*:{REFS}/*'"

    @property
    def _depth(self) -> str:
        return "--depth=1 " if self.is_shallow else ""

    def resolve(self, revision: str) -> str:
        """Return the commit that a revision names. Raises GitError with the `git fetch` that brings a missing one."""
        if not revision or revision.startswith("-"):
            raise GitError(f"{revision!r} is not a revision", "Name a commit, a tag or a branch.")
        found = git_line(self.folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found is None:
            shallow = " (a shallow clone)" if self.is_shallow else ""
            raise GitError(f"the commit {revision} is not in this clone{shallow}", f"Run `{self._fetch(revision)}`.")
        return found

    def tree(self, commit: str) -> CommitTree:
        """Return the project folder's files at a commit; without any where the folder is not in it."""
        return CommitTree(self.folder, commit, self.prefix.rstrip("/"))

    def has_project(self, commit: str) -> bool:
        """Return whether the folder is a project at a commit. Raises GitError where the commit cannot be read."""
        return bool(git(self.folder, "ls-tree", "-z", "--full-tree", commit, f"{self.prefix}{FILE}"))

    def desired_at(self, commit: str, environment: str, make_source: MakeSource) -> tuple[Desired, int | None] | None:
        """Return what an environment's manifests declared at a commit, and the account that it was pinned to there.

        None where the project or the environment is not in that commit. Raises ManifestError where the manifests of
        that commit cannot be read, GitError.
        """
        if not self.has_project(commit):
            return None
        try:
            project = read_project(self.tree(commit))
            if environment not in project.environments:
                return None
            settings = project.environments[environment]
            return load(make_source(project, settings)), settings.account
        except ManifestError as error:
            way_out = "That commit cannot change any more: name one whose manifests are valid with --deployed REV."
            raise ManifestError(
                replace(each, message=f"at the deployed commit {commit[:12]}: {each.message}", way_out=way_out)
                for each in error.findings
                if each.severity == "error"
            ) from None

    def line_commits(self, commit: str, file: str) -> list[str]:
        """Return for each line of a file at a commit the commit that it is from; empty where git cannot say."""
        try:
            text = git(self.folder, "blame", "-M", "-w", "--porcelain", commit, "--", file).decode(errors="replace")
        except GitError:
            return []
        return [line.split(" ", 1)[0] for line in text.split("\n") if _BLAMED.match(line)]

    @contextmanager
    def on_branch(self, branch: str) -> Iterator[None]:
        """Check out a branch that starts anew at the present commit, and afterwards what was checked out before.

        Raises GitError where files that git knows are changed.
        """
        if git(self.folder, "status", "--porcelain", "--untracked-files=no"):
            raise GitError("files are changed and not committed", "Commit them, or put them aside with `git stash`.")
        name = git_line(self.folder, "symbolic-ref", "--quiet", "--short", "HEAD")
        before = ["switch", "--quiet", name] if name else ["switch", "--quiet", "--detach", str(self.head)]
        if name == branch:
            raise GitError(f"{branch} is checked out, and it is made anew", "Check out another branch first.")
        git(self.folder, "switch", "--quiet", "--force-create", branch)
        try:
            yield
        finally:
            git(self.folder, "reset", "--quiet", "--hard")
            git(self.folder, *before)

    def commit(self, files: Sequence[str], message: str) -> str:
        """Commit files of the project folder, and return the commit. Raises GitError."""
        identity = () if git_line(self.folder, "config", "user.email") else _IDENTITY
        git(self.folder, "add", "--", *files)
        git(self.folder, *identity, "commit", "--quiet", "--message", message, "--", *files)
        return str(self.head)

    def deployed_ref(self, environment: str) -> str:
        """Return the name of the ref of the commit that an environment was last deployed from."""
        return f"{REFS}/{ref_part(self.prefix.rstrip('/'))}/{environment}"

    def account_ref(self, environment: str) -> str:
        """Return the name of the ref of the account that an environment was last deployed to.

        A ref can only name an object: it is that of a commit on top of the deployed one, its message the account's id.
        """
        return f"{self.deployed_ref(environment)}.account"

    def deployed(self, environment: str) -> str | None:
        """Return the commit of an environment's deployed ref, None without a ref.

        Raises GitError with the `git fetch` where the ref is here and its commit is not.
        """
        return self._commit_of(self.deployed_ref(environment))

    def account(self, environment: str) -> int | None:
        """Return the id of the account that an environment was last deployed to, None where it is not recorded.

        Raises GitError with the `git fetch` where the ref is here and its commit is not.
        """
        commit = self._commit_of(self.account_ref(environment))
        message = git_line(self.folder, "show", "-s", "--format=%s", commit) if commit else None
        return int(message) if message and message.isdecimal() else None

    def _commit_of(self, ref: str) -> str | None:
        return self.resolve(ref) if git_line(self.folder, "rev-parse", "--verify", "--quiet", ref) else None

    def time_of(self, commit: str) -> datetime:
        """Return when a commit was made. Raises GitError."""
        return datetime.fromisoformat(git(self.folder, "show", "-s", "--format=%cI", commit).decode().strip())

    def record(self, environment: str, commit: str, account: int | None = None) -> None:
        """Move an environment's deployed ref to a commit, and its account ref to that account. Raises GitError."""
        message = "unknown" if account is None else str(account)
        made = git(self.folder, *_IDENTITY, "commit-tree", f"{commit}^{{tree}}", "-p", commit, "-m", message)
        moves = {self.deployed_ref(environment): commit, self.account_ref(environment): made.decode().strip()}
        lines = "".join(f"update {ref} {target}\n" for ref, target in moves.items())
        git(self.folder, "update-ref", "--create-reflog", "-m", "mjsync apply", "--stdin", stdin=lines.encode())

    def push(self, environment: str) -> None:
        """Push an environment's refs, whatever the remote has: the last complete apply is right. Raises GitError."""
        refs, remote = (self.deployed_ref(environment), self.account_ref(environment)), self.remote
        if remote is None:
            what = f"{refs[0]} cannot be pushed: there is no remote"
            raise GitError(what, "Add one with `git remote add origin URL`.")
        changes = [f"+{ref}:{ref}" for ref in refs]
        try:
            git(self.folder, "push", "--quiet", remote, *changes)
        except GitError as error:
            raise GitError(error.message, f"Correct that, then run `git push {remote} {' '.join(changes)}`.") from None

    def uncommitted(self, files: Collection[str]) -> list[str]:
        """Return those of the project's files that differ from the checked-out commit, and manifests deleted since.

        `files` are all that were read, by their path from the project folder. A file that is read through symlinks
        differs where any of them does, or the file that they lead to. Line ends that git converts are equal. A file
        that git does not look at (`git update-index --assume-unchanged`) counts as changed.
        """
        status = git(self.folder, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".")
        lines = status.decode(errors="surrogateescape").split("\0")
        changed = {line[3:].removeprefix(self.prefix): line[:2] for line in lines if line}
        listed = git(self.folder, "ls-files", "-v", "-z", "--", ".").decode(errors="surrogateescape").split("\0")
        changed |= {line[2:]: line[:1] for line in listed if line[:1].islower()}
        head = self.head
        committed = set(self.tree(head).files()) if head and self._has_folder(head) else set[str]()

        def is_changed(path: str) -> bool:  # or inside something that changed as a whole, as a submodule does
            return path not in committed or any(each in changed for each in _from_root(path))

        found = {file for file in files if any(map(is_changed, _followed(self.folder, file)))}
        found |= {file for file, state in changed.items() if "D" in state and file.endswith((".yaml", ".yml"))}
        return sorted(found)

    def check(self, environment: str, patterns: Collection[str], *, moves_ref: bool) -> None:
        """Raise GitError where a sparse checkout leaves out a manifest of these folders and globs.

        Also where git cannot keep this environment's refs, if one is to be moved, beside those of another project.
        """
        listed = git(self.folder, "ls-files", "-t", "-z", "--", ".").decode(errors="surrogateescape").split("\0")
        absent = {line[2:] for line in listed if line.startswith("S ") and not (self.folder / line[2:]).exists()}
        head = self.head if absent else None
        if head and self._has_folder(head):
            tree = self.tree(head)
            for file in sorted({file for pattern in patterns for file in glob_yaml(tree, pattern)}):
                if not absent.isdisjoint(_followed(self.folder, file)):
                    what = f"{file} is not checked out (a sparse checkout): it would count as removed"
                    way_out = "Run `git sparse-checkout disable`, or add its folder with `git sparse-checkout add`."
                    raise GitError(what, way_out)
        if not moves_ref:
            return
        found = git(self.folder, "for-each-ref", "--format=%(refname)", REFS).decode(errors="surrogateescape").split()
        own = (self.deployed_ref(environment), self.account_ref(environment))
        for other, ref in product(found, own):
            if ref.startswith(f"{other}/") or other.startswith(f"{ref}/"):
                what = f"git cannot keep {ref} beside {other}: one name is a folder of the other's"
                way_out = (
                    "Rename the environment or the project folder of one of them, or apply with `--record off`. "
                    f"If the other is no longer in use, delete it with `git update-ref -d {other}`."
                )
                raise GitError(what, way_out)

    def _has_folder(self, commit: str) -> bool:
        return git_line(self.folder, "cat-file", "-t", f"{commit}:{self.prefix.rstrip('/')}") == "tree"

    def _fetch(self, revision: str) -> str:
        """Return the command that brings a revision which is not here."""
        remote = self.remote or "origin"
        if revision.startswith("refs/"):
            return f"git fetch {self._depth}{remote} '+{revision}:{revision}'"
        if _COMMIT.fullmatch(revision):
            return f"git fetch {self._depth}{remote} {revision}"
        name = re.split(r"[~^@:]", revision, maxsplit=1)[0]
        if self.is_shallow and (name != revision or _ABBREVIATED.fullmatch(name)):
            return f"git fetch --unshallow {remote}"
        if _ABBREVIATED.fullmatch(name):
            return f"git fetch {remote}"
        tracked = name.removeprefix(f"{remote}/")
        target = f"+refs/heads/{tracked}:refs/remotes/{remote}/{tracked}" if tracked != name else f"'{name}:{name}'"
        return f"git fetch {self._depth}{remote} {target}"


def _from_root(file: str) -> Iterator[str]:
    """Yield the path of each folder that a file is in, the outermost first, and then its own."""
    parts = file.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts) + 1))


def _followed(folder: Path, file: str) -> Iterator[str]:
    """Yield the path of a file, and the path after each symlink in it is followed."""
    for _ in range(MAX_LINKS):
        yield file
        link = next((path for path in _from_root(file) if (folder / path).is_symlink()), None)
        if link is None:
            return
        target = (folder / link).readlink()
        file = posixpath.normpath(posixpath.join(posixpath.dirname(link), target.as_posix())) + file[len(link) :]
