"""Receipts: what an ended run did, as a document `mjsync-receipt/1`, and what can be read from it.

Its first line holds all but the steps, then comes a line for each step.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mjsync.engine.plan import Action, BeforeImage, RecordedStep
from mjsync.journal.journal import read_lines, sign
from mjsync.redaction import Tagger
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.live import Count

FORMAT = "mjsync-receipt/1"
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
                    before=_image(step["before"]),
                    after=_image(step["after"]),
                    found=step["found"],
                    affected_contacts=step["people"] and Count(**step["people"]),
                )


@dataclass(frozen=True, slots=True)
class JournalReader:
    """What a journal contains: its head, how each step ended, and where its intent is in the file.

    Steps are put together one at a time: the bodies of a large run are never all in memory.
    """

    head: Mapping[str, Any]
    steps: Mapping[str, dict[str, Any]]
    intents: Mapping[str, int]

    @classmethod
    def of(cls, journal: Path) -> "JournalReader":
        """Read a journal. Raises ValueError where it does not begin with its head."""
        head: dict[str, Any] = {}
        steps: dict[str, dict[str, Any]] = {}
        intents: dict[str, int] = {}
        for offset, what, content in read_lines(journal):
            if what == "run":
                head = content
                steps = {step["address"]: {**_BLANK, **step, "planned_id": step["id"]} for step in head.pop("steps")}
            elif not head:
                break
            elif what == "intent":
                steps[content["address"]]["status"] = "unknown"
                intents[content["address"]] = offset
            else:
                step = steps[content["address"]]
                step |= {**content, "id": step["id"] if content["id"] is None else content["id"]}
        if not head:
            message = f"{journal} contains no run"
            raise ValueError(message)
        return cls(head, steps, intents)

    def summary(self, outcome: str | None, ended: str | None) -> dict[str, Any]:
        """Return the receipt without its steps; `outcome` is `stopped` or `killed` where the steps do not show it."""
        complete = all(step["status"] == "applied" for step in self.steps.values())
        known = [
            [step["kind"], step["id"]]
            for step in self.steps.values()
            if step["status"] == "applied" and step["id"] is not None
        ]
        named = "complete" if complete else outcome or "partial"
        counts = Counter(step["status"] for step in self.steps.values())
        return {"format": FORMAT, **self.head, "ended": ended, "outcome": named, "counts": counts, "known": known}

    def recorded_steps(self, journal: Path) -> Iterator[str]:
        """Yield each step whole, as JSON, in the order they were to be done; its intent is copied as it was written."""
        with journal.open("rb") as lines:
            for address, step in self.steps.items():
                if address in self.intents:
                    lines.seek(self.intents[address])
                    # cut as text, since parsing it would take longer: `Journal` writes these lines with json.dumps
                    intent = lines.readline().decode().removeprefix('{"intent": {').removesuffix("}\n")
                    others = {key: value for key, value in step.items() if key not in _INTENT}
                    yield f"{json.dumps(others)[:-1]}, {intent}"
                else:
                    yield json.dumps(step)


_INTENT = ("address", "started", "before", "after")
_BLANK: Mapping[str, Any] = {
    "status": "skipped",
    "found": False,
    "started": None,
    "ended": None,
    "error": None,
    "warnings": [],
    "before": None,
    "after": None,
    "calls": [],
}


def _image(document: Mapping[str, Any] | None) -> BeforeImage | None:
    return BeforeImage(document["id"], document["fields"], document["masked"]) if document else None
