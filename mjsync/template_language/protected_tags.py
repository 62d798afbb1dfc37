"""Replace template tags by markers that HTML and MJML parsers leave alone, and put them back afterwards.

A protected text is as long as the original, so offsets in one are valid for the other.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mjsync.template_language.lexer import TokenKind, split

# Cuneiform: letters that every tool takes for plain text, and that no mail is written in. One character starts a
# marker, one pads it to the length of its tag, the others are the digits of the tag's number.
_START, _PADDING, _ZERO, _BASE = "\U00012000", "\U00012001", 0x12002, 900
_DIGIT = f"[{chr(_ZERO)}-{chr(_ZERO + _BASE - 1)}]"
_MARKER = re.compile(f"{_START}({_DIGIT}{{3}}){_PADDING}*")


class ProtectedText(NamedTuple):
    """A text with markers in place of tags, and the original of each marker by its number."""

    text: str
    originals: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Put the originals back into a text that was made from the protected one, as often as their markers occur."""
        return _MARKER.sub(self._original, text) if _START in text else text

    def _original(self, marker: re.Match[str]) -> str:
        number = _number(marker)
        return self.originals[number] if number < len(self.originals) else marker.group()


def protect_tags(text: str, originals: tuple[str, ...] = ()) -> ProtectedText:
    """Replace the tags of a text by markers, numbered from the end of the given originals."""
    all_originals = list(originals)
    protected: list[str] = []
    for token in split(text)[0]:
        if token.kind is TokenKind.TEXT:
            protected.append(token.source)
            continue
        protected.append(marker(len(all_originals)).ljust(len(token.source), _PADDING))
        all_originals.append(token.source)
    return ProtectedText("".join(protected), tuple(all_originals))


def marker(number: int) -> str:
    """Return the marker of a number: four characters, since no tag is shorter."""
    digits = (number // _BASE**2, number // _BASE % _BASE, number % _BASE)
    return _START + "".join(chr(_ZERO + digit) for digit in digits)


def find_markers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the number and the offset of each marker in a text."""
    return ((_number(each), each.start()) for each in _MARKER.finditer(text))


def without_markers(text: str) -> str:
    """Remove all markers from a text."""
    return _MARKER.sub("", text) if _START in text else text


def _number(marker: re.Match[str]) -> int:
    high, middle, low = (ord(digit) - _ZERO for digit in marker[1])
    return (high * _BASE + middle) * _BASE + low
