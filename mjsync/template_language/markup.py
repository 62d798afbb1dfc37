"""Protect template tags in HTML and MJML, and scan both for elements, attributes and comments with their offsets.

Tags are replaced by markers that parsers leave alone, and are put back afterwards. A protected text is as long as the
original, so offsets in one are valid for the other.

Bodies are scanned before they are rendered, so template tags may be anywhere, also between attributes. The standard
library's parser does not know them, and takes quadratic time on hostile input in Python 3.11.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import NamedTuple

from mjsync.template_language.lexer import TokenKind, split

# Cuneiform: letters that every tool takes for plain text, and that no mail is written in. One character starts a
# marker, one pads it to the length of its tag, the others are the digits of the tag's number.
_START, _PADDING, _ZERO, _BASE = "\U00012000", "\U00012001", 0x12002, 900
_DIGIT = f"[{chr(_ZERO)}-{chr(_ZERO + _BASE - 1)}]"
_MARKER = re.compile(f"{_START}({_DIGIT}{{3}}){_PADDING}*")


GMAIL_CLIPS_AT = 102 * 1024
"""In bytes of HTML."""


class ProtectedText(NamedTuple):
    """A text with markers in place of tags, and the original of each marker by its number."""

    text: str
    originals: tuple[str, ...]


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


def restore(text: str, originals: Sequence[str]) -> str:
    """Put the originals back into a text that was made from a protected one, as often as their markers occur."""
    if _START not in text:
        return text
    return _MARKER.sub(
        lambda found: originals[number] if (number := _number(found)) < len(originals) else found[0], text
    )


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
            inside = restore(text[opening.end() : at].removesuffix("-->"), protected.originals)
            yield Comment(inside, opening.start(), at)
            continue
        name = without_markers(opening["name"]).lower()
        attributes, last = ({}, opening.end()) if opening["closing"] else _attributes(protected, opening.end())
        at = text.find(">", last) + 1 or len(text)
        if opening["closing"]:
            yield Closing(name, opening.start(), at)
            continue
        yield Element(name, attributes, opening.start(), at, name in _VOID or text.endswith("/>", 0, at))
        if name in _RAW:
            closing = _RAW[name].search(text, at)
            at = closing.start() if closing else len(text)


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
            value = unescape(restore(found[group], protected.originals))
            attributes.setdefault(name, Attribute(value, *found.span(group)))
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
