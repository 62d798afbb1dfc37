"""Several environments in one report: a section each, and a last line that names what went wrong."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from mjsync.errors import IN_SYNC, PENDING, WORST_FIRST, Finding
from mjsync.render.text import json_text
from mjsync.render.to_annotations import findings_github
from mjsync.render.to_markdown import fenced

Part = tuple[str, int, str, str]
"""An environment's name, its exit code, what it printed, and its complaints."""

FORMAT = "mjsync-plans/1"
MEANING: Mapping[int, str] = {0: "done", 1: "failed", 2: "wrong use", 3: "pending", 4: "refused", 5: "in part"}
BAD = frozenset(MEANING) - {IN_SYNC, PENDING}
NOTICE = 1_000
"""Characters kept free for saying which environments were left out of Markdown."""


def joined(form: str, parts: Sequence[Part], longest: int) -> str:
    """One report of all of them; Markdown in at most so many characters."""
    return FORMS[form](parts, longest)


def summary(parts: Sequence[Part]) -> str:
    """How many ended how; those that did not end well by name."""
    bad = ", ".join(name for name, code, _, _ in parts if code in BAD)
    return f"{_counts(parts)}: {bad}." if bad else f"{_counts(parts)}."


def _counts(parts: Sequence[Part]) -> str:
    counts = Counter(code for _, code, _, _ in parts)
    ends = ", ".join(f"{counts[code]} {meaning}" for code, meaning in MEANING.items() if counts[code])
    return f"{len(parts)} environments, {ends}"


def _text(parts: Sequence[Part], longest: int) -> str:
    del longest
    sections = [f"── {name}\n{out}{err if code else ''}\n" for name, code, out, err in parts]
    return f"{''.join(sections)}{summary(parts)}\n"


def _markdown(parts: Sequence[Part], longest: int) -> str:
    """Whole sections while there is room, the worst first to have it; the others by name, and then by number."""
    sections = {name: f"## {name}\n\n{out or fenced(err.splitlines(), '')}\n" for name, _, out, err in parts}
    text = f"{''.join(sections.values())}{summary(parts)}\n"
    if len(text) <= longest:
        return text
    worst_first = sorted(parts, key=lambda part: WORST_FIRST.index(part[1]))
    room = longest - NOTICE - len(_counts(parts))
    shown = set()
    for name, _, _, _ in worst_first:
        if len(sections[name]) <= room:
            room -= len(sections[name])
            shown.add(name)
    whole = "".join(section for name, section in sections.items() if name in shown)
    left = {name: code for name, code, _, _ in worst_first if name not in shown}
    return f"{whole}{_left_out(left)}{_counts(parts)}.\n"


def _left_out(codes: Mapping[str, int]) -> str:
    """Which sections are not shown, and how those environments ended, in at most NOTICE characters."""
    named, room = [], NOTICE - 150
    for name, code in codes.items():
        if (room := room - len(name) - 20) < 0:
            break
        named.append(f"{name} ({MEANING[code]})")
    more = f" and {len(codes) - len(named)} more" if len(named) < len(codes) else ""
    return f"**Left out to keep this short: {len(codes)} environments.** {', '.join(named)}{more}.\n\n"


def _json(parts: Sequence[Part], longest: int) -> str:
    del longest
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


def _github(parts: Sequence[Part], longest: int) -> str:
    """Every environment's annotations; one that gave none is an annotation itself."""
    del longest
    complaints = {name: Finding("failed", f"{name}: {err.strip()}") for name, code, _, err in parts if code in BAD}
    return "".join(
        out or findings_github([complaints[name]] if name in complaints else []) for name, _, out, _ in parts
    )


def _junit(parts: Sequence[Part], longest: int) -> str:
    """Every environment's suites in one document; one that gave none is a suite with one error."""
    del longest
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


FORMS: Mapping[str, Callable[[Sequence[Part], int], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
    "junit": _junit,
}
"""The formats that several environments can be told in."""
