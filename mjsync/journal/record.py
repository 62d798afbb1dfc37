"""The record of one run: what the lines of its journal say, from which its receipt is made."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "mjsync-receipt/1"
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


@dataclass(slots=True)
class RunRecord:
    """What a run began with, how each step ended, and where its intent is in the journal.

    The journal adds each line that it writes; `read` adds those of a run that was killed. Bodies stay in the file.
    """

    head: Mapping[str, Any] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, journal: Path) -> "RunRecord":
        """Read a journal; an incomplete last line is skipped. Raises ValueError where it does not begin with a run."""
        record, offset = cls(), 0
        with journal.open("rb") as lines:
            for line in lines:
                try:
                    ((what, content),) = json.loads(line).items()
                except (ValueError, AttributeError):
                    break
                if not record.head and what != "run":
                    break
                record.add(offset, what, content)
                offset += len(line)
        if not record.head:
            message = f"{journal} contains no run"
            raise ValueError(message)
        return record

    def add(self, offset: int, what: str, content: Mapping[str, Any]) -> None:
        """Add a line of the journal: the run, an intent or an outcome; it begins at an offset of the file."""
        if what == "run":
            self.head = {key: value for key, value in content.items() if key != "steps"}
            self.steps = {step["address"]: {**_BLANK, **step, "planned_id": step["id"]} for step in content["steps"]}
            return
        step = self.steps[content["address"]]
        if what == "intent":
            step["status"] = "unknown"
            self.intents[content["address"]] = offset
        else:
            step |= {**content, "id": step["id"] if content["id"] is None else content["id"]}

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

    def receipt_steps(self, journal: Path) -> Iterator[bytes]:
        """Yield each step as JSON, in the order they were to be done; its intent is copied as the journal has it."""
        with journal.open("rb") as lines:
            for address, step in self.steps.items():
                if address in self.intents:
                    lines.seek(self.intents[address])
                    # cut as bytes, since parsing it would take longer: `Journal` writes these lines with json.dumps
                    intent = lines.readline().removeprefix(b'{"intent": {').removesuffix(b"}\n")
                    others = {key: value for key, value in step.items() if key not in _INTENT}
                    yield json.dumps(others)[:-1].encode() + b", " + intent
                else:
                    yield json.dumps(step).encode()
