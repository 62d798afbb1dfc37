"""List and read the files of a project: from a folder on disk, or with changes on top that are not written yet."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Protocol

from mjsync.errors import Finding, Location, ManifestError

BYTE_ORDER_MARK = "\ufeff"

MAX_FILE_BYTES = 10 * 1024 * 1024
"""Bytes of one file."""
MAX_LINKED_FILES = 1000
"""Folders that are read because a link leads to them: links to links multiply."""


class Tree(Protocol):
    """A source of files, by path relative to the project with forward slashes."""

    def files(self) -> Iterator[str]:
        """Return each file, in path order."""

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError where it is missing, too large, or leads outside."""


class DiskTree:
    """A project folder on disk; symlinks may not lead out of it, and nothing hidden in it (.git, .env) is read.

    A pull request may name any path, and what is read is shown to whoever may see the plan.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._folders: dict[str, Path] = {}
        self._plain: dict[str, str] = {}

    def files(self) -> Iterator[str]:
        """Return the files below the root but hidden ones. Raises ManifestError where links lead to too many folders.

        Linked folders are followed; one that leads outside, or cannot be read, is listed with a slash behind it, so
        that reading it tells why.
        """
        found: list[str] = []
        waiting = [(str(self.root), "", frozenset({str(self.root)}), False)]
        linked = 0
        while waiting:
            folder, inside, above, is_linked = waiting.pop()  # `above` are the real folders above it
            linked += is_linked
            if linked > MAX_LINKED_FILES:
                message = f"links lead to more than {MAX_LINKED_FILES} folders, each counted once for every link"
                raise ManifestError([Finding("too-many-links", message, "Remove links that lead to links.")])
            try:
                with os.scandir(folder) as listed:
                    entries = [entry for entry in listed if not entry.name.startswith(".")]
            except OSError:
                found.append(inside)
                continue
            for entry in entries:
                path, is_link = f"{inside}{entry.name}", entry.is_symlink()
                if not (os.path.isdir(entry) if is_link else entry.is_dir()):  # noqa: PTH112 - a link may lead to itself
                    found.append(path)
                elif not (real := Path(entry).resolve()).is_relative_to(self.root):
                    found.append(f"{path}/")
                elif str(real) not in above:
                    waiting.append((entry.path, f"{path}/", above | {str(real)}, is_linked or is_link))
        return iter(sorted(found))

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        folder, _, name = path.rpartition("/")
        if folder in self._plain and (content := _plain_file(self._plain[folder], name)) is not None:
            return content
        try:
            target = self._resolve(path)
            if not target.is_relative_to(self.root):
                raise _error("outside-project", path, "leads out of the project folder", "Keep it inside the project.")
            if any(part.startswith(".") for part in target.relative_to(self.root).parts):
                message = "is hidden; hidden files often contain secrets and are never read"
                raise _error("hidden-file", path, message, "Use a folder and a name without a dot in front.")
            about = target.stat()
            if not stat.S_ISREG(about.st_mode):
                raise _error("unreadable-file", path, "is not a file", "Replace it with a file.")
            if about.st_size > MAX_FILE_BYTES:
                message = f"has {about.st_size} bytes; {MAX_FILE_BYTES} is the limit"
                raise _error("file-too-large", path, message, "Split it.")
            if target.parent == self._folders.get(folder):
                self._plain[folder] = str(target.parent)
            return target.read_bytes()
        except FileNotFoundError:
            raise _error("missing-file", path, "does not exist", "Correct the path, or add the file.") from None
        except ValueError:  # a NUL
            raise _error("missing-file", path, "cannot be the name of a file", "Correct the path.") from None
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise _error("unreadable-file", path, f"cannot be read: {reason}", "Correct its permissions.") from None

    def _resolve(self, path: str) -> Path:
        """The real path of a file; links of its folder are followed once, since thousands of files share folders."""
        folder, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return (self.root / path).resolve(strict=True)
        if folder not in self._folders:
            self._folders[folder] = (self.root / folder).resolve(strict=True)
        target = self._folders[folder] / name
        return target.resolve(strict=True) if target.is_symlink() else target


def _plain_file(folder: str, name: str) -> bytes | None:
    """Return the bytes of a file in a folder that was checked; None for a link, and whatever else needs a closer look.

    Thousands of files share folders, and the checks of paths would take as long as the reading.
    """
    file = f"{folder}/{name}"
    try:
        about = os.lstat(file)
        if name.startswith(".") or not stat.S_ISREG(about.st_mode) or about.st_size > MAX_FILE_BYTES:
            return None
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - a Path costs as much as the reading
            content = opened.read(about.st_size + 1)
        return content if len(content) == about.st_size else None
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class OverlayTree:
    """A tree with files over it that are to be written; the tree itself stays as it is."""

    under: Tree
    written: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> Iterator[str]:
        """Return each file, in path order."""
        return iter(sorted({*self._existing, *self.written}))

    def has(self, path: str) -> bool:
        """Return whether there is a file at a path."""
        return path in self.written or path in self._existing

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        return self.written[path] if path in self.written else self.under.read(path)

    @property
    def changed(self) -> dict[str, bytes]:
        """The written files that differ from those of the tree."""
        return {
            path: content
            for path, content in sorted(self.written.items())
            if path not in self._existing or self.under.read(path) != content
        }

    @cached_property
    def _existing(self) -> frozenset[str]:
        return frozenset(self.under.files())


def write(disk: DiskTree, files: Mapping[str, bytes], prepared: Mapping[str, str] | None = None) -> None:
    """Write files into a project folder, each whole or not at all. Raises ManifestError.

    `prepared` are paths of files that have their content already, written by `write_new`, and are moved to their place.
    """
    folders: set[Path] = set()
    for path, content in files.items():
        target = disk.root / path
        try:
            if target.parent not in folders:
                if not target.parent.resolve().is_relative_to(disk.root):
                    raise _error("outside-project", path, "leads out of the project folder", "")
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.add(target.parent)
            _replace(target.resolve() if target.is_symlink() else target, content, (prepared or {}).get(path))
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            raise _error("unwritable-file", path, message, "Correct its permissions.") from None


def write_new(path: str, content: bytes) -> None:
    """Write a file that does not exist yet. Raises OSError."""
    with open(path, "xb") as file:  # noqa: PTH123 - a Path costs as much as the writing
        file.write(content)


def _replace(target: Path, content: bytes, prepared: str | None) -> None:
    written = prepared or f"{target.parent}/.mjsync-{os.urandom(8).hex()}"
    try:
        if not prepared:
            write_new(written, content)
        if target.exists():
            os.chmod(written, target.stat().st_mode & 0o777)  # noqa: PTH101 - Paths cost as much as the calls
        os.replace(written, target)  # noqa: PTH105
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(written)  # noqa: PTH108
        if not prepared or not isinstance(error, OSError):
            raise
        _replace(target, content, None)  # the folder of prepared files may be on another disk


def read_text(tree: Tree, path: str) -> str:
    """Read a file as UTF-8 text, with its byte order mark. Raises ManifestError."""
    content = tree.read(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        finding = Finding(
            "not-utf-8",
            f"{path} is not UTF-8: byte {content[error.start]:#04x}",
            "Save it as UTF-8.",
            location=Location(path, line, column),
        )
        raise ManifestError([finding]) from None


def resolve_path(base_file: str, relative: str) -> str | None:
    """Return a path relative to another file's folder as one from the project's root; None where it is outside."""
    parts = base_file.split("/")[:-1]
    pieces = relative.replace("\\", "/").split("/")
    if relative.startswith("/") or (pieces[0].endswith(":") and len(pieces[0]) == 2):  # noqa: PLR2004 - a drive
        return None
    for piece in pieces:
        if piece == "..":
            if not parts:
                return None
            parts.pop()
        elif piece not in ("", "."):
            parts.append(piece)
    return "/".join(parts)


def glob_yaml(tree: Tree, pattern: str) -> list[str]:
    """Return the YAML files of a folder, a glob or a file name, in path order."""
    path = pattern.strip("/").removeprefix("./")
    folder = "" if path in ("", ".") else f"{path}/"
    is_glob = any(sign in path for sign in "*?[")
    return [
        file
        for file in tree.files()
        if file.endswith((".yaml", ".yml", "/"))
        and (_matches(file.split("/"), path.split("/")) if is_glob else file == path or file.startswith(folder))
    ]


def folder_of(pattern: str) -> str:
    """Return the folder that contains every file of a pattern; `.` is the project folder."""
    path = pattern.strip("/").removeprefix("./")
    is_file = path.endswith((".yaml", ".yml"))
    plain = path[: next((at for at, sign in enumerate(path) if sign in "*?["), len(path))]
    return (plain.rpartition("/")[0] if is_file or plain != path else plain) or "."


def _matches(file: list[str], pattern: list[str]) -> bool:
    """Return whether the parts of a path match those of a glob, in which ** matches any folders, also none."""
    if not pattern:
        return not file
    if pattern[0] == "**":
        return any(_matches(file[skip:], pattern[1:]) for skip in range(len(file) + 1))
    return bool(file) and fnmatchcase(file[0], pattern[0]) and _matches(file[1:], pattern[1:])


def _error(code: str, path: str, what: str, way_out: str) -> ManifestError:
    return ManifestError([Finding(code, f"{path} {what}", way_out, location=Location(path))])
