"""Do one step: read the object again, write the intent, send; look up what an unclear answer did."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mjsync.engine.diff import differing_fields
from mjsync.engine.plan import Action, Change, Result
from mjsync.errors import (
    ApiError,
    BadAnswer,
    Duplicate,
    Finding,
    MjsyncError,
    NotFound,
    Unclear,
    Unreachable,
    fault_finding,
)
from mjsync.resources.address import Address, references, resolve
from mjsync.resources.body import read_bodies
from mjsync.resources.live import Live, Values, Writer

LOOKUP_DELAYS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each look at what an unclear write may have done: answers lag behind writes."""

AMBIGUOUS_ERRORS = (Unreachable, BadAnswer)
"""Failures of a write that leave open whether it was carried out."""


class Journal(Protocol):
    """Keeps the intent of each step before its first write, and its outcome. Each method raises MjsyncError."""

    def record_intent(self, change: Change, before: Live | None, values: Values) -> None:
        """Record that a step begins: the object as it was read just now, and what will be sent.

        Returns once it is on disk; where it raises, nothing is sent.
        """

    def record_outcome(self, result: Result) -> None:
        """Record that a step ended, or was skipped."""

    def sync(self) -> None:
        """Return once all that was recorded is on disk."""


@dataclass(frozen=True, slots=True)
class Step:
    """Does one change. `ids` are the remote ids known by now; `account` is the numeric id of the key, where known."""

    change: Change
    ids: Mapping[Address, int]
    writer: Writer
    journal: Journal
    sleep: Callable[[float], None]
    account: int | None = None

    def do(self) -> Result:
        """Do the change; every failure becomes a result."""
        try:
            return self._by_action()
        except MjsyncError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one step, not the record of the others
            return self._unknown(MjsyncError(fault_finding(error).message))

    def _by_action(self) -> Result:
        change = self.change
        if change.action is Action.CREATE:
            values = self._sent()
            self.journal.record_intent(change, change.live, values)
            return self._undelete(change.live, values) if change.live else self._create(values)
        live, kind = change.live, change.kind
        assert live is not None  # noqa: S101 - whatever is not a create has a live object
        try:
            now = kind.fetch(self.writer, live)
        except NotFound:
            now = None
        if now is None or not kind.is_live(now.row):
            return self._gone(live)
        stated = live.fields.keys() if change.entry is None else change.entry.values.keys()
        moved = differing_fields(kind, now.fields, _select(live.fields, stated))
        people = change.affected_contacts
        if not moved and people and people.number == 0 and now.row.get(kind.contact_count_field):
            moved = (kind.contact_noun,)  # the delete was to touch nobody
        if moved:
            message = f"changed on the account since the plan was made: {', '.join(moved)}"
            return Result(change, "failed", now.id, self._finding("moved", message, "Plan again and review it."))
        values = {} if change.action is Action.DELETE else self._sent()
        self.journal.record_intent(change, now, values)
        if change.action.deletes:
            deleted = self._delete(now)
            is_over = change.action is Action.DELETE or deleted.status != "applied"
            return deleted if is_over else self._create(values)
        return self._update(now, values, change.changed)

    # --- creating

    def _create(self, values: Values) -> Result:
        try:
            made = self.change.kind.create(self.writer, values)
        except Duplicate as error:
            return self._adopt_if_equal(values, error)
        except AMBIGUOUS_ERRORS as error:
            return self._find_after_unclear_create(values, error)
        return self._verified(made.id, values, made)

    def _find_after_unclear_create(self, values: Values, error: ApiError) -> Result:
        """Look for what an unclear POST may have made, and complete it."""
        for seconds in LOOKUP_DELAYS:
            self.sleep(seconds)
            try:
                found = self._lookup()
            except ApiError:
                break
            if found:
                return self._complete(found, values)
        return self._unknown(error)

    def _complete(self, found: Live, values: Values) -> Result:
        """Adopt what an unclear POST created, and send what is missing; an object with other values is not ours."""
        kind, missing = self.change.kind, self._differing(found, values)
        if any(kind.spec(word).normalized(found.fields.get(word)) is not None for word in missing):
            return self._name_conflict(found, sorted(missing))
        return self._update(found, values, missing) if missing else self._applied(found.id)

    def _adopt_if_equal(self, values: Values, error: Duplicate) -> Result:
        """Adopt the object of this name if it is equal to the entry; else fail with the difference."""
        found = self._lookup()
        if found is None:
            return self._failed(error)
        differing = differing_fields(self.change.kind, found.fields, values)
        if not differing:
            return Result(self.change, "applied", found.id, found=True)
        return self._name_conflict(found, differing)

    def _lookup(self) -> Live | None:
        """Return the live object with this step's key that belongs to this account, content included."""
        entry, kind = self.change.entry, self.change.kind
        own = (live for live in kind.list_live(self.writer) if live.owner in (None, self.account or live.owner))
        header = next((live for live in own if entry and live.key == entry.key), None)
        return kind.with_content(self.writer, header) if header else None

    def _undelete(self, deleted_object: Live, values: Values) -> Result:
        """Bring a soft-deleted object back."""
        kind = self.change.kind
        try:
            return self._verified(deleted_object.id, values, kind.restore(self.writer, deleted_object, values))
        except AMBIGUOUS_ERRORS as error:
            now = self._refetch(deleted_object)
            if now is None:
                return self._unknown(error)
            return self._failed(error) if self._differing(now, values) else self._applied(deleted_object.id)

    # --- changing and deleting

    def _update(self, now: Live, values: Values, changed: frozenset[str]) -> Result:
        kind = self.change.kind
        try:
            return self._verified(now.id, _select(values, changed), kind.update(self.writer, now, values, changed))
        except AMBIGUOUS_ERRORS as error:
            return self._retry_until_visible(now, values, changed, error)

    def _retry_until_visible(self, before: Live, values: Values, changed: frozenset[str], error: ApiError) -> Result:
        """Look until an unclear update shows; a POST of content may be sent again, since it replaces the whole."""
        kind = self.change.kind
        for seconds in LOOKUP_DELAYS:
            self.sleep(seconds)
            now = self._refetch(before)
            if now is None:
                return self._unknown(error)
            differing = changed & self._differing(now, values)
            if not differing:
                return self._applied(now.id)
            if isinstance(error, Unclear):
                try:
                    return self._verified(
                        now.id, _select(values, differing), kind.update(self.writer, now, values, differing)
                    )
                except AMBIGUOUS_ERRORS as again:
                    error = again
        return self._unknown(error) if isinstance(error, Unclear) else self._failed(error)

    def _delete(self, now: Live) -> Result:
        try:
            self.change.kind.delete(self.writer, now)
        except NotFound:
            return self._applied(now.id)
        except AMBIGUOUS_ERRORS as error:
            try:
                there = self.change.kind.is_live(self.change.kind.fetch(self.writer, now).row)
            except NotFound:
                there = False
            except ApiError:
                return self._unknown(error)
            return self._failed(error) if there else self._applied(now.id)
        return self._applied(now.id)

    def _refetch(self, before: Live) -> Live | None:
        """Return the object as it is now; None where that cannot be had."""
        try:
            now = self.change.kind.fetch(self.writer, before)
        except ApiError:
            return None
        return now if self.change.kind.is_live(now.row) else None

    # --- what is sent, and what it is compared with

    def _sent(self) -> Values:
        """Return what is sent: bodies read, references replaced by ids. Raises MjsyncError where an id is not known."""
        entry = self.change.entry
        assert entry is not None  # noqa: S101 - only deletes have no entry, and they send nothing
        values: Values = resolve({word: read_bodies(value) for word, value in entry.values.items()}, self.ids)
        unknown = next(references(values), None)
        if unknown:
            message = f"the id of {unknown} is not known"
            raise MjsyncError(message, "Apply again once it exists.")
        return values

    def _differing(self, live: Live, values: Values) -> frozenset[str]:
        """Return the top-level words in which a live object differs from the values."""
        paths = differing_fields(self.change.kind, live.fields, values)
        return frozenset(path.partition(".")[0] for path in paths)

    def _verified(self, number: int, sent: Values, answered: Live | None) -> Result:
        """Compare the answer of a write with what was sent: each difference is a warning that names the field."""
        if answered is None:
            return self._applied(number)
        known = {word: value for word, value in sent.items() if word in answered.fields}
        warnings = tuple(
            Finding(
                "answer-differs",
                f"Mailjet answered another value for {path} than it was sent",
                "Plan again: it shows what is there now.",
                "warning",
                str(self.change.address),
            )
            for path in differing_fields(self.change.kind, answered.fields, known)
        )
        return Result(self.change, "applied", number, warnings=warnings)

    # --- results

    def _applied(self, number: int) -> Result:
        return Result(self.change, "applied", number)

    def _gone(self, live: Live) -> Result:
        message, way_out = f"was deleted since the plan was made (id {live.id})", "Plan again."
        if self.change.action is Action.DELETE:
            if all(other.id != live.id for other in self.change.kind.list_live(self.writer)):
                return Result(self.change, "applied", live.id, found=True)
            message = f"cannot be read (404), though the listing contains it (id {live.id})"
            way_out = "Apply again."
        return Result(self.change, "failed", live.id, self._finding("moved", message, way_out))

    def _name_conflict(self, found: Live, differing: Sequence[str]) -> Result:
        message = f"an object of this name appeared meanwhile (id {found.id}) and differs in {', '.join(differing)}"
        finding = self._finding("duplicate", message, "Plan again to see the difference.")
        return Result(self.change, "failed", found.id, finding, found=True)

    def _failed(self, error: MjsyncError) -> Result:
        found, live = error.findings[0], self.change.live
        finding = self._finding(found.code, found.message, found.way_out)
        return Result(self.change, "failed", live.id if live else None, finding)

    def _unknown(self, error: MjsyncError) -> Result:
        settle = f"`mjsync plan --target {self.change.address.quoted}` shows whether it was done; apply settles it."
        finding, live = self._finding("unknown", error.findings[0].message, settle), self.change.live
        return Result(self.change, "unknown", live.id if live else None, finding)

    def _finding(self, code: str, message: str, way_out: str) -> Finding:
        return Finding(code, message, way_out, address=str(self.change.address))


def _select(values: Values, words: Collection[str]) -> Values:
    return {word: value for word, value in values.items() if word in words}
