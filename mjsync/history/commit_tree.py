"""The files of a commit, read from git objects without a checkout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mjsync.errors import Finding, GitError, Location, ManifestError
from mjsync.history.git_command import BlobReader, git
from mjsync.manifest.loading.files import MAX_FILE_BYTES, MAX_LINKED_FILES

_LINK, _SUBMODULE = b"120000", b"160000"
MAX_LINKS = 40
"""Symlinks that are followed for one path, as many as Linux follows."""


@dataclass(frozen=True, slots=True)
class _Object:
    """A file or a symlink: its hash, and the repository that has it."""

    sha: str
    repository: Path
    is_link: bool = False


class CommitTree:
    """A project folder as it is at one commit; the same files are visible and readable as in a DiskTree.

    `folder` is the project folder on disk, `prefix` its path from the root of the repository, with a slash behind it.
    Files of a submodule are read from the submodule's own repository, where that is checked out and has the commit.
    """

    def __init__(self, folder: Path, commit: str, prefix: str = "") -> None:
        self.commit = commit
        self._objects: dict[str, _Object] = {}
        self._unavailable: dict[str, str] = {}
        self._readers: dict[Path, BlobReader] = {}
        self._links: dict[str, str] = {}
        self._list(folder, f"{commit}:{prefix}", "")
        self._children: dict[str, set[str]] = {"": set()}
        for path in (*self._objects, *self._unavailable):
            while path:
                above, _, name = path.rpartition("/")
                self._children.setdefault(above, set()).add(name)
                path = above  # noqa: PLW2901 - up to the root

    def files(self) -> Iterator[str]:
        """Return each file, in path order, hidden ones left out. Raises ManifestError for too many linked folders.

        A link that leads outside, or a submodule that is not there, is listed with a slash behind it.
        """
        found: list[str] = []
        waiting = [("", "", frozenset({""}))]
        linked = 0
        while waiting:
            shown, folder, above = waiting.pop()
            for name in self._children[folder]:
                if name.startswith("."):
                    continue
                path = f"{folder}/{name}" if folder else name
                target = self._resolve(path)
                if target is None or target in self._unavailable:
                    found.append(f"{shown}{name}/")
                elif target not in self._children:
                    found.append(f"{shown}{name}")
                elif target not in above:
                    linked += target != path
                    waiting.append((f"{shown}{name}/", target, above | {target}))
            if linked > MAX_LINKED_FILES:
                message = f"links lead to more than {MAX_LINKED_FILES} folders"
                raise ManifestError([Finding("too-many-links", message, "Remove links that lead to links.")])
        return iter(sorted(found))

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError, GitError where an object is missing."""
        target = self._resolve(path)
        if target is None:
            raise _fault("outside-project", path, "leads out of the project folder", "Keep it inside the project.")
        if any(part.startswith(".") for part in target.split("/")):
            raise _fault("hidden-file", path, "is hidden: it is never read", "Give it a name without a dot in front.")
        for submodule, way_out in self._unavailable.items():
            if f"{target}/".startswith(f"{submodule}/"):
                raise _fault("missing-submodule", path, f"is in the submodule {submodule}, which is not there", way_out)
        if target not in self._objects:
            is_folder = target in self._children
            what, way_out = (
                ("is not a file", "Replace it with a file.")
                if is_folder
                else ("does not exist", "Correct the path, or add the file.")
            )
            raise _fault("unreadable-file" if is_folder else "missing-file", path, what, way_out)
        content = self._content(self._objects[target])
        if len(content) > MAX_FILE_BYTES:
            message = f"has {len(content)} bytes; {MAX_FILE_BYTES} is the limit"
            raise _fault("file-too-large", path, message, "Split it.")
        return content

    def _list(self, repository: Path, tree: str, above: str) -> None:
        """Add all files below a tree of a repository, submodules included. Raises GitError."""
        for line in git(repository, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            if not line:
                continue
            about, _, name = line.partition(b"\t")
            mode, _, sha = about.split(b" ")
            path = above + name.decode(errors="surrogateescape")
            if mode == _SUBMODULE:
                self._list_submodule(repository / name.decode(errors="surrogateescape"), sha.decode(), path)
            else:
                self._objects[path] = _Object(sha.decode(), repository, mode == _LINK)

    def _list_submodule(self, folder: Path, commit: str, path: str) -> None:
        if not (folder / ".git").exists():
            self._unavailable[path] = f"Run `git submodule update --init {path}`."
            return
        try:
            self._list(folder, commit, f"{path}/")
        except GitError:
            self._unavailable[path] = f"Run `git -C {path} fetch --depth=1 origin {commit}`."

    def _resolve(self, path: str) -> str | None:
        """Return the path with every symlink in it followed; None where it leads out of the project."""
        waiting, done, links = path.split("/")[::-1], list[str](), 0
        while waiting:
            name = waiting.pop()
            if name == "..":
                if not done:
                    return None
                done.pop()
            elif name not in ("", "."):
                done.append(name)
                found = self._objects.get("/".join(done))
                if found and found.is_link:
                    links += 1
                    target = self._link("/".join(done), found)
                    if target.startswith("/") or links > MAX_LINKS:
                        return None
                    done.pop()
                    waiting += target.split("/")[::-1]
        return "/".join(done)

    def _link(self, path: str, link: _Object) -> str:
        if path not in self._links:
            self._links[path] = self._content(link).decode(errors="surrogateescape")
        return self._links[path]

    def _content(self, found: _Object) -> bytes:
        if found.repository not in self._readers:
            self._readers[found.repository] = BlobReader(found.repository)
        content = self._readers[found.repository].read(found.sha)
        if content is None:
            message = f"an object of commit {self.commit} is missing: {found.sha}"
            raise GitError(message, f"Run `git fetch --refetch origin {self.commit}`.")
        return content


def _fault(code: str, path: str, what: str, way_out: str) -> ManifestError:
    return ManifestError([Finding(code, f"{path} {what}", way_out, location=Location(path))])
