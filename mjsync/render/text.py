"""Format text for people: control characters made visible, long values cut, sizes and counts in words."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mjsync.errors import Finding, Location, Severity

LONGEST_LINE = 160
"""Characters of one line shown."""
MOST_LINES = 40
"""Lines of one diff shown."""

# C0 and C1 controls but tab, line ends included; bidi marks and overrides; separators that break lines elsewhere;
# lone surrogates and noncharacters, which UTF-8 or XML cannot hold.
_HIDDEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ufdd0\ufdd1\ud800-\udfff\ufffe\uffff]"
)


MOST_ALIKE = 10
"""Findings that are alike, and addresses of one finding, that are shown; beyond that they are counted."""

_COMMAND = re.compile(r"\A(\s*)(:(?=:)|#(?=#\[))")
"""The start of a line that CI engines execute: `::add-mask::x`, `##[set-output]x`."""


def abridged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, of those about one text (a file and an address) the first few and how many more there are.

    Only what lint rules find (MJS…) is abridged, and errors and warnings apart.
    """
    counts = Counter[tuple[str, str | None, Severity]]()
    for finding in once_per_group(findings):
        key = (finding.location.file if finding.location else "", finding.address, finding.severity)
        counts[key] += finding.code.startswith("MJS")
        if counts[key] <= MOST_ALIKE:
            yield finding
    for (file, address, severity), count in counts.items():
        if count > MOST_ALIKE:
            message = f"{count - MOST_ALIKE:,} more {severity}s like these"
            yield Finding("more", message, "--format json lists all.", severity, address, Location(file))


def once_per_group(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Merge findings that have one cause into the first of them, which then names all addresses."""
    for first, *others in findings_by_cause(findings, with_same_text=False):
        addresses = list(dict.fromkeys(str(each.address) for each in (first, *others)))
        if len(addresses) == 1:
            yield first
            continue
        rest = f" and {len(addresses) - MOST_ALIKE} more" if len(addresses) > MOST_ALIKE else ""
        message = f"{first.message} (concerns {', '.join(addresses[:MOST_ALIKE])}{rest})"
        yield replace(first, message=message, address=None)


def findings_by_cause(findings: Iterable[Finding], *, with_same_text: bool = True) -> list[list[Finding]]:
    """Put findings of one cause together: those with the same `group`, and those with the same text if asked for."""
    causes: dict[tuple[str, str | int], list[Finding]] = {}
    for number, finding in enumerate(findings):
        alone = str(replace(finding, address=None, location=None)) if with_same_text else number
        causes.setdefault((finding.code, finding.group or alone), []).append(finding)
    return list(causes.values())


def finding_text(finding: Finding) -> str:
    """Return a finding in one line, with the code of a lint rule, as `lint:` and comments name it."""
    code = f" [{finding.code}]" if finding.code.startswith("MJS") else ""
    return f"{visible(str(finding))}{code}"


def visible(text: str) -> str:
    r"""Escape what a terminal or a CI engine would execute or hide: `\x1b`, `\u202e`, `\x3a:command`."""
    # Nothing of _HIDDEN is printable. Nearly every text is, and asking for that is much faster than the patterns are.
    shown = text if text.isprintable() else _HIDDEN.sub(lambda match: _escape(match[0]), text)
    if "::" not in shown and "##[" not in shown:
        return shown
    return _COMMAND.sub(lambda match: match[1] + _escape(match[2]), shown)


def json_text(value: Any) -> str:
    """Dump a value as JSON with control characters escaped; the document is the same."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _HIDDEN.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def error_json(findings: Iterable[Finding], exit_code: int) -> dict[str, Any]:
    """Build the document of a failure, `mjsync-error/1`."""
    return {"format": "mjsync-error/1", "exit": exit_code, "findings": [finding.as_json() for finding in findings]}


def cut(text: str, longest: int = LONGEST_LINE) -> str:
    """Return one visible line; a longer one is cut, with its size."""
    shown = visible(text[: longest + len("##[")])
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({size(text)})"


def sizes(before: str, after: str) -> str:
    """Return the sizes of both sides, or one where they are the same."""
    return " → ".join(dict.fromkeys((size(before), size(after))))


def padded(text: str, width: int) -> str:
    """Pad a text with blanks to `width` terminal columns; wide characters take two."""
    return text + " " * max(width - columns(text), 0)


def columns(text: str) -> int:
    """Count the terminal columns of a text."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def size(text: str) -> str:
    """Return the text's size in UTF-8: `312 B`, `14.2 kB`, `1.1 MB`."""
    count = float(len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass")))
    if count < 1000:  # noqa: PLR2004 - kilo
        return f"{count:.0f} B"
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 1000 or unit == "MB":  # noqa: PLR2004
            break
    return f"{count:.1f} {unit}"


def _escape(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\r": "\\r"}.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004
