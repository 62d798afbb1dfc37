"""Expand `${…}` placeholders; each character of the result can be traced to the place where it was written.

The word before the first dot picks a resolver: `${var.site}`, `${env.TOKEN}`, `${id.segment.buyers}`, `${part.footer}`,
`${text.greeting}`. `$${` is a literal `${`.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mjsync.errors import Finding, Location, has_errors
from mjsync.manifest.loading.files import BYTE_ORDER_MARK, MAX_FILE_BYTES
from mjsync.manifest.loading.yaml_builder import BlockText
from mjsync.resources.address import CLOSE, OPEN, Address, reference
from mjsync.resources.body import SourcePosition

PART, TEXT = "part", "text"
"""The prefixes of what has a source of its own: shared parts, and texts of a locale."""

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_NONCHARACTER = re.compile(f"[{OPEN}{CLOSE}]")


class SourceText(NamedTuple):
    """One text as it was written: `location` is a field of a manifest, or a file without line and column.

    Without `has_placeholders` the text is used as it is.
    """

    text: str
    location: Location
    has_placeholders: bool = True

    @property
    def needs_expansion(self) -> bool:
        """Whether the text contains anything that is replaced, or refused."""
        return (self.has_placeholders and "${" in self.text) or OPEN in self.text or CLOSE in self.text

    def position_at(self, offset: int) -> SourcePosition:
        """Return the line and column of the character at an offset; a byte order mark has no column."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        column -= line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        if self.location.line:
            return SourcePosition(self.location, line, column)
        return SourcePosition(Location(self.location.file, line, column))

    def finding_at(self, offset: int, finding: Finding) -> Finding:
        """Return the finding with the position of a character; in a text of a manifest it is in the message."""
        position = self.position_at(offset)
        inside = position.inside if "\n" in self.text else ""
        return replace(finding, message=finding.message + inside, location=position.location)


class Span(NamedTuple):
    """From `start` of an expanded text on: text from `offset` of its source.

    That is the same text (`is_literal`), or what a placeholder was replaced by: `placeholder` is the inside of its
    braces, `inner` the text where that has a source of its own.
    """

    start: int
    offset: int
    is_literal: bool = False
    placeholder: str = ""
    inner: "Expanded | None" = None


class Expanded(NamedTuple):
    """A text with its placeholders replaced.

    `placeholders` are all of them, those inside parts and vars too, without the braces: `env.TOKEN`. `findings` are the
    problems, each with its location. The text is not usable where it `is_broken`; it is not `is_complete` where the
    value of an environment variable is missing, which only plans and applies need.
    """

    text: str
    source: SourceText
    spans: tuple[Span, ...] = ()
    placeholders: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    is_broken: bool = False
    is_complete: bool = True

    def names(self, prefix: str) -> list[str]:
        """Return the names of its placeholders with a prefix, sorted."""
        return sorted(each[len(prefix) + 1 :] for each in self.placeholders if each.startswith(f"{prefix}."))

    def spot(self, line: int, column: int) -> SourcePosition:
        """Return where the character at a line and column of the text was written."""
        return self._position_at(self._offset(line, column))

    def cause(self, line: int, column: int) -> str:
        """Return the placeholder that a character comes from, as `part.footer`; empty where it is in the text."""
        return self._span_at(self._offset(line, column)).placeholder

    def _offset(self, line: int, column: int) -> int:
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        has_mark = line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        return start + has_mark + column - 1

    def _span_at(self, offset: int) -> Span:
        return self.spans[bisect_right(self.spans, offset, key=lambda each: each.start) - 1]

    def _position_at(self, offset: int) -> SourcePosition:
        span = self._span_at(offset)
        if span.inner:
            return span.inner._position_at(offset - span.start)  # noqa: SLF001 - of the same class
        return self.source.position_at(span.offset + (offset - span.start if span.is_literal else 0))

    def parts(self) -> Iterator[tuple[Address, Location]]:
        """Yield each use of a shared part, those inside other parts too: the part, and where it is named."""
        queue, seen = [self], {id(self)}
        while queue:
            expanded = queue.pop()
            for span in expanded.spans:
                if span.inner and span.placeholder.startswith(f"{PART}."):
                    yield Address.parse(span.placeholder), expanded.source.position_at(span.offset).location
                if span.inner and id(span.inner) not in seen:
                    seen.add(id(span.inner))
                    queue.append(span.inner)


class Placeholder(NamedTuple):
    """`${PREFIX.NAME}` at an offset of a text."""

    prefix: str
    name: str
    source: SourceText
    offset: int

    def __str__(self) -> str:
        return f"${{{self.prefix}.{self.name}}}"

    def value(self, text: str) -> Expanded:
        """Return a value for it that has no source of its own."""
        return Expanded(text, self.source, placeholders=frozenset({f"{self.prefix}.{self.name}"}))

    def failed(self, *findings: Finding) -> Expanded:
        """Return the result where it cannot be replaced; without findings where the cause is reported elsewhere."""
        located = tuple(
            finding if finding.location else self.source.finding_at(self.offset, finding) for finding in findings
        )
        return Expanded(str(self), self.source, findings=located, is_broken=True)


Resolver = Callable[[Placeholder], Expanded]
"""Looks up the value of a placeholder."""


class Expander(NamedTuple):
    """Replaces placeholders; `resolvers` are by prefix."""

    resolvers: Mapping[str, Resolver]

    def with_resolvers(self, **resolvers: Resolver) -> "Expander":
        """Return the same expander with more prefixes."""
        return Expander({**self.resolvers, **resolvers})

    def expand(self, source: SourceText) -> Expanded:
        """Replace the placeholders of one text."""
        text, at, size = source.text, 0, 0
        found = _NONCHARACTER.finditer(text) if OPEN in text or CLOSE in text else ()  # `in` is a hundred times faster
        findings = [source.finding_at(match.start(), _noncharacter(match[0])) for match in found]
        pieces, spans, values = [], [], []
        for match in _PLACEHOLDER.finditer(text) if source.has_placeholders else ():
            start, (prefix, _, name) = match.start(), (match[1] or "").partition(".")
            spans.append(Span(size, at, is_literal=True))
            size += start - at
            placeholder = Placeholder(prefix, name, source, start)
            resolver = self.resolvers.get(prefix) if name else None
            if match[0] == "$${":
                value = Expanded("${", source)
            elif resolver:
                value = resolver(placeholder)
            else:
                value = placeholder.failed(_unknown(prefix, match[0]))._replace(text=match[0])
            if size + len(value.text) > MAX_FILE_BYTES:
                message = f"with {placeholder} the text has more than {MAX_FILE_BYTES} characters"
                value = placeholder.failed(Finding("file-too-large", message, "Use it less often."))
            inner = value if prefix in (PART, TEXT) and not value.is_broken else None
            spans.append(Span(size, start, placeholder=f"{prefix}.{name}" if name else "", inner=inner))
            pieces += [text[at:start], value.text]
            size += len(value.text)
            at = match.end()
            values.append(value)
            findings += value.findings
        return Expanded(
            "".join([*pieces, text[at:]]),
            source,
            (*spans, Span(size, at, is_literal=True)),
            frozenset().union(*(value.placeholders for value in values)),
            tuple(dict.fromkeys(findings)),
            has_errors(findings) or any(value.is_broken for value in values),
            all(value.is_complete for value in values),
        )

    def expand_value(self, value: Any, location_of: Callable[[str], Location]) -> tuple[Any, dict[str, Expanded]]:
        """Expand every string in a value; the new value, and by dotted path each string that had placeholders.

        A block scalar loses its final line end.
        """
        expanded_at: dict[str, Expanded] = {}

        def expand(value: Any, path: str) -> Any:
            if isinstance(value, dict):
                return {key: expand(inner, f"{path}.{key}" if path else key) for key, inner in value.items()}
            if isinstance(value, list):
                return [expand(inner, f"{path}.{index}" if path else f"{index}") for index, inner in enumerate(value)]
            if isinstance(value, BlockText):
                value = value.removesuffix("\n")
            if not isinstance(value, str) or ("${" not in value and OPEN not in value and CLOSE not in value):
                return value
            expanded_at[path] = self.expand(SourceText(value, location_of(path)))
            return expanded_at[path].text

        return expand(value, ""), expanded_at


def resolve_id(placeholder: Placeholder) -> Expanded:
    """Resolve `${id.KIND.HANDLE}` to a mark that is replaced by the id once it is known."""
    if "." not in placeholder.name:
        return placeholder.failed(_unknown(placeholder.prefix, str(placeholder)))
    return placeholder.value(reference(Address.parse(placeholder.name)))


def _noncharacter(character: str) -> Finding:
    """Return the finding for one of the two noncharacters that mark references."""
    return Finding("noncharacter", f"the text contains U+{ord(character):04X}, a noncharacter", "Remove it.")


def _unknown(prefix: str, written: str) -> Finding:
    if prefix == PART:
        way_out = "Parts can be used in html, mjml, text, and in other parts; elsewhere use a var."
        return Finding("placeholder", f"{written} is not allowed here", way_out)
    known = "${var.NAME}, ${env.NAME}, ${id.KIND.HANDLE}, ${part.NAME}, ${text.NAME}"
    return Finding("placeholder", f"{written} is not a placeholder", f"There are {known}; $${{ means ${{.")
