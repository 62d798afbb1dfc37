"""Find the live object of each entry: by key, or by a former key that a rename states; never by likeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mjsync.engine.read import read_account
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, PlanError
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Live, Reader


@dataclass(slots=True)
class Matches:
    """Address to the live object it means; what no entry means stays in `unmanaged`, by kind."""

    pairs: dict[Address, Live] = field(default_factory=dict)
    unmanaged: dict[str, list[Live]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def match(desired: Desired, live: Mapping[str, Sequence[Live]]) -> Matches:
    """Pair entries with live objects. Raises PlanError with every key and rename that is ambiguous."""
    matches = Matches()
    for kind, objects in live.items():
        by_key: dict[str, list[Live]] = {}
        for live_object in objects:
            by_key.setdefault(live_object.key, []).append(live_object)
        entries = desired.of_kind(kind)
        declared = {entry.key: entry for entry in entries}
        claimed: dict[int, Entry] = {}
        for entry in entries:
            found = _find(entry, by_key, declared, matches.findings)
            if found:
                matches.pairs[entry.address] = found
                if (other := claimed.setdefault(found.id, entry)) is not entry:
                    message = f"renamed_from names the object that {other.address} means too (id {found.id})"
                    matches.findings.append(_ambiguous_rename(entry, message, "Keep one of the two."))
        matched = {matches.pairs[entry.address].id for entry in entries if entry.address in matches.pairs}
        matches.unmanaged[kind] = [live_object for live_object in objects if live_object.id not in matched]
    if errors := [finding for finding in matches.findings if finding.severity == "error"]:
        raise PlanError(errors)
    return matches


def _find(
    entry: Entry, by_key: Mapping[str, list[Live]], declared: Mapping[str, Entry], findings: list[Finding]
) -> Live | None:
    named = by_key.get(entry.key, [])
    if len(named) > 1:
        ids = ", ".join(str(live_object.id) for live_object in named)
        message = f"{len(named)} live objects have the name {entry.key!r} (ids {ids})"
        way_out = "Delete or rename all but one of them."
        findings.append(entry.finding("ambiguous", message, way_out, entry.kind.key_fields[0], "error"))
    direct = named[0] if named else None
    former = [live_object for key in dict.fromkeys(entry.model.former_keys) for live_object in by_key.get(key, [])]
    former = [live_object for live_object in former if live_object is not direct]
    if direct:
        if former:
            names = f"{direct.key!r} (id {direct.id}) and its former name {former[0].key!r} (id {former[0].id})"
            way_out = "Nothing is renamed; settle which of them is meant, then drop renamed_from."
            findings.append(entry.finding("rename-both-live", f"both {names} are live", way_out, "renamed_from"))
        elif entry.model.former_keys:
            findings.append(_unused(entry, "the object has its new name already"))
        return direct
    if not former:
        if entry.model.former_keys:
            findings.append(_unused(entry, "no object has a former name"))
        return None
    if len(former) > 1:
        objects = " and ".join(f"{live_object.name!r} (id {live_object.id})" for live_object in former)
        message = f"renamed_from matches more than one live object: {objects}"
        findings.append(_ambiguous_rename(entry, message, "Keep the name of the one that is meant."))
    elif other := declared.get(former[0].key):
        message = f"renamed_from names {former[0].key!r}, which {other.address} declares at {other.location}"
        way_out = "Rename in one apply, and declare the old name again in a later one."
        findings.append(_ambiguous_rename(entry, message, way_out))
        return None
    return former[0]


def _ambiguous_rename(entry: Entry, message: str, way_out: str) -> Finding:
    return entry.finding("ambiguous-rename", message, way_out, "renamed_from", "error")


def _unused(entry: Entry, why: str) -> Finding:
    return entry.finding("rename-unused", f"renamed_from is not used: {why}", "Drop the line.", "renamed_from")


def ids_of(desired: Desired, reader: Reader, scope: Scope) -> tuple[dict[Address, int], tuple[Finding, ...]]:
    """Address to remote id of each declared object that is live, and a finding for each that is not.

    It is an error where the kind could not be read.
    """
    account = read_account(desired.kinds, reader, scope)
    pairs = match(desired, account.live).pairs
    missing = list[Finding]()
    for address, entry in sorted(desired.entries.items()):
        if reason := account.refused.get(address.kind):
            missing.append(replace(reason, address=str(address), location=entry.location))
        elif address not in pairs:
            missing.append(entry.finding("not-live", "is not on the account yet", "Run `mjsync apply`."))
    return {address: live.id for address, live in pairs.items()}, tuple(missing)
