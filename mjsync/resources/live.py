"""Live objects of the account, and the Reader and Writer that kinds use for them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

Row = Mapping[str, Any]
"""One object in Mailjet's JSON."""

Values = Mapping[str, Any]
"""Fields by their names in manifests, nested as there."""


class Reader(Protocol):
    """The reading half of the API. Paths are relative to the REST root: `template/12/detailcontent`."""

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Return each object of a collection, once, in reading order, whatever the page size."""

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""


class Writer(Reader, Protocol):
    """The whole API that a kind may use."""

    def post(self, path: str, body: Row) -> Row:
        """Create an object, and return it. Raises Duplicate, Unclear."""

    def put(self, path: str, body: Row) -> Row | None:
        """Change an object, and return it; None where nothing changed."""

    def delete(self, path: str) -> None:
        """Delete an object. Raises NotFound, unless a retry finds it gone."""


@dataclass(frozen=True, slots=True)
class Live:
    """One object as it is on the account.

    `key` tells one object of a kind from another; `name` is what people call it. `fields` are as in manifests.
    `row` is the object as Mailjet sent it, `content` that of a second endpoint (None until it is read).
    """

    kind: str
    id: int
    key: str
    name: str
    fields: Values
    row: Row = field(repr=False)
    content: Row | None = field(default=None, repr=False)

    @property
    def owner(self) -> int | None:
        """The numeric id of the API key it belongs to, where its row has one."""
        owner = self.row.get("APIKeyID")
        return None if owner is None else int(owner)


def leaves(values: Values) -> Iterator[tuple[str, Any]]:
    """Yield each dotted path and its value; a field with several values has a path for each."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def value_at(values: Values, path: str, otherwise: Any = None) -> Any:
    """Return the value at a dotted path, or `otherwise`; names of headers and the like are compared without case."""
    name, _, key = path.partition(".")
    value = values.get(name, otherwise)
    if not key:
        return value
    inside = value.items() if isinstance(value, Mapping) else ()
    return next((inner for name, inner in inside if str(name).lower() == key.lower()), otherwise)


class Count(NamedTuple):
    """People touched: a number (at least that many where it is not exact), or None where it cannot be had."""

    number: int | None
    exact: bool = True


class Problem(NamedTuple):
    """What is wrong with one entry: the field (or a finding's code), what, and the way out."""

    about: str
    message: str
    way_out: str = ""


class SoftDelete(NamedTuple):
    """How Mailjet marks the deleted objects of a kind that stay after a DELETE.

    A row is deleted where its wire field `marker` has `value`. `filters` list such rows, `restore` are the wire fields
    that bring one back. `keeps_name`: while it is there, no other object can have its name.
    """

    marker: str
    value: Any
    filters: Mapping[str, str]
    restore: Row
    keeps_name: bool = False


_MAIL_ADDRESS = re.compile(r"""("[^"\r\n]+"|[^@\s"<>(),:;\\[\]]+)@[^@\s.<>(),:;]+(\.[^@\s.<>(),:;]+)+""")


def url_problems(name: str, url: Any) -> Iterator[Problem]:
    """Yield what is wrong with a URL that Mailjet is to call; of one that contains a reference, the start is checked.

    Source: mjsync/docs/mailjet-api.md, sections 14 and 15 (a root URL is refused; credentials and ports are allowed).
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        yield Problem(name, f"{name} must be an absolute https URL", "Write it as https://host/path.")
    elif not parts.path.strip("/"):
        yield Problem(name, f"{name} has no path, and Mailjet refuses a root URL", "Add a path behind the host.")


def address_problems(name: str, address: Any) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a mail address; template language in it is allowed."""
    is_computed = any(mark in str(address) for mark in ("{{", "{%", "[[", "${"))
    if address and not is_computed and not _MAIL_ADDRESS.fullmatch(str(address)):
        yield Problem(name, f"{address!r} is not an address", "Write it as name@domain.")
