"""A mail before and after a change: its subject, its parts, and what it links to and shows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, Literal

from mjsync.engine.plan import Action, Change
from mjsync.resources.address import Address
from mjsync.resources.body import loaded
from mjsync.resources.desired import Entry
from mjsync.resources.reference import resolve, spelled

Preview = Callable[[str, Entry | None], str]
"""Fills one part of a mail with the example data of its entry; None stands for what no manifest declares."""

PREHEADER = 140
"""Characters that an inbox shows behind the subject, at most."""

_SILENT = frozenset({"style", "script", "title", "head", "noscript", "template"})


@dataclass(frozen=True, slots=True)
class Target:
    """Something a mail points to: its label (the words of a link, the alternative text of an image) and its URL."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One side of a changed mail, filled with example data."""

    subject: str
    preheader: str
    html: str
    text: str
    links: tuple[Target, ...]
    images: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a target: `came`, `went`, or `changed` where the label stayed and the URL did not."""

    what: Literal["came", "went", "changed"]
    label: str
    before: str
    after: str


def is_mail(change: Change) -> bool:
    """Whether the change is one of a mail."""
    return "html" in change.kind.specs()


def letters(change: Change, ids: Mapping[Address, int], preview: Preview) -> tuple[Letter | None, Letter | None]:
    """The mail before and after the change; None for a side that is not there.

    What a manifest does not state stays as it is live, and is shown so.
    """
    before = dict(change.live.fields) if change.live and change.action is not Action.CREATE else None
    after = None
    if change.entry:
        stated = {word: spelled(resolve(loaded(value), ids)) for word, value in change.entry.values.items()}
        kept = before if before is not None and change.action is not Action.REPLACE else {}
        after = {**kept, **stated}
    sides = (None if values is None else _letter(values, change.entry, preview) for values in (before, after))
    first, second = sides
    return first, second


def moves(before: Sequence[Target], after: Sequence[Target]) -> list[Moved]:
    """Which targets came, went or changed, in reading order."""
    gone = list((Counter(before) - Counter(after)).elements())
    come = list((Counter(after) - Counter(before)).elements())
    found = []
    for target in gone:
        partner = next((other for other in come if other.label == target.label), None)
        if partner:
            come.remove(partner)
            found.append(Moved("changed", target.label, target.url, partner.url))
        else:
            found.append(Moved("went", target.label, target.url, ""))
    return [*found, *(Moved("came", target.label, "", target.url) for target in come)]


def examples_filled_in(part: str, entry: Entry | None) -> str:
    """The part with `{{var:name}}` replaced by its example; all other template language stays as it is written."""
    variables: Mapping[str, Any] = getattr(entry.resource, "variables", {}) if entry else {}
    for name, variable in variables.items():
        if variable.example is not None:
            part = part.replace(f"{{{{var:{name}}}}}", str(variable.example))
    return part


def _letter(values: Mapping[str, Any], entry: Entry | None, preview: Preview) -> Letter:
    subject, html, text = (preview(str(values.get(word) or ""), entry) for word in ("subject", "html", "text"))
    return Letter(subject, *_seen(html)[:1], html, text, *_seen(html)[1:])


@lru_cache(maxsize=8)
def _seen(html: str) -> tuple[str, tuple[Target, ...], tuple[Target, ...]]:
    """Preheader, links and images of an HTML part."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return _joined(reading.words)[:PREHEADER], tuple(reading.links), tuple(reading.images)


def _joined(words: Iterable[str]) -> str:
    return " ".join("".join(words).split())


class _Reading(HTMLParser):
    """Gathers what a reader of an HTML part meets."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[Target] = []
        self.images: list[Target] = []
        self._length = 0
        self._silent = 0
        self._url: str | None = None
        self._label: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._silent += tag in _SILENT
        if tag in ("a", "area") and given.get("href"):
            self._end_link()
            self._url, self._label = given["href"], [given.get("alt") or ""]
        elif tag == "img":
            alternative, url = given.get("alt") or "", given.get("src") or ""
            self.images.append(Target(_joined([alternative]), url))
            self._label.append(alternative)
        elif tag == "body":
            self._silent = 0

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(self._silent - (tag in _SILENT), 0)
        if tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self._label.append(data)
        if self._length <= PREHEADER * 4:
            self.words.append(data)
            self._length += len(data.strip())

    def close(self) -> None:
        super().close()
        self._end_link()

    def _end_link(self) -> None:
        if self._url is not None:
            self.links.append(Target(_joined(self._label)[:200], self._url))
        self._url, self._label = None, []
