"""What the emulator claims and where each claim comes from, as rows a page can be made of."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Certainty: TypeAlias = Literal["recorded", "documentation", "our choice"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One point of behaviour, how sure it is, and its source."""

    point: str
    does: str
    certainty: Certainty
    source: str
