"""The command line in process: what it prints, and how it ends."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from mjsync.cli import main, secrets


@dataclass(frozen=True)
class Ran:
    """The end of one command."""

    code: int
    out: str
    err: str


def run(*arguments: str, at: Path) -> Ran:
    """Run mjsync as if started in a folder."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["-C", str(at), *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            secrets.KNOWN.clear()  # what one command learned, the next does not know
    return Ran(code, out.getvalue(), err.getvalue())


def written(folder: Path) -> dict[str, bytes]:
    """Path to bytes of every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
