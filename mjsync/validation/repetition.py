"""What several entries share is told once: a text in one part, one body file or one default."""

from collections.abc import Iterable
from dataclasses import replace

from mjsync.errors import Finding


def gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out what is said of other entries at the same place; the first finding of each says how many there are."""
    groups: dict[Finding, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(replace(finding, address=None), []).append(finding)
    return tuple(_first_of(group) for group in groups.values())


def _first_of(group: list[Finding]) -> Finding:
    first, *others = group
    if not others:
        return first
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return replace(first, message=f"{first.message}; the same in {others[0].address}{more}")
