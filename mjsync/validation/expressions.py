"""Segment expressions judged: their form, and values against the types of the properties they are compared with."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mjsync.errors import Finding
from mjsync.resources.desired import Desired, Entry
from mjsync.template_language.segment_types import check_types
from mjsync.validation.texts import texts
from mjsync.validation.uses import expression_of

_WORD = re.compile(r"\w+")


def expression_findings(entry: Entry, desired: Desired, types: Mapping[str, str]) -> Iterator[Finding]:
    """Find what is wrong with a segment; a type that does not fit is named with the place that declares it."""
    for text in texts(entry):
        expression = expression_of(text.source)
        yield from map(text.found, expression.findings)
        for finding in check_types(expression, types):
            named = _named(finding.message, desired)
            because = f"; {named.address} is of type {types[named.key]} ({named.place})" if named else ""
            yield text.found(replace(finding, message=finding.message + because))


def _named(message: str, desired: Desired) -> Entry | None:
    """The declared property that a message names first."""
    declared = {prop.key: prop for prop in desired.of_kind("property")}
    return next((declared[word] for word in _WORD.findall(message) if word in declared), None)
