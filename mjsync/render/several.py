"""Several environments in one report: a section each, and a last line that names what went wrong."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mjsync.errors import Finding

Part = tuple[str, int, str, str]
"""An environment's name, its exit code, what it printed, and its complaints."""

FORMAT = "mjsync-plans/1"
MEANING: Mapping[int, str] = {0: "done", 1: "failed", 2: "wrong use", 3: "pending", 4: "refused", 5: "in part"}


def joined(form: str, parts: Sequence[Part]) -> str:
    """One report of all of them."""
    return FORMS[form](parts)


def summary(parts: Sequence[Part]) -> str:
    """How many ended how; those that did not end well by name."""
    counts = [
        f"{sum(code == each for _, each, _, _ in parts)} {meaning}"
        for code, meaning in MEANING.items()
        if any(code == each for _, each, _, _ in parts)
    ]
    bad = [name for name, code, _, _ in parts if code not in (0, 3)]
    named = f": {', '.join(bad)}" if bad else ""
    return f"{len(parts)} environments, {', '.join(counts)}{named}."


def _text(parts: Sequence[Part]) -> str:
    sections = [f"── {name}\n{out}{err if code else ''}\n" for name, code, out, err in parts]
    return f"{''.join(sections)}{summary(parts)}\n"


def _markdown(parts: Sequence[Part]) -> str:
    sections = [f"## {name}\n\n{out or err}\n" for name, _, out, err in parts]
    return f"{''.join(sections)}{summary(parts)}\n"


def _json(parts: Sequence[Part]) -> str:
    document = {"format": FORMAT, "plans": [_section(*part) for part in parts]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _section(name: str, code: int, out: str, err: str) -> dict[str, Any]:
    """One environment's own document, with its name and its exit code."""
    try:
        section: dict[str, Any] = json.loads(out)
    except json.JSONDecodeError:
        finding = Finding("failed", err.strip() or "it gave no report")
        section = {"format": "mjsync-error/1", "findings": [finding.as_json()]}
    return {**section, "environment": name, "exit": code}


FORMS: Mapping[str, Callable[[Sequence[Part]], str]] = {"text": _text, "json": _json, "markdown": _markdown}
"""The formats that several environments can be told in."""
