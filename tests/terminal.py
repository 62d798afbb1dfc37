"""Run the command line in this process, and return what it printed and how it ended."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from mjsync.cli import main
from mjsync.redaction import KNOWN_SECRETS


@dataclass(frozen=True)
class Ran:
    """The output and the exit code of one command."""

    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return true."""
        return True


def run(*arguments: str, at: Path, answers: str | Terminal | None = None) -> Ran:
    """Run mjsync in a folder; with answers, on a terminal where they are typed."""
    out, err = io.StringIO(), io.StringIO() if answers is None else Terminal()
    code = 0
    answers = Terminal(answers) if isinstance(answers, str) else answers
    typed = contextlib.nullcontext() if answers is None else mock.patch("sys.stdin", answers)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), typed:
        try:
            main(["-C", str(at), *arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            KNOWN_SECRETS.clear()  # what one command learned, the next does not know
    return Ran(code, out.getvalue(), err.getvalue())


def written(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
