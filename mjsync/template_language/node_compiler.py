"""Compile MJML with the project's own installed `mjml` (npm), template tags intact.

The command is the one in the node_modules/.bin next to the project, or above it as Node itself looks for it; nothing is
ever downloaded. It is code of the project that runs as the same user: mjsync.yaml has to ask for it. It gets no
environment variables but those that Node needs, and runs in a temporary folder, so that it reads no `.mjmlconfig`.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mjsync.errors import Finding, Location
from mjsync.template_language.markup import Element, find_markers, nesting, restore
from mjsync.template_language.mjml_compiler import CompiledMjml, limited
from mjsync.template_language.mjml_source import MjmlSource
from mjsync.template_language.rules import make_finding

TIMEOUT = 60
"""In seconds, for one mail."""

_ENVIRONMENT = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE", "LANG")
_MESSAGE = re.compile(r"Line (?P<line>\d+) of (?P<file>.+?)(?: \([^)]*\))? — (?P<text>.+)")
_UNKNOWN = re.compile(r"Element (?P<name>\S+) doesn't exist")


@dataclass(frozen=True, slots=True)
class NodeCompiler:
    """The `mjml` command of a project, and the version of its package."""

    command: Path
    version: str

    @classmethod
    def find(cls, folder: Path) -> "NodeCompiler | None":
        """Look for the command in a project folder and those above it; None if it is not installed."""
        for above in (folder, *folder.parents):
            modules = above / "node_modules"
            for name in ("mjml", "mjml.cmd"):
                command = modules / ".bin" / name
                if command.is_file():
                    return cls(command, _version(modules))
        return None

    def compile(self, source: str, resolve_include: Callable[[str], str]) -> CompiledMjml:
        """Compile MJML to HTML; `resolve_include` is as for `compile_mjml`."""
        return _NodeCompilation(self, resolve_include).run(source)


def _version(modules: Path) -> str:
    try:
        package = json.loads((modules / "mjml" / "package.json").read_text(encoding="utf-8"))
        return str(package["version"])
    except (OSError, ValueError, KeyError):
        return "of unknown version"


class _NodeCompilation:
    """One compilation: the source and its includes, which are written to a temporary folder, and the findings."""

    def __init__(self, compiler: NodeCompiler, resolve_include: Callable[[str], str]) -> None:
        self._compiler = compiler
        self._resolve_include = limited(resolve_include)
        self._sources: dict[str, MjmlSource] = {}
        self._originals: tuple[str, ...] = ()
        self._findings: list[Finding] = []

    def run(self, source: str) -> CompiledMjml:
        with TemporaryDirectory(prefix="mjsync-mjml-") as name:
            folder = Path(name)
            root = self._write(folder, "mjml", source)
            html = None if self._findings else self._html(folder / root)
        if any(finding.severity == "error" for finding in self._findings):
            html = None
        return CompiledMjml(html, tuple(self._findings))

    def _write(self, folder: Path, path: str, text: str) -> str:
        """Write a text with its includes, and return its file name."""
        source = MjmlSource(path, text, self._originals)
        name = f"{len(self._sources)}{Path(path).suffix if path != 'mjml' else '.mjml'}"
        self._originals = source.protected.originals
        self._sources[name] = source
        _, unclosed, stray = nesting(source.structure)
        if broken := stray or unclosed:
            reason = "has no opening tag" if stray else "is never closed"
            self._findings.append(source.make_finding("MJS301", f"<{broken.name}> {reason}", broken.start))
        rewritten, done = "", 0
        for element in source.elements:
            if element.name == "mj-include" and "path" in element.attributes:
                attribute = element.attributes["path"]
                rewritten += source.protected.text[done : attribute.start]
                rewritten += f"./{self._write_include(folder, source, element)}"
                done = attribute.end
        (folder / name).write_text(rewritten + source.protected.text[done:], encoding="utf-8", newline="")
        return name

    def _write_include(self, folder: Path, source: MjmlSource, element: Element) -> str:
        attribute = element.attributes["path"]
        try:
            text = self._resolve_include(attribute.value)
        except LookupError as error:
            self._findings.append(source.make_finding("MJS303", str(error.args[0]), attribute.start))
            return "missing"
        return self._write(folder, attribute.value, text)

    def _html(self, root: Path) -> str | None:
        # Without beautify: it moves blanks in texts.
        options = ("--stdout", "--noStdoutFileComment", "--config.beautify=false")
        command = [str(self._compiler.command), str(root), *options]
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 — the project asks for its own command
                command,
                cwd=root.parent,  # not the project: mjml would load the components of its .mjmlconfig
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self._report(f"{self._compiler.command.name} could not be run: {error}")
            return None
        for line in done.stderr.splitlines():
            if match := _MESSAGE.search(line):
                self._report_message(match)
        if done.returncode or not done.stdout.strip():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            self._report(f"mjml failed: {last[0]}")
            return None
        in_html = {number for number, _ in find_markers(done.stdout)}
        for source in self._sources.values():
            self._findings.extend(source.lost_tags(lambda number, _: number in in_html))
        return restore(done.stdout, self._originals)

    def _report(self, message: str) -> None:
        self._findings.append(make_finding("MJS301", message, Location("mjml", 1, 1)))

    def _report_message(self, match: re.Match[str]) -> None:
        """Convert a message of the command; an unknown element is an error, since no reader would see it."""
        source = self._sources.get(Path(match["file"]).name)
        location = Location(source.name if source else "mjml", int(match["line"]), 1)
        unknown = _UNKNOWN.match(match["text"])
        message = f"<{unknown['name']}> is not an MJML element" if unknown else match["text"]
        self._findings.append(make_finding("MJS304" if unknown else "MJS306", message, location))
