"""The secret values that no output of this process may show, collected while manifests are loaded."""

from collections.abc import Iterable
from functools import lru_cache

from mjsync.redaction import Redactor

KNOWN: set[str] = set()
"""All of them; a load adds each value of the environment before anything is reported about it."""


def add(values: Iterable[str]) -> None:
    """Mask these values from now on."""
    KNOWN.update(values)


def redactor() -> Redactor:
    """Return what masks all values that are known by now."""
    return _redactor_of(frozenset(tuple(KNOWN)))  # a copy at once: another thread may be adding


@lru_cache(maxsize=1)
def _redactor_of(values: frozenset[str]) -> Redactor:
    return Redactor.of(values)


def contains_secret(text: str) -> bool:
    """Return whether a short text, such as a host name, contains a secret of any length."""
    return any(secret and secret in text for secret in tuple(KNOWN))
