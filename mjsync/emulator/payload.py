"""A request's body: bytes, read as JSON once however many ask."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Payload:
    """The bytes of a body."""

    raw: bytes

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but blanks."""
        return not self.raw.strip()

    @cached_property
    def _read(self) -> tuple[Any, ValueError | RecursionError | None]:
        try:
            return json.loads(self.raw), None
        except (ValueError, RecursionError) as error:
            return None, error

    @property
    def value(self) -> Any:
        """The JSON value.

        Raises:
            ValueError: the body is no JSON.
        """
        value, error = self._read
        if error is not None:
            raise ValueError(str(error)) from error
        return value

    @property
    def fault_at(self) -> tuple[int, str]:
        """Where the JSON stops being JSON, counted from 0, and what stands there."""
        place = int(getattr(self._read[1], "pos", 0))
        return place, self.raw.decode(errors="replace")[place : place + 1]

    def readable(self) -> Any:
        """The JSON value, else the text; None for no body."""
        value, error = self._read
        if error is None:
            return value
        return self.raw.decode(errors="replace") or None
