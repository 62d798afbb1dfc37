"""Options of the program itself, and printing: the result to stdout, everything else to stderr, without secrets."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from mjsync import __version__
from mjsync.errors import Finding, WrongUse
from mjsync.render.formats import MAX_CHARS, RenderOptions

if TYPE_CHECKING:
    from mjsync.redaction import Redactor
    from mjsync.render.page_formats import Page
    from mjsync.render.text_diff import Marks
    from mjsync.session.options import Observer
    from mjsync.session.project import Project
    from mjsync.session.session import Session

LINE_INTERVAL, UPDATE_INTERVAL = 5.0, 0.1
"""Seconds between plain lines, and between updates on a terminal."""
WORDS = {"account": "listing the account", "bodies": "reading bodies", "deletes": "reading what will be deleted"}


class ProgressLine:
    """Shows progress, from any thread; nothing if quiet, or if the work ends before the first interval."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False
        self._lock = threading.Lock()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how far the work is."""
        if self._quiet:
            return
        with self._lock:
            now = time.monotonic()
            text = f"{WORDS.get(what, what)}: {done} of {total}"
            if self._is_terminal and now - self._last >= UPDATE_INTERVAL:
                click.echo(f"\r\x1b[K{text}", err=True, nl=False)
                self._shown, self._last = True, now
            elif not self._is_terminal and now - self._last >= LINE_INTERVAL:
                click.echo(text, err=True)
                self._last = now

    def clear(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False


Line = tuple[str, str]


@dataclass
class Console:
    """The options before the command name, and what prints by them; `environment` may also come after the command.

    `environment` may be a glob, or names with commas between.
    """

    directory: str = "."
    environment: str | None = None
    verbose: int = 0
    quiet: bool = False
    color: str = "auto"

    @property
    def is_several(self) -> bool:
        """Whether `-e` names more than one environment: a glob, or names with commas between."""
        return self.environment is not None and any(char in self.environment for char in "*?[,")

    def project(self) -> "Project":
        """Open the project that the folder is in. Raises ManifestError."""
        from mjsync.session.project import open_project

        return open_project(self.directory)

    @contextmanager
    def session(self) -> Iterator["Session"]:
        """Open the environment, and show progress while the block runs. Raises ManifestError, WrongUse."""
        from mjsync.session.session import Session

        with self.progress() as observer:
            yield Session.of(self.project(), self.environment, observer)

    @property
    def redactor(self) -> "Redactor":
        """What masks all secrets that are known by now."""
        from mjsync.redaction import known_redactor

        return known_redactor()

    def render_options(self, max_chars: int = MAX_CHARS, report_url: str = "") -> RenderOptions:
        """Return how formats write for this command; files are named from the root of the repository."""
        from mjsync.manifest.project.settings import find_root

        folder = ""
        if root := find_root(Path(self.directory).resolve()):
            repository = next((above for above in (root, *root.parents) if (above / ".git").exists()), root)
            folder = "" if root == repository else f"{root.relative_to(repository).as_posix()}/"
        return RenderOptions(self.redactor, folder, max_chars, report_url, __version__)

    @contextmanager
    def progress(self) -> Iterator["Observer"]:
        """Show progress while the block runs, and each request under -v also after it."""
        from mjsync.session.options import Observer

        line = ProgressLine(quiet=self.quiet)
        try:
            yield Observer(line, self.show_request if self.verbose else None, self.info)
        finally:
            line.clear()

    def show_request(self, method: str, path: str, status: int | None, seconds: float, prefix: str = "") -> None:
        """Print a request that ended, for -v."""
        self.info(f"{prefix}{method} {path} → {status or 'no answer'} in {seconds * 1000:.0f} ms")

    def result(self, text: str) -> None:
        """Put text on stdout."""
        click.echo(self.redactor.text(text))

    def raw(self, text: str) -> None:
        """Put text on stdout that a format made, which is free of secrets."""
        click.echo(text, nl=False)

    def document(self, value: Any) -> None:
        """Put one JSON document on stdout."""
        click.echo(self.json(value))

    def json(self, value: Any) -> str:
        """Return the document as text, without secrets."""
        from mjsync.render.text import json_text

        return json_text(self.redactor.value(value))

    def lines(self, lines: Iterable[Line], *, err: bool = False) -> None:
        """Put styled lines on stdout, or stderr."""
        color = is_coloured(self.color, sys.stderr if err else sys.stdout)
        click.echo(self._styled(lines, color=color), nl=False, err=err, color=color)

    def account_page(self, form: str, page: "Page", document: Mapping[str, Any]) -> None:
        """Print the page of an account report, or its JSON document, without secrets."""
        from mjsync.redaction import redact_texts
        from mjsync.render.page_formats import BARS, page_html, page_markdown, page_text
        from mjsync.render.text import visible

        if form == "json":
            self.document(document)
            return
        redacted: Page = redact_texts(page, lambda text: visible(self.redactor.text(text)))
        if form == "text":
            self.raw(page_text(redacted, is_unicode=_is_unicode(BARS)))
        else:
            self.raw(page_markdown(redacted) if form == "markdown" else page_html(redacted))

    def page(self, lines: Iterable[Line]) -> None:
        """Put styled lines on stdout; on a terminal, more than a screen of them goes through $PAGER, as in git."""
        lines = list(lines)
        is_terminal = sys.stdout.isatty() and sys.stdin.isatty()
        uses_pager = os.environ.get("PAGER", "less") not in ("", "cat") and not self.quiet
        if not (is_terminal and uses_pager and len(lines) >= shutil.get_terminal_size().lines):
            self.lines(lines)
            return
        os.environ.setdefault("LESS", "FRX")
        color = is_coloured(self.color, sys.stdout)
        click.echo_via_pager(self._styled(lines, color=color), color=color)

    def width(self, *, err: bool = False) -> int | None:
        """Columns of the terminal that a stream is read on; None where it is none."""
        stream = sys.stderr if err else sys.stdout
        return shutil.get_terminal_size().columns if stream.isatty() else None

    def _styled(self, lines: Iterable[Line], *, color: bool) -> str:
        """Return the lines without secrets, in their style if there is colour."""
        redactor = self.redactor
        if not color:
            return redactor.text("".join(f"{text}\n" for text, _ in lines))
        styled = list[str]()
        for text, style in lines:
            shown = redactor.text(text)
            marks: Marks = getattr(text, "marks", ()) if shown == text else ()
            styled.append(f"{_in_style(shown, style, marks)}\n")
        return "".join(styled)

    def info(self, text: str) -> None:
        """Put a line on stderr, unless quiet."""
        if not self.quiet:
            click.echo(self.redactor.text(text), err=True)

    def findings(self, findings: Iterable[Finding]) -> None:
        """Put findings on stderr; quiet leaves the errors."""
        from mjsync.render.to_text import finding_lines

        shown = [finding for finding in findings if not self.quiet or finding.severity == "error"]
        self.lines(finding_lines(tuple(shown), self.width(err=True)), err=True)

    def write(self, file: str | Path, text: str) -> None:
        """Put what a format made, free of secrets, into a file. Raises WrongUse where that is not possible."""
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            message = f"{file} cannot be written: {error.strerror}"
            raise WrongUse(message, "Name another file.") from None


def _in_style(text: str, style: str, marks: "Marks") -> str:
    """Return one line in its style, with the marked ranges reversed."""
    words = style.split()
    colour = next((word for word in words if word not in ("bold", "dim")), None)
    look: dict[str, Any] = {"fg": colour, "bold": "bold" in words or None, "dim": "dim" in words or None}
    starts = [0, *(place for mark in marks for place in mark)]
    pieces = zip(starts, [*starts[1:], len(text)], strict=True)
    return "".join(
        click.style(text[start:end], **look, reverse=number % 2 == 1 or None)
        for number, (start, end) in enumerate(pieces)
        if end > start or not text
    )


def _is_unicode(characters: str) -> bool:
    """Return whether stdout has these characters in its encoding."""
    try:
        characters.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_coloured(choice: str, stream: TextIO) -> bool:
    """Return whether a stream is coloured: on a terminal, unless NO_COLOR or --color sets it otherwise."""
    if choice in ("always", "never"):
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
