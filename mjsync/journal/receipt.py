"""Receipts: what an ended run did, as a document `mjsync-receipt/1`, and what can be read from it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mjsync.engine.plan import Action, Image, Past
from mjsync.journal.journal import read_lines
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.live import Count

FORMAT = "mjsync-receipt/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One run. `document` is all of it; `path` is where it lies."""

    document: Mapping[str, Any]
    path: Path

    @property
    def id(self) -> str:
        """What `runs` prints and `undo` takes."""
        return str(self.document["id"])

    @property
    def counts(self) -> Mapping[str, int]:
        """Status to the number of steps that ended so."""
        return Counter(step["status"] for step in self.document["steps"])

    @property
    def applied(self) -> frozenset[str]:
        """The digests of the steps that were done."""
        return frozenset(step["digest"] for step in self.document["steps"] if step["status"] == "applied")

    @property
    def begun(self) -> Iterator[Mapping[str, Any]]:
        """The steps that were begun and not seen to end well."""
        return (step for step in self.document["steps"] if step["status"] in ("failed", "unknown") and step["after"])

    @property
    def known(self) -> Iterator[tuple[str, int]]:
        """Kind and id of each object that the run made or changed."""
        for step in self.document["steps"]:
            if step["status"] == "applied" and step["id"] is not None:
                yield step["kind"], int(step["id"])

    def is_of(self, environment: str, account: int | None) -> bool:
        """Whether the run was on this environment and account; an account that is not known is any."""
        accounts = {None, account, self.document["account"]} - {None}
        return bool(self.document["environment"] == environment) and len(accounts) <= 1

    def past(self) -> Iterator[Past]:
        """The steps that may have written something, in the order they were to be done."""
        for step in self.document["steps"]:
            if step["status"] != "skipped" and step["after"] is not None:
                yield Past(
                    action=Action(step["action"]),
                    address=Address.parse(step["address"]),
                    kind=KINDS[step["kind"]],
                    name=step["name"],
                    status=step["status"],
                    id=step["id"],
                    before=_image(step["before"]),
                    after=_image(step["after"]),
                    found=step["found"],
                    people=step["people"] and Count(**step["people"]),
                )


def document_of(journal: Path, *, outcome: str | None = None, ended: str | None = None) -> dict[str, Any] | None:
    """The receipt that a journal makes; None for one that was killed before its first line.

    `outcome` says how the run ended where the steps do not: stopped, or killed.
    """
    head: dict[str, Any] = {}
    steps: dict[str, dict[str, Any]] = {}
    for what, content in read_lines(journal):
        if what == "run":
            head = content
            steps = {step["address"]: {**_BLANK, **step} for step in head.pop("steps")}
        elif what == "intent":
            steps[content["address"]] |= {**content, "status": "unknown"}
        else:
            number = content["id"] if content["id"] is not None else steps[content["address"]]["id"]
            steps[content["address"]] |= {**content, "id": number}
    if not head:
        return None
    complete = all(step["status"] == "applied" for step in steps.values())
    named = "complete" if complete else outcome or "partial"
    return {"format": FORMAT, **head, "ended": ended, "outcome": named, "steps": list(steps.values())}


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


def _image(document: Mapping[str, Any] | None) -> Image | None:
    return Image(document["id"], document["fields"], document["masked"]) if document else None
