"""The judge: all that is asked, or what a plan would write, and every finding of it at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mjsync.errors import Finding
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.validation.expressions import expression_findings
from mjsync.validation.locales import locale_findings
from mjsync.validation.mails import Mails
from mjsync.validation.names import Departure, declared_names, departed, property_types, stated_departures, unknown
from mjsync.validation.rules import Weight, weighed
from mjsync.validation.trials import trial_findings
from mjsync.validation.uses import Usage, usages


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a plan would do: the entries it writes, and what it removes, renames or retypes.

    `live_properties` asks the account for the type of each property by name; it is called only if the answer matters.
    """

    written: frozenset[Address]
    departures: tuple[Departure, ...]
    live_properties: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds what is asked against itself; `weights` are what codes weigh in this project."""

    weights: Mapping[str, Weight] = field(default_factory=dict)
    _mails: Mails = field(default_factory=Mails)

    def check(self, desired: Desired, *, is_whole: bool = True) -> tuple[Finding, ...]:
        """Find all that is wrong with what is asked, without asking the account.

        Where that is not whole, names that nobody declares are not told: entries are missing. Raises ManifestError
        where a body file went away since it was read.
        """
        entries = desired.entries.values()
        types = property_types(desired)
        used = [usage for entry in entries for usage in usages(entry)]
        departures = list(stated_departures(desired))
        found = [finding for entry in entries for finding in self._own(entry, desired, types)]
        found += [finding for entry in entries for finding in trial_findings(entry)]
        found += departed(departures, used)
        if is_whole:
            found += unknown(used, desired, departures, None)
            found += locale_findings(desired)
        return self._weighed(found)

    def check_plan(self, desired: Desired, foreseen: Foreseen) -> tuple[Finding, ...]:
        """Find the errors that a plan would bring about, and every test that fails.

        What is on the account as it is asked for is not judged: no refusal would take it back. Raises ManifestError.
        """
        written = [entry for address, entry in desired.entries.items() if address in foreseen.written]
        used = [usage for entry in written for usage in usages(entry)]
        live = foreseen.live_properties() if _is_live_asked(used, desired) else {}
        types = {**live, **property_types(desired)}
        found = [finding for entry in written for finding in self._own(entry, desired, types)]
        found += [finding for entry in desired.entries.values() for finding in trial_findings(entry)]
        found += unknown(used, desired, foreseen.departures, live)
        found += locale_findings(desired)
        if foreseen.departures:
            every = (usage for entry in desired.entries.values() for usage in usages(entry))
            found += departed(foreseen.departures, every)
        return tuple(finding for finding in self._weighed(found) if finding.severity == "error")

    def _own(self, entry: Entry, desired: Desired, types: Mapping[str, str]) -> Iterator[Finding]:
        """Find what is wrong with the texts of one entry."""
        if entry.address.kind == "template":
            yield from self._mails.findings(entry)
        elif entry.address.kind == "segment":
            yield from expression_findings(entry, desired, types)

    def _weighed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(sorted(dict.fromkeys(weighed(findings, self.weights)), key=lambda finding: finding.position))


def _is_live_asked(used: Iterable[Usage], desired: Desired) -> bool:
    declared = declared_names(desired, "property")
    return any(usage.kind == "property" and usage.name not in declared for usage in used)
