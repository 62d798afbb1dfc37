"""What deleting an object would do to people, and what could not be taken back."""

from dataclasses import replace

from mjsync.engine.plan import Change
from mjsync.errors import AuthFailed, Forbidden, NotFound, Rejected
from mjsync.resources.live import Count, Live, Reader


def with_impact(change: Change, reader: Reader, limit: int) -> Change:
    """The change with its people, its risk, and what is lost for good; counting stops beyond the limit."""
    if change.live is None or not change.action.deletes:
        return change
    people = _counted(change, change.live, reader, limit)
    lost = change.kind.loss_on_delete(change.live)
    touches = people is not None and people.number != 0
    risk = "people" if touches else "irreversible" if lost else "none"
    notes = (*change.notes, *((lost,) if lost else ()))
    return replace(change, affected_contacts=people, risk=risk, notes=notes)  # type: ignore[arg-type] # one of the three words


def _counted(change: Change, live: Live, reader: Reader, limit: int) -> Count | None:
    """The people; where this key may not count them, a count that is not known, which no limit lets through."""
    try:
        return change.kind.affected_contacts(reader, live, limit)
    except (AuthFailed, Forbidden, NotFound, Rejected):
        return Count(None)
