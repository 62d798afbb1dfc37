"""Texts woven of several: placeholders and parts put in, and each character still knows where it was written."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mjsync.errors import Finding, Place
from mjsync.manifest.composition.placeholders import PLACEHOLDER, Found, Substitution, check
from mjsync.manifest.composition.sources import BYTE_ORDER_MARK, Sheet
from mjsync.manifest.loading.files import LARGEST
from mjsync.resources.address import Address
from mjsync.resources.body import Spot

PART = "part"
"""The word in addresses and placeholders of shared parts."""


class Stretch(NamedTuple):
    """From `start` of a woven text on: characters of the sheet as they are, what one placeholder became, or a part.

    A text of a locale is a part without a name.
    """

    start: int
    offset: int
    is_literal: bool = False
    name: str = ""
    part: "Woven | None" = None


@dataclass(frozen=True, slots=True)
class Woven:
    """A text with everything put in, and what it is made of."""

    text: str
    sheet: Sheet
    stretches: tuple[Stretch, ...]

    def spot(self, line: int, column: int) -> Spot:
        """Where the character at a line and column of the text was written."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        is_marked = line == 1 and self.text.startswith(BYTE_ORDER_MARK)
        return self.spot_at(start + is_marked + column - 1)

    def spot_at(self, offset: int) -> Spot:
        """Where the character at an offset of the text was written."""
        stretch = self.stretches[bisect_right(self.stretches, offset, key=lambda each: each.start) - 1]
        if stretch.part:
            return stretch.part.spot_at(offset - stretch.start)
        return self.sheet.spot(stretch.offset + (offset - stretch.start if stretch.is_literal else 0))

    def parts(self) -> Iterator[tuple[Address, Place]]:
        """Each place that names a part, those inside its parts too, and the part."""
        waiting, known = [self], {id(self)}
        while waiting:
            woven = waiting.pop()
            for stretch in woven.stretches:
                if stretch.part is None:
                    continue
                if stretch.name:
                    yield Address(PART, stretch.name), woven.sheet.spot(stretch.offset).place
                if id(stretch.part) not in known:
                    known.add(id(stretch.part))
                    waiting.append(stretch.part)


Part = tuple[Woven, Found]
Lookup = Callable[[str, Spot], Part | Finding | None]
"""Gives the part of a name, asked for at a spot, or what is wrong; None where that is said of the part itself."""
Lookups = Mapping[str, Lookup]
"""By the word in the placeholder."""


def taken(sheet: Sheet, found: Found) -> Woven:
    """A text as it is."""
    check(sheet.text, found)
    return Woven(sheet.text, sheet, (Stretch(0, 0, is_literal=True),))


@dataclass(slots=True)
class Weaver:
    """Weaves one sheet; what is wrong with its placeholders goes into `found`."""

    sheet: Sheet
    substitution: Substitution
    lookups: Lookups
    found: Found
    _pieces: list[str] = field(default_factory=list)
    _stretches: list[Stretch] = field(default_factory=list)
    _size: int = 0

    def woven(self) -> Woven:
        """The text with everything put in."""
        text, at = self.sheet.text, 0
        check(text, self.found)
        for match in PLACEHOLDER.finditer(text):
            self._put(text[at : match.start()], Stretch(self._size, at, is_literal=True))
            at = match.end()
            source, _, name = (match[1] or "").partition(".")
            if source in self.lookups and name:
                self._part(source, name, match.start())
            else:
                self._put(self.substitution.one(match, self.found), Stretch(self._size, match.start()))
        self._put(text[at:], Stretch(self._size, at, is_literal=True))
        return Woven("".join(self._pieces), self.sheet, tuple(self._stretches))

    def _part(self, word: str, name: str, offset: int) -> None:
        part = self.lookups[word](name, self.sheet.spot(offset))
        self.found.is_broken |= part is None
        if isinstance(part, Finding):
            self.found.complain(offset, part)
        elif part and self._size + len(part[0].text) > LARGEST:
            message = f"with ${{{word}.{name}}} the text has more than {LARGEST} characters"
            self.found.complain(offset, Finding("file-too-large", message, "Use it less often."))
        elif part:
            woven, inside = part
            self.found.take(inside)
            self._put(woven.text, Stretch(self._size, offset, name=name if word == PART else "", part=woven))

    def _put(self, text: str, stretch: Stretch) -> None:
        self._pieces.append(text)
        self._stretches.append(stretch)
        self._size += len(text)


@dataclass(slots=True)
class Thread:
    """The way back from a body to where its characters were written; woven again when it is first asked for."""

    weave: Callable[[], Woven]
    _woven: Woven | None = None

    def spot(self, line: int, column: int) -> Spot:
        """Where the character at a line and column of the text was written."""
        return self._again().spot(line, column)

    def parts(self) -> tuple[tuple[Address, Place], ...]:
        """The shared parts that the text is made of, and where each is named."""
        return tuple(self._again().parts())

    def _again(self) -> Woven:
        if self._woven is None:
            self._woven = self.weave()
        return self._woven
