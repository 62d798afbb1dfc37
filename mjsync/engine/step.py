"""One step: read again, intend, write, and settle what an unclear answer meant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mjsync.engine.diff import differing_words
from mjsync.engine.plan import Action, Change
from mjsync.errors import ApiError, Duplicate, Finding, NotFound, Unclear
from mjsync.resources.address import Address
from mjsync.resources.body import loaded
from mjsync.resources.live import Live, Values, Writer
from mjsync.resources.reference import references, resolve

LOOKS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each look-up of an object that an unclear POST may have made: answers lag behind writes."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended. `unknown` says that the error leaves open whether it was done."""

    id: int | None = None
    error: Finding | None = None
    unknown: bool = False
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Does one change. `ids` are the remote ids known by now; `intend` puts the intent on disk."""

    change: Change
    ids: Mapping[Address, int]
    writer: Writer
    intend: Callable[[Change, Live | None], None]
    sleep: Callable[[float], None]

    def do(self) -> Done:
        """Do it; every failure becomes an outcome."""
        try:
            return self._by_action()
        except ApiError as error:
            return self._failed(error, unknown=isinstance(error, Unclear))

    def _by_action(self) -> Done:
        change = self.change
        if change.action is Action.CREATE:
            self.intend(change, change.live)
            return self._create()
        assert change.live is not None  # noqa: S101 - whatever is not a create has a live object
        try:
            now = change.kind.fetch(self.writer, change.live)
        except NotFound:
            now = None
        if now is None or not self._is_there(now):
            return self._gone(change.live)
        moved = differing_words(change.kind, now.fields, self._looked_at(change.live))
        if moved:
            return Done(change.live.id, self._moved(moved))
        self.intend(change, now)
        if change.action is Action.DELETE:
            change.kind.delete(self.writer, now)
            return Done(now.id)
        if change.action is Action.REPLACE:
            change.kind.delete(self.writer, now)
            return self._create()
        return self._update(now, self._values(), change.changed)

    # --- creating

    def _create(self) -> Done:
        change, values = self.change, self._values()
        if change.action is Action.CREATE and change.live is not None:
            return self._checked(change.live.id, values, change.kind.restore(self.writer, change.live, values))
        try:
            made = change.kind.create(self.writer, values)
        except Duplicate as error:
            return self._adopted_if_equal(values, error)
        except Unclear as error:
            return self._adopted(values, error)
        return self._checked(made.id, values, made)

    def _adopted(self, values: Values, error: Unclear) -> Done:
        """Look for what an unclear POST may have made, and bring it to what was asked."""
        for seconds in LOOKS:
            self.sleep(seconds)
            if found := self._lookup():
                missing = frozenset(
                    path.partition(".")[0] for path in differing_words(self.change.kind, found.fields, values)
                )
                return self._update(found, values, missing) if missing else Done(found.id)
        return self._failed(error, unknown=True)

    def _adopted_if_equal(self, values: Values, error: Duplicate) -> Done:
        """Take what holds the name if it is what was asked for; else say what is there."""
        found = self._lookup()
        if found is None:
            return self._failed(error)
        differing = differing_words(self.change.kind, found.fields, values)
        if not differing:
            return Done(found.id)
        message = f"an object of this name appeared meanwhile (id {found.id}) and differs in {', '.join(differing)}"
        return Done(
            found.id,
            Finding("duplicate", message, "Plan again to see the difference.", address=str(self.change.address)),
        )

    def _lookup(self) -> Live | None:
        """The live object with this step's key, content included."""
        entry, kind = self.change.entry, self.change.kind
        header = next((live for live in kind.listing(self.writer) if entry and live.key == entry.key), None)
        return kind.complete(self.writer, header) if header else None

    # --- changing

    def _update(self, now: Live, values: Values, changed: frozenset[str]) -> Done:
        kind = self.change.kind
        try:
            return self._checked(now.id, _only(values, changed), kind.update(self.writer, now, values, changed))
        except Unclear:
            now = kind.fetch(self.writer, now)
            left = frozenset(path.partition(".")[0] for path in differing_words(kind, now.fields, values))
            if not left & changed:
                return Done(now.id)
            return self._checked(now.id, _only(values, left), kind.update(self.writer, now, values, left & changed))

    def _checked(self, number: int, asked: Values, answered: Live | None) -> Done:
        """Hold the answer of a write against what was asked: a difference is a warning that names the field."""
        if answered is None:
            return Done(number)
        known = {word: value for word, value in asked.items() if word in answered.fields}
        differing = differing_words(self.change.kind, answered.fields, known)
        warnings = tuple(
            Finding(
                "answer-differs",
                f"Mailjet answered another value for {path} than it was sent",
                "Plan again: it shows what is there now.",
                "warning",
                str(self.change.address),
            )
            for path in differing
        )
        return Done(number, warnings=warnings)

    # --- what stands around it

    def _values(self) -> Values:
        """What is sent: bodies read, references replaced by ids."""
        entry = self.change.entry
        assert entry is not None  # noqa: S101 - only deletes have no entry, and they send nothing
        values: Values = resolve({word: loaded(value) for word, value in entry.values.items()}, self.ids)
        unknown = next(references(values), None)
        if unknown:
            message = f"the id of {unknown} is not known"
            raise ApiError(message, "Apply again once it exists.")
        return values

    def _looked_at(self, live: Live) -> Values:
        """The fields that the plan rested on: those stated, or all for a delete."""
        entry = self.change.entry
        return live.fields if entry is None else _only(live.fields, frozenset(entry.values))

    def _is_there(self, now: Live) -> bool:
        return self.change.kind.is_live(now.row)

    def _gone(self, live: Live) -> Done:
        if self.change.action is Action.DELETE:
            return Done(live.id)
        message = f"was deleted since the plan was made (id {live.id})"
        return Done(live.id, Finding("moved", message, "Plan again.", address=str(self.change.address)))

    def _moved(self, paths: tuple[str, ...]) -> Finding:
        message = f"changed on the account since the plan was made: {', '.join(paths)}"
        return Finding("moved", message, "Plan again and review it.", address=str(self.change.address))

    def _failed(self, error: ApiError, *, unknown: bool = False) -> Done:
        finding = error.findings[0]
        address = str(self.change.address)
        if unknown:
            settle = f"`mjsync plan --target {self.change.address.quoted}` shows whether it was done; apply settles it."
            return Done(None, Finding("unknown", finding.message, settle, address=address), unknown=True)
        live = self.change.live
        return Done(live.id if live else None, Finding(finding.code, finding.message, finding.way_out, address=address))


def _only(values: Values, words: frozenset[str]) -> Values:
    return {word: value for word, value in values.items() if word in words}
