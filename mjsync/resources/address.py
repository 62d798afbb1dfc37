"""Addresses: a kind and a handle, `template.order-confirmation`."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Kind and handle of a resource; kind and remote name of an object that no manifest declares."""

    kind: str
    handle: str

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Split at the first dot: handles may hold dots, kinds may not."""
        kind, _, handle = text.partition(".")
        return cls(kind, handle)

    @property
    def quoted(self) -> str:
        """The address as a shell takes it."""
        return shlex.quote(str(self))

    def __str__(self) -> str:
        return f"{self.kind}.{self.handle}"
