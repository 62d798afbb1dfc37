"""Receipts: what an ended run did, as a document `mjsync-receipt/1`, and what can be read from it.

Its first line holds all but the steps, then comes a line for each step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mjsync.engine.plan import Action, RecordedObject, RecordedStep
from mjsync.journal.journal import sign
from mjsync.redaction import Tagger
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.live import Count

_WHO_AND_HOW = ("id", "command", "who", "version", "started", "ended", "environment", "account", "base_url")
HEAD = frozenset({*_WHO_AND_HOW, "digest", "approved", "undoes", "outcome", "counts", "known"})
"""The keys that the first line of every receipt has."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One run. `document` is all of it, or all but its steps; `path` is its file."""

    document: Mapping[str, Any]
    path: Path

    @property
    def id(self) -> str:
        """The id that `runs` prints and `undo` takes."""
        return str(self.document["id"])

    @property
    def counts(self) -> Mapping[str, int]:
        """Status to the number of steps that ended so."""
        counts: Mapping[str, int] = self.document["counts"]
        return counts

    @property
    def applied(self) -> frozenset[str]:
        """The digests of the steps that were done."""
        return frozenset(step["digest"] for step in self.document["steps"] if step["status"] == "applied")

    @property
    def begun(self) -> Iterator[Mapping[str, Any]]:
        """The steps that began and are not known to have succeeded."""
        return (step for step in self.document["steps"] if step["status"] in ("failed", "unknown") and step["after"])

    @property
    def known_objects(self) -> Iterator[tuple[str, int]]:
        """Kind and id of each object that the run made or changed."""
        return ((kind, int(number)) for kind, number in self.document["known"])

    def is_of(self, environment: str, account: int | None) -> bool:
        """Return whether the run was on this environment and account; an account that is not known is any."""
        accounts = {None, account, self.document["account"]} - {None}
        return bool(self.document["environment"] == environment) and len(accounts) <= 1

    def matches(self, patterns: str | None) -> bool:
        """Return whether its environment matches one of the comma-separated globs; None matches all."""
        return patterns is None or any(fnmatchcase(self.environment, glob) for glob in patterns.split(","))

    @property
    def environment(self) -> str:
        """The environment that the run was on."""
        return str(self.document["environment"])

    def is_signed(self, tagger: Tagger) -> bool:
        """Return whether a run with this account's keys wrote its approval and its steps."""
        planned = [{**step, "id": step["planned_id"]} for step in self.document["steps"]]
        return self.document.get("seal") == sign(tagger, str(self.document["approved"]), planned)

    def steps(self) -> Iterator[RecordedStep]:
        """Yield the steps that may have written something, in the order they were to be done."""
        for step in self.document["steps"]:
            if step["status"] != "skipped" and step["after"] is not None:
                yield RecordedStep(
                    action=Action(step["action"]),
                    address=Address.parse(step["address"]),
                    kind=KINDS[step["kind"]],
                    name=step["name"],
                    status=step["status"],
                    id=step["id"],
                    before=_recorded_object(step["before"]),
                    after=_recorded_object(step["after"]),
                    found=step["found"],
                    affected_contacts=step["people"] and Count(**step["people"]),
                )


def _recorded_object(document: Mapping[str, Any] | None) -> RecordedObject | None:
    return RecordedObject(document["id"], document["fields"], document["masked"]) if document else None
