"""Compare entries with their live objects: stated fields only, both sides normalized.

Content is compared as soon as it is read and dropped where it is equal: the memory of a plan grows with its changes,
not with the account. deepdiff explains a nested field once it is known to differ: it costs a thousand times what ==
does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from mjsync.engine.deployed import ThreeWay, combined_origin, origin_notes, split_adopted
from mjsync.engine.guards import with_impact
from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.engine.read import map_concurrently
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, PlanError
from mjsync.redaction import Tagger, is_secret, redact_field, redact_name
from mjsync.resources import KINDS
from mjsync.resources.address import Address, format_references, references, resolve
from mjsync.resources.base import Kind, Operation
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Entry
from mjsync.resources.entry_model import CreateOnly, FieldSpec, MultilineText, referenced_names
from mjsync.resources.live import Live, Problem, Reader, Values, leaves, value_at


def differences(entry: Entry, live: Live, ids: Mapping[Address, int], tagger: Tagger | None) -> tuple[FieldChange, ...]:
    """Return each stated field whose live value differs, in the order of the kind's fields."""
    stated = ((name, read_bodies(value)) for name, value in entry.values.items())
    unequal = (
        (path, before, after, value_at({name: value}, path))
        for name, value in stated
        for path, before, after in _unequal(entry.kind.spec(name), live.fields.get(name), resolve(value, ids))
    )
    return _field_changes(entry, unequal, tagger)


def differing_fields(kind: Kind, before: Values, after: Values) -> tuple[str, ...]:
    """Return the dotted paths, of those that `after` states, whose values differ; nothing is masked or shown."""
    return tuple(
        path
        for name, desired in after.items()
        for path, _, _ in _unequal(kind.spec(name), before.get(name), read_bodies(desired))
    )


def _unequal(spec: FieldSpec, live: Any, desired: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield path, live and desired value of each leaf that differs; of a nested field only the keys that are set."""
    if not isinstance(desired, Mapping):
        if spec.normalized(live) != spec.normalized(desired):
            yield spec.name, live, desired
        return
    there = {str(key).lower(): value for key, value in (live or {}).items()} if isinstance(live, Mapping) else {}
    before = {key: spec.normalized(there.get(key.lower())) for key in desired}
    after = {key: spec.normalized(value) for key, value in desired.items()}
    if before == after:
        return
    from deepdiff import DeepDiff

    tree = DeepDiff(before, after, view="tree")
    for key in sorted({str(level.path(output_format="list")[0]) for levels in tree.values() for level in levels}):
        yield f"{spec.name}.{key}", there.get(key.lower()), desired[key]


def _field_changes(
    entry: Entry, found: Iterable[tuple[str, Any, Any, Any]], tagger: Tagger | None
) -> tuple[FieldChange, ...]:
    """Return field changes as they may be shown: what is secret is redacted here, so that no plan ever contains it.

    Each is found as path, value before, value after, and that as it is stated.
    """
    kind, changes = entry.kind, list[FieldChange]()
    for path, old, new, desired in found:
        stated = format_references(desired) if next(references(desired), None) else None
        before, after = (list(side) if isinstance(side, tuple) else side for side in (old, format_references(new)))
        is_url, is_text = kind.has_credentials(path), kind.spec(path).role(MultilineText) is not None
        shown = [redact_field(side, path, entry.secrets, is_url=is_url) for side in (before, after)]
        change = FieldChange(path, shown[0], shown[1], stated=stated, is_text=is_text)
        if shown != [before, after] or is_secret(path, entry.secrets):
            tags = [None if tagger is None or side is None else tagger.tag(side) for side in (before, stated or after)]
            change = replace(change, secret=True, before_tag=tags[0], after_tag=tags[1], stated=None)
        changes.append(change)
    places = {name: place for place, name in enumerate(kind.specs())}
    return tuple(sorted(changes, key=lambda change: (places[change.path.partition(".")[0]], change.path)))


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcome for one pair: its change if it needs one, the conflict of that change, and warnings."""

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
        """Yield each pair compared; those whose content is one request each, side by side."""
        yield from (self.pair(*pair) for pair in pairs if not pair[0].kind.content_path)
        with_content = [pair for pair in pairs if pair[0].kind.content_path]
        yield from map_concurrently(lambda pair: self.pair(*pair), with_content, self.scope, "bodies")

    def pair(self, entry: Entry, header: Live) -> Compared:
        """Return one entry against the object it means."""
        live = entry.kind.with_content(self.reader, header)
        warnings_of_live = tuple(_warning(entry, problem) for problem in entry.kind.live_warnings(live))
        if entry.address in self.scope.replaces:
            return Compared(self._replace(entry, live), warnings=warnings_of_live)
        fields = differences(entry, live, self.ids, self.scope.tagger)
        fixed = [change for change in fields if not entry.kind.is_editable(change.path)]
        warnings = (*warnings_of_live, *(_create_only(entry, change) for change in fixed))
        fields = tuple(change for change in fields if change not in fixed)
        if self.three_way:
            fields = self.three_way.with_origins(entry, live, fields)
            fields, left = split_adopted(fields, lambda origin: self.scope.adopts(entry.address, origin))
            warnings = (*warnings, *(adopted(entry.address, left, entry) if left else ()))
            entry = _without_fields(entry, left)
        if not fields:
            return Compared(warnings=warnings)
        _check_operations([entry], f"differs in {', '.join(each.path for each in fields)}", Operation.UPDATE)
        renames = live.key != entry.key
        action = Action.RENAME if renames else Action.UPDATE
        before, after = (redact_name(name, entry.secrets, entry.values, live.fields) for name in (live.name, entry.key))
        values = read_bodies(entry.values)
        change = Change(
            action,
            entry.address,
            entry.kind,
            after,
            entry,
            replace(live, name=before),
            fields,
            references=frozenset(references(values)),
            named=frozenset(referenced_names(entry.kind.model, values)),
            origin=combined_origin(fields),
        )
        notes = (
            *entry.kind.notes(entry.values, change.changed),
            *self._takes_over(live),
            *origin_notes(fields, live),
        )
        change = replace(change, notes=notes)
        warnings = (*warnings, *(_warning(entry, problem) for problem in entry.kind.change_warnings(change.changed)))
        return Compared(change, entry.kind.conflict(live, entry.values, change.changed), warnings)

    def missing(self, entries: Sequence[Entry]) -> Iterator[Change]:
        """Yield a create for each entry without a live object.

        Soft-deleted ones of the same name are looked for meanwhile.
        """
        kinds = sorted({entry.address.kind for entry in entries})
        with ThreadPoolExecutor(self.scope.concurrency) as pool:
            listings = [pool.submit(KINDS[kind].list_soft_deleted, self.reader) for kind in kinds]
            creates = [self.new_change(Action.CREATE, entry) for entry in entries]
            soft_deleted = {(live.kind, live.key): live for listing in listings for live in listing.result()}
        _check_operations(entries, "does not exist on the account", Operation.CREATE)
        for entry, create in zip(entries, creates, strict=True):
            change, deleted, kept = create, soft_deleted.get((entry.address.kind, entry.key)), entry.kind.soft_delete
            if self.three_way:
                origin = self.three_way.of_create(entry)
                fields = tuple(replace(each, origin=origin) for each in change.fields)
                change = replace(change, origin=origin, fields=fields)
            if deleted and kept and kept.keeps_name:
                note = f"brings back the deleted one that still holds the name (id {deleted.id})"
                change = replace(change, live=deleted, notes=(*change.notes, note))
            elif deleted:
                note = f"a deleted one of this name exists (id {deleted.id}); only undo brings it and its people back"
                change = replace(change, notes=(*change.notes, note))
            yield change

    def _replace(self, entry: Entry, live: Live) -> Change:
        _check_operations([entry], "cannot be replaced", Operation.DELETE, Operation.CREATE)
        change = self.new_change(Action.REPLACE, entry, live)
        change = replace(change, origin="yours" if self.three_way else None)
        return with_impact(change, self.reader, self.scope.people_limit(change.address))

    def new_change(self, action: Action, entry: Entry, live: Live | None = None) -> Change:
        """Return a change that writes every stated field."""
        values, kind = read_bodies(entry.values), entry.kind
        found = (
            (path, None, after, value_at(values, path))
            for path, after in leaves(resolve(values, self.ids))
            if kind.spec(path).normalized(after) is not None
        )
        return Change(
            action,
            entry.address,
            kind,
            redact_name(entry.key, entry.secrets, entry.values),
            entry,
            live,
            _field_changes(entry, found, self.scope.tagger),
            references=frozenset(references(values)),
            named=frozenset(referenced_names(kind.model, values)),
            notes=tuple(kind.notes(entry.values, frozenset(entry.values))),
        )

    def _takes_over(self, live: Live) -> tuple[str, ...]:
        deployed = self.scope.deployed
        is_known = (live.kind, live.id) in self.scope.known_objects or (deployed and deployed.entry_of(live))
        return () if is_known else ("takes over",)


def _without_fields(entry: Entry, paths: Iterable[str]) -> Entry:
    """Return the entry without the fields at these paths: they are not sent, so that they keep their live value."""
    values = dict(entry.values)
    for path in paths:
        name, _, key = path.partition(".")
        if key:
            values[name] = {inner: value for inner, value in values[name].items() if inner != key}
        else:
            del values[name]
    return replace(entry, values=values)


def adopted(address: Address, paths: Sequence[str], entry: Entry | None = None) -> Iterator[Finding]:
    """Yield a warning for what was edited in Mailjet and is left as it is."""
    what = ", ".join(paths) or "the object"
    message = f"{what} was changed in Mailjet since the deployed commit, and is left as it is"
    way_out = "`mjsync drift --write` updates the manifests."
    location = entry.location_of(paths[0]) if entry and paths else entry.location if entry else None
    yield Finding("drift-adopted", message, way_out, "warning", str(address), location)


def _check_operations(entries: Sequence[Entry], what: str, *needed: Operation) -> None:
    """Raise PlanError with each entry whose kind does not have one of these operations."""
    findings = []
    for entry in entries:
        if operation := next((each for each in needed if entry.kind.refusal(each)), None):
            message = f"{what}, and {entry.kind.refusal(operation)}"
            way_out = f"Remove the entry, or {operation.name.lower()} it in the Mailjet app."
            findings.append(entry.finding("not-supported", message, way_out, severity="error"))
    if findings:
        raise PlanError(findings)


def _warning(entry: Entry, problem: Problem) -> Finding:
    return entry.finding(problem.about, problem.message, problem.way_out)


def _create_only(entry: Entry, change: FieldChange) -> Finding:
    role = entry.kind.spec(change.path).role(CreateOnly)
    message = f"{change.path} is {change.before!r} there and cannot become {change.after!r}: {role.why if role else ''}"
    way_out = f"Set what is there, or plan a delete and create with --replace {entry.address.quoted}."
    if entry.kind.refusal(Operation.DELETE) or entry.kind.refusal(Operation.CREATE):
        way_out = "Set what is there."
    return entry.finding("create-only", message, way_out, change.path)
