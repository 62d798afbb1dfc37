"""Validate the manifests, or what a plan would write, and return all findings at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.validation.checks import (
    RULES,
    ConfiguredSeverity,
    NameChange,
    apply_severities,
    check_changed_names,
    check_locales,
    check_unknown_names,
    declared_changes,
    property_types,
    with_declaration,
)
from mjsync.validation.text_findings import NO_FINDINGS, TextFindings, key_of
from mjsync.validation.usages import Text, Usage, texts, usages

if TYPE_CHECKING:
    from mjsync.processes import Share

_MARKED = re.compile(r"[{}()]|\[\[")
"""What template language and segment expressions are made of."""


MANY = 100
"""Texts from which on other processes look into some of them: they take 30 ms to start, and a text up to 20 ms."""


class PlannedChanges(NamedTuple):
    """What a plan would do: the entries it writes, and the names it removes, renames or retypes.

    `live_properties` fetches the type of each property of the account by name; it is only called if that is needed.
    """

    written: frozenset[Address]
    name_changes: tuple[NameChange, ...]
    live_properties: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Validator:
    """Validates desired state; `severities` are those that the project configures by code.

    `known` is what an earlier run found in texts, by their digest; `found` is the same for the texts of this one: a
    mail that several environments share is only checked once.
    """

    severities: Mapping[str, ConfiguredSeverity] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    _shares: "list[Share[Entry, dict[str, Any]]]" = field(default_factory=list, repr=False)

    def validate(self, desired: Desired) -> tuple[Finding, ...]:
        """Find all that is wrong with the manifests alone, in entries with errors too.

        Where they have errors, names that nobody declares are not reported: entries are missing. Raises ManifestError
        if a body file has disappeared.
        """
        usable = {entry.address: entry for entry in desired.partial if not entry.wrong}
        desired = replace(desired, entries={**desired.entries, **usable})
        entries = desired.entries.values()
        types = property_types(desired)
        changes = list(declared_changes(desired))
        checked = [*entries, *(each for each in desired.partial if each.wrong)]
        self.look_ahead(checked)
        used, found = self._check_entries(checked, desired, types)
        found += [finding for entry in entries for finding in self._failing_tests(entry)]
        found += check_changed_names(changes, used)
        if desired.is_whole:
            found += check_unknown_names(used, desired, changes, None)
            found += check_locales(desired)
        return self._sorted(found)

    def is_plain_text_valid(self, desired: Desired) -> bool:
        """Return whether the texts in the manifests themselves surely have no errors; no body file is read."""
        if any(declared_changes(desired)):
            return False  # what uses these names may be in any body
        types = property_types(desired)
        for entry in desired.entries.values():
            parts = {text.field: text for text in texts(entry, from_files=False) if _MARKED.search(text.source)}
            in_texts = self._findings_of_texts(entry, parts, types) if parts else NO_FINDINGS
            found = apply_severities((*in_texts.findings, *in_texts.types), self.severities)
            if any(finding.severity == "error" for finding in found):
                return False
        return True

    def look_ahead(self, entries: Iterable[Entry]) -> "Validator":
        """Begin to look into bodies in other processes, where too few are known for most of these to be among them."""
        unknown = [entry for entry in entries if entry.kind.content_path]
        if self._shares or len(unknown) - len(self.known) - len(self.found) < MANY:
            return self
        from mjsync.processes import share

        def look(entries: Sequence[Entry]) -> dict[str, Any]:
            for entry in entries:
                self._findings_of_texts(entry, {text.field: text for text in texts(entry)}, {})
            return self.found

        self._shares.extend(share(look, unknown))
        return self

    def validate_plan(self, desired: Desired, planned: PlannedChanges) -> tuple[Finding, ...]:
        """Find the errors in what a plan would write or break, given what the account has.

        `validate` has run before: tests of templates are not run again. Raises ManifestError.
        """
        written = [entry for address, entry in desired.entries.items() if address in planned.written]
        types, live = property_types(desired), dict[str, str]()
        used, found = self._check_entries(written, desired, types)
        declared = {entry.key for entry in desired.of_kind("property")}
        if any(usage.kind == "property" and usage.name not in declared for usage in used):
            live = {**planned.live_properties()}
            _, found = self._check_entries(written, desired, {**live, **types})
        found += check_unknown_names(used, desired, planned.name_changes, live)
        found += check_locales(desired)
        if planned.name_changes:
            all_usages = (usage for entry in desired.entries.values() for usage in usages(entry))
            found += check_changed_names(planned.name_changes, all_usages)
        return tuple(finding for finding in self._sorted(found) if finding.severity == "error")

    def _check_entries(
        self, entries: Sequence[Entry], desired: Desired, types: Mapping[str, str]
    ) -> tuple[list[Usage], list[Finding]]:
        """Return what the texts of entries use, and what is wrong in them."""
        for share in self._shares:
            self.found.update(share.result())
        self._shares.clear()
        properties = {entry.key: entry for entry in desired.of_kind("property")}
        used: list[Usage] = []
        found: list[Finding] = []
        for entry in entries:
            if parts := {text.field: text for text in texts(entry)}:
                in_texts = self._findings_of_texts(entry, parts, types)
                used += [use.of(parts[field]) for field, uses in in_texts.uses.items() for use in uses]
                found += _relocated(entry, parts, in_texts.findings)
                explained = [with_declaration(finding, properties, types) for finding in in_texts.types]
                found += _relocated(entry, parts, explained)
        return used, found

    def _findings_of_texts(self, entry: Entry, parts: Mapping[str, Text], types: Mapping[str, str]) -> TextFindings:
        """Return what the texts contain; those of an entry with secrets are looked into each time, and not kept."""
        each_tag = self.severities.get("MJS118") == "off"
        if entry.secrets:
            return TextFindings.of(entry, parts, types, each_tag=each_tag)
        key = key_of(entry, parts, each_tag, types if entry.address.kind == "segment" else ())
        document = self.found.get(key) or self.known.get(key)
        try:
            in_texts = TextFindings.read(document or {})
        except (KeyError, TypeError, ValueError, AttributeError):
            in_texts = TextFindings.of(entry, parts, types, each_tag=each_tag)
            document = in_texts.document
        self.found[key] = document
        return in_texts

    def _failing_tests(self, entry: Entry) -> Iterator[Finding]:
        """Run the tests of a template, unless they passed with the same texts."""
        if not (tests := getattr(entry.model, "tests", ())):
            return
        from mjsync.validation.template_tests import failing_tests

        parts = {text.field: text for text in texts(entry)}
        key = key_of(entry, parts, tests, getattr(entry.model, "variables", {}))
        findings = () if key in self.found or key in self.known else tuple(failing_tests(entry))
        if not findings and not entry.secrets:
            self.found[key] = {}
        yield from findings

    def _sorted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        unique = dict.fromkeys(apply_severities(findings, self.severities))
        return tuple(sorted(unique, key=lambda finding: finding.sort_key))


def _relocated(entry: Entry, parts: Mapping[str, Text], findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings that are located in texts of an entry with their locations in files."""
    for finding in findings:
        part = finding.location.file if finding.location else ""
        if part == "text" and parts["text"].is_made:
            continue  # it is reported for the HTML that the text is made from
        if entry.wrong and RULES[finding.code].is_about_mail and finding.severity == "warning":
            continue  # what the mail lacks may be what is wrong
        if entry.address.kind == "segment":
            part = "expression"
        if part in parts:
            yield entry.located(finding, part)
        else:
            yield replace(finding, address=str(entry.address), location=entry.location_of(part))
