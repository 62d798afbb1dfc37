"""Checks of the content of a mail: subject, headers, links, images, size and what MJML drops."""

import re
from collections.abc import Iterator

from mjsync.errors import Finding, Location, counted
from mjsync.template_language.lexer import TokenKind
from mjsync.template_language.lint.mail import Mail, Part
from mjsync.template_language.markup import GMAIL_CLIPS_AT, Attribute, Element
from mjsync.template_language.references import is_unsubscribe_link
from mjsync.template_language.rules import make_finding

BUILT_IN = "mjml"
"""The name of the compiler in `mjml_compiler`; all others are the official one."""

MAX_SUBJECT = 255
"""In characters. Source: mjsync/docs/mailjet-api.md, section 17 (mj-0006)."""

_MAX_SHOWN = 60
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TAG = re.compile(r"\{\{|\{%|\[\[")
_IMAGES = ("img", "mj-image", "mj-carousel-image")
_STYLE_URL = re.compile(r"\burl\(\s*[\"']?([^\s\"')]+)", re.IGNORECASE)
_NOT_LINKS = ("link", "base", "mj-font")
_BACKGROUNDS = ("background", "background-url")
_ADDRESS = re.compile(r"(?!#|[\w-]+\().*[./:]", re.DOTALL)


def missing(mail: Mail) -> Iterator[Finding]:
    """MJS202, MJS208, MJS209: a mail without a text part, a subject or a from address."""
    if (mail.html or mail.mjml) and not (mail.text or "").strip():
        yield make_finding("MJS202", "there is no text part", Location("", 1, 1), "Write one, or set `text: auto`.")
    if not (mail.subject or "").strip():
        yield make_finding("MJS208", "the subject is empty", Location("subject", 1, 1))
    if not (mail.from_email or "").strip():
        yield make_finding("MJS209", "there is no from address", Location("", 1, 1), "Set `from` with an email.")


def too_long(mail: Mail) -> Iterator[Finding]:
    """MJS203, MJS207: HTML that Gmail clips, a subject that Mailjet refuses."""
    size = len((mail.html or "").encode("utf-8", "surrogatepass"))
    if size > GMAIL_CLIPS_AT:
        message = f"the HTML has {size // 1024} kB, Gmail shows {GMAIL_CLIPS_AT // 1024}"
        yield make_finding("MJS203", message, Location("html", 1, 1))
    for part in mail.parts:
        if part.name == "subject" and len(part.source) > MAX_SUBJECT:
            literal = sum(len(token.source) for token in part.template.tokens if token.kind is TokenKind.TEXT)
            if literal > MAX_SUBJECT:
                message = f"the subject has {counted(literal, 'character')} besides its tags"
                yield make_finding("MJS207", message, part.locate(), f"Mailjet takes {MAX_SUBJECT}.")


def headers(mail: Mail) -> Iterator[Finding]:
    """MJS210: header values that are not strings (send-0019).

    Source: mjsync/docs/mailjet-api.md, sections 11.4 and 17.
    """
    for name, value in mail.headers.items():
        if not isinstance(value, str):
            message = f"the header {name} is {type(value).__name__}, not a string"
            location = Location(f"headers.{name}", 1, 1)
            yield make_finding("MJS210", message, location, f"Put the value of {name} in quotes.")


def unused_variables(mail: Mail) -> Iterator[Finding]:
    """MJS116: variables that are declared and used in no part."""
    used = {use.name for part in mail.tagged for use in part.uses.variables}
    for name in mail.variables or ():
        if name not in used:
            yield make_finding("MJS116", f"{name} is not used", Location(f"variables.{name}", 1, 1), "Remove it.")


def lost_in_compiling(mail: Mail) -> Iterator[Finding]:
    """MJS305, MJS306: template tags that the MJML compiler dropped, and elements that it ignores."""
    html = mail.html
    if not mail.compiler or html is None:
        return
    from mjsync.template_language.mjml_source import MjmlSource

    for part in mail.parts:
        if part.name == "mjml":
            source = MjmlSource(part.name, part.source, ())
            yield from source.lost_tags(lambda _, tag: tag in html)
            if mail.compiler == BUILT_IN:
                yield from source.unsupported()


def unsubscribe_link(mail: Mail) -> Iterator[Finding]:
    """MJS201: a marketing mail without a link to unsubscribe."""
    if "marketing" not in (purpose.lower() for purpose in mail.purposes):
        return
    for part in mail.parts:
        if part.name == "subject":
            continue
        predefined = (f"mj:{use.path}" for use in part.uses.predefined)
        placeholders = (use.name for use in part.uses.placeholders)
        if not any(map(is_unsubscribe_link, (*predefined, *placeholders))):
            message = f"the {part.name} part has no link to unsubscribe"
            way_out = "Put a link to [[UNSUB_LINK_EN]] or {{mj:unsub_link}} into it."
            yield make_finding("MJS201", message, part.locate(), way_out)


def images(part: Part) -> Iterator[Finding]:
    """MJS204, MJS211: images without a text for when they are not shown, or that no mail client can load."""
    for element in part.elements:
        if element.name in _IMAGES and "alt" not in element.attributes:
            message = f"<{element.name}> has no alt text"
            yield make_finding("MJS204", message, part.locate(element.start), 'Add alt="…".')
        for image in _images(element):
            yield from _image(part, image)


def links(part: Part) -> Iterator[Finding]:
    """MJS205, MJS206: links that are not https, or do not work in a mail."""
    for element in part.elements:
        link = element.attributes.get("href")
        if link is None or element.name in _NOT_LINKS:
            continue
        address, location = link.value.strip(), part.locate(link.start)
        if not address:
            yield make_finding("MJS206", "the address of this link is empty", location, "Write https://…")
        elif address.lower().startswith("http:"):
            yield make_finding("MJS205", f"{_short(address)} is not https", location, "Write https://.")
        elif not address.startswith("#") and not _SCHEME.match(address) and not _TAG.match(address):
            yield make_finding("MJS206", f'the link "{_short(address)}" has no scheme', location, "Write https://…")


def _images(element: Element) -> Iterator[Attribute]:
    """Yield the addresses of images that an element shows, those in its style too."""
    if "src" in element.attributes and element.name in (*_IMAGES, "mj-social-element"):
        yield element.attributes["src"]
    for name in (*_BACKGROUNDS, "style"):
        if value := element.attributes.get(name):
            urls = list(_STYLE_URL.finditer(value.value))
            for match in urls:
                yield Attribute(match[1], value.start + match.start(1), value.start + match.end(1))
            # A background may also be a colour: MJML itself writes those.
            if name != "style" and not urls and _ADDRESS.match(value.value.strip()):
                yield value


def _image(part: Part, image: Attribute) -> Iterator[Finding]:
    address = image.value.strip()
    scheme = _SCHEME.match(address)
    if not address:
        way_out = "Write the https address of an image, or remove the element."
        yield make_finding("MJS211", "the address of this image is empty", part.locate(image.start), way_out)
        return
    if _TAG.match(address) or address.startswith("#") or (scheme and scheme.group().lower() not in ("file:", "data:")):
        return
    kind = f"a {scheme.group()} address" if scheme else "a relative address"
    way_out = "mjsync hosts no images: upload it to a public server, and write its https address."
    yield make_finding("MJS211", f'"{_short(address)}" is {kind}', part.locate(image.start), way_out)


def _short(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN else address[:_MAX_SHOWN] + "…"


CHECKS = (missing, too_long, headers, unused_variables, lost_in_compiling, unsubscribe_link)
PART_CHECKS = (images, links)
"""The checks of a mail as a whole, and those of each of its parts."""
