"""Names held against what is declared: those nobody knows, and those that go away while they are used."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mjsync.errors import Finding, Place, Severity
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired
from mjsync.validation.rules import RULES
from mjsync.validation.uses import Usage

_UNKNOWN = {"property": "MJS601", "segment": "MJS602"}


@dataclass(frozen=True, slots=True)
class Departure:
    """Something that will not be there any more as it is used: removed, renamed, or of another type (`becomes`)."""

    kind: str
    name: str
    code: str
    becomes: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        """Say what happens, and where it is said."""
        what = {
            "MJS603": "removed",
            "MJS604": f"renamed to {self.becomes}",
            "MJS605": f"changed to type {self.becomes}",
        }[self.code]
        return f"{what} ({self.place or 'by this plan'})"


def declared_names(desired: Desired, kind: str) -> Mapping[str, Place]:
    """Give the remote names that the manifests declare of a kind, and where."""
    return {entry.key: entry.place for entry in desired.of_kind(kind)}


def property_types(desired: Desired) -> dict[str, str]:
    """Give the type of each declared property, by its remote name."""
    return {entry.key: str(getattr(entry.resource, "type", "str")) for entry in desired.of_kind("property")}


def stated_departures(desired: Desired) -> Iterator[Departure]:
    """Give what the manifests say of properties and segments that go: tombstones and former names."""
    for tomb in desired.tombstones:
        if tomb.kind in _UNKNOWN:
            yield Departure(tomb.kind, tomb.key, "MJS603", place=tomb.place)
    for kind in _UNKNOWN:
        declared = declared_names(desired, kind)
        for entry in desired.of_kind(kind):
            for former in entry.resource.former_keys:
                if former not in declared:
                    yield Departure(kind, former, "MJS604", entry.key, entry.place_of("renamed_from"))


def departed(departures: Iterable[Departure], usages: Iterable[Usage]) -> Iterator[Finding]:
    """Find the uses of what goes; each names both places."""
    going = {(departure.kind, departure.name): departure for departure in departures}
    hit = ((usage, going[usage.kind, usage.name]) for usage in usages if (usage.kind, usage.name) in going)
    for usage, departure in dict.fromkeys(each for each in hit if each[1].code not in each[0].allowed):
        message = f"the {usage.kind} {usage.name} is used here and {departure}"
        docs = RULES[departure.code].docs
        yield Finding(departure.code, message, docs, "error", str(usage.user), usage.place)


def unknown(
    usages: Iterable[Usage], desired: Desired, departures: Iterable[Departure], live: Container[str] | None
) -> Iterator[Finding]:
    """Find names that no manifest declares, each once an entry; an error where the account lacks the property too."""
    known = {kind: {**declared_names(desired, kind)} for kind in _UNKNOWN}
    going = {(departure.kind, departure.name) for departure in departures}
    for usage in dict.fromkeys(usage for usage in usages if _UNKNOWN[usage.kind] not in usage.allowed):
        names = known[usage.kind]
        if usage.name in names or usage.name in KINDS[usage.kind].born or (usage.kind, usage.name) in going:
            continue
        if usage.kind == "property" and live is not None:
            if usage.name in live:
                continue
            what, severity = f"neither the manifests nor the account have a property {usage.name}", _error
        else:
            what, severity = f"no manifest declares a {usage.kind} {usage.name}", _warning
        way_out = f"Declare it{_near(usage.name, names)}, or correct the name."
        yield Finding(_UNKNOWN[usage.kind], what, way_out, severity, str(usage.user), usage.place)


_error: Severity = "error"
_warning: Severity = "warning"


def _near(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), n=1)
    return f", use {near[0]}" if near else ""
