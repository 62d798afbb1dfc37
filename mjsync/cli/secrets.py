"""The values that no output of this process may hold; commands add them as they learn them."""

from collections.abc import Iterable
from functools import lru_cache

from mjsync.redaction import Redactor

KNOWN: set[str] = set()
"""All of them; a load puts each value of the environment here before anything can be said of it."""


def learn(values: Iterable[str]) -> None:
    """From now on, mask these values wherever they turn up."""
    KNOWN.update(values)


def masker() -> Redactor:
    """Masks all that was learned up to now."""
    return _masker_of(frozenset(tuple(KNOWN)))  # a copy at once: another thread may be learning


@lru_cache(maxsize=1)
def _masker_of(values: frozenset[str]) -> Redactor:
    return Redactor.of(values)


def holds(text: str) -> bool:
    """Whether a short text holds a secret of any length: names of hosts are shown on this word."""
    return any(secret and secret in text for secret in tuple(KNOWN))
