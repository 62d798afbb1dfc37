"""Where in a text something stands, in lines and columns as an editor counts them."""

from bisect import bisect_right
from typing import NamedTuple

_BYTE_ORDER_MARK = "\ufeff"


class Place(NamedTuple):
    """A line and a column, both counted from 1; columns count characters."""

    line: int
    column: int


START = Place(1, 1)


class Lines:
    """The line starts of one text; a leading byte order mark takes no column, as in an editor."""

    def __init__(self, text: str) -> None:
        first = 1 if text.startswith(_BYTE_ORDER_MARK) else 0
        self._starts = [first]
        at = text.find("\n")
        while at != -1:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def at(self, offset: int) -> Place:
        """Give the place of the character at an offset (counted from 0)."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1) if line else START
