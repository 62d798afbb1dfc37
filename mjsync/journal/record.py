"""The record of one run: what the lines of its journal say, from which its receipt is made."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "mjsync-receipt/1"
STEPS = ', "steps": ['
"""The end of the first line of a receipt."""

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

    def receipt(self, journal: Path, outcome: str | None, ended: str | None) -> Iterator[bytes]:
        """Yield the receipt in pieces; `outcome` is `stopped` or `killed` where the steps do not show it.

        Steps are in the order they were to be done; the intent of one is copied as the journal has it.
        """
        done = [step for step in self.steps.values() if step["status"] == "applied"]
        head = {
            "format": FORMAT,
            **self.head,
            "ended": ended,
            "outcome": "complete" if len(done) == len(self.steps) else outcome or "partial",
            "counts": Counter(step["status"] for step in self.steps.values()),
            "known": [[step["kind"], step["id"]] for step in done if step["id"] is not None],
        }
        yield f"{json.dumps(head)[:-1]}{STEPS}".encode()
        with journal.open("rb") as lines:
            for place, (address, step) in enumerate(self.steps.items()):
                yield b",\n" if place else b"\n"
                if address in self.intents:
                    lines.seek(self.intents[address])
                    # cut as bytes, since parsing it would take longer: `Journal` writes these lines with json.dumps
                    intent = lines.readline().removeprefix(b'{"intent": {').removesuffix(b"}\n")
                    others = {key: value for key, value in step.items() if key not in _INTENT}
                    yield json.dumps(others)[:-1].encode() + b", " + intent
                else:
                    yield json.dumps(step).encode()
        yield b"\n]}\n"
