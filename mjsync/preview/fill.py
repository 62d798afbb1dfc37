"""Fill a template with values, as Mailjet would, with findings for what makes Mailjet block the mail."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.resources.address import format_references
from mjsync.resources.body import Body, read_bodies
from mjsync.resources.desired import Entry
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.references import references
from mjsync.template_language.rendering import Rendered, render

PARTS = ("subject", "html", "text")
"""The parts that a reader receives."""

_PERSON = ("ID", "email", "name")


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """The rendered parts of one template by their fields; Mailjet blocks the mail if there is any finding."""

    parts: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def fill_values(
    entry: Entry,
    variables: Mapping[str, Any],
    contact: Mapping[str, Any],
    now: datetime,
    segments: Iterable[str] = (),
) -> RenderContext:
    """Combine the examples of an entry, variables that override them, and the properties of one contact.

    The email, name and ID of the contact are also the values of `mj:contact.…`; it is in the stated segments only.
    """
    stated = getattr(entry.model, "variables", {})
    examples = {name: variable.example for name, variable in stated.items() if variable.example is not None}
    person = {f"contact.{word}": contact[word] for word in _PERSON if word in contact}
    belongs = dict.fromkeys(segments, True)
    return RenderContext({**examples, **variables}, contact, predefined=person, segments=belongs, now=now)


def fill(entry: Entry, values: RenderContext, words: Iterable[str] = PARTS) -> FilledTemplate:
    """Render these parts of a template, those that its manifest states."""
    parts, findings = {}, list[Finding]()
    for word in words:
        if word in entry.values:
            rendered = _rendered(entry, word, values)
            parts[word] = rendered.text
            findings += _located(rendered.findings, entry, word, values)
    return FilledTemplate(parts, tuple(dict.fromkeys(findings)))


def source(entry: Entry, word: str) -> str:
    """Return the source of a part, as the manifest states it."""
    return str(format_references(read_bodies(entry.values.get(word) or "")))


def origin(entry: Entry, word: str) -> str:
    """Return the hand-written part that a part is derived from; the part itself if it is hand-written."""
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


def _located(findings: Iterable[Finding], entry: Entry, word: str, values: RenderContext) -> Iterator[Finding]:
    """Locate findings of a derived part where the same tag fails in the part it is derived from."""
    written = origin(entry, word)
    known: dict[str, Finding] = {}
    if written != word:
        known = {finding.message: finding for finding in reversed(_rendered(entry, written, values).findings)}
    for finding in findings:
        there = known.get(finding.message)
        yield finding_of(there, entry, written) if there else finding_of(finding, entry, word)


def read_values(file: str, text: str) -> Mapping[str, Any]:
    """Read a mapping from a file in JSON (by its name) or YAML. Raises ManifestError."""
    value = _json(file, text) if file.lower().endswith(".json") else parse_document(file, text).value
    if not isinstance(value, Mapping):
        message = f"{file} is not a mapping"
        raise ManifestError(
            [Finding("no-mapping", message, "Write `name: value`, one a line.", location=Location(file, 1))]
        )
    return value


def _json(file: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        location = Location(file, error.lineno, error.colno)
        finding = Finding("json-syntax", f"not valid JSON: {error.msg}", "Correct the line.", location=location)
        raise ManifestError([finding]) from None
    except RecursionError:
        raise ManifestError([Finding("json-syntax", f"{file} is nested too deep", location=Location(file))]) from None
