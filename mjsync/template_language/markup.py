"""Scan HTML and MJML for elements with their attributes, and for comments, with the offset of each.

Bodies are scanned before they are rendered, so template tags may be anywhere, also between attributes. The standard
library's parser does not know them, and takes quadratic time on hostile input in Python 3.11.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import NamedTuple

from mjsync.template_language.protected_tags import ProtectedText, without_markers


class Attribute(NamedTuple):
    """The value of an attribute, template tags included, and the offsets where it starts and ends."""

    value: str
    start: int
    end: int


class Element(NamedTuple):
    """The tag that starts an element: its name and attributes, in lower case, and its offsets.

    `is_whole` means that it has no closing tag: it is void, or closes itself.
    """

    name: str
    attributes: Mapping[str, Attribute]
    start: int
    end: int
    is_whole: bool


class Closing(NamedTuple):
    """The tag that ends an element, and its offsets."""

    name: str
    start: int
    end: int


class Comment(NamedTuple):
    """A comment: the text between its delimiters, and the offsets where it starts and ends."""

    text: str
    start: int
    end: int


Markup = Element | Closing | Comment

_OPENING = re.compile(r"<(?:(?P<comment>!--)|(?P<closing>/?)(?P<name>[A-Za-z][^\s/>]*+))")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?P<name>[^\s/>=]++)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?+"""
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "mj-style")}


def scan(protected: ProtectedText) -> Iterator[Markup]:
    """Yield the markup of a protected text in order, with the tags put back; offsets are those of the text."""
    text, at = protected.text, 0
    while opening := _OPENING.search(text, at):
        if opening["comment"]:
            end = text.find("-->", opening.end())
            at = len(text) if end == -1 else end + 3
            yield Comment(protected.restore(text[opening.end() : at].removesuffix("-->")), opening.start(), at)
            continue
        name = without_markers(opening["name"]).lower()
        if opening["closing"]:
            at = _end_of_tag(text, opening.end())
            yield Closing(name, opening.start(), at)
            continue
        attributes, at = _attributes(protected, opening.end())
        at = _end_of_tag(text, at)
        yield Element(name, attributes, opening.start(), at, name in _VOID or text.endswith("/>", 0, at))
        if name in _RAW:
            closing = _RAW[name].search(text, at)
            at = closing.start() if closing else len(text)


def _end_of_tag(text: str, at: int) -> int:
    """Return the offset after the end of the tag that an offset is in."""
    end = text.find(">", at)
    return len(text) if end == -1 else end + 1


def _attributes(protected: ProtectedText, at: int) -> tuple[dict[str, Attribute], int]:
    """Parse the attributes from an offset on, and return them with the offset after the last."""
    attributes: dict[str, Attribute] = {}
    while found := _ATTRIBUTE.match(protected.text, at):
        at = found.end()
        name = without_markers(found["name"]).lower()
        group = found.lastgroup
        if group is None or group == "name":
            attributes.setdefault(name, Attribute("", at, at))
        else:
            attributes.setdefault(name, Attribute(unescape(protected.restore(found[group])), *found.span(group)))
    return attributes, at


class Nesting(NamedTuple):
    """How the elements of a text are nested.

    `depth` is the greatest depth. `unclosed` is the first element that is still open where one around it, or the text,
    ends; `stray` is the first closing tag of an element that is not open.
    """

    depth: int
    unclosed: Element | None
    stray: Closing | None


def nesting(markup: Iterable[Markup]) -> Nesting:
    """Match opening and closing tags."""
    opened: list[Element] = []
    counts: Counter[str] = Counter()
    depth, unclosed, stray = 0, None, None
    for each in markup:
        match each:
            case Element(is_whole=False):
                opened.append(each)
                counts[each.name] += 1
                depth = max(depth, len(opened))
            case Closing(name=name) if counts[name]:
                while (last := opened.pop()).name != name:
                    unclosed = unclosed or last
                    counts[last.name] -= 1
                counts[name] -= 1
            case Closing() if each.name not in _VOID:
                stray = stray or each
    return Nesting(depth, unclosed or (opened[-1] if opened else None), stray)
