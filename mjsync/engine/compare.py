"""What differs between entries and the live objects they mean, and what is not there yet.

Content is compared as soon as it is read and dropped where it is equal: the memory of a plan grows with its changes,
not with the account.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mjsync.engine.deployed import ThreeWay, combined_origin, origin_notes, without
from mjsync.engine.diff import differences, display_name, new_fields
from mjsync.engine.impact import with_impact
from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.engine.read import map_concurrently
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, PlanError
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.base import Operation
from mjsync.resources.desired import Entry
from mjsync.resources.field_roles import CreateOnly
from mjsync.resources.live import Live, Problem, Reader


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcome for one pair: its change if it needs one, what stands against that, and what to say of it."""

    change: Change | None = None
    conflict: Problem | None = None
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares with one account. `ids` are the remote ids that references may be resolved to."""

    reader: Reader
    scope: Scope
    ids: Mapping[Address, int] = field(default_factory=dict)
    three_way: ThreeWay | None = None

    def pairs(self, pairs: Sequence[tuple[Entry, Live]]) -> Iterator[Compared]:
        """Each pair compared; those whose content is one request each, side by side."""
        yield from (self.pair(*pair) for pair in pairs if not pair[0].kind.has_content)
        with_content = [pair for pair in pairs if pair[0].kind.has_content]
        yield from map_concurrently(lambda pair: self.pair(*pair), with_content, self.scope, "bodies")

    def pair(self, entry: Entry, header: Live) -> Compared:
        """One entry against the object it means."""
        live = entry.kind.with_content(self.reader, header)
        ailing = tuple(_ailing(entry, problem) for problem in entry.kind.live_warnings(live))
        if entry.address in self.scope.replaces:
            return Compared(self._replace(entry, live), warnings=ailing)
        fields = differences(entry, live, self.ids, self.scope.tagger)
        fixed = [change for change in fields if not entry.kind.is_editable(change.path)]
        warnings = (*ailing, *(_create_only(entry, change) for change in fixed))
        fields = tuple(change for change in fields if change not in fixed)
        if self.three_way:
            fields = self.three_way.with_origins(entry, live, fields)
            fields, left = without(fields, lambda origin: self.scope.adopts(entry.address, origin))
            warnings = (*warnings, *(adopted(entry.address, left, entry) if left else ()))
        if not fields:
            return Compared(warnings=warnings)
        renames = live.key.strip() != entry.key
        action = Action.RENAME if renames else Action.UPDATE
        before, after = (
            display_name(name, entry.secrets, entry.values, live.fields) for name in (live.name, entry.key)
        )
        change = Change(action, entry.address, entry.kind, after, entry, replace(live, name=before), fields)
        change = replace(change, origin=combined_origin(fields))
        notes = (
            *entry.kind.change_notes(change.changed, entry.values, live),
            *entry.kind.write_notes(entry.values),
            *self._takes_over(live),
            *origin_notes(fields, live),
        )
        conflict = entry.kind.conflict(live, entry.values, change.changed)
        return Compared(replace(change, notes=notes), conflict, warnings)

    def missing(self, entries: Sequence[Entry]) -> Iterator[Change]:
        """A create for each entry that means no live object; a soft-deleted one of the same name is looked for."""
        graves = {
            kind: {live.key: live for live in KINDS[kind].list_soft_deleted(self.reader)}
            for kind in sorted({entry.address.kind for entry in entries})
        }
        for entry in entries:
            _check_operations(entry, "does not exist on the account", Operation.CREATE)
            yield self._create(entry, graves[entry.address.kind].get(entry.key))

    def _create(self, entry: Entry, grave: Live | None) -> Change:
        fields = new_fields(entry, self.ids, self.scope.tagger)
        name = display_name(entry.key, entry.secrets, entry.values)
        notes = tuple(entry.kind.write_notes(entry.values))
        change = Change(Action.CREATE, entry.address, entry.kind, name, entry, fields=fields, notes=notes)
        if self.three_way:
            origin = self.three_way.of_create(entry)
            change = replace(change, origin=origin, fields=tuple(replace(each, origin=origin) for each in fields))
        if grave is None:
            return change
        if entry.kind.soft_delete and entry.kind.soft_delete.keeps_name:
            note = f"brings back the deleted one that still holds the name (id {grave.id})"
            return replace(change, live=grave, notes=(*notes, note))
        note = f"a deleted one of this name exists (id {grave.id}); only undo brings it and its people back"
        return replace(change, notes=(*notes, note))

    def _replace(self, entry: Entry, live: Live) -> Change:
        _check_operations(entry, "cannot be replaced", Operation.DELETE, Operation.CREATE)
        fields = new_fields(entry, self.ids, self.scope.tagger)
        name = display_name(entry.key, entry.secrets, entry.values)
        notes = tuple(entry.kind.write_notes(entry.values))
        change = Change(Action.REPLACE, entry.address, entry.kind, name, entry, live, fields, notes=notes)
        change = replace(change, origin="yours" if self.three_way else None)
        return with_impact(change, self.reader, self.scope.people_limit(change.address))

    def _takes_over(self, live: Live) -> tuple[str, ...]:
        deployed = self.scope.deployed
        is_known = (live.kind, live.id) in self.scope.known_objects or (deployed and deployed.entry_of(live))
        return () if is_known else ("takes over",)


def adopted(address: Address, paths: Sequence[str], entry: Entry | None = None) -> Iterator[Finding]:
    """Yield a warning for what was edited in Mailjet and is left as it is."""
    what = ", ".join(paths) or "the object"
    message = f"{what} was changed in Mailjet since the deployed commit, and is left as it is"
    way_out = "`mjsync drift --write` updates the manifests."
    location = entry.location_of(paths[0]) if entry and paths else entry.location if entry else None
    yield Finding("drift-adopted", message, way_out, "warning", str(address), location)


def _check_operations(entry: Entry, what: str, *needed: Operation) -> None:
    """Raise PlanError where the kind does not have one of these operations."""
    for operation in needed:
        if not entry.kind.can(operation):
            why = entry.kind.refusals.get(operation, f"mjsync cannot {operation.name.lower()} a {entry.kind.name}")
            way_out = f"Remove the entry, or {operation.name.lower()} it in the Mailjet app."
            raise PlanError(f"{what}, and {why}", way_out, address=str(entry.address), code="not-supported")


def _ailing(entry: Entry, problem: Problem) -> Finding:
    address, place = str(entry.address), entry.location
    return Finding(problem.about, problem.message, problem.way_out, "warning", address, place)


def _create_only(entry: Entry, change: FieldChange) -> Finding:
    role = entry.kind.spec(change.path).role(CreateOnly)
    message = f"{change.path} is {change.before!r} there and cannot become {change.after!r}: {role.why if role else ''}"
    way_out = f"Set what is there, or plan a delete and create with --replace {entry.address.quoted}."
    if not entry.kind.can(Operation.DELETE, Operation.CREATE):
        way_out = "Set what is there."
    place = entry.location_of(change.path)
    return Finding("create-only", message, way_out, "warning", str(entry.address), place)
