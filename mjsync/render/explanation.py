"""The text of `plan --explain`: raw values of both sides, one field after the other, with what was normalised."""

import json
from collections.abc import Iterator
from typing import Any

from mjsync.engine.explain import ExplainedField, Explanation
from mjsync.render.terminal_lines import Line
from mjsync.render.text import common, cut, visible

LONGEST = 500
"""Characters of a raw value; longer ones are cut, with their size."""
AROUND = 60
"""Characters shown on both sides of the place where two long values begin to differ."""


def explanation_lines(explanation: Explanation) -> Iterator[Line]:
    """The explanation, line by line."""
    entry, live = explanation.entry, explanation.live
    there = f"id {live.id}, {visible(live.name)!r}" if live else "nothing on the account"
    yield f"{visible(str(entry.address))}: {there}; stated at {entry.location}", "bold"
    for field in explanation.fields:
        verdict, style = ("equal", "green") if field.is_equal else ("differs", "yellow")
        yield f"  {field.word}: {verdict}", style
        yield from ((f"    {line}", "") for line in _sides(field))
        yield from ((f"    normalised: {visible(rule)}", "dim") for rule in field.rules)


def _sides(field: ExplainedField) -> Iterator[str]:
    if field.wire:
        yield f"on the wire  {field.wire[0]} = {_raw(field.wire[1])}"
    yield f"live         {_raw(field.live)}"
    yield f"stated       {_raw(field.stated)}"
    if field.rules and (field.folded_live, field.folded_stated) != (field.live, field.stated):
        yield f"compared     {_raw(field.folded_live)} with {_raw(field.folded_stated)}"
    yield from _where(field.folded_live, field.folded_stated)


def _where(live: Any, stated: Any) -> Iterator[str]:
    """Where two texts begin to differ, if they are too long to be seen whole."""
    if (
        live == stated
        or not (isinstance(live, str) and isinstance(stated, str))
        or max(len(live), len(stated)) < LONGEST
    ):
        return
    at, _ = common(live, stated)
    start = max(at - AROUND, 0)
    yield f"from character {at + 1} on"
    yield from (f"  {side:10} {_raw(text[start : at + AROUND])}" for side, text in (("live", live), ("stated", stated)))


def _raw(value: Any) -> str:
    """A value as JSON, which shows blanks and line ends as they are."""
    return cut(json.dumps(value, ensure_ascii=False, default=list), LONGEST)
