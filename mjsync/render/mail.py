"""A mail before and after a change: its subject, its parts, and what it links to and shows."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal, NamedTuple, Self

from mjsync.engine.plan import Action, Change
from mjsync.resources.address import Address
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Entry
from mjsync.resources.reference import format_references, resolve

Preview = Callable[[str, Entry | None], str]
"""Fills one part of a mail with the example data of its entry; None stands for what no manifest declares."""

PREHEADER = 140
"""Characters that an inbox shows behind the subject, at most."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<![^<>]*>", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]{0,20000})>")
# What points somewhere, and what is no text.
_TELLING = re.compile(
    r"<(/?)(a|area|img|style|script|title|noscript|template)(?![\w:-])([^<>]{0,20000})>", re.IGNORECASE
)
_AT_LINKS = re.compile(r"(?=<a(?:rea)?[\s/>])", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(href|src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_APART = frozenset({"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "table", "td", "th", "tr"})
_SILENT = frozenset({"style", "script", "title", "noscript", "template"})


class Target(NamedTuple):
    """Something a mail points to: its label (the words of a link, the alternative text of an image) and its URL."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class MailVersion:
    """One side of a changed mail, filled with example data."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What became of a target: `came`, `went`, or `changed` where the label stayed and the URL did not."""

    what: Literal["came", "went", "changed"]
    label: str
    before: str
    after: str


def is_mail(change: Change) -> bool:
    """Whether the change is one of a mail."""
    return "html" in change.kind.specs()


def mail_versions(
    change: Change, ids: Mapping[Address, int], preview: Preview
) -> tuple[MailVersion | None, MailVersion | None]:
    """The mail before and after the change; None for a side that is not there.

    What a manifest does not state stays as it is live, and is shown so.
    """
    before = dict(change.live.fields) if change.live and change.action is not Action.CREATE else None
    after = None
    if change.entry:
        stated = {
            word: format_references(resolve(read_bodies(value), ids)) for word, value in change.entry.values.items()
        }
        kept = before if before is not None and change.action is not Action.REPLACE else {}
        after = {**kept, **stated}
    sides = (None if values is None else _letter(values, change.entry, preview) for values in (before, after))
    first, second = sides
    return first, second


def targets_moved(before: str, after: str) -> tuple[list[LinkChange], list[LinkChange]]:
    """Links and images of an HTML part that came, went or changed.

    Only stretches between two links that the other side does not have are read: a report may hold hundreds of mails.
    """
    old, new = (Counter(_AT_LINKS.split(_COMMENT.sub("", html))) for html in (before, after))
    gone, come = (_Reading.of("".join(left.elements())) for left in (old - new, new - old))
    return link_changes(gone.links, come.links), link_changes(gone.images, come.images)


def link_changes(before: Sequence[Target], after: Sequence[Target]) -> list[LinkChange]:
    """Which targets came, went or changed, in reading order."""
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    partners: dict[str, deque[Target]] = {}
    for target in come.elements():
        partners.setdefault(target.label, deque()).append(target)
    found = []
    for target in gone.elements():
        if waiting := partners.get(target.label):
            partner = waiting.popleft()
            come[partner] -= 1
            found.append(LinkChange("changed", target.label, target.url, partner.url))
        else:
            found.append(LinkChange("went", target.label, target.url, ""))
    return [*found, *(LinkChange("came", target.label, "", target.url) for target in come.elements())]


def preheader(html: str) -> str:
    """What an inbox shows behind the subject: the first words that are seen; no more of the part is looked at."""
    text = _COMMENT.sub("", html)
    said: list[str] = []
    end = length = 0
    silent = ""
    for tag in _TAG.finditer(text):
        if length > PREHEADER * 4:
            break
        name = tag[2].lower()
        if not silent:
            said += [text[end : tag.start()], " " if name in _APART else ""]
            length += len(said[-2].strip())
            silent = name if name in _SILENT and not tag[1] else ""
        elif tag[1] and name == silent:
            silent = ""
        end = tag.end()
    said.append("" if silent else text[end : end + PREHEADER * 4])
    return _joined(said)[:PREHEADER]


def examples_filled_in(part: str, entry: Entry | None) -> str:
    """The part with `{{var:name}}` replaced by its example; all other template language stays as it is written."""
    variables: Mapping[str, Any] = getattr(entry.resource, "variables", {}) if entry else {}
    for name, variable in variables.items():
        if variable.example is not None:
            part = part.replace(f"{{{{var:{name}}}}}", str(variable.example))
    return part


def _letter(values: Mapping[str, Any], entry: Entry | None, preview: Preview) -> MailVersion:
    subject, html, text = (preview(str(values.get(word) or ""), entry) for word in ("subject", "html", "text"))
    return MailVersion(subject, preheader(html), html, text)


def _said(markup: str) -> str:
    """Markup as one line of text."""
    if "<" in markup:
        markup = _TAG.sub(lambda tag: " " if tag[2].lower() in _APART else "", markup)
    return _joined([markup])


def _joined(words: Iterable[str]) -> str:
    text = "".join(words)
    return " ".join((unescape(text) if "&" in text else text).split())


class _Reading:
    """Gathers what an HTML part points to, in one pass over the tags that do."""

    def __init__(self) -> None:
        self.links: list[Target] = []
        self.images: list[Target] = []
        self._silent = ""
        self._url: str | None = None
        self._label: list[str] = []

    @classmethod
    def of(cls, markup: str) -> Self:
        """All that a stretch of markup points to."""
        reading, end = cls(), 0
        for tag in _TELLING.finditer(markup):
            reading.words(markup[end : tag.start()])
            reading.tag(*tag.groups())
            end = tag.end()
        reading.words(markup[end:])
        reading.end_link()
        return reading

    def words(self, markup: str) -> None:
        """What stands between two such tags."""
        if self._url is not None and not self._silent:
            self._label.append(markup)

    def tag(self, slash: str, spelled_name: str, rest: str) -> None:
        """A start tag or an end tag."""
        name = spelled_name.lower()
        if self._silent:
            self._silent = "" if slash and name == self._silent else self._silent
        elif name in _SILENT:
            self._silent = "" if slash else name
        elif name in ("a", "area"):
            self.end_link()
            if not slash:
                self._start_link(_attributes(rest))
        elif name == "img":
            self._image(_attributes(rest))

    def end_link(self) -> None:
        """The link that was open, if one was, is complete."""
        if self._url is not None:
            self.links.append(Target(_said("".join(self._label))[:200], self._url))
        self._url, self._label = None, []

    def _start_link(self, attributes: Mapping[str, str]) -> None:
        self._url = attributes.get("href") or None
        self._label.append(attributes.get("alt", ""))

    def _image(self, attributes: Mapping[str, str]) -> None:
        alternative = attributes.get("alt", "")
        self.images.append(Target(_joined([alternative]), attributes.get("src", "")))
        self._label.append(alternative)


def _attributes(rest: str) -> dict[str, str]:
    return {name.lower(): unescape(quoted or single or bare) for name, quoted, single, bare in _ATTRIBUTE.findall(rest)}
