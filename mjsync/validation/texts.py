"""The texts of an entry that are checked: subject, bodies and segment expressions, and their locations in files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mjsync.errors import Finding, Location
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.reference import CLOSE, OPEN
from mjsync.template_language.parser import Template, parse
from mjsync.template_language.references import References, references
from mjsync.template_language.segments import SegmentExpression, parse_expression

_FIELDS = {"template": ("subject", "html", "mjml", "text"), "segment": ("expression",)}
_REFERENCE = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an entry; a reference to an id is replaced by a number of the same length, to keep all locations.

    `is_made` means that it was made from another text.
    """

    entry: Entry
    field: str
    source: str
    is_made: bool = False

    def locate(self, location: Location) -> Location:
        """Convert a location in the text to one in the body's file (without line for a made text) or the manifest."""
        return self.entry.spot(self.field, location.line or 1, location.column or 1).location

    def relocate(self, finding: Finding) -> Finding:
        """Convert a finding of the text to one of its entry, located in a file."""
        location = finding.location or Location("", 1, 1)
        spot = self.entry.spot(self.field, location.line or 1, location.column or 1)
        address = str(self.entry.address)
        return replace(finding, message=finding.message + spot.inside, address=address, location=spot.location)


def texts(entry: Entry) -> Iterator[Text]:
    """Yield the texts of an entry, those made from others too. Raises ManifestError if a file has disappeared.

    A placeholder without a value becomes a number too; an expression that has one is left out.
    """
    for field in _FIELDS.get(entry.address.kind, ()):
        value, is_wrong = entry.values.get(field), field in entry.wrong
        if value is None or (is_wrong and field == "expression"):
            continue
        source, is_made = (value.text(), bool(value.made_by)) if isinstance(value, Body) else (value, False)
        source = _REFERENCE.sub(_as_number, source)
        yield Text(entry, field, _PLACEHOLDER.sub(_as_number, source) if is_wrong else source, is_made)


def _as_number(match: re.Match[str]) -> str:
    return "0" * len(match[0])


@lru_cache(maxsize=256)
def template_of(source: str) -> Template:
    """Parse a body; cached, since several checks need it."""
    return parse(source)


@lru_cache(maxsize=1024)
def expression_of(source: str) -> SegmentExpression:
    """Parse a segment expression; cached, since several checks need it."""
    return parse_expression(source)


@lru_cache(maxsize=1024)
def references_of(source: str) -> References:
    """Return what a body uses; cached, since several checks need it."""
    return references(template_of(source))
