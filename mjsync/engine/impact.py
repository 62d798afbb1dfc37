"""What deleting an object would do to people, and what could not be taken back."""

from dataclasses import replace

from mjsync.engine.plan import Change
from mjsync.errors import ApiError
from mjsync.resources.base import Resource
from mjsync.resources.live import Count, Live, Reader


def weighed(change: Change, reader: Reader, limit: int) -> Change:
    """The change with its people, its risk, and what is lost for good; counting stops beyond the limit."""
    if change.live is None or not change.action.deletes:
        return change
    people = _counted(change.kind, reader, change.live, limit)
    lost = change.kind.irrevocable(change.live)
    touches = people is not None and people.number != 0
    risk = "people" if touches else "irreversible" if lost else "none"
    notes = (*change.notes, *((lost,) if lost else ()))
    return replace(change, people=people, risk=risk, notes=notes)  # type: ignore[arg-type] # one of the three words


def _counted(kind: type[Resource], reader: Reader, live: Live, limit: int) -> Count | None:
    """The people it touches; a count that Mailjet refuses is one that cannot be had."""
    try:
        return kind.people(reader, live, limit)
    except ApiError:
        return Count(None)
