"""Handles for live objects that have none yet: readable, unique, the same each time."""

import re
import unicodedata
from collections.abc import Iterable

_AS_IT_IS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_LONGEST = 60


def handle_for(name: str, kind: str, taken: Iterable[str]) -> str:
    """The name itself where it can be a handle, else a slug of it; numbered where that is taken.

    Two handles never differ in case alone: some disks would make one file of them.
    """
    base = name if _AS_IT_IS.fullmatch(name) else slug(name) or kind.replace("_", "-")
    used = {handle.casefold() for handle in taken}
    candidate, number = base, 1
    while candidate.casefold() in used:
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def slug(name: str) -> str:
    """Lower-case letters and digits of a name, joined by hyphens; empty where it has none that ASCII knows."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")
