"""A template filled with values: each part as its reader gets it, and what Mailjet would block the mail for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mjsync.errors import Finding
from mjsync.resources.body import Body, loaded
from mjsync.resources.desired import Entry
from mjsync.resources.reference import spelled
from mjsync.template_language.findings import Finding as Remark
from mjsync.template_language.functions import Given
from mjsync.template_language.references import references
from mjsync.template_language.rendering import Rendered, render
from mjsync.template_language.template import parse

PARTS = ("subject", "html", "text")
"""The parts that a reader gets."""

_PERSON = ("ID", "email", "name")


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of the stated parts of one template, by their words; with any finding Mailjet blocks the mail."""

    parts: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def given(
    entry: Entry,
    variables: Mapping[str, Any],
    contact: Mapping[str, Any],
    now: datetime,
    segments: Iterable[str] = (),
) -> Given:
    """What a template is filled with: the variables over the examples of its entry, and one contact's properties.

    The email, name and ID of the contact are also what `mj:contact.…` gives; it is in these segments and no other.
    """
    stated = getattr(entry.resource, "variables", {})
    examples = {name: variable.example for name, variable in stated.items() if variable.example is not None}
    person = {f"contact.{word}": contact[word] for word in _PERSON if word in contact}
    belongs = dict.fromkeys(segments, True)
    return Given({**examples, **variables}, contact, predefined=person, segments=belongs, now=now)


def filled(entry: Entry, values: Given, words: Iterable[str] = PARTS) -> Filled:
    """Fill these parts of a template, as far as its manifest states them."""
    parts, findings = {}, list[Finding]()
    for word in words:
        if word in entry.values:
            rendered = _rendered(entry, word, values)
            parts[word] = rendered.text
            findings += _placed(rendered.findings, entry, word, values)
    return Filled(parts, tuple(dict.fromkeys(findings)))


def source(entry: Entry, word: str) -> str:
    """A part as its manifest has it."""
    return str(spelled(loaded(entry.values.get(word) or "")))


def origin(entry: Entry, word: str) -> str:
    """The part that somebody wrote, which a part was made from; the part itself where it is written by hand."""
    value = entry.values.get(word)
    sources = {**entry.kind.derives, **entry.kind.makes_on_request}
    return origin(entry, sources[word][0]) if isinstance(value, Body) and value.made_by else word


def finding_of(remark: Remark, entry: Entry, word: str) -> Finding:
    """What is wrong with a text, at its place in the project: in its file, or where the manifest states it."""
    spot = entry.spot(word, remark.line, remark.column)
    message = remark.message + spot.inside
    return Finding(remark.code, message, remark.way_out, remark.severity.value, str(entry.address), spot.place)


def _rendered(entry: Entry, word: str, values: Given) -> Rendered:
    template = parse(source(entry, word))
    others = dict.fromkeys((use.path for use in references(template).segments), False)
    return render(template, replace(values, segments={**others, **values.segments}))


def _placed(remarks: Iterable[Remark], entry: Entry, word: str, values: Given) -> Iterator[Finding]:
    """Findings of a made part stand where the same tag fails in what it was made from."""
    written = origin(entry, word)
    known: dict[str, Remark] = {}
    if written != word:
        known = {remark.message: remark for remark in reversed(_rendered(entry, written, values).findings)}
    for remark in remarks:
        there = known.get(remark.message)
        yield finding_of(there, entry, written) if there else finding_of(remark, entry, word)
