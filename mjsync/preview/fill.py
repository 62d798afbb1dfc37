"""A template filled with values: each part as its reader gets it, and what Mailjet would block the mail for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mjsync.errors import Finding, Location
from mjsync.resources.body import Body, read_bodies
from mjsync.resources.desired import Entry
from mjsync.resources.reference import format_references
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.references import references
from mjsync.template_language.rendering import Rendered, render

PARTS = ("subject", "html", "text")
"""The parts that a reader gets."""

_PERSON = ("ID", "email", "name")


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """What came of the stated parts of one template, by their words; with any finding Mailjet blocks the mail."""

    parts: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def fill_values(
    entry: Entry,
    variables: Mapping[str, Any],
    contact: Mapping[str, Any],
    now: datetime,
    segments: Iterable[str] = (),
) -> RenderContext:
    """What a template is filled with: the variables over the examples of its entry, and one contact's properties.

    The email, name and ID of the contact are also what `mj:contact.…` gives; it is in these segments and no other.
    """
    stated = getattr(entry.resource, "variables", {})
    examples = {name: variable.example for name, variable in stated.items() if variable.example is not None}
    person = {f"contact.{word}": contact[word] for word in _PERSON if word in contact}
    belongs = dict.fromkeys(segments, True)
    return RenderContext({**examples, **variables}, contact, predefined=person, segments=belongs, now=now)


def fill(entry: Entry, values: RenderContext, words: Iterable[str] = PARTS) -> FilledTemplate:
    """Fill these parts of a template, as far as its manifest states them."""
    parts, findings = {}, list[Finding]()
    for word in words:
        if word in entry.values:
            rendered = _rendered(entry, word, values)
            parts[word] = rendered.text
            findings += _placed(rendered.findings, entry, word, values)
    return FilledTemplate(parts, tuple(dict.fromkeys(findings)))


def source(entry: Entry, word: str) -> str:
    """A part as its manifest has it."""
    return str(format_references(read_bodies(entry.values.get(word) or "")))


def origin(entry: Entry, word: str) -> str:
    """The part that somebody wrote, which a part was made from; the part itself where it is written by hand."""
    value = entry.values.get(word)
    sources = {**entry.kind.derived_fields, **entry.kind.generated_on_auto}
    return origin(entry, sources[word][0]) if isinstance(value, Body) and value.made_by else word


def finding_of(finding: Finding, entry: Entry, word: str) -> Finding:
    """Convert a finding in a text to one of its entry, located in its file or in the manifest."""
    place = finding.location or Location("", 1, 1)
    spot = entry.spot(word, place.line or 1, place.column or 1)
    message = finding.message + spot.inside
    return replace(finding, message=message, address=str(entry.address), location=spot.location)


def _rendered(entry: Entry, word: str, values: RenderContext) -> Rendered:
    template = parse(source(entry, word))
    others = dict.fromkeys((use.path for use in references(template).segments), False)
    return render(template, replace(values, segments={**others, **values.segments}))


def _placed(findings: Iterable[Finding], entry: Entry, word: str, values: RenderContext) -> Iterator[Finding]:
    """Findings of a made part stand where the same tag fails in what it was made from."""
    written = origin(entry, word)
    known: dict[str, Finding] = {}
    if written != word:
        known = {finding.message: finding for finding in reversed(_rendered(entry, written, values).findings)}
    for finding in findings:
        there = known.get(finding.message)
        yield finding_of(there, entry, written) if there else finding_of(finding, entry, word)
