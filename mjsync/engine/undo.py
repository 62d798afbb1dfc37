"""Build the plan that takes back what an earlier run did, from the objects as they were recorded before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mjsync.engine.build_plan import check_unused, finish_plan
from mjsync.engine.diff import Compared, Comparison, differing_fields
from mjsync.engine.guards import with_impact
from mjsync.engine.plan import Action, Change, Guard, Plan, RecordedObject, RecordedStep
from mjsync.engine.read import read_account
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, Location
from mjsync.redaction import redact_name
from mjsync.resources.address import Address
from mjsync.resources.base import Kind, Operation
from mjsync.resources.desired import Entry
from mjsync.resources.entry_model import MultilineText, Wire
from mjsync.resources.live import Live, Problem, Reader, Values, leaves, value_at


@dataclass(frozen=True, slots=True)
class Undo:
    """What undo needs besides the steps: the account, the path of the receipt, and what manifests protect now."""

    reader: Reader
    scope: Scope
    receipt: str
    protected: frozenset[Address] = frozenset()


def build_undo_plan(steps: Sequence[RecordedStep], undo: Undo) -> Plan:
    """Plan the changes that take these steps back; change nothing.

    Raises PlanError, Refused (another account), WrongUse (an option that matches nothing), ApiError.
    """
    scope = undo.scope
    account = read_account({step.kind.name for step in steps}, undo.reader, scope)
    back = _UndoPlanner(undo, {(live.kind, live.id): live for live in account.objects})
    for live in account.objects:
        back.by_key.setdefault((live.kind, live.key), []).append(live)
    found = [outcome for step in steps for outcome in back.outcomes(step)]
    plan = check_unused(finish_plan(found, (), account, scope, account.live), scope)
    return replace(
        plan,
        guards=(*plan.guards, *_protected(plan.changes, undo.protected)),
        warnings=(*plan.warnings, *(warning for item in found for warning in item.warnings)),
        unchanged=max(0, len(steps) - len(plan.changes)),
    )


@dataclass(frozen=True, slots=True)
class _UndoPlanner:
    """Plans what takes each step back, on one account; its live objects are by kind and id, and by kind and key."""

    undo: Undo
    by_id: Mapping[tuple[str, int | None], Live]
    by_key: dict[tuple[str, str], list[Live]] = field(default_factory=dict)
    _soft_deleted_by_kind: dict[str, dict[int, Live]] = field(default_factory=dict)

    def outcomes(self, step: RecordedStep) -> Iterator[Compared]:
        """Yield what takes a step back; nothing where nothing of it is left."""
        if step.found:
            yield self._left_alone(step, "was done already when the run came to it")
        elif step.action is Action.CREATE:
            yield from self._undo_create(step)
        elif step.before and step.action in (Action.UPDATE, Action.RENAME):
            yield self._undo_update(step, step.before)
        elif step.before and (step.kind.name, step.before.id) not in self.by_id:
            yield from self._undo_delete(step, step.before)

    # --- one way back for each action

    def _undo_create(self, step: RecordedStep) -> Iterator[Compared]:
        header = self._created(step)
        if header is None:
            return
        if refusal := step.kind.refusal(Operation.DELETE):
            yield self._left_alone(step, f"stays, since {refusal}")
            return
        live = step.kind.with_content(self.undo.reader, header)
        if step.status != "applied" and self._moved(step, live):
            yield self._left_alone(step, f"something else has its name now (id {live.id})")
        else:
            yield self._deletion(step, step.address, live)

    def _undo_update(self, step: RecordedStep, before: RecordedObject) -> Compared:
        header = self.by_id.get((step.kind.name, before.id))
        if header is None:
            return self._recreate(step, before, "was deleted since that run")
        wrote = step.after.fields if step.after else {}
        names = frozenset(wrote)
        values = restorable_values(step.kind, before, names, wrote)
        live = step.kind.with_content(self.undo.reader, header)
        is_renamed = not step.kind.identity_fields.isdisjoint(values)
        key = step.kind.key_of("", {**live.fields, **values}) if is_renamed else live.key
        compared = self._comparison().pair(self._entry(step, values, key), live)
        return self._with_losses(step, before, names, self._guarded(compared, self._moved(step, live)))

    def _undo_delete(self, step: RecordedStep, before: RecordedObject) -> Iterator[Compared]:
        made = self._created(step) if step.action is Action.REPLACE else None
        deleted = self._soft_deleted(step.kind, before.id)
        if made and not deleted:
            yield self._replaced(step, before, made)
            return
        if made:
            aside = Address(step.address.kind, f"{made.name}#{made.id}")
            yield self._deletion(step, aside, step.kind.with_content(self.undo.reader, made))
        yield self._recreate(step, before, taken_by=made)

    def _replaced(self, step: RecordedStep, before: RecordedObject, made: Live) -> Compared:
        """Change the object that replaced another back to what that was; create it again if need be."""
        names = recorded_fields(before)
        wrote = step.after.fields if step.after else {}
        values = restorable_values(step.kind, before, names | frozenset(wrote), wrote)
        live = step.kind.with_content(self.undo.reader, made)
        is_fixed = any(not step.kind.is_editable(path) for path in differing_fields(step.kind, live.fields, values))
        comparison = self._comparison(frozenset({step.address}) if is_fixed else frozenset())
        compared = comparison.pair(self._entry(step, values, live.key), live)
        return self._with_losses(
            step, before, names, self._guarded(compared, self._moved(step, live)), self._losses(step, before)
        )

    def _recreate(
        self, step: RecordedStep, before: RecordedObject, why: str = "", taken_by: Live | None = None
    ) -> Compared:
        """Return a create of what is gone, or a soft-deleted object brought back."""
        deleted, names = self._soft_deleted(step.kind, before.id), recorded_fields(before)
        values = restorable_values(step.kind, before, names, {})
        key = step.kind.key_of(step.address.handle, values)
        missing = sorted(step.kind.required_fields - values.keys())
        if not deleted and (refusal := step.kind.refusal(Operation.CREATE)):
            return self._left_alone(step, f"cannot come back, since {refusal}")
        if missing and not deleted:
            return self._left_alone(step, f"cannot come back: {', '.join(missing)} was masked and is not known")
        entry = self._entry(step, values, key)
        others = (live for live in self.by_key.get((step.kind.name, key), ()) if live != taken_by)
        if other := next(others, None):
            whole = restorable_values(step.kind, before, frozenset(before.fields), {})
            compared = self._comparison().pair(self._entry(step, whole, key), other)
            fields = compared.change.fields if compared.change else ()
            if fields and all(step.kind.spec(each.path).normalized(each.before) is None for each in fields):
                return compared  # completes what an undo that was stopped left half made: nothing is overwritten
            return self._guarded(compared, f"another object has its name now (id {other.id})")
        note = f"comes back with its id {deleted.id}" if deleted else "created again, under another id"
        change = replace(self._comparison().new_change(Action.CREATE, entry, deleted), notes=(note,))
        compared = self._guarded(Compared(change), why)
        return self._with_losses(step, before, names, compared, "" if deleted else self._losses(step, before))

    # --- parts of it

    def _deletion(self, step: RecordedStep, address: Address, live: Live) -> Compared:
        """Return a delete of what the run created: no policy and no rename guard applies."""
        secrets = _secrets(step)
        name = redact_name(live.name, secrets, live.fields)
        change = Change(Action.DELETE, address, step.kind, name, live=live, is_tombstoned=True, secrets=secrets)
        change = with_impact(change, self.undo.reader, self.undo.scope.max_people)
        return self._guarded(Compared(change), self._moved(step, live))

    def _guarded(self, compared: Compared, why: str) -> Compared:
        """Return the same with a guard for each field that is not as the run left it."""
        if not why or compared.change is None:
            return compared
        return replace(compared, conflict=Problem("moved", why, "taking the run back would overwrite that"))

    def _moved(self, step: RecordedStep, live: Live) -> str:
        """Return what is not as a step left it, empty if all is; a step that failed may have left either value."""
        sides = [step.after, step.before] if step.status != "applied" else [step.after]
        left = [recorded or RecordedObject(None, {}) for recorded in sides]
        paths = [
            path
            for path, _ in leaves(left[0].fields)
            if not any(self._is_as(step.kind, path, live, each) for each in left)
        ]
        return f"changed since that run: {', '.join(sorted(paths))}" if paths else ""

    def _is_as(self, kind: Kind, path: str, live: Live, recorded: RecordedObject) -> bool:
        now, tagger = value_at(live.fields, path), self.undo.scope.tagger
        if path in recorded.masked:
            return tagger is None or tagger.tag(now) == recorded.masked[path]
        return bool(kind.spec(path).normalized(now) == kind.spec(path).normalized(value_at(recorded.fields, path)))

    def _with_losses(
        self,
        step: RecordedStep,
        before: RecordedObject,
        names: frozenset[str],
        compared: Compared,
        lost: Sequence[str] = (),
    ) -> Compared:
        """Return the same with a warning for all that cannot come back."""
        masked = sorted(path for path in before.masked if path.partition(".")[0] in names)
        lost_items = [f"the value of {path}, which was masked" for path in masked] + [*lost]
        warnings = tuple(self._warning(step, "cannot-come-back", f"cannot come back: {what}") for what in lost_items)
        return replace(compared, warnings=(*compared.warnings, *warnings))

    def _losses(self, step: RecordedStep, before: RecordedObject) -> Sequence[str]:
        """Return what making an object again does not bring back."""
        key = step.kind.key_of(step.address.handle, before.fields)
        lost_items = [step.kind.loss_on_delete(Live(step.kind.name, before.id or 0, key, step.name, before.fields, {}))]
        if step.affected_contacts and step.affected_contacts.number != 0:
            many = (
                "an unknown number of" if step.affected_contacts.number is None else str(step.affected_contacts.number)
            )
            lost_items.append(f"what {many} {step.kind.contact_noun} had of it")
        return [what for what in lost_items if what]

    def _left_alone(self, step: RecordedStep, why: str) -> Compared:
        return Compared(warnings=(self._warning(step, "left-alone", f"left alone: {why}"),))

    def _warning(self, step: RecordedStep, code: str, message: str) -> Finding:
        return Finding(code, message, "", "warning", str(step.address), Location(self.undo.receipt))

    # --- what is there

    def _created(self, step: RecordedStep) -> Live | None:
        """Return the object that a step made: by its id, by its natural key where no id was seen."""
        if step.status == "applied" and step.id is not None:
            return self.by_id.get((step.kind.name, step.id))
        key = step.kind.key_of(step.address.handle, step.after.fields if step.after else {})
        return next(iter(self.by_key.get((step.kind.name, key), ())), None)

    def _soft_deleted(self, kind: Kind, number: int | None) -> Live | None:
        if kind.name not in self._soft_deleted_by_kind:
            self._soft_deleted_by_kind[kind.name] = {live.id: live for live in kind.list_soft_deleted(self.undo.reader)}
        return self._soft_deleted_by_kind[kind.name].get(number or 0)

    def _entry(self, step: RecordedStep, values: Values, key: str) -> Entry:
        model, place = step.kind.model.model_construct(), Location(self.undo.receipt)
        return Entry(step.address, step.kind, model, values, key, place, {}, _secrets(step))

    def _comparison(self, replaces: frozenset[Address] = frozenset()) -> Comparison:
        return Comparison(self.undo.reader, replace(self.undo.scope, replaces=replaces))


def _secrets(step: RecordedStep) -> frozenset[str]:
    """Return the paths that the run kept masked: they stay secret on the way back."""
    return frozenset(path for recorded in (step.before, step.after) if recorded for path in recorded.masked)


def _protected(changes: Sequence[Change], protected: frozenset[Address]) -> Iterator[Guard]:
    for change in changes:
        if change.action.deletes and change.address in protected:
            allow = f"remove `protect: true` of {change.address} from the manifests, and apply that first"
            yield Guard(
                "protected", str(change.address), "is protected, and taking that run back would delete it", allow
            )


def restorable_values(kind: Kind, recorded: RecordedObject, names: frozenset[str], also: Values) -> dict[str, Any]:
    """Return these fields of a recorded object as a manifest sets them, emptiness too, without what was masked.

    `also` has, for fields of several values, keys that the object lacks: they are stated as empty.
    """
    values: dict[str, Any] = {}
    for name in names:
        value, more = recorded.fields.get(name), also.get(name)
        if isinstance(value, Mapping) or isinstance(more, Mapping):
            lower = {str(key).lower() for key in value or ()}
            added = dict.fromkeys((key for key in more or () if key.lower() not in lower), "")
            whole = {**{key: "" if inner is None else inner for key, inner in (value or {}).items()}, **added}
            values[name] = {key: inner for key, inner in whole.items() if f"{name}.{key}" not in recorded.masked}
        elif name not in recorded.masked:
            spec = kind.spec(name)
            empty = None if spec.role(MultilineText) and not spec.role(Wire) else ""  # a part of a mail is null
            values[name] = empty if value is None else value
    return values


def recorded_fields(recorded: RecordedObject) -> frozenset[str]:
    """Return the names of the fields of a recorded object that have a value."""
    return frozenset(name for name, value in recorded.fields.items() if value not in (None, "", [], {}))
