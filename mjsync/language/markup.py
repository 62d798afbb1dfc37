"""Reading HTML and MJML just far enough to judge it: elements with their attributes, and comments.

Bodies are judged before they are rendered, so template tags stand anywhere, between attributes too, and the
standard library's parser, which knows none, also takes quadratic time on hostile input in Python 3.11.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple

from mjsync.language.masking import Masked, unmasked


class Attribute(NamedTuple):
    """The value of an attribute, template tags included, and the offset where it starts."""

    value: str
    start: int


class Element(NamedTuple):
    """The start of an element: its name in lower case, its attributes by lower-case name, its offset."""

    name: str
    attributes: Mapping[str, Attribute]
    start: int


class Comment(NamedTuple):
    """A comment, without its signs, and the offsets where it starts and ends."""

    text: str
    start: int
    end: int


_OPENING = re.compile(r"<(?:(?P<comment>!--)|(?P<name>[A-Za-z][^\s/>]*+))")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?P<name>[^\s/>=]++)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?+"""
)
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "mj-style")}


def scan(masked: Masked) -> Iterator[Element | Comment]:
    """Give the elements and comments of a masked body, in order, tags put back in; offsets are the body's."""
    text, at = masked.text, 0
    while opening := _OPENING.search(text, at):
        if opening["comment"]:
            end = text.find("-->", opening.end())
            at = len(text) if end == -1 else end + 3
            yield Comment(masked.restore(text[opening.end() : at].removesuffix("-->")), opening.start(), at)
            continue
        name = unmasked(opening["name"]).lower()
        attributes, at = _attributes(masked, opening.end())
        yield Element(name, attributes, opening.start())
        if name in _RAW:
            closing = _RAW[name].search(text, at)
            at = closing.start() if closing else len(text)


def _attributes(masked: Masked, at: int) -> tuple[dict[str, Attribute], int]:
    """Read the attributes from an offset on; also gives the offset behind the last."""
    attributes: dict[str, Attribute] = {}
    while found := _ATTRIBUTE.match(masked.text, at):
        group = next((each for each in ("double", "single", "bare") if found[each] is not None), "name")
        value = "" if group == "name" else unescape(masked.restore(found[group]))
        attributes.setdefault(unmasked(found["name"]).lower(), Attribute(value, found.start(group)))
        at = found.end()
    return attributes, at
