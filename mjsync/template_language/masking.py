"""Hiding template tags from tools that know only markup, and putting them back afterwards.

A masked body has the length of the body, so offsets into one hold for the other.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mjsync.template_language.pieces import Kind, cut
from mjsync.template_language.places import Lines

# Cuneiform: letters that every tool takes for plain text, and that no mail is written in. One sign starts a
# mask, one fills it up to the length of its tag, the others are the digits of the tag's number.
_START, _FILL, _ZERO, _BASE = "\U00012000", "\U00012001", 0x12002, 900
_DIGIT = f"[{chr(_ZERO)}-{chr(_ZERO + _BASE - 1)}]"
_MASK = re.compile(f"{_START}({_DIGIT}{{3}}){_FILL}*")


class Masked(NamedTuple):
    """A body whose tags are hidden, and what the masks stand for, by their numbers."""

    text: str
    hidden: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Put the tags back into what some tool made of the masked body, as often as it took them."""
        return _MASK.sub(self._what_was_hidden, text) if _START in text else text

    def _what_was_hidden(self, mask: re.Match[str]) -> str:
        number = _number(mask)
        return self.hidden[number] if number < len(self.hidden) else mask.group()


def mask(text: str, hidden: tuple[str, ...] = ()) -> Masked:
    """Hide the tags of a body; the masks count on behind what was hidden elsewhere before."""
    tags = list(hidden)
    masked: list[str] = []
    for piece in cut(text, Lines(text)).pieces:
        if piece.kind is Kind.TEXT:
            masked.append(piece.source)
            continue
        masked.append(cover(len(tags)).ljust(len(piece.source), _FILL))
        tags.append(piece.source)
    return Masked("".join(masked), tuple(tags))


def cover(number: int) -> str:
    """Give the mask of a number: four characters, as no tag is shorter."""
    digits = (number // _BASE**2, number // _BASE % _BASE, number % _BASE)
    return _START + "".join(chr(_ZERO + digit) for digit in digits)


def masks(text: str) -> Iterator[tuple[int, int]]:
    """Give the number of each mask in a text, and the offset where it stands."""
    return ((_number(each), each.start()) for each in _MASK.finditer(text))


def unmasked(text: str) -> str:
    """Drop whatever masks a text holds."""
    return _MASK.sub("", text) if _START in text else text


def _number(mask: re.Match[str]) -> int:
    high, middle, low = (ord(digit) - _ZERO for digit in mask[1])
    return (high * _BASE + middle) * _BASE + low
