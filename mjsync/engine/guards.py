"""Check the finished plan before the first write: guards, the people that deletes touch, unconfirmed values.

Each refusal names what would allow just it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from mjsync.engine.approval import lift
from mjsync.engine.plan import Action, Change, Guard
from mjsync.engine.read import Account
from mjsync.engine.scope import Scope
from mjsync.errors import AuthFailed, Finding, Forbidden, NotFound, Rejected, counted
from mjsync.resources import KINDS
from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.entry_model import VerifiedBy, fields_with, referenced_names
from mjsync.resources.live import Count, Problem, Reader

FLOOR = 10
"""Live objects of a kind from which on ratios are checked."""


def guards(
    changes: Sequence[Change], conflicts: Mapping[Address, Problem], live: Mapping[str, int], scope: Scope
) -> tuple[Guard, ...]:
    """Return every reason to refuse the plan, those lifted by an approval marked so.

    `live` counts the live objects of each kind.
    """
    found = [
        *_protected(changes, scope),
        *_people(changes, scope),
        *_replaced(changes),
        *_lookalikes(changes, scope),
        *_conflicts(conflicts),
        *_drifted(changes, scope),
        *_ratios(changes, live, scope),
    ]
    return tuple(lift(found, changes, scope))


def missing_references(changes: Sequence[Change], left: Sequence[Change]) -> Iterator[Guard]:
    """Yield a guard for each use of an object that is `left` out: deleted in Mailjet, and not created again."""
    absent = {(change.kind.name, change.entry.key): change.address for change in left if change.entry}
    for change in changes if absent else ():
        values = change.entry.values if change.entry else {}
        written = {name: read_bodies(value) for name, value in values.items() if name in change.changed}
        names = (absent[name] for name in referenced_names(change.kind.model, written) if name in absent)
        for used in sorted({*names, *(set(references(written)) & set(absent.values()))}):
            message = (
                f"uses {used}, which was deleted in Mailjet since the deployed commit, and stays so (drift: adopt)"
            )
            allow = f"remove what uses it, or create it again with `approve: [{{overwrite: {used}, reason: …}}]`"
            yield Guard("missing-reference", str(change.address), message, allow)


def _protected(changes: Sequence[Change], scope: Scope) -> Iterator[Guard]:
    for change in changes:
        former = scope.deployed.entry_of(change.live) if scope.deployed and change.live else None
        if change.action.deletes and former and former.model.protect and scope.deployed:
            message = f"is protected at {scope.deployed.name} ({former.location_of('protect')}), and would be deleted"
            allow = "apply a commit that declares it without `protect: true` first"
            yield Guard("protected", str(change.address), message, allow)
        elif change.action is Action.REPLACE and change.entry and change.entry.model.protect:
            place = change.entry.location_of("protect")
            allow = f"remove `protect: true` at {place} in a commit of its own"
            yield Guard("protected", str(change.address), "is protected, and would be deleted and created again", allow)


def _people(changes: Sequence[Change], scope: Scope) -> Iterator[Guard]:
    limit = scope.max_people
    for change in changes:
        if change.affected_contacts is None or (
            change.affected_contacts.number is not None and change.affected_contacts.number <= limit
        ):
            continue
        count = change.affected_contacts
        noun = change.kind.contact_noun.removesuffix("s")
        many = (
            f"an unknown number of {noun}s"
            if count.number is None
            else counted(count.number, noun)
            if count.exact
            else f"more than {counted(scope.people_limit(change.address), noun)}"
        )
        message = f"deleting it touches {many}; guards.max_people is {limit}"
        yield Guard("people", str(change.address), message, _approval("people", change.address))


def _replaced(changes: Sequence[Change]) -> Iterator[Guard]:
    for change in changes:
        if change.action is Action.REPLACE and change.live:
            message = f"would be deleted and created again with another id: what uses id {change.live.id} breaks"
            yield Guard("replace", str(change.address), message, _approval("replace", change.address))


def _lookalikes(changes: Sequence[Change], scope: Scope) -> Iterator[Guard]:
    """Guard deletes that look like a rename without `renamed_from`: by a create beside them, or by their entry.

    The entry that declared the object at the deployed commit may mean another live object now, which nothing creates.
    """
    deletes = [change for change in changes if change.action is Action.DELETE and not change.is_tombstoned]
    creates = [change for change in changes if change.action is Action.CREATE and change.entry]
    created, twins = {create.address for create in creates}, _similar_creates(deletes, creates, scope)
    for change in deletes:
        base = scope.deployed.entry_of(change.live) if scope.deployed and change.live else None
        if base and base.address in scope.declared and base.address not in created:
            message = f"is what {base.address} declared, which has another name now: probably a rename"
            approval = _approval("lookalike", change.address)
            allow = f"`renamed_from: [{change.name}]` under {base.address} to keep it, or {approval} to delete it"
            yield Guard("lookalike", str(change.address), message, allow)
        elif twin := twins.get(change.address):
            message = f"looks like what {twin.address} would create: probably a rename"
            line = f"`renamed_from: [{change.name}]` under {twin.address} ({twin.entry.location if twin.entry else ''})"
            allow = f"{line}, or {_approval('lookalike', change.address)}"
            yield Guard("lookalike", str(change.address), message, allow)


def _similar_creates(deletes: Sequence[Change], creates: Sequence[Change], scope: Scope) -> dict[Address, Change]:
    """Map each delete to the first create that may be the same object; each body is read once."""
    former = scope.deployed.desired.entries if scope.deployed else {}
    found: dict[Address, Change] = {}
    for create in creates if deletes else ():
        candidates = [change for change in deletes if change.kind is create.kind and change.address not in found]
        if not candidates or create.entry is None:
            continue
        key = former[create.address].key if create.address in former else None
        stated = {field: read_bodies(create.entry.values.get(field)) for field in create.kind.similarity_fields}
        for change in candidates:
            if change.live and (change.live.key == key or create.kind.is_similar(change.live, stated)):
                found[change.address] = create
    return found


def _conflicts(conflicts: Mapping[Address, Problem]) -> Iterator[Guard]:
    for address, problem in sorted(conflicts.items()):
        message = f"{problem.message}: {problem.way_out}" if problem.way_out else problem.message
        yield Guard(problem.about, str(address), message, _approval(problem.about, address))


def _drifted(changes: Sequence[Change], scope: Scope) -> Iterator[Guard]:
    """Guard changes that would write over edits made in Mailjet since the deployed commit."""
    for change in changes:
        if scope.deployed is None or (str(change.address) in scope.decisions and not change.action.deletes):
            continue
        paths = [field.path for field in change.fields if field.origin == change.origin] if change.live else []
        edited = [field.path for field in change.fields if field.origin == "theirs"] if change.live else []
        if change.origin == "conflict":
            yield _drift_guard("conflict", change, paths, f"both here and in Mailjet since {scope.deployed.name}")
        elif scope.drift.get(change.address.kind) == "refuse" and (change.origin == "theirs" or edited):
            yield _drift_guard("drift", change, edited, f"in Mailjet since {scope.deployed.name}")


def _drift_guard(code: str, change: Change, paths: Sequence[str], where: str) -> Guard:
    words = ("delete" if change.action.deletes else "overwrite", "adopt")
    lines = " or ".join(f"`approve: [{{{word}: {change.address}, reason: …}}]`" for word in words)
    allow = f"{_approval(code, change.address)}, or {lines} in a manifest"
    return Guard(code, str(change.address), f"{', '.join(paths) or 'the object'} was changed {where}", allow)


def _ratios(changes: Sequence[Change], live: Mapping[str, int], scope: Scope) -> Iterator[Guard]:
    for kind in KINDS:
        total = live.get(kind, 0)
        if total < FLOOR:
            continue
        touched = [change for change in changes if change.kind.name == kind and change.action is not Action.CREATE]
        deleted = sum(change.action.deletes for change in touched)
        section = KINDS[kind].section
        for count, limit, what, line in (
            (deleted, scope.max_deleted_ratio, "deleted", "max_deleted_ratio"),
            (len(touched), scope.max_changed_ratio, "changed", "max_changed_ratio"),
        ):
            if count > Fraction(str(limit)) * total:
                message = f"{count} of {total} {section} would be {what}; guards.{line} is {limit:g}"
                enough = -(-count * 100 // total) / 100  # the smallest ratio of two digits that lets this many through
                allow = f"--approve ratio:{kind}, or `guards: {{{line}: {enough}}}` in mjsync.yaml"
                yield Guard("ratio", kind, message, allow)


def _approval(code: str, address: Address) -> str:
    return f"--approve {code}:{address.quoted}"


def with_impact(change: Change, reader: Reader, limit: int) -> Change:
    """Return the change with its people, its risk, and what is lost for good; counting stops beyond the limit."""
    if change.live is None or not change.action.deletes:
        return change
    try:
        people = change.kind.affected_contacts(reader, change.live, limit)
    except (AuthFailed, Forbidden, NotFound, Rejected):
        people = Count(None)  # this key may not count them: no limit lets that through
    lost = change.kind.loss_on_delete(change.live)
    touches = people is not None and people.number != 0
    risk = "people" if touches else "irreversible" if lost else "none"
    notes = (*change.notes, *((lost,) if lost else ()))
    return replace(change, affected_contacts=people, risk=risk, notes=notes)  # type: ignore[arg-type] # one of the three words


def values_to_verify(desired: Desired) -> Iterator[tuple[Entry, str, str]]:
    """Yield each stated value that another kind should confirm, with its entry and the name of that kind."""
    for entry in desired.entries.values():
        for name, role in fields_with(entry.kind.model, VerifiedBy).items():
            value = entry.values.get(name)
            if isinstance(value, Mapping):
                value = value.get(role.part)
            if isinstance(value, str) and value:
                yield entry, value, role.kind


def unverified_values(desired: Desired, account: Account) -> Iterator[Finding]:
    """Yield a warning for each value that is not confirmed, and for each kind that could not be read for that."""
    values = list(values_to_verify(desired))
    for name in sorted(({name for _, _, name in values} - desired.kinds_named) & account.refused.keys()):
        reason = account.refused[name]
        message = f"{name}s could not be read, so that values that refer to them are not checked: {reason.message}"
        yield Finding(f"unread-{name}", message, reason.way_out, "warning")
    for entry, value, name in values:
        if name in account.live and (problem := KINDS[name].unverified(value, account.live[name])):
            found = entry.finding(problem.about, problem.message, problem.way_out)
            yield replace(found, group=f"{name}:{value}")
