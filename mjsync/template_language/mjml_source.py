"""Prepare MJML for MRML: check what MRML does not check, and rewrite what it would break or refuse.

MRML (mjml-python 1.4) ends the process on elements nested some thousands deep, passes unknown mj- elements through as
if they were HTML, panics at a > after a letter that is not ASCII, and writes attributes as Rust strings, in which a
quote, a line end or a no-break space becomes an escape. It takes a carriage return for text, also where no text may
be, and refuses much that the official compiler takes: -- in comments, comments in mj-attributes, values without
quotes, a < in text, HTML elements that are not closed, a doctype.

So line ends become line feeds, which makes the HTML the same in every checkout; the content of elements that the
official compiler copies as it is, comments and broken characters are replaced by markers and put back afterwards.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mjsync.errors import Finding
from mjsync.template_language.lexer import LineIndex
from mjsync.template_language.markup import (
    Closing,
    Comment,
    Element,
    Markup,
    find_markers,
    marker,
    nesting,
    protect_tags,
    scan,
    without_markers,
)
from mjsync.template_language.rules import make_finding

MAX_DEPTH = 200
"""How many elements may be nested in one another."""

_MIGRATE = (
    "Migrate it to MJML 4: remove mj-container and move its attributes to mj-body, use mj-navbar-link in mj-navbar, "
    "put the content of mj-hero directly into it; the mjml command of MJML 4 does most of it (mjml --migrate)."
)
_NODE = "Use the official compiler: `mjml: {compiler: node}` in mjsync.yaml."
_OF_MJML_3 = frozenset(
    {
        *("mj-container", "mj-hero-content", "mj-html", "mj-inline-links", "mj-invoice", "mj-invoice-item"),
        *("mj-link", "mj-list", "mj-location"),
    }
)
_OF_MJML_4 = frozenset(
    {
        *("mj-accordion", "mj-accordion-element", "mj-accordion-text", "mj-accordion-title", "mj-all"),
        *("mj-attributes", "mj-body", "mj-breakpoint", "mj-button", "mj-carousel", "mj-carousel-image", "mj-class"),
        *("mj-column", "mj-divider", "mj-font", "mj-group", "mj-head", "mj-hero", "mj-html-attribute"),
        *("mj-html-attributes", "mj-image", "mj-include", "mj-navbar", "mj-navbar-link", "mj-preview", "mj-raw"),
        *("mj-section", "mj-selector", "mj-social", "mj-social-element", "mj-spacer", "mj-style", "mj-table"),
        *("mj-text", "mj-title", "mj-wrapper"),
    }
)
# What the official compiler copies into the HTML without parsing it ("ending tags").
_WITH_RAW_CONTENT = frozenset(
    {
        *("mj-accordion-text", "mj-accordion-title", "mj-button", "mj-navbar-link", "mj-preview", "mj-raw"),
        *("mj-social-element", "mj-style", "mj-table", "mj-text", "mj-title"),
    }
)
# Where MRML prints a comment; in other MJML elements it refuses one or makes an empty row of it.
_WITH_COMMENTS = frozenset({"mj-body", "mj-column", "mj-group", "mj-hero", "mj-section"})
# All but printable ASCII without quote, backslash and >; the characters of markers stay.
_BROKEN_IN_ATTRIBUTES = re.compile(r"[^ !#-=?-\[\]-~\U00012000-\U00012399]+")
_BROKEN_IN_TEXTS = re.compile("[<>]")
_PROLOG = re.compile(r"<[?!][^<>]*>")
_CONDITIONAL = re.compile(r"\s*(\[if\b|<!\[endif)", re.IGNORECASE)


@dataclass(slots=True)
class _Rewriter:
    """Copies a text with replacements, made in order, and keeps which offset came from which."""

    text: str
    pieces: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=lambda: [0])
    _sources: list[int] = field(default_factory=lambda: [0])

    def replace(self, start: int, end: int, replacement: str) -> None:
        """Copy up to an offset, and put the replacement in the place of what follows up to another."""
        copied = self.text[self._sources[-1] : start]
        self.pieces += copied, replacement
        position = self._starts[-1] + len(copied)
        self._starts += position, position + len(replacement)
        self._sources += start, end

    def replace_all(self, pattern: re.Pattern[str], start: int, end: int, replace: Callable[[str], str]) -> None:
        """Replace every match between two offsets."""
        for match in pattern.finditer(self.text, start, end):
            self.replace(match.start(), match.end(), replace(match.group()))

    def result(self) -> str:
        """Return the text with all replacements."""
        return "".join(self.pieces) + self.text[self._sources[-1] :]

    def source_offset(self, offset: int) -> int:
        """Convert an offset in the result to one in the text."""
        index = bisect_right(self._starts, offset) - 1
        return self._sources[index] + offset - self._starts[index]


def _closings(markup: tuple[Markup, ...]) -> dict[int, Closing]:
    """Return the closing tag of each element by the element's index, matched by name alone."""
    opened: dict[str, list[int]] = {}
    closings: dict[int, Closing] = {}
    for index, each in enumerate(markup):
        if isinstance(each, Element) and not each.is_whole:
            opened.setdefault(each.name, []).append(index)
        elif isinstance(each, Closing) and opened.get(each.name):
            closings[opened[each.name].pop()] = each
    return closings


class MjmlSource:
    """One MJML text, the source itself or an include, and its rewritten form, which MRML compiles.

    In `protected` only the template tags are replaced by markers. `originals` has the original of each marker in
    `rewritten`, those of the given originals first; markers whose number is in `attribute_markers` are in an attribute,
    those in `tag_markers` are template tags. Other originals may contain markers of template tags. `rewriter` converts
    offsets in `rewritten`.
    """

    def __init__(self, name: str, text: str, originals: tuple[str, ...]) -> None:
        text = text.replace("\r\n", "\n")
        self.name = name
        self._lines = LineIndex(text, name)
        self.protected = protect_tags(text.replace("\r", "\n"), originals)
        self.markup: tuple[Markup, ...] = tuple(scan(self.protected))
        self.originals = list(self.protected.originals)
        self.tag_markers = range(len(originals), len(self.originals))
        self.attribute_markers: set[int] = set()
        self.structure: list[Markup] = []
        self._stray: list[tuple[int, str]] = []
        self._closings = _closings(self.markup)
        self.rewriter = _Rewriter(self.protected.text)
        self._rewrite()
        self.rewritten = self.rewriter.result()

    @property
    def elements(self) -> Iterator[Element]:
        """The elements of the text, in order."""
        return (each for each in self.markup if isinstance(each, Element))

    def make_finding(self, code: str, message: str, offset: int = 0, way_out: str = "") -> Finding:
        """Create a finding at an offset of the text."""
        return make_finding(code, message, self._lines.locate(offset), way_out)

    def lost_tags(self, is_in_html: Callable[[int, str], bool]) -> Iterator[Finding]:
        """Report the template tags outside comments that are not in the HTML, by their number and source."""
        comments = (each for each in self.markup if isinstance(each, Comment))
        ignored = {
            number for each in comments for number, _ in find_markers(self.protected.text[each.start : each.end])
        }
        for number, offset in find_markers(self.protected.text):
            tag = self.protected.originals[number]
            if number not in ignored and not is_in_html(number, tag):
                yield self.make_finding("MJS305", f"{tag} is not in the HTML", offset)

    def check(self) -> Iterator[Finding]:
        """Find what makes the text impossible to compile."""
        old = [element for element in self.elements if element.name in _OF_MJML_3]
        if old:
            message = f"<{old[0].name}> belongs to MJML 3"
            yield self.make_finding("MJS302", message, old[0].start, _MIGRATE)
            return
        for each in self.markup:
            if isinstance(each, Element) and each.name.startswith("mj-") and each.name not in _OF_MJML_4:
                yield self.make_finding("MJS304", f"<{each.name}> is not an MJML element", each.start)
            elif isinstance(each, Comment) and not self.protected.text.endswith("-->", each.start, each.end):
                yield self.make_finding("MJS301", "this comment is never closed", each.start, "Close it with -->.")
        if nesting(self.structure).depth > MAX_DEPTH:
            way_out = "Nest fewer elements."
            yield self.make_finding("MJS301", f"elements are nested more than {MAX_DEPTH} deep", way_out=way_out)

    def unsupported(self) -> Iterator[Finding]:
        """Report where the official compiler would make another mail than MRML."""
        for offset, what in self._stray:
            way_out = "Put it into <mj-raw> or <mj-text>."
            message = f"{what} directly in an MJML element is dropped by the official compiler"
            yield self.make_finding("MJS306", message, offset, way_out)
        for element in self.elements:
            if element.name == "mj-html-attributes":
                message = "mjml-python ignores <mj-html-attributes>"
                yield self.make_finding("MJS306", message, element.start, _NODE)
            elif element.name == "mj-style" and "inline" in element.attributes:
                message = "mjml-python does not write this style into the elements, but into <style>"
                yield self.make_finding("MJS306", message, element.start, _NODE)

    def _rewrite(self) -> None:
        """Replace what MRML would break or refuse, and collect the markup that it parses."""
        parents: list[str] = []
        skipped_to = done = 0
        for index, each in enumerate(self.markup):
            if each.start < skipped_to:
                continue
            self._rewrite_text(done, each.start, parents)
            self.structure.append(each)
            match each:
                case Comment():
                    self._rewrite_comment(each, parents[-1] if parents else "")
                case Element(name="mj-html-attributes", is_whole=False):
                    skipped_to = self._rewrite_content(each, index)
                    self.structure.pop()
                case Element():
                    if parents and parents[-1].startswith("mj-") and not each.name.startswith("mj-"):
                        self._stray.append((each.start, f"<{each.name}>"))
                    self._rewrite_attributes(each)
                    if not each.is_whole:
                        parents.append(each.name)
                        skipped_to = self._rewrite_content(each, index)
                case Closing(name=name) if name in parents:
                    while parents.pop() != name:
                        pass
            done = max(each.end, skipped_to)
        self._rewrite_text(done, len(self.protected.text), parents)

    def _protect(self, text: str) -> str:
        self.originals.append(text)
        return marker(len(self.originals) - 1)

    def _rewrite_text(self, start: int, end: int, parents: list[str]) -> None:
        text = self.protected.text[start:end]
        if not parents and (prolog := _PROLOG.search(text)):
            self.rewriter.replace(start + prolog.start(), start + prolog.end(), "")
            start += prolog.end()
        elif parents and parents[-1].startswith("mj") and text.isspace():
            self.rewriter.replace(start, end, "\n")  # in <mj-head>, MRML takes other blanks for text
        elif parents and parents[-1] == "mj-head" and text and not without_markers(text).strip():
            self.rewriter.replace(start, end, f"<mj-raw>{text}</mj-raw>")
        elif parents and parents[-1].startswith("mj-") and without_markers(text).strip():
            self._stray.append((end - len(text.lstrip()), "text"))
        self.rewriter.replace_all(_BROKEN_IN_TEXTS, start, end, self._protect)

    def _rewrite_comment(self, comment: Comment, parent: str) -> None:
        start, end = comment.start, comment.end
        source = self.protected.text[start:end]
        is_kept = parent in _WITH_COMMENTS or not parent.startswith("mj-") or _CONDITIONAL.match(comment.text)
        if parent == "mj-head":
            self.rewriter.replace(start, end, f"<mj-raw>{self._protect(source)}</mj-raw>")
        elif not is_kept:
            self.rewriter.replace(start, end, "")
        elif content := source.removeprefix("<!--").removesuffix("-->"):
            self.rewriter.replace(start, end, f"<!--{self._protect(content)}-->")

    def _rewrite_attributes(self, element: Element) -> None:
        """Quote the attributes of an element and protect what MRML would break in them."""
        text, first = self.protected.text, len(self.originals)
        for _, start, end in element.attributes.values():
            is_quoted = text[start - 1] in "\"'"
            if start < end and not is_quoted and text[start] not in "\"'":
                value = _BROKEN_IN_ATTRIBUTES.sub(lambda broken: self._protect(broken.group()), text[start:end])
                self.rewriter.replace(start, end, f'"{value}"')
                continue
            self.rewriter.replace_all(_BROKEN_IN_ATTRIBUTES, start, end, self._protect)
            if is_quoted and text[end + 1 : end + 2].isalpha():
                self.rewriter.replace(end + 1, end + 1, " ")
        self.attribute_markers.update(range(first, len(self.originals)))

    def _rewrite_content(self, element: Element, index: int) -> int:
        """Protect content that is copied as it is, or drop it, and return its end; 0 if it must be parsed."""
        closing = self._closings.get(index)
        if closing and element.name == "mj-html-attributes":
            self.rewriter.replace(element.start, closing.end, "")
            return closing.end
        if closing is None or element.name not in _WITH_RAW_CONTENT:
            return 0
        content = self.protected.text[element.end : closing.start]
        if "<mj-include" in content:
            return 0
        if _BROKEN_IN_TEXTS.search(content):
            start = closing.start - len(content.lstrip())
            self.rewriter.replace(start, element.end + len(content.rstrip()), self._protect(content.strip()))
        return closing.start
