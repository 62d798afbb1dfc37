"""Prepare MJML for MRML: check what MRML does not check, and replace what it would break by markers.

MRML (mjml-python 1.4) ends the process on elements nested some thousands deep, passes unknown mj- elements through as
if they were HTML, panics at a > after a letter that is not ASCII, and writes attributes as Rust strings, in which a
quote, a line end or a no-break space becomes an escape. The markers are replaced by the originals afterwards.
"""

import re
from collections.abc import Callable, Iterator

from mjsync.errors import Finding
from mjsync.template_language.lexer import LineIndex
from mjsync.template_language.markup import Comment, Element, Markup, nesting, scan
from mjsync.template_language.protected_tags import ProtectedText, find_markers, marker, protect_tags
from mjsync.template_language.rules import make_finding

MAX_DEPTH = 200
"""How many elements may be nested in one another."""

_MIGRATE = (
    "Migrate it to MJML 4: remove mj-container and move its attributes to mj-body, use mj-navbar-link in mj-navbar, "
    "put the content of mj-hero directly into it; the mjml command of MJML 4 does most of it (mjml --migrate)."
)
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
        *("mj-column", "mj-divider", "mj-font", "mj-group", "mj-head", "mj-hero", "mj-image", "mj-include"),
        *("mj-navbar", "mj-navbar-link", "mj-preview", "mj-raw", "mj-section", "mj-social", "mj-social-element"),
        *("mj-spacer", "mj-style", "mj-table", "mj-text", "mj-title", "mj-wrapper"),
    }
)
# All but printable ASCII without quote, backslash and >; the characters of markers stay.
_BROKEN_IN_ATTRIBUTES = re.compile(r"[^ !#-=?-\[\]-~\U00012000-\U00012399]+")
_BROKEN_IN_TEXTS = re.compile(">")


class MjmlSource:
    """One MJML text, the source itself or an include, and the protected text that MRML compiles."""

    def __init__(self, name: str, text: str, originals: tuple[str, ...]) -> None:
        self._lines = LineIndex(text, name)
        self._tags = protect_tags(text, originals)
        self.markup: tuple[Markup, ...] = tuple(scan(self._tags))
        self.protected = _protect(self._tags, self.markup)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements of the text, in order."""
        return (each for each in self.markup if isinstance(each, Element))

    def make_finding(self, code: str, message: str, offset: int = 0, way_out: str = "") -> Finding:
        """Create a finding at an offset of the text."""
        return make_finding(code, message, self._lines.locate(offset), way_out)

    def offset_of(self, beginning: str) -> int:
        """Convert a beginning of the protected text to an offset of the text."""
        return len(self.protected.restore(beginning))

    def lost_tags(self, is_in_html: Callable[[int, str], bool]) -> Iterator[Finding]:
        """Report the template tags outside comments that are not in the HTML, by their number and source."""
        comments = (each for each in self.markup if isinstance(each, Comment))
        in_comments = {
            number for each in comments for number, _ in find_markers(self._tags.text[each.start : each.end])
        }
        for number, offset in find_markers(self._tags.text):
            tag = self._tags.originals[number]
            if number not in in_comments and not is_in_html(number, tag):
                yield self.make_finding("MJS305", f"{tag} is not in the HTML", offset)

    def check(self) -> Iterator[Finding]:
        """Find what makes the text impossible to compile."""
        old = [element for element in self.elements if element.name in _OF_MJML_3]
        if old:
            message = f"<{old[0].name}> belongs to MJML 3"
            yield self.make_finding("MJS302", message, old[0].start, _MIGRATE)
            return
        for element in self.elements:
            if element.name.startswith("mj-") and element.name not in _OF_MJML_4:
                yield self.make_finding("MJS304", f"<{element.name}> is not an MJML element", element.start)
        if nesting(self.markup).depth > MAX_DEPTH:
            yield self.make_finding(
                "MJS301", f"elements are nested more than {MAX_DEPTH} deep", way_out="Nest fewer elements."
            )


def _protect(tags: ProtectedText, markup: tuple[Markup, ...]) -> ProtectedText:
    """Replace by markers what MRML would break, in a text whose tags are protected already."""
    originals = list(tags.originals)
    pieces: list[str] = []
    done = 0

    def protect(broken: re.Match[str]) -> str:
        originals.append(broken.group())
        return marker(len(originals) - 1)

    for each in markup:
        pieces.append(_BROKEN_IN_TEXTS.sub(protect, tags.text[done : each.start]))
        done = each.start
        for attribute in each.attributes.values() if isinstance(each, Element) else ():
            pieces.append(tags.text[done : attribute.start])
            pieces.append(_BROKEN_IN_ATTRIBUTES.sub(protect, tags.text[attribute.start : attribute.end]))
            done = attribute.end
        pieces.append(tags.text[done : each.end])
        done = each.end
    pieces.append(_BROKEN_IN_TEXTS.sub(protect, tags.text[done:]))
    return ProtectedText("".join(pieces), tuple(originals))
