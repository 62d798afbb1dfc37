"""Compile MJML to HTML with MRML, template tags intact, and locate its errors in the source."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from mjsync.errors import Finding
from mjsync.template_language.markup import find_markers, marker, nesting, restore
from mjsync.template_language.mjml_source import MjmlSource

if TYPE_CHECKING:
    from mjml import IncludeLoader

MAX_INCLUDES = 1000
"""How many includes one mail may have: includes that include each other never end."""

_ERROR = re.compile(
    r'(?P<reason>.*?) in (?:root template|template from "(?P<include>.*)")(?: at position (?P<byte>\d+):\d+)?'
)
_UNBALANCED = ("unexpected end of stream", "unexpected token")
_SYNTAX_ERROR = "unable to parse next template"


@dataclass(frozen=True, slots=True)
class CompiledMjml:
    """The HTML of an MJML source, None if a finding is an error.

    The `file` of a finding is `mjml`, or the path of the include it is in.
    """

    html: str | None
    findings: tuple[Finding, ...] = ()


def compile_mjml(source: str, resolve_include: Callable[[str], str]) -> CompiledMjml:
    """Compile MJML to HTML.

    `resolve_include` returns the text of an mj-include by its path, or raises LookupError with the reason.
    """
    compilation = _Compilation(resolve_include)
    html = compilation.html(source)
    findings = tuple(compilation.findings)
    if any(finding.severity == "error" for finding in findings):
        html = None
    return CompiledMjml(html, findings)


def limited(resolve_include: Callable[[str], str]) -> Callable[[str], str]:
    """Return the function for one mail: after `MAX_INCLUDES` calls it raises LookupError."""
    calls = count(1)

    def resolve(path: str) -> str:
        if next(calls) > MAX_INCLUDES:
            raise LookupError(f"{path} is not included: there are more than {MAX_INCLUDES} includes")
        return resolve_include(path)

    return resolve


class _Compilation:
    """One compilation: the source with its includes, the originals of all markers in them, and the findings."""

    def __init__(self, resolve_include: Callable[[str], str]) -> None:
        self.findings: list[Finding] = []
        self._resolve_include = limited(resolve_include)
        self._originals: tuple[str, ...] = ()
        self._sources: dict[str | None, MjmlSource] = {}

    def html(self, text: str) -> str | None:
        root = self._add_source(None, text)
        if self.findings:
            return None
        try:
            html = _run_compiler(root.rewritten, self._include)
        except ValueError as error:
            if not self.findings:
                self.findings.append(self._compiler_finding(str(error)))
            return None
        html = restore(html, tuple(self._outputs()))
        in_html = {number for number, _ in find_markers(html)}
        for source in self._sources.values():
            self.findings.extend(source.lost_tags(lambda number, _: number in in_html))
            self.findings.extend(source.unsupported())
        return restore(html, self._originals)

    def _outputs(self) -> Iterator[str]:
        """Yield what replaces each marker in the HTML; markers of template tags stay, also inside other originals."""
        sources = self._sources.values()
        tags = {number for source in sources for number in source.tag_markers}
        in_attributes = {number for source in sources for number in source.attribute_markers}
        for number, original in enumerate(self._originals):
            if number in tags:
                yield marker(number)
            else:
                yield original.replace('"', "&quot;") if number in in_attributes else original

    def _add_source(self, path: str | None, text: str) -> MjmlSource:
        """Protect and check a text that takes part in the compilation."""
        source = MjmlSource(path or "mjml", text, self._originals)
        self._originals = tuple(source.originals)
        self._sources[path] = source
        self.findings.extend(source.check())
        return source

    def _include(self, path: str) -> str:
        """Pass an include to MRML, which reports any exception only as an include that could not be loaded."""
        path = restore(path, self._originals)
        try:
            text = self._resolve_include(path)
        except LookupError as error:
            root = self._sources[None]
            includes = (element for element in root.elements if element.name == "mj-include")
            paths = (element.attributes["path"] for element in includes if "path" in element.attributes)
            start = next((attribute.start for attribute in paths if attribute.value == path), 0)
            reason = str(error.args[0] if error.args else error)
            self.findings.append(root.make_finding("MJS303", reason, start))
            raise
        source = self._add_source(path, text)
        if self.findings:
            raise LookupError(path)
        return source.rewritten

    def _compiler_finding(self, message: str) -> Finding:
        """Convert an error of MRML to a finding, at the position it gives or else one that is searched for."""
        error = _ERROR.fullmatch(message)
        source = self._sources.get(error["include"] if error else None, self._sources[None])
        reason, byte = (error["reason"], error["byte"]) if error else (message, None)
        first = next(source.elements, None)
        if source is self._sources[None] and (first is None or first.name != "mjml"):
            way_out = "A part of a source is read with <mj-include>."
            return source.make_finding("MJS301", "the source does not start with <mjml>", 0, way_out)
        _, unclosed, stray = nesting(source.structure)
        if reason in _UNBALANCED and stray:
            return source.make_finding("MJS301", f"</{stray.name}> has no opening tag", stray.start)
        if reason in _UNBALANCED and unclosed:
            return source.make_finding("MJS301", f"<{unclosed.name}> is never closed", unclosed.start)
        if reason == _SYNTAX_ERROR and source is self._sources[None]:
            way_out = "Put attribute values in quotes, and write &lt; for a < in text."
            return source.make_finding("MJS301", "this is not valid MJML", self._syntax_error_offset(source), way_out)
        before = source.rewritten.encode()[: int(byte or 0)].decode(errors="ignore")
        return source.make_finding("MJS301", reason, source.rewriter.source_offset(len(before)))

    def _syntax_error_offset(self, source: MjmlSource) -> int:
        """Find the tag that MRML cannot parse by bisection: a text cut off before it only ends too early."""
        text = source.rewritten
        starts = [match.start() for match in re.finditer("<", text)]
        readable, broken = 0, len(starts)
        while broken - readable > 1:
            middle = (readable + broken) // 2
            if self._has_syntax_error(text[: starts[middle]]):
                broken = middle
            else:
                readable = middle
        return source.rewriter.source_offset(starts[readable]) if starts else 0

    def _has_syntax_error(self, text: str) -> bool:
        try:
            _run_compiler(text, self._known_include)
        except ValueError as error:
            return str(error).startswith(_SYNTAX_ERROR)
        return False

    def _known_include(self, path: str) -> str:
        known = self._sources.get(restore(path, self._originals))
        return known.rewritten if known else ""


def _run_compiler(text: str, include: "IncludeLoader") -> str:
    from mjml import mjml2html

    try:
        return mjml2html(text, include_loader=include)
    except BaseException as error:
        # A panic in Rust is not an Exception, and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"the compiler crashed: {error}") from None
