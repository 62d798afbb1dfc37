"""A request's body: bytes, read as JSON once however many ask."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn


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
            return json.loads(self.raw, parse_constant=_refuse), None
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
        if not self.raw:
            return None
        value, error = self._read
        return self.raw.decode(errors="replace") if error else value


def _refuse(word: str) -> NoReturn:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(f"{word} is no JSON value")
