"""Run the `git` command in a folder, read blobs through one process, and name refs by its rules."""

import os
import re
import subprocess
import threading
import weakref
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import quote

from mjsync.errors import GitError

REFS = "refs/mjsync/deployed"
"""Where the deployed refs are: one for each environment of each project folder."""

_OTHER_REPOSITORY = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"),
    *("GIT_SHALLOW_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE"),
)
"""Variables that lead git to another repository than the folder's, or to other objects; git sets them for its hooks."""

_SETTINGS = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1"}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run `git` in a folder and return its standard output. Raises GitError with what git printed."""
    command, environment = _command(folder, *arguments), _environment()
    try:
        ended = subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment)  # noqa: S603 - a fixed command
    except OSError as error:
        raise _cannot_start(error) from None
    if ended.returncode:
        reason = ended.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        message = f"git {arguments[0]} failed: {reason or f'exit code {ended.returncode}'}"
        trust = f"Run `git config --global --add safe.directory {folder}` if you trust that folder."
        raise GitError(message, trust if "dubious ownership" in reason else "")
    return ended.stdout


def git_line(folder: Path, *arguments: str) -> str | None:
    """Run `git` in a folder and return the first line it prints; None where it fails or prints nothing."""
    try:
        text = git(folder, *arguments).decode(errors="surrogateescape")
    except GitError:
        return None
    return text.split("\n", 1)[0] or None


def ref_part(folder: str) -> str:
    """Return a folder's path as a part of a ref's name: what git does not allow there is percent-encoded.

    The root of the repository is `root`; a folder of that name is encoded too.
    """
    if not folder:
        return "root"
    parts = (quote(part, safe="+=,@!()&$'") for part in folder.split("/"))
    encoded = "/".join(
        re.sub(r"^\.|\.(?=lock$|\.|$)|@(?=\{)", lambda sign: f"%{ord(sign[0]):02X}", part) for part in parts
    )
    return re.sub(r"^root(?=/|$)", "%72oot", encoded)


class BlobReader:
    """Reads blobs of one repository by their hash; the process ends with this object."""

    def __init__(self, folder: Path) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                _command(folder, "cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError as error:
            raise _cannot_start(error) from None
        self._lock = threading.Lock()
        weakref.finalize(self, self._process.communicate)

    def read(self, sha: str) -> bytes | None:
        """Return the bytes of a blob, None where the repository lacks it. Raises GitError where git ended."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin  # noqa: S101 - opened as a pipe
        assert stdout  # noqa: S101
        with self._lock:
            try:
                stdin.write(f"{sha}\n".encode())
                stdin.flush()
                return _answer(stdout)
            except (OSError, ValueError) as error:
                message = f"git cat-file ended before {sha} was read: {error}"
                raise GitError(message, "Run the command again.") from None


def _answer(stdout: IO[bytes]) -> bytes | None:
    header = stdout.readline().split()
    if len(header) != 3:  # noqa: PLR2004 - hash, type, size; or hash and `missing`
        if not header:
            message = "no answer"
            raise ValueError(message)
        return None
    content = stdout.read(int(header[2]))
    stdout.read(1)
    return content


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]


@cache
def _environment() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in _OTHER_REPOSITORY}, **_SETTINGS}


def _cannot_start(error: OSError) -> GitError:
    return GitError(f"git cannot be started: {error.strerror}", "Install git, or correct PATH.")
