"""Rules that need all manifests, the checks of names and locales by them, and the severities that a project configures.

Rules for single texts are in `template_language.rules`.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Literal, NamedTuple

from mjsync.errors import Finding, Location, Severity
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired, Entry
from mjsync.template_language.rules import RULES as TEXT_RULES
from mjsync.template_language.rules import Rule
from mjsync.validation.usages import Usage

ConfiguredSeverity = Literal["off", "warning", "error"]

_E: Severity = "error"
_W: Severity = "warning"

_TABLE = (  # one rule a line
    Rule("MJS601", _W, "unknown property", "An error in a plan, where the account does not have it either."),
    Rule("MJS602", _W, "unknown segment", "No manifest declares the segment that a template tests."),
    Rule("MJS603", _E, "removed while used", "Remove the uses first, or keep what they use."),
    Rule("MJS604", _E, "renamed while used", "Templates and segments use Mailjet's names: rename there too."),
    Rule("MJS605", _E, "retyped while used", "Stored values keep their old type, and what uses them may fail."),
    Rule("MJS606", _E, "test that fails", "The rendered template does not match the expectation of its test."),
    Rule("MJS611", _E, "missing text", "Every locale must have each text that the mail uses.", is_fixed=True),
    Rule("MJS612", _W, "unused text", "Remove it, or use it with ${text.NAME}."),
    Rule("MJS613", _E, "text without locales", "Only an entry with locales has texts.", is_fixed=True),
    Rule("MJS614", _W, "locale of another language", "Give its key a country, as fr_FR, or set its own locale."),
)

RULES = {**TEXT_RULES, **{rule.code: rule for rule in _TABLE}}
"""Every rule by its code, those for single texts included."""

_UNKNOWN_CODES = {"property": "MJS601", "segment": "MJS602"}
_WORD = re.compile(r"\w+")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?![A-Za-z0-9])")


def with_declaration(finding: Finding, declared: Mapping[str, Entry], types: Mapping[str, str]) -> Finding:
    """Add to a finding about the type of a property where that is declared."""
    prop = next((declared[word] for word in _WORD.findall(finding.message) if word in declared), None)
    reason = f"; {prop.address} is of type {types[prop.key]} ({prop.location})" if prop else ""
    return replace(finding, message=finding.message + reason)


class NameChange(NamedTuple):
    """The removal, renaming or retyping of a property or segment; `becomes` is the new name or type."""

    kind: str
    name: str
    code: str
    becomes: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        what = {
            "MJS603": "removed",
            "MJS604": f"renamed to {self.becomes}",
            "MJS605": f"changed to type {self.becomes}",
        }[self.code]
        return f"{what} ({self.location or 'by this plan'})"


def property_types(desired: Desired) -> dict[str, str]:
    """Return the type of each declared property by its remote name."""
    return {entry.key: str(getattr(entry.model, "type", "str")) for entry in desired.of_kind("property")}


def declared_changes(desired: Desired) -> Iterator[NameChange]:
    """Yield the properties and segments that the manifests remove (tombstones) or rename (former names)."""
    for tomb in desired.tombstones:
        if tomb.kind in _UNKNOWN_CODES:
            yield NameChange(tomb.kind, tomb.key, "MJS603", location=tomb.location)
    for kind in _UNKNOWN_CODES:
        declared = {entry.key for entry in desired.of_kind(kind)}
        for entry in desired.of_kind(kind):
            for former in entry.model.former_keys:
                if former not in declared:
                    yield NameChange(kind, former, "MJS604", entry.key, entry.location_of("renamed_from"))


def check_changed_names(changes: Iterable[NameChange], usages: Iterable[Usage]) -> Iterator[Finding]:
    """Find the uses of names that are removed, renamed or retyped; each finding has both locations."""
    by_name = {(change.kind, change.name): change for change in changes}
    hits = ((usage, by_name[usage.kind, usage.name]) for usage in usages if (usage.kind, usage.name) in by_name)
    for usage, change in dict.fromkeys(hit for hit in hits if hit[1].code not in hit[0].suppressed):
        message = f"the {usage.kind} {usage.name} is used here and {change}"
        docs = RULES[change.code].docs
        yield Finding(change.code, message, docs, "error", str(usage.user), usage.location)


def check_unknown_names(
    usages: Iterable[Usage], desired: Desired, changes: Iterable[NameChange], live: Container[str] | None
) -> Iterator[Finding]:
    """Find names that no manifest declares, once per entry; an error if the account does not have the property either.

    `live` has the properties of the account, None if they are not known.
    """
    known = {kind: {entry.key for entry in desired.of_kind(kind)} for kind in _UNKNOWN_CODES}
    changed = {(change.kind, change.name) for change in changes}
    for usage in dict.fromkeys(usage for usage in usages if _UNKNOWN_CODES[usage.kind] not in usage.suppressed):
        names = known[usage.kind]
        if usage.name in names or usage.name in KINDS[usage.kind].builtin_keys or (usage.kind, usage.name) in changed:
            continue
        message = f"no manifest declares a {usage.kind} {usage.name}"
        severity: Severity = "warning"
        if usage.kind == "property" and live is not None:
            if usage.name in live:
                continue
            message = f"neither the manifests nor the account have a property {usage.name}"
            severity = "error"
        near = get_close_matches(usage.name, names, n=1)
        way_out = f"Declare it, use {near[0]}, or correct the name." if near else "Declare it, or correct the name."
        yield Finding(_UNKNOWN_CODES[usage.kind], message, way_out, severity, str(usage.user), usage.location)


def check_locales(desired: Desired) -> Iterator[Finding]:
    """Find texts that no entry uses, and locales whose key and `locale` name different languages."""
    localised = [(entry, entry.locale) for entry in desired.entries.values() if entry.locale]
    done = {locale.texts[name] for _, locale in localised for name in locale.used}
    for entry, locale in localised:
        for name, location in locale.texts.items():
            if location not in done:
                done.add(location)
                message = f"nothing uses the text {name} of {locale.key}"
                yield Finding("MJS612", message, RULES["MJS612"].docs, "warning", str(entry.address), location)
    for entry, locale in localised:
        field = entry.kind.locale_field
        stated = str(entry.values.get(field, "")) if field else ""
        key_language, language = _LANGUAGE.match(locale.key), _LANGUAGE.match(stated)
        if key_language and language and key_language[1] != language[1]:
            message = f"{locale.key} is sent as {stated} ({entry.location_of(field)})"
            yield Finding("MJS614", message, RULES["MJS614"].docs, "warning", str(entry.address), entry.location)


def apply_severities(findings: Iterable[Finding], severities: Mapping[str, ConfiguredSeverity]) -> Iterator[Finding]:
    """Set each finding to the severity its code has in this project; drop those that are off."""
    for finding in findings:
        match severities.get(finding.code):
            case None:
                yield finding
            case "warning" | "error" as severity:
                yield replace(finding, severity=severity)
