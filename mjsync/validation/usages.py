"""Read the texts of entries, and find what they use: properties and segments by name, anything by id, shared parts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mjsync.errors import Location
from mjsync.resources.address import CLOSE, OPEN, Address
from mjsync.resources.address import references as ids_in
from mjsync.resources.body import Body, read_bodies
from mjsync.resources.desired import Desired, Entry

if TYPE_CHECKING:
    from mjsync.template_language.parser import Template
    from mjsync.template_language.references import References
    from mjsync.template_language.segments import SegmentExpression

_FIELDS = {"template": ("subject", "html", "mjml", "text"), "segment": ("expression",)}
_REFERENCE = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")


@dataclass(frozen=True)
class Text:
    """One text of an entry: a field."""

    entry: Entry
    field: str

    @cached_property
    def source(self) -> str:
        """The text, where its numbers stay in place: a reference to an id is a number of the same length.

        So is a placeholder without a value. Raises ManifestError if its file has disappeared.
        """
        value = self.entry.values[self.field]
        source = _REFERENCE.sub(_as_number, value.text() if isinstance(value, Body) else value)
        return _PLACEHOLDER.sub(_as_number, source) if self.field in self.entry.wrong else source

    @property
    def is_made(self) -> bool:
        """Whether it was made from another text."""
        value = self.entry.values[self.field]
        return isinstance(value, Body) and bool(value.made_by)

    def locate(self, location: Location | None) -> Location:
        """Convert a location in the text to one in the body's file (without line for a made text) or the manifest."""
        return self.entry.spot(self.field, location).location


def texts(entry: Entry, *, from_files: bool = True) -> Iterator[Text]:
    """Yield the texts of an entry, those made from others too; none is read or made yet.

    Those `from_files`, and what is made of them, can be left out; an expression with a placeholder without a value is.
    """
    for name in _FIELDS.get(entry.address.kind, ()):
        value, is_wrong = entry.values.get(name), name in entry.wrong
        if value is None or (is_wrong and name == "expression"):
            continue
        if isinstance(value, Body) and not from_files and (value.file or value.made_by):
            continue
        yield Text(entry, name)


def _as_number(match: re.Match[str]) -> str:
    return "0" * len(match[0])


@lru_cache(maxsize=16)
def template_of(source: str) -> "Template":
    """Parse a body; cached, since several checks need it."""
    from mjsync.template_language.parser import parse

    return parse(source)


@lru_cache(maxsize=1024)
def expression_of(source: str) -> "SegmentExpression":
    """Parse a segment expression; cached, since several checks need it."""
    from mjsync.template_language.segments import parse_expression

    return parse_expression(source)


@lru_cache(maxsize=16)
def references_of(source: str) -> "References":
    """Return what a body uses; cached, since several checks need it."""
    from mjsync.template_language.references import references

    return references(template_of(source))


_CONTACT = "contact.data."


@dataclass(frozen=True, slots=True)
class Usage:
    """One use of a property or segment by an entry: its kind, its remote name, and how it is spelled there.

    `suppressed` lists the codes of findings that the text allows at this location.
    """

    user: Address
    kind: str
    name: str
    spelling: str
    location: Location = field(compare=False)
    suppressed: frozenset[str] = field(compare=False, default=frozenset())


class NameUse(NamedTuple):
    """One use in a text, located in it; `suppressed` as in a usage."""

    kind: str
    name: str
    spelling: str
    line: int
    column: int
    suppressed: tuple[str, ...] = ()

    def of(self, text: Text) -> Usage:
        """Return the use of the entry that the text is of."""
        place = text.locate(Location("", self.line, self.column))
        return Usage(text.entry.address, self.kind, self.name, self.spelling, place, frozenset(self.suppressed))


class Reference(NamedTuple):
    """One use of an entry by another: both addresses, how it is spelled, and its location."""

    user: Address
    used: Address
    spelling: str
    location: Location


class EntryReferences(NamedTuple):
    """The references to and from one address, in file order; `location` is its declaration, None if there is none."""

    address: Address
    location: Location | None
    used_by: tuple[Reference, ...]
    uses: tuple[Reference, ...]


def usages(entry: Entry) -> Iterator[Usage]:
    """Yield what the texts of an entry use by name, in reading order. Raises ManifestError if a file is gone."""
    return (use.of(text) for text in texts(entry) for use in name_uses(text))


def name_uses(text: Text) -> Iterator[NameUse]:
    """Yield what a text uses by name, in reading order."""
    if text.field == "expression":
        from mjsync.template_language.segment_types import property_uses

        for each in property_uses(expression_of(text.source)):
            yield _name_use("property", each.name, each.name, each.location, {})
    elif "data" in text.source or "segment" in text.source:  # most bodies use neither, and parsing takes time
        yield from _body_uses(text)


def _body_uses(text: Text) -> Iterator[NameUse]:
    from mjsync.template_language.lint.mail import Part
    from mjsync.template_language.lint.suppressions import external_suppressions

    used = references_of(text.source)
    suppressed = external_suppressions(Part(text.field, text.source)) if "mjsync" in text.source else {}
    for use in used.properties:
        yield _name_use("property", use.name, f"data:{use.name}", use.location, suppressed)
    for use in used.predefined:
        if use.path.startswith(_CONTACT):
            name = use.path.removeprefix(_CONTACT)
            yield _name_use("property", name, f"mj:{use.path}", use.location, suppressed)
    for use in used.segments:
        if not use.name.isdigit():
            yield _name_use("segment", use.name, f"segment:{use.name}", use.location, suppressed)


def _name_use(
    kind: str, name: str, spelling: str, location: Location, suppressed: Mapping[int, frozenset[str]]
) -> NameUse:
    line = location.line or 1
    return NameUse(kind, name, spelling, line, location.column or 1, tuple(sorted(suppressed.get(line, ()))))


def find_references(address: Address, desired: Desired) -> EntryReferences | None:
    """Find what uses an address and what it uses; None if no manifest declares or uses it.

    An address that is used but not declared has its remote name as the handle. Raises ManifestError if a file has
    disappeared.
    """
    by_name = {(entry.address.kind, entry.key): entry.address for entry in desired.entries.values()}
    references = sorted(
        {each for entry in desired.entries.values() for each in _references(entry, by_name)},
        key=lambda each: (each.location.file, each.location.line or 0, each.location.column or 0, each.user, each.used),
    )
    used_by = tuple(each for each in references if each.used == address)
    declared = desired.entries.get(address) or desired.parts.get(address)
    if declared is None and not used_by:
        return None
    uses = tuple(each for each in references if each.user == address)
    return EntryReferences(address, declared.location if declared else None, used_by, uses)


def _references(entry: Entry, by_name: dict[tuple[str, str], Address]) -> Iterator[Reference]:
    for usage in usages(entry):
        used = by_name.get((usage.kind, usage.name), Address(usage.kind, usage.name))
        yield Reference(entry.address, used, usage.spelling, usage.location)
    for word, value in entry.values.items():
        for address in dict.fromkeys(ids_in(read_bodies(value))):
            yield Reference(entry.address, address, f"${{id.{address}}}", entry.location_of(word))
        if isinstance(value, Body) and value.source_map:
            for part, location in value.source_map.parts():
                yield Reference(entry.address, part, f"${{{part}}}", location)
