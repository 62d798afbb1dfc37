"""Allowing a finding where it stands, with a reason.

In HTML and MJML a comment allows codes on its own lines and the next one::

    <!-- mjsync: allow MJS204 the logo only decorates -->

Text parts and subjects have no comments, and Mailjet's language has none either. There, and anywhere else, a
set says the same and prints nothing when the template is rendered::

    {% set mjsync = "allow MJS205 the old shop has no https" %}

Findings about a mail as a whole (no text part, its size, its sender) are allowed by either, in any part. Codes that
only somebody who knows all manifests can find (MJS6xx) are handed on to whom that is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mjsync.template_language.findings import Finding
from mjsync.template_language.lint.mail import Part, Reading
from mjsync.template_language.nodes import Constant, Set
from mjsync.template_language.places import Place
from mjsync.template_language.rules import RULES
from mjsync.template_language.walking import body_nodes

_ALLOW = re.compile(r"\s*allow\b[\s,]*(?P<codes>(?:MJS\d+[\s,]*+)*)(?P<reason>.*)", re.DOTALL)
_COMMENT = re.compile(r"\s*mjsync:(.*)", re.DOTALL)
_HANDED_ON = "MJS6"

_Scope = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Allowance:
    """One code that is allowed from the line of a comment to the one behind it."""

    code: str
    part: Part
    place: Place
    last_line: int

    def scopes(self) -> Iterator[_Scope]:
        """Give each line the code is allowed on, or the one scope of a code about the whole mail."""
        if RULES[self.code].is_about_mail:
            yield self.code, "", 0
        else:
            yield from ((self.code, self.part.name, line) for line in range(self.place.line, self.last_line + 2))


def _scope(finding: Finding) -> _Scope:
    is_about_mail = RULES[finding.code].is_about_mail
    return (finding.code, "", 0) if is_about_mail else (finding.code, finding.part, finding.line)


def without_allowed(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what is allowed; an allowance that says too little or does nothing is found instead."""
    allowances: list[Allowance] = []
    for said in (said for part in reading.parts for said in _said(part)):
        understood = _understood(said)
        if isinstance(understood, Finding):
            yield understood
        else:
            allowances += (each for each in understood if not each.code.startswith(_HANDED_ON))
    covering: dict[_Scope, list[Allowance]] = {}
    for allowance in allowances:
        for scope in allowance.scopes():
            covering.setdefault(scope, []).append(allowance)
    used: set[Allowance] = set()
    for finding in findings:
        covered_by = covering.get(_scope(finding), ())
        used.update(covered_by)
        if not covered_by:
            yield finding
    for idle in (allowance for allowance in allowances if allowance not in used):
        message = f"{idle.code} is allowed here, but not found"
        yield idle.part.found("MJS191", message, idle.place, "Remove the comment.")


def handed_on(part: Part) -> Mapping[int, frozenset[str]]:
    """Give the codes of others that a part allows, by the line they are allowed on."""
    lines: dict[int, frozenset[str]] = {}
    for understood in map(_understood, _said(part)):
        for each in understood if isinstance(understood, list) else ():
            if each.code.startswith(_HANDED_ON):
                for line in range(each.place.line, each.last_line + 2):
                    lines[line] = lines.get(line, frozenset()) | {each.code}
    return lines


@dataclass(frozen=True, slots=True)
class _Said:
    """What a comment or a set for mjsync says, and where."""

    text: str
    part: Part
    place: Place
    last_line: int


def _said(part: Part) -> Iterator[_Said]:
    for comment in part.comments:
        words = _COMMENT.fullmatch(comment.text)
        if words:
            yield _Said(words[1], part, part.place(comment.start), part.place(comment.end).line)
    for node in body_nodes(part.template.nodes):
        match node:
            case Set(name="mjsync", value=Constant(value=str(text))):
                yield _Said(text, part, node.place, node.place.line + node.source.count("\n"))


def _understood(said: _Said) -> list[Allowance] | Finding:
    match = _ALLOW.fullmatch(said.text)
    codes = re.findall(r"MJS\d+", match["codes"]) if match else []
    unknown = [code for code in codes if code not in RULES and not code.startswith(_HANDED_ON)]
    if match and codes and not unknown and match["reason"].strip():
        return [Allowance(code, said.part, said.place, said.last_line) for code in codes]
    wrong = f"{unknown[0]} is no code" if unknown else "it gives no reason" if codes else "it names no code"
    way_out = "Write: mjsync: allow MJS204 and why."
    return said.part.found("MJS190", f"nothing is allowed here: {wrong}", said.place, way_out)
