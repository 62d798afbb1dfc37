"""Suppress findings inline, with a reason.

In HTML and MJML a comment allows codes on its own lines and the next one::

    <!-- mjsync: allow MJS204 the logo only decorates -->

Text parts and subjects have no comments, and neither has Mailjet's language. There, and anywhere else, a set does
the same and prints nothing when the template is rendered::

    {% set mjsync = "allow MJS205 the old shop has no https" %}

Findings about a mail as a whole (no text part, its size, its sender) are suppressed by either, in any part. Codes that
only the `validation` package reports (MJS6xx) are not handled here: see `external_suppressions`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mjsync.errors import Finding, Location
from mjsync.template_language.lint.mail import Mail, Part
from mjsync.template_language.markup import Comment
from mjsync.template_language.nodes import Constant, Set, all_nodes
from mjsync.template_language.rules import RULES, make_finding

_ALLOW = re.compile(r"\s*allow\b[\s,]*(?P<codes>(?:MJS\d+[\s,]*+)*)(?P<reason>.*)", re.DOTALL)
_COMMENT = re.compile(r"\s*mjsync:(.*)", re.DOTALL)
_EXTERNAL = "MJS6"


class Suppression(NamedTuple):
    """One code that is allowed from the line of a comment to the one after it."""

    code: str
    location: Location
    last_line: int

    @property
    def lines(self) -> range:
        """The lines on which the code is allowed."""
        return range(self.location.line or 1, self.last_line + 2)


def without_suppressed(mail: Mail, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Drop suppressed findings, and report suppressions that are incomplete or have no effect."""
    suppressions: list[Suppression] = []
    for directive in (directive for part in mail.parts for directive in _directives(part)):
        if isinstance(directive, Finding):
            yield directive
        else:
            suppressions += (each for each in directive if not each.code.startswith(_EXTERNAL))
    by_line: dict[tuple[str, str, int], list[Suppression]] = {}  # what is about the whole mail has no part and no line
    for each in suppressions:
        is_about_mail = RULES[each.code].is_about_mail
        for line in (0,) if is_about_mail else each.lines:
            by_line.setdefault((each.code, "" if is_about_mail else each.location.file, line), []).append(each)
    used: set[Suppression] = set()
    for finding in findings:
        place = Location("", 0) if RULES[finding.code].is_about_mail else finding.location or Location("", 0)
        suppressed_by = by_line.get((finding.code, place.file, 1 if place.line is None else place.line), ())
        used.update(suppressed_by)
        if not suppressed_by:
            yield finding
    for unused in (suppression for suppression in suppressions if suppression not in used):
        message = f"{unused.code} is allowed here, but not found"
        yield make_finding("MJS191", message, unused.location, "Remove the comment.")


def external_suppressions(part: Part) -> Mapping[int, frozenset[str]]:
    """Return the codes of the `validation` package that a part allows, by line."""
    lines: dict[int, frozenset[str]] = {}
    for directive in _directives(part):
        for each in directive if isinstance(directive, list) else ():
            if each.code.startswith(_EXTERNAL):
                for line in each.lines:
                    lines[line] = lines.get(line, frozenset()) | {each.code}
    return lines


def _directives(part: Part) -> Iterator[list[Suppression] | Finding]:
    """Yield what each comment or set for mjsync allows, or a finding where it is incomplete."""
    for each in part.markup:
        if isinstance(each, Comment) and (match := _COMMENT.fullmatch(each.text)):
            yield _parse(match[1], part.locate(each.start), part.locate(each.end).line or 1)
    for node in all_nodes(part.template.nodes):
        match node:
            case Set(name="mjsync", value=Constant(value=str(text))):
                yield _parse(text, node.location, (node.location.line or 1) + node.source.count("\n"))


def _parse(text: str, location: Location, last_line: int) -> list[Suppression] | Finding:
    match = _ALLOW.fullmatch(text)
    codes = re.findall(r"MJS\d+", match["codes"]) if match else []
    unknown = [code for code in codes if code not in RULES and not code.startswith(_EXTERNAL)]
    if match and codes and not unknown and match["reason"].strip():
        return [Suppression(code, location, last_line) for code in codes]
    reason = f"{unknown[0]} is not a code" if unknown else "it has no reason" if codes else "it has no code"
    way_out = "Write: mjsync: allow MJS204 and why."
    return make_finding("MJS190", f"nothing is allowed here: {reason}", location, way_out)
