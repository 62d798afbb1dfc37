"""Who uses what: properties and segments by the names Mailjet knows them under, and anything by its id."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mjsync.errors import Place
from mjsync.resources.address import Address
from mjsync.resources.body import Body, loaded
from mjsync.resources.desired import Entry
from mjsync.resources.reference import references as ids_in
from mjsync.template_language.lint.allowances import handed_on
from mjsync.template_language.lint.mail import Part
from mjsync.template_language.places import Place as Spot
from mjsync.template_language.references import References, references
from mjsync.template_language.segment_types import property_uses
from mjsync.template_language.segments import SegmentExpression, parse_expression
from mjsync.template_language.template import Template, parse
from mjsync.validation.texts import Text, texts

_CONTACT = "contact.data."


@dataclass(frozen=True, slots=True)
class Usage:
    """One place where an entry uses something: its kind, its remote name, and how it is spelled there.

    `allowed` are the codes of findings that the text itself allows there.
    """

    user: Address
    kind: str
    name: str
    spelling: str
    place: Place = field(compare=False)
    allowed: frozenset[str] = field(compare=False, default=frozenset())


def usages(entry: Entry) -> Iterator[Usage]:
    """Give what the texts of an entry use by name, in reading order. Raises ManifestError where a file went away."""
    for text in texts(entry):
        if text.word == "expression":
            for use in property_uses(expression_of(text.source)):
                yield Usage(entry.address, "property", use.name, use.name, text.place(use.place))
        elif _may_use(text.source):
            yield from _body_usages(text)


def _may_use(source: str) -> bool:
    """Whether reading a body is worth its time: most use nothing of others."""
    return "data" in source or "segment" in source


def id_usages(entry: Entry) -> Iterator[tuple[Address, Place]]:
    """Give the addresses whose ids an entry holds, each with the place of the field."""
    for word, value in entry.values.items():
        for address in dict.fromkeys(ids_in(loaded(value))):
            yield address, entry.place_of(word)


def part_usages(entry: Entry) -> Iterator[tuple[Address, Place]]:
    """Give the shared parts that an entry's bodies are made of, those inside parts too, and where each is named."""
    for value in entry.values.values():
        if isinstance(value, Body) and value.origin:
            yield from value.origin.parts()


@lru_cache(maxsize=256)
def template_of(source: str) -> Template:
    """Parse a body; the latest are remembered, since several questions are asked of each."""
    return parse(source)


@lru_cache(maxsize=1024)
def expression_of(source: str) -> SegmentExpression:
    """Parse a segment expression; the latest are remembered."""
    return parse_expression(source)


@lru_cache(maxsize=1024)
def references_of(source: str) -> References:
    """Give what a body uses; the latest are remembered."""
    return references(template_of(source))


def _body_usages(text: Text) -> Iterator[Usage]:
    used = references_of(text.source)
    allowed = handed_on(Part(text.word, text.source)) if "mjsync" in text.source else {}

    def usage(kind: str, name: str, spelling: str, spot: Spot) -> Usage:
        codes = allowed.get(spot.line, frozenset())
        return Usage(text.entry.address, kind, name, spelling, text.place(spot), codes)

    for use in used.properties:
        yield usage("property", use.name, f"data:{use.name}", use.place)
    for use in used.predefined:
        if use.path.startswith(_CONTACT):
            yield usage("property", use.path.removeprefix(_CONTACT), f"mj:{use.path}", use.place)
    for use in used.segments:
        if not use.name.isdigit():
            yield usage("segment", use.name, f"segment:{use.name}", use.place)
