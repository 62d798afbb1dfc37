"""Several environments in one report: a section each, and a last line that names what went wrong."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from mjsync.errors import Finding
from mjsync.render.text import json_text

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
    return json_text(document) + "\n"


def _section(name: str, code: int, out: str, err: str) -> dict[str, Any]:
    """One environment's own document, with its name and its exit code."""
    try:
        section: dict[str, Any] = json.loads(out)
    except json.JSONDecodeError:
        finding = Finding("failed", err.strip() or "it gave no report")
        section = {"format": "mjsync-error/1", "findings": [finding.as_json()]}
    return {**section, "environment": name, "exit": code}


def _github(parts: Sequence[Part]) -> str:
    return "".join(out for _, _, out, _ in parts)


def _junit(parts: Sequence[Part]) -> str:
    """Every environment's suites in one document; one that gave none is a suite with one error."""
    root = ET.Element("testsuites")
    for name, _, out, err in parts:
        if not out.lstrip().startswith("<"):
            suite = ET.SubElement(root, "testsuite", name=name, tests="1", errors="1", failures="0")
            case = ET.SubElement(suite, "testcase", name="plan", classname=name)
            ET.SubElement(case, "error", message=err.strip() or "it gave no report")
            continue
        for suite in ET.fromstring(out).iter("testsuite"):  # noqa: S314 - our own output
            suite.set("name", f"{name}: {suite.get('name', '')}")
            root.append(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


FORMS: Mapping[str, Callable[[Sequence[Part]], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
    "junit": _junit,
}
"""The formats that several environments can be told in."""
