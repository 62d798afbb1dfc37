"""Compiling MJML to HTML with MRML, template tags intact, and telling its errors where they stand."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mjsync.template_language.findings import Finding
from mjsync.template_language.markup import nesting
from mjsync.template_language.masking import Masked, masks
from mjsync.template_language.mjml_source import MjmlSource
from mjsync.template_language.rules import Severity

if TYPE_CHECKING:
    from mjml import IncludeLoader

COMPILER = "mjml-python"

MOST_INCLUDES = 1000
"""Includes that one mail may be made of: includes that include each other grow without end."""

_ERROR = re.compile(
    r'(?P<what>.*?) in (?:root template|template from "(?P<include>.*)")(?: at position (?P<byte>\d+):\d+)?'
)
_UNBALANCED = ("unexpected end of stream", "unexpected token")
_STUMBLES = "unable to parse next template"


@dataclass(frozen=True, slots=True)
class Compiled:
    """The HTML of an MJML source, none where a finding is an error, and the compiler that made it.

    The part of a finding is `mjml`, or the path of the include it stands in.
    """

    html: str | None
    compiler: str
    version: str
    findings: tuple[Finding, ...] = ()


@cache
def compiler_version() -> str:
    """Give the version of the compiler."""
    from importlib.metadata import version

    return version(COMPILER)


def compile_mjml(source: str, resolve_include: Callable[[str], str] | None = None) -> Compiled:
    """Compile MJML to HTML.

    `resolve_include` gives the text of an mj-include by its path; it raises LookupError, its text the reason,
    for what it does not give. Without it every include is an error.
    """
    run = _Run(resolve_include or _no_includes)
    html = run.html(source)
    findings = tuple(run.findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        html = None
    return Compiled(html, COMPILER, compiler_version(), findings)


def _no_includes(path: str) -> str:
    raise LookupError(f"{path} is not looked for here")


def _too_many_includes(path: str) -> str:
    message = f"{path} is not taken in: more than {MOST_INCLUDES} includes are"
    raise LookupError(message)


class _Run:
    """One compilation: the texts it took part in, what was hidden in them, and what was wrong."""

    def __init__(self, resolve_include: Callable[[str], str]) -> None:
        self.findings: list[Finding] = []
        self._resolve_include = resolve_include
        self._hidden: tuple[str, ...] = ()
        self._texts: dict[str | None, MjmlSource] = {}
        self._includes = 0

    def html(self, text: str) -> str | None:
        root = self._take(None, text)
        if self.findings:
            return None
        try:
            html = _compiled(root.shielded.text, self._included)
        except ValueError as error:
            if not self.findings:
                self.findings.append(self._told(str(error)))
            return None
        self.findings.extend(self._lost(html))
        return Masked(html, tuple(map(_written, self._hidden))).restore(html)

    def _take(self, path: str | None, text: str) -> MjmlSource:
        """Read a text that takes part, and note what stands in its way."""
        source = MjmlSource(path or "mjml", text, self._hidden)
        self._hidden = source.shielded.hidden
        self._texts[path] = source
        self.findings.extend(source.obstacles())
        return source

    def _included(self, path: str) -> str:
        """Give MRML an include; whatever is raised here it only tells as an include it could not load."""
        path = self._texts[None].shielded.restore(path)
        self._includes += 1
        try:
            resolve = self._resolve_include if self._includes <= MOST_INCLUDES else _too_many_includes
            text = resolve(path)
        except LookupError as error:
            self.findings.append(self._not_included(path, str(error.args[0] if error.args else error)))
            raise
        source = self._take(path, text)
        if self.findings:
            raise LookupError(path)
        return source.shielded.text

    def _not_included(self, path: str, reason: str) -> Finding:
        root = self._texts[None]
        includes = (element for element in root.elements if element.name == "mj-include")
        paths = (element.attributes["path"] for element in includes if "path" in element.attributes)
        start = next((attribute.start for attribute in paths if attribute.value == path), 0)
        return root.found("MJS303", reason, start)

    def _told(self, message: str) -> Finding:
        """Make a finding of MRML's error, at the place it names or else the one that is found out."""
        error = _ERROR.fullmatch(message)
        text = self._texts.get(error["include"] if error else None, self._texts[None])
        what, byte = (error["what"], error["byte"]) if error else (message, None)
        _, unclosed, stray = nesting(text.markup)
        if what in _UNBALANCED and stray:
            return text.found("MJS301", f"</{stray.name}> closes nothing", stray.start)
        if what in _UNBALANCED and unclosed:
            return text.found("MJS301", f"<{unclosed.name}> is never closed", unclosed.start)
        if what == _STUMBLES and text is self._texts[None]:
            way_out = "Values stand in quotes, a < in a text is written &lt;."
            return text.found("MJS301", "this is no MJML", self._stumbling_block(text), way_out)
        before = text.shielded.text.encode()[: int(byte or 0)].decode(errors="ignore")
        return text.found("MJS301", what, text.offset(before))

    def _stumbling_block(self, text: MjmlSource) -> int:
        """Find the tag that MRML cannot read, by halving: a text that ends before it only ends too early."""
        shielded = text.shielded.text
        starts = [match.start() for match in re.finditer("<", shielded)]
        readable, broken = 0, len(starts)
        while broken - readable > 1:
            middle = (readable + broken) // 2
            if self._stumbles(shielded[: starts[middle]]):
                broken = middle
            else:
                readable = middle
        return text.offset(shielded[: starts[readable]]) if starts else 0

    def _stumbles(self, shielded: str) -> bool:
        try:
            _compiled(shielded, self._included_before)
        except ValueError as error:
            return str(error).startswith(_STUMBLES)
        return False

    def _included_before(self, path: str) -> str:
        known = self._texts.get(self._texts[None].shielded.restore(path))
        return known.shielded.text if known else ""

    def _lost(self, html: str) -> Iterator[Finding]:
        """Find the tags that MJML dropped, with an attribute or element that it does not know."""
        kept = {number for number, _ in masks(html)}
        for text in self._texts.values():
            for number, offset in text.numbered_tags():
                if number not in kept:
                    yield text.lost(self._hidden[number], offset)


def _compiled(shielded: str, include: "IncludeLoader") -> str:
    from mjml import mjml2html

    try:
        return mjml2html(shielded, include_loader=include)
    except BaseException as error:
        # A panic in Rust is no Exception, and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"the compiler broke off: {error}") from None


def _written(hidden: str) -> str:
    """Write what was hidden as it belongs into an attribute in double quotes; tags stay as they are."""
    return hidden if hidden.startswith(("{{", "{%", "[[")) else hidden.replace('"', "&quot;")
