"""Handles: what may be one, and those for live objects that have none yet: readable, unique, the same each time."""

import re
import unicodedata
from collections.abc import Iterable

HANDLE = re.compile(r"[A-Za-z0-9._@+-]{1,128}")
"""What may stand as a handle in a manifest."""

_AS_IT_IS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_LONGEST = 60
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever stands behind the dot."""


class Handles:
    """The handles of one kind; two never differ in case alone, since some disks would make one file of them."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {handle.casefold() for handle in taken}

    def allocate(self, name: str, kind: str) -> str:
        """The name itself where it can be a handle, else a slug of it; numbered where that is taken.

        A file on any disk may be called after it.
        """
        word = kind.replace("_", "-")
        base = name if _AS_IT_IS.fullmatch(name) else slug(name) or word
        base = f"{word}-{base}" if _DEVICE.fullmatch(base) else base
        candidate, number = base, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{base}-{number}"
        self._taken.add(candidate.casefold())
        return candidate


def slug(name: str) -> str:
    """Lower-case letters and digits of a name, joined by hyphens; empty where it has none that ASCII knows."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")
