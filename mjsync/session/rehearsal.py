"""Carry a plan out against an emulator that is filled with what was just read, before anything is written."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mjsync.api import Client, Limits, RequestLog
from mjsync.emulator import Emulator
from mjsync.engine.apply import Run, apply
from mjsync.engine.order import referenced_names
from mjsync.engine.plan import Guard, Plan, Result
from mjsync.resources import CALLS, KINDS
from mjsync.resources.body import read_bodies
from mjsync.session.recording import RecordingReader

STUBS = {"contactmetadata": {"Datatype": "str"}, "contactfilter": {"Expression": "(IsProvided(name))"}}
"""Values of objects that a plan uses by name, and whose listing it did not read."""


class _NoJournal:
    """A journal that keeps nothing: a rehearsal writes nothing that could be taken back."""

    def record_intent(self, *_: object) -> None:
        """Do nothing."""

    record_outcome = sync = record_intent


def rehearse(plan: Plan, recorded: RecordingReader) -> Plan:
    """Return the plan with a guard for each step that Mailjet's rules would refuse. Sends nothing to Mailjet."""
    with Emulator(account=plan.account or 1, state=_state(plan, recorded)) as emulator:
        keys = (emulator.api_key, emulator.secret_key)
        with Client(emulator.base_url, keys, calls=CALLS, limits=Limits(), trace=RequestLog()) as client:
            results = apply(plan, Run(client, _NoJournal(), _ignore, concurrency=1, sleep=_no_wait))
    guards = tuple(_guards(results))
    return replace(plan, guards=(*plan.guards, *guards), is_rehearsed=True)


def _guards(results: tuple[Result, ...]) -> Iterator[Guard]:
    for result in results:
        if result.status in ("failed", "unknown") and result.error:
            message = f"the rehearsal failed: {result.error.message}"
            allow = "correct the manifests, or leave --rehearse out"
            yield Guard("rehearsal", str(result.change.address), message, allow)


def _state(plan: Plan, recorded: RecordingReader) -> dict[str, list[dict[str, Any]]]:
    """Return rows for the emulator by resource: what was read, and stubs for what is used and was not."""
    state: dict[str, dict[int, dict[str, Any]]] = {}
    for (endpoint, _), rows in recorded.listings.items():
        state.setdefault(endpoint, {}).update((int(row["ID"]), dict(row)) for row in rows)
    for path, row in recorded.objects.items():
        endpoint, number, *content = path.split("/")
        if content == ["detailcontent"] and int(number) in state.get(endpoint, {}):
            state[endpoint][int(number)]["detailcontent"] = dict(row)
    found = {endpoint: list(rows.values()) for endpoint, rows in state.items()}
    for endpoint, names in _used(plan).items():
        if endpoint not in found:
            found[endpoint] = [{"Name": name, **STUBS.get(endpoint, {})} for name in sorted(names)]
    return found


def _used(plan: Plan) -> dict[str, set[str]]:
    """Return the names that the entries of a plan use, by the endpoint of their kind."""
    used: dict[str, set[str]] = {}
    for change in plan.changes:
        if change.entry:
            values = {word: read_bodies(value) for word, value in change.entry.values.items()}
            for kind, name in referenced_names(change.kind, values):
                used.setdefault(KINDS[kind].endpoint, set()).add(name)
    return used


def _ignore(result: Result) -> None:
    del result


def _no_wait(seconds: float) -> None:
    del seconds
