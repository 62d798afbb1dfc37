"""Validate the manifests, or what a plan would write, and return all findings at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.template_language.lint import lint
from mjsync.validation.checks import (
    NameChange,
    check_changed_names,
    check_expressions,
    check_locales,
    check_unknown_names,
    declared_changes,
    declared_names,
    mail_of,
    property_types,
)
from mjsync.validation.rules import ConfiguredSeverity, all_rules, apply_severities
from mjsync.validation.template_tests import failing_tests
from mjsync.validation.usages import Text, Usage, texts, usages


@dataclass(frozen=True, slots=True)
class PlannedChanges:
    """What a plan would do: the entries it writes, and the names it removes, renames or retypes.

    `live_properties` fetches the type of each property of the account by name; it is only called if that is needed.
    """

    written: frozenset[Address]
    name_changes: tuple[NameChange, ...]
    live_properties: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Validator:
    """Validates desired state; `severities` are those that the project configures by code.

    A mail that several environments share is only checked once.
    """

    severities: Mapping[str, ConfiguredSeverity] = field(default_factory=dict)
    _checked: dict[bytes, tuple[Finding, ...]] = field(default_factory=dict)

    def validate(
        self, desired: Desired, partial: Iterable[Entry] = (), *, is_complete: bool = True
    ) -> tuple[Finding, ...]:
        """Find all that is wrong with the manifests alone; `partial` are the entries with errors, for what is right.

        Unless the manifests are complete, names that nobody declares are not reported: entries are missing. Raises
        ManifestError if a body file has disappeared.
        """
        partial = tuple(partial)
        usable = {entry.address: entry for entry in partial if not entry.wrong}
        desired = replace(desired, entries={**desired.entries, **usable})
        entries = desired.entries.values()
        types = property_types(desired)
        changes = list(declared_changes(desired))
        used, found = self._check_entries([*entries, *(each for each in partial if each.wrong)], desired, types)
        found += [finding for entry in entries for finding in failing_tests(entry)]
        found += check_changed_names(changes, used)
        if is_complete:
            found += check_unknown_names(used, desired, changes, None)
            found += check_locales(desired)
        return self._sorted(found)

    def validate_plan(self, desired: Desired, planned: PlannedChanges) -> tuple[Finding, ...]:
        """Find the errors in what a plan would write or break, given what the account has.

        `validate` has run before: tests of templates are not run again. Raises ManifestError.
        """
        written = [entry for address, entry in desired.entries.items() if address in planned.written]
        used = [usage for entry in written for usage in usages(entry)]
        declared = declared_names(desired, "property")
        needs_live = any(usage.kind == "property" and usage.name not in declared for usage in used)
        live = planned.live_properties() if needs_live else {}
        types = {**live, **property_types(desired)}
        _, found = self._check_entries(written, desired, types)
        found += check_unknown_names(used, desired, planned.name_changes, live)
        found += check_locales(desired)
        if planned.name_changes:
            all_usages = (usage for entry in desired.entries.values() for usage in usages(entry))
            found += check_changed_names(planned.name_changes, all_usages)
        return tuple(finding for finding in self._sorted(found) if finding.severity == "error")

    def _check_entries(
        self, entries: Iterable[Entry], desired: Desired, types: Mapping[str, str]
    ) -> tuple[list[Usage], list[Finding]]:
        """Return what the texts of entries use, and what is wrong in them; each body is read once."""
        properties = {entry.key: entry for entry in desired.of_kind("property")}
        used: list[Usage] = []
        found: list[Finding] = []
        for entry in entries:
            parts = tuple(texts(entry))
            used += usages(entry, parts)
            if entry.address.kind == "template":
                found += self._check_mail(entry, parts)
            elif entry.address.kind == "segment":
                found += check_expressions(parts, properties, types)
        return used, found

    def _check_mail(self, entry: Entry, texts_of_mail: Iterable[Text]) -> Iterator[Finding]:
        parts = {text.field: text for text in texts_of_mail}
        mail = mail_of(entry, parts)
        key = sha256(repr(mail).encode("utf-8", "surrogatepass")).digest()
        if key not in self._checked:
            self._checked[key] = lint(mail, each_tag=self.severities.get("MJS118") == "off")
        for finding in self._checked[key]:
            part = finding.location.file if finding.location else ""
            if part == "text" and parts["text"].is_made:
                continue  # it is reported for the HTML that the text is made from
            if entry.wrong and all_rules()[finding.code].is_about_mail and finding.severity == "warning":
                continue  # what the mail lacks may be what is wrong
            if part in parts:
                yield parts[part].relocate(finding)
            else:
                yield replace(finding, address=str(entry.address), location=entry.location_of(part))

    def _sorted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        unique = dict.fromkeys(apply_severities(findings, self.severities))
        return tuple(sorted(unique, key=lambda finding: finding.sort_key))
