"""MJML before it is compiled: what MRML would not survive, not know, or break.

MRML (mjml-python 1.4) ends the process on elements nested some thousands deep, lets unknown mj- elements pass as
if they were HTML, panics over a > behind a letter that is not ASCII, and writes attributes as Rust strings, in
which a quote, a line end or a no-break space comes out as an escape. What it would break is hidden from it and
put back afterwards.
"""

import re
from collections.abc import Iterator

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.markup import Comment, Element, Markup, nesting, scan
from mjsync.template_language.masking import Masked, cover, mask, masks
from mjsync.template_language.places import Lines

DEEPEST = 200
"""How many elements may stand inside one another."""

_MIGRATE = (
    "Move it to MJML 4: mj-container goes and its attributes move to mj-body, mj-navbar holds mj-navbar-link, "
    "mj-hero holds its content itself; the mjml command of MJML 4 does most of it (mjml --migrate)."
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
# All but printable ASCII without quote, backslash and >; the signs of masks are left as they are.
_BROKEN_IN_ATTRIBUTES = re.compile(r"[^ !#-=?-\[\]-~\U00012000-\U00012399]+")
_BROKEN_IN_TEXTS = re.compile(">")


class MjmlSource:
    """One MJML text, the source itself or an include, as it is read and as it is given to MRML."""

    def __init__(self, part: str, text: str, hidden: tuple[str, ...]) -> None:
        self.part = part
        self.text = text
        self._lines = Lines(text)
        self._masked = mask(text, hidden)
        self.markup: tuple[Markup, ...] = tuple(scan(self._masked))
        self.shielded = _shielded(self._masked, self.markup)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements of the text."""
        return (each for each in self.markup if isinstance(each, Element))

    def found(self, code: str, message: str, offset: int = 0, way_out: str = "") -> Finding:
        """Make a finding at an offset of the text."""
        return found(code, message, self._lines.at(offset), way_out, self.part)

    def offset(self, before: str) -> int:
        """Turn a beginning of the shielded text into an offset of the text."""
        return len(self.shielded.restore(before))

    def lost(self, tag: str, offset: int) -> Finding:
        """Make the finding of a tag that is not in the HTML."""
        return self.found("MJS305", f"{tag} is not in the HTML", offset)

    def tags(self) -> Iterator[tuple[str, int]]:
        """Give each template tag outside comments, and its offset."""
        return ((self._masked.hidden[number], offset) for number, offset in self.numbered_tags())

    def numbered_tags(self) -> Iterator[tuple[int, int]]:
        """Give the number of each template tag outside comments, and its offset."""
        comments = (each for each in self.markup if isinstance(each, Comment))
        unseen = {number for each in comments for number, _ in masks(self._masked.text[each.start : each.end])}
        return ((number, offset) for number, offset in masks(self._masked.text) if number not in unseen)

    def obstacles(self) -> Iterator[Finding]:
        """Find what keeps the text from being compiled at all."""
        old = [element for element in self.elements if element.name in _OF_MJML_3]
        if old:
            message = f"<{old[0].name}> is MJML 3, and so is this source"
            yield self.found("MJS302", message, old[0].start, _MIGRATE)
            return
        for element in self.elements:
            if element.name.startswith("mj-") and element.name not in _OF_MJML_4:
                yield self.found("MJS304", f"<{element.name}> is no element of MJML", element.start)
        if nesting(self.markup).depth > DEEPEST:
            yield self.found("MJS301", f"elements stand more than {DEEPEST} deep", way_out="Take them apart.")


def _shielded(masked: Masked, markup: tuple[Markup, ...]) -> Masked:
    """Hide what MRML would break."""
    hidden = list(masked.hidden)
    pieces: list[str] = []
    done = 0

    def hide(broken: re.Match[str]) -> str:
        hidden.append(broken.group())
        return cover(len(hidden) - 1)

    for each in markup:
        pieces.append(_BROKEN_IN_TEXTS.sub(hide, masked.text[done : each.start]))
        done = each.start
        for attribute in each.attributes.values() if isinstance(each, Element) else ():
            pieces.append(masked.text[done : attribute.start])
            pieces.append(_BROKEN_IN_ATTRIBUTES.sub(hide, masked.text[attribute.start : attribute.end]))
            done = attribute.end
        pieces.append(masked.text[done : each.end])
        done = each.end
    pieces.append(_BROKEN_IN_TEXTS.sub(hide, masked.text[done:]))
    return Masked("".join(pieces), tuple(hidden))
