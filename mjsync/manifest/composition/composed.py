"""Texts woven of several: placeholders and parts put in, and each character still knows where it was written."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mjsync.errors import Finding, Location
from mjsync.manifest.composition.placeholders import PLACEHOLDER, Expansion, Substitution, check
from mjsync.manifest.composition.sources import BYTE_ORDER_MARK, SourceText
from mjsync.manifest.loading.files import MAX_FILE_BYTES
from mjsync.resources.address import Address
from mjsync.resources.body import SourcePosition

PART = "part"
"""The word in addresses and placeholders of shared parts."""


class SourceSpan(NamedTuple):
    """From `start` of a woven text on: characters of the sheet as they are, what one placeholder became, or a part.

    A text of a locale is a part without a name.
    """

    start: int
    offset: int
    is_literal: bool = False
    name: str = ""
    part: "ComposedText | None" = None


@dataclass(frozen=True, slots=True)
class ComposedText:
    """A text with everything put in, and what it is made of."""

    text: str
    source: SourceText
    spans: tuple[SourceSpan, ...]

    def position(self, line: int, column: int) -> SourcePosition:
        """Where the character at a line and column of the text was written."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        is_marked = line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        return self.position_at(start + is_marked + column - 1)

    def position_at(self, offset: int) -> SourcePosition:
        """Where the character at an offset of the text was written."""
        stretch = self.spans[bisect_right(self.spans, offset, key=lambda each: each.start) - 1]
        if stretch.part:
            return stretch.part.position_at(offset - stretch.start)
        return self.source.position_at(stretch.offset + (offset - stretch.start if stretch.is_literal else 0))

    def parts(self) -> Iterator[tuple[Address, Location]]:
        """Each place that names a part, those inside its parts too, and the part."""
        waiting, known = [self], {id(self)}
        while waiting:
            woven = waiting.pop()
            for stretch in woven.spans:
                if stretch.part is None:
                    continue
                if stretch.name:
                    yield Address(PART, stretch.name), woven.source.position_at(stretch.offset).location
                if id(stretch.part) not in known:
                    known.add(id(stretch.part))
                    waiting.append(stretch.part)


Part = tuple[ComposedText, Expansion]
Lookup = Callable[[str, SourcePosition], Part | Finding | None]
"""Gives the part of a name, asked for at a spot, or what is wrong; None where that is said of the part itself."""
Lookups = Mapping[str, Lookup]
"""By the word in the placeholder."""


def verbatim(sheet: SourceText, found: Expansion) -> ComposedText:
    """A text as it is."""
    check(sheet.text, found)
    return ComposedText(sheet.text, sheet, (SourceSpan(0, 0, is_literal=True),))


@dataclass(slots=True)
class Composer:
    """Weaves one sheet; what is wrong with its placeholders goes into `found`."""

    source: SourceText
    substitution: Substitution
    lookups: Lookups
    found: Expansion
    _pieces: list[str] = field(default_factory=list)
    _stretches: list[SourceSpan] = field(default_factory=list)
    _size: int = 0

    def compose(self) -> ComposedText:
        """The text with everything put in."""
        text, at = self.source.text, 0
        check(text, self.found)
        for match in PLACEHOLDER.finditer(text):
            self._put(text[at : match.start()], SourceSpan(self._size, at, is_literal=True))
            at = match.end()
            source, _, name = (match[1] or "").partition(".")
            if source in self.lookups and name:
                self._part(source, name, match.start())
            else:
                self._put(self.substitution.one(match, self.found), SourceSpan(self._size, match.start()))
        self._put(text[at:], SourceSpan(self._size, at, is_literal=True))
        return ComposedText("".join(self._pieces), self.source, tuple(self._stretches))

    def _part(self, word: str, name: str, offset: int) -> None:
        part = self.lookups[word](name, self.source.position_at(offset))
        self.found.is_broken |= part is None
        if isinstance(part, Finding):
            self.found.add_finding(offset, part)
        elif part and self._size + len(part[0].text) > MAX_FILE_BYTES:
            message = f"with ${{{word}.{name}}} the text has more than {MAX_FILE_BYTES} characters"
            self.found.add_finding(offset, Finding("file-too-large", message, "Use it less often."))
        elif part:
            woven, inside = part
            self.found.merge(inside)
            self._put(woven.text, SourceSpan(self._size, offset, name=name if word == PART else "", part=woven))

    def _put(self, text: str, stretch: SourceSpan) -> None:
        self._pieces.append(text)
        self._stretches.append(stretch)
        self._size += len(text)


@dataclass(slots=True)
class LazySourceMap:
    """The way back from a body to where its characters were written; woven again when it is first asked for."""

    weave: Callable[[], ComposedText]
    _woven: ComposedText | None = None

    def spot(self, line: int, column: int) -> SourcePosition:
        """Where the character at a line and column of the text was written."""
        return self._again().position(line, column)

    def parts(self) -> tuple[tuple[Address, Location], ...]:
        """The shared parts that the text is made of, and where each is named."""
        return tuple(self._again().parts())

    def _again(self) -> ComposedText:
        if self._woven is None:
            self._woven = self.weave()
        return self._woven
