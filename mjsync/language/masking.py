"""Hiding template tags from tools that know only markup, and putting them back afterwards.

A masked body has the length of the body, so offsets into one hold for the other.
"""

import re
from typing import NamedTuple

from mjsync.language.pieces import Kind, cut
from mjsync.language.places import Lines

# Plane 15 is for private use and does not occur in mails: one sign starts a mask, one fills it up to the
# length of its tag, all others are the digits of the tag's number.
_START, _FILL, _ZERO = "\U000f0000", "\U000f0001", 0xF0002
_BASE = 0xFFFE - 2
_MASK = re.compile(f"{_START}([^{_START}{_FILL}])([^{_START}{_FILL}]){_FILL}*")


class Masked(NamedTuple):
    """A body whose tags are hidden, and the tags in their order."""

    text: str
    tags: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Put the tags back into what some tool made of the masked body, as often as it took them."""
        return _MASK.sub(self._tag, text)

    def _tag(self, mask: re.Match[str]) -> str:
        number = (ord(mask[1]) - _ZERO) * _BASE + ord(mask[2]) - _ZERO
        return self.tags[number] if 0 <= number < len(self.tags) else mask.group()


def mask(text: str) -> Masked:
    """Hide the tags of a body."""
    tags: list[str] = []
    masked: list[str] = []
    for piece in cut(text, Lines(text)).pieces:
        if piece.kind is Kind.TEXT:
            masked.append(piece.source)
            continue
        high, low = divmod(len(tags), _BASE)
        masked.append((_START + chr(_ZERO + high) + chr(_ZERO + low)).ljust(len(piece.source), _FILL))
        tags.append(piece.source)
    return Masked("".join(masked), tuple(tags))


def unmasked(text: str) -> str:
    """Drop whatever masks a text holds."""
    return _MASK.sub("", text)
