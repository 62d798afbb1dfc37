"""Roles of the fields of a kind: the name in Mailjet's JSON, how values compare, what they refer to.

A role is put beside the type: `url: Annotated[str, Wire("Url"), SecretUrl()]`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

Role = TypeVar("Role")


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Wire:
    """The field's name in Mailjet's JSON, and how its values are spelled there."""

    name: str
    encode: Callable[[Any], Any] = _as_it_is
    decode: Callable[[Any], Any] = _as_it_is


@dataclass(frozen=True, slots=True)
class NotSent:
    """A setting of mjsync alone: it is neither sent nor compared."""


@dataclass(frozen=True, slots=True)
class CreateOnly:
    """Set when the object is created; `why` is the reason that it cannot be changed afterwards."""

    why: str


@dataclass(frozen=True, slots=True)
class Normalize:
    """Values with the same normal form are equal; applied to both sides. `rule` is a sentence for reviewers."""

    rule: str
    normalize: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class MultilineText:
    """Long text, shown as a diff by line."""


@dataclass(frozen=True, slots=True)
class SegmentExpression:
    """A condition on contacts: reports say it in words too."""


@dataclass(frozen=True, slots=True)
class ShownInMail:
    """Part of the mail that reviewers must see: it may contain no value of the environment."""


@dataclass(frozen=True, slots=True)
class SecretUrl:
    """A URL that may hold a password or a token: masked wherever it is shown."""


@dataclass(frozen=True, slots=True)
class RefersTo:
    """Text that names resources of another kind by their remote names; gives the order."""

    kind: str
    names: Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class VerifiedBy:
    """A value, or one part of it, that a read-only kind should know; a plan warns where it does not."""

    kind: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a kind: its manifest word and its roles."""

    word: str
    roles: tuple[Any, ...]

    def role(self, role: type[Role]) -> Role | None:
        """Return the field's role of one sort, if it has it."""
        return next((mark for mark in self.roles if isinstance(mark, role)), None)

    def normalized(self, value: Any) -> Any:
        """Normalize a value for comparison: null, '' and [] are equal; then the rules of the field apply."""
        for mark in self.roles:
            if isinstance(mark, Normalize) and value is not None:
                value = mark.normalize(value)
        return None if value in ("", [], {}, ()) else value


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _line_feeds(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _sorted(value: Any) -> Any:
    return sorted(set(value)) if isinstance(value, list | tuple) else value


TRIMMED = Normalize("outer blanks do not count", _trimmed)
LINE_ENDS = Normalize("LF and CRLF are equal", _line_feeds)
UNORDERED = Normalize("order does not count", _sorted)
