"""Collect the secret values of this process, and redact them in its output."""

from collections.abc import Iterable
from functools import lru_cache

from mjsync.redaction import Redactor

KNOWN: set[str] = set()
"""The secret values; a load adds each value of an environment variable before it reports anything about it."""


def add(values: Iterable[str]) -> None:
    """Mask these values from now on."""
    KNOWN.update(values)


def redactor() -> Redactor:
    """Return a redactor of all values that are known now."""
    return _redactor_of(frozenset(tuple(KNOWN)))  # a copy at once: another thread may be adding


@lru_cache(maxsize=1)
def _redactor_of(values: frozenset[str]) -> Redactor:
    return Redactor.of(values)


def contains_secret(text: str) -> bool:
    """Return whether a short text, such as a host name, contains a secret of any length."""
    return any(secret and secret in text for secret in tuple(KNOWN))
