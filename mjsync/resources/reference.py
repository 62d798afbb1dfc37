"""References to remote ids inside text: `${id.segment.recent-buyers}`, known or not yet known.

After substitution a reference stands in the text between two noncharacters (U+FDD0, U+FDD1), which Unicode keeps
free for such use inside a program: a literal `${id.…}` that the user escaped can never be mistaken for one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mjsync.resources.address import Address

OPEN, CLOSE = "\ufdd0", "\ufdd1"

_REFERENCE = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")


def reference(address: Address) -> str:
    """Return the text that stands for the remote id of an address."""
    return f"{OPEN}{address}{CLOSE}"


def references(value: Any) -> Iterator[Address]:
    """Yield each address a value refers to, in reading order, at any depth."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            yield Address.parse(match[1])
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from references(inner)


def resolve(value: Any, ids: Mapping[Address, int]) -> Any:
    """Return the value with each reference to a known id replaced by the number; unknown ones stay."""

    def number(match: re.Match[str]) -> str:
        known = ids.get(Address.parse(match[1]))
        return match[0] if known is None else str(known)

    return _mapped(value, lambda text: _REFERENCE.sub(number, text))


def format_references(value: Any) -> Any:
    """Return the value with each reference as the user wrote it: `${id.kind.handle}`."""
    return _mapped(value, lambda text: _REFERENCE.sub(r"${id.\1}", text))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value) if OPEN in value else value
    if isinstance(value, Mapping):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(inner, change) for inner in value]
    return value
