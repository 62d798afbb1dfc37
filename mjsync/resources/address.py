"""Addresses: a kind and a handle, `template.order-confirmation`."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple


class Address(NamedTuple):
    """Kind and handle of a resource; kind and remote name of an object that no manifest declares."""

    kind: str
    handle: str

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Split at the first dot: handles may contain dots, kinds may not."""
        kind, _, handle = text.partition(".")
        return cls(kind, handle)

    @property
    def quoted(self) -> str:
        """The address as a shell takes it."""
        return shlex.quote(str(self))

    def __str__(self) -> str:
        return f"{self.kind}.{self.handle}"


OPEN, CLOSE = "\ufdd0", "\ufdd1"

_REFERENCE = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")


def reference(address: Address) -> str:
    """Return the text that stands for the remote id of an address."""
    return f"{OPEN}{address}{CLOSE}"


def references(value: Any) -> Iterator[Address]:
    """Yield each address a value refers to, in reading order, at any depth."""
    if isinstance(value, str):
        if OPEN in value:
            yield from (Address.parse(match[1]) for match in _REFERENCE.finditer(value))
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
