"""Checks of what the reader of a mail gets: links, images, the size, a text part, a way to leave."""

import re
from collections.abc import Iterator

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.lint.checks import check
from mjsync.template_language.lint.mail import Part, Reading
from mjsync.template_language.markup import Attribute, Element
from mjsync.template_language.predefined import is_unsubscribe_link

GMAIL_CLIPS_AT = 102 * 1024
"""In bytes of HTML."""

_SHOWN = 60
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TAG = re.compile(r"\{\{|\{%|\[\[")
_IMAGES = ("img", "mj-image", "mj-carousel-image")
_OF_STYLE = re.compile(r"\burl\(\s*[\"']?([^\s\"')]+)", re.IGNORECASE)
_NO_LINKS = ("link", "base", "mj-font")
_FETCHED = ("background", "background-url")


@check
def unsubscribe_link(reading: Reading) -> Iterator[Finding]:
    """MJS201: a marketing mail whose reader cannot leave."""
    if "marketing" not in (purpose.lower() for purpose in reading.mail.purposes):
        return
    for part in reading.bodies:
        predefined = (f"mj:{use.path}" for use in part.uses.predefined)
        placed = (use.name for use in part.uses.placeholders)
        if not any(map(is_unsubscribe_link, (*predefined, *placed))):
            way_out = "Put a link to [[UNSUB_LINK_EN]] or {{mj:unsub_link}} into it."
            yield part.found("MJS201", f"the {part.name} part has no link to unsubscribe", way_out=way_out)


@check
def text_part(reading: Reading) -> Iterator[Finding]:
    """MJS202: a mail with HTML alone."""
    mail = reading.mail
    if (mail.html or mail.mjml) and not (mail.text or "").strip():
        yield found("MJS202", "there is no text part", way_out="Write one, or let it be made: text: auto.")


@check
def size(reading: Reading) -> Iterator[Finding]:
    """MJS203: HTML that Gmail clips."""
    size = len((reading.mail.html or "").encode("utf-8", "surrogatepass"))
    if size > GMAIL_CLIPS_AT:
        message = f"the HTML has {size // 1024} kB, Gmail shows {GMAIL_CLIPS_AT // 1024}"
        yield found("MJS203", message, part="html")


@check
def image_texts(reading: Reading) -> Iterator[Finding]:
    """MJS204: images that say nothing where they are not shown."""
    for part in reading.parts:
        for element in part.elements:
            if element.name in _IMAGES and "alt" not in element.attributes:
                message = f"<{element.name}> has no alt text"
                yield part.found("MJS204", message, part.place(element.start), 'Add alt="…".')


@check
def links(reading: Reading) -> Iterator[Finding]:
    """MJS205, MJS206: links that are not https, or lead nowhere from within a mail."""
    for part in reading.parts:
        for element in part.elements:
            if "href" in element.attributes and element.name not in _NO_LINKS:
                yield from _link(part, element.attributes["href"])


def _link(part: Part, link: Attribute) -> Iterator[Finding]:
    address, place = link.value.strip(), part.place(link.start)
    if address.lower().startswith("http:"):
        yield part.found("MJS205", f"{_short(address)} is not https", place, "Write https://.")
    elif not address.startswith("#") and not _SCHEME.match(address) and not _TAG.match(address):
        yield part.found("MJS206", f'the link "{_short(address)}" has no scheme', place, "Write https://…")


@check
def image_addresses(reading: Reading) -> Iterator[Finding]:
    """MJS211: images no reader can fetch."""
    for part in reading.parts:
        for element in part.elements:
            for image in _images(element):
                yield from _image(part, image)


def _images(element: Element) -> Iterator[Attribute]:
    """Give the addresses of images that an element shows; those in a style too."""
    names = (*_FETCHED, "src") if element.name in (*_IMAGES, "mj-social-element") else _FETCHED
    yield from (element.attributes[name] for name in names if name in element.attributes)
    if "style" in element.attributes:
        style = element.attributes["style"]
        for match in _OF_STYLE.finditer(style.value):
            yield Attribute(match[1], style.start + match.start(1), style.start + match.end(1))


def _image(part: Part, image: Attribute) -> Iterator[Finding]:
    address = image.value.strip()
    scheme = _SCHEME.match(address)
    if _TAG.match(address) or (scheme and scheme.group().lower() not in ("file:", "data:")):
        return
    kind = f"a {scheme.group()} address" if scheme else "a relative address"
    way_out = "mjsync hosts no images: put it where readers can fetch it, and write its https address."
    yield part.found("MJS211", f'"{_short(address)}" is {kind}', part.place(image.start), way_out)


def _short(address: str) -> str:
    return address if len(address) <= _SHOWN else address[:_SHOWN] + "…"
