"""The texts of an entry that are judged, and the way from a line of one to the file it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mjsync.errors import Finding, Place, Severity
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.reference import CLOSE, OPEN
from mjsync.template_language.findings import Finding as TextFinding
from mjsync.template_language.places import Place as Spot

WORDS = {"template": ("subject", "html", "mjml", "text"), "segment": ("expression",)}
"""Kind to the fields that hold its texts, in the order they are told."""

_REFERENCE = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an entry; a reference to an id in it stands as a number of its own length, to keep all places."""

    entry: Entry
    word: str
    source: str
    is_made: bool = False

    def place(self, spot: Spot) -> Place:
        """Where a line and column of it were written: in a file (without them for a made text), else at the field."""
        return self.entry.spot(self.word, spot.line, spot.column).place

    def found(self, finding: TextFinding) -> Finding:
        """A finding of the text as one of the manifests."""
        spot = self.entry.spot(self.word, finding.line, finding.column)
        return said(replace(finding, message=finding.message + spot.inside), self.entry, spot.place)


def said(finding: TextFinding, entry: Entry, place: Place) -> Finding:
    """Say of an entry, at a place, what was found in a text."""
    address: str = str(entry.address)
    severity: Severity = finding.severity.value
    return Finding(finding.code, finding.message, finding.way_out, severity, address, place)


def texts(entry: Entry) -> Iterator[Text]:
    """Give the texts an entry states, those made from others too. Raises ManifestError where a file went away."""
    for word in WORDS.get(entry.address.kind, ()):
        value = entry.values.get(word)
        if isinstance(value, Body):
            yield Text(entry, word, _numbered(value.text()), bool(value.made_by))
        elif value is not None:
            yield Text(entry, word, _numbered(value))


def _numbered(text: str) -> str:
    return _REFERENCE.sub(lambda reference: "0" * len(reference[0]), text)
