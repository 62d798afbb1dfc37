"""The values that no output of this process may hold; commands add them as they learn them."""

from collections.abc import Iterable

from mjsync.masking import Masker

_known: set[str] = set()


def learn(values: Iterable[str]) -> None:
    """From now on, mask these values wherever they turn up."""
    _known.update(values)


def masker() -> Masker:
    """Masks all that was learned."""
    return Masker.of(tuple(_known))  # a copy at once: another thread may be learning


def holds(text: str) -> bool:
    """Whether a short text holds a secret of any length: names of hosts are shown on this word."""
    return any(secret and secret in text for secret in tuple(_known))
