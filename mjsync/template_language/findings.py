"""Findings: what is wrong with a text, how much it matters, where it stands and what to do."""

from dataclasses import dataclass

from mjsync.template_language.places import START, Place
from mjsync.template_language.rules import RULES, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one text.

    `part` names the text the line and column count in (html, text, mjml, subject, or the path of an include);
    it is empty where only one text was given.
    """

    code: str
    severity: Severity
    message: str
    line: int
    column: int
    way_out: str = ""
    part: str = ""

    @property
    def place(self) -> Place:
        """Where the finding stands."""
        return Place(self.line, self.column)


def found(code: str, message: str, place: Place = START, way_out: str = "", part: str = "") -> Finding:
    """Make the finding of a code, with the severity its rule has by default."""
    return Finding(code, RULES[code].severity, message, place.line, place.column, way_out, part)
