"""Read what manifests state besides entries, removals and approvals, and check entries against each other."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, Field

from mjsync.errors import Finding
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.entries import BuiltEntry
from mjsync.manifest.loading.document import Node, validate_partly
from mjsync.manifest.loading.layers import Layer
from mjsync.manifest.project.settings import ProjectFile
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry, ManifestApproval, Tombstone
from mjsync.resources.entry_model import RENAMED_FROM

_ACTIONS = ("delete", "replace", "overwrite", "adopt", "ratio")


class ApprovalModel(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """One approval: exactly one of delete, replace, overwrite, adopt and ratio, and the reason."""

    delete: str | None = None
    """The address of an object that may be deleted."""
    replace: str | None = None
    """The address of an object that may be deleted and created again."""
    overwrite: str | None = None
    """The address of an object whose edits made in Mailjet are written over."""
    adopt: str | None = None
    """The address of an object whose edits made in Mailjet stay."""
    ratio: str | None = None
    """The section of which more than `guards` allows may be deleted or changed."""
    people: Annotated[int, Field(ge=0)] | None = None
    """How many subscribers or contacts a delete or a replace may concern."""
    reason: Annotated[str, Field(min_length=1)]
    """Why; shown in every report."""
    until: date | None = None
    """The last day on which it counts."""


def approvals_of(layer: Layer) -> tuple[tuple[ManifestApproval, ...], list[Finding]]:
    """Return the approvals of the manifests, and what is wrong with them."""
    approvals: list[ManifestApproval] = []
    findings: list[Finding] = []
    for node in layer.approvals:
        model, wrong = validate_partly(ApprovalModel, node.value, node.location_of)
        stated = {action: target for action in _ACTIONS if model and (target := getattr(model, action)) is not None}
        found = [finding for each in wrong.values() for finding in each]
        found += _wrong_actions(stated, model, node, is_whole=not wrong) if model else ()
        findings += found
        if model is None or found:
            continue
        ((action, target),) = stated.items()
        if action == "ratio":
            target = SECTIONS[target].name if target in SECTIONS else target
        approvals.append(
            ManifestApproval(action, target, model.reason, model.people, model.until, node.location)  # type: ignore[arg-type] # one of the words
        )
    return tuple(approvals), findings


def _wrong_actions(stated: Mapping[str, str], model: ApprovalModel, node: Node, *, is_whole: bool) -> Iterator[Finding]:
    """Yield what is wrong with the actions of an approval; one that is missing may be what else is wrong with it."""
    if len(stated) > 1 or (is_whole and not stated):
        yield Finding("value", f"needs exactly one of {', '.join(_ACTIONS)}", location=node.location)
    kinds = {kind.name for kind in SECTIONS.values()}
    for action, target in stated.items():
        kind, _, rest = target.partition(".")
        if action == "ratio" and target not in SECTIONS and target not in kinds:
            message = f"ratio: {target!r} is not a section{did_you_mean(target, SECTIONS)}"
            yield Finding("value", message, location=node.location_of(action))
        if action != "ratio" and (kind not in kinds or not rest):
            message = f"{action}: {target!r} is not an address{did_you_mean(kind, kinds)}"
            yield Finding("value", message, location=node.location_of(action))
    if model.people is not None and stated and not {"delete", "replace"} & stated.keys():
        yield Finding("value", "people belongs to delete and replace", location=node.location_of("people"))


def tombstones_of(layer: Layer) -> tuple[Tombstone, ...]:
    """Return the names under `removed:`."""
    return tuple(
        Tombstone(kind.name, name, kind.tombstone_key(name), node.locations.get(str(index), node.location))
        for section, kind in SECTIONS.items()
        if (node := layer.removed.get(section))
        for index, name in enumerate(node.value)
    )


def find_conflicts(
    built: Sequence[BuiltEntry], tombstones: Sequence[Tombstone], project: ProjectFile, *, is_complete: bool
) -> Iterator[Finding]:
    """Yield every finding that concerns more than one entry; unless `built` `is_complete`, references may be right."""
    declared = {each.address for each in built}
    for each in built if is_complete else ():
        for target, location in each.references:
            if target not in declared:
                near = did_you_mean(str(target), map(str, declared))
                message = f"${{id.{target}}} is not declared in the manifests{near}"
                way_out = "Declare it, or correct the reference."
                yield Finding("unknown-reference", message, way_out, address=str(each.address), location=location)
    entries = [each.entry for each in built if each.entry and not each.entry.wrong]
    yield from _reference_cycles(built)
    yield from _same_objects(entries)
    yield from _renames(entries)
    yield from _removed(tombstones, entries, project)


def _reference_cycles(built: Sequence[BuiltEntry]) -> Iterator[Finding]:
    """Find entries that refer to each other in a cycle: none of them can be created first."""
    graph = {each.address: dict(each.references) for each in built if each.references}
    while True:
        try:
            TopologicalSorter({address: list(targets) for address, targets in graph.items()}).prepare()
        except CycleError as error:
            ring: list[Address] = error.args[1][:0:-1]  # each refers to the next, the last to the first
            first = ring.index(min(ring, key=str))
            ring = [*ring[first:], *ring[: first + 1]]
            steps = [f"{one} ({graph[one][other]}) refers to {other}" for one, other in pairwise(ring)]
            message = f"references form a cycle, so that none can be created first: {', '.join(steps)}"
            way_out, place = "Take one of the references out.", graph[ring[0]][ring[1]]
            yield Finding("reference-ring", message, way_out, address=str(ring[0]), location=place)
            for address in ring[1:]:
                del graph[address]
        else:
            return


def _same_objects(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Find handles that mean one object, and names that differ in case alone where that is not safe."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = entry.key.lower() if entry.kind.keys_ignore_case else entry.key
        other = first.setdefault((entry.address.kind, key), entry)
        if other is not entry:
            message = f"{entry.address} and {other.address} are one object on the account ({entry.key})"
            yield Finding(
                "same-object",
                f"{message}; the other is at {other.location}",
                "Keep one of them, or give one another name.",
                address=str(entry.address),
                location=entry.location,
            )


def _renames(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Warn of former names that another entry declares or renames too.

    Whether that is an error depends on what is live: a plan stops where such a name is needed to find an object.
    """
    declared = {(entry.address.kind, entry.key): entry for entry in entries}
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for former in dict.fromkeys(entry.model.former_keys):
            name = (entry.address.kind, former)
            message, way_out = "", "Keep the former name of one of the two."
            if (other := declared.get(name, entry)) is not entry:
                message = f"renamed_from names {former!r}, which {other.address} declares at {other.location}"
                way_out = "Rename in one apply, and declare the old name again in a later one, without renamed_from."
            elif (other := first.setdefault(name, entry)) is not entry:
                place = other.location_of(RENAMED_FROM)
                message = f"renamed_from names {former!r}, as {other.address} does at {place}"
            if message:
                place = entry.location_of(RENAMED_FROM)
                yield Finding("ambiguous-rename", message, way_out, "warning", str(entry.address), place)


def _removed(tombstones: Sequence[Tombstone], entries: Sequence[Entry], project: ProjectFile) -> Iterator[Finding]:
    """Yield names under `removed:` that cannot be deleted: the policy is `never`, or a manifest declares them too."""
    if not tombstones:
        return
    declared = {(entry.address.kind, key): entry for entry in entries for key in entry.model.former_keys}
    declared |= {(entry.address.kind, entry.key): entry for entry in entries}
    for tombstone in tombstones:
        section = KINDS[tombstone.kind].section
        if project.settings.policy(section) == "never":
            message = f"{tombstone.name!r} is to be removed, but {section} are never deleted here"
            way_out = f"Add `delete: {{{section}: declared}}` to mjsync.yaml, or drop the line."
            yield Finding("removed-never", message, way_out, location=tombstone.location)
        if entry := declared.get((tombstone.kind, tombstone.key)):
            message = f"{tombstone.name!r} is to be removed, but {entry.address} declares it at {entry.location}"
            yield Finding("removed-declared", message, "Drop one of the two.", location=tombstone.location)
