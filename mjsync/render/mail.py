"""Read the mail before and after a change: its subject, its parts, its visible words, its links and images."""

import re
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Any, Literal, NamedTuple

from mjsync.engine.plan import Action, Change
from mjsync.resources.address import Address, format_references, resolve
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Entry

Preview = Callable[[str, Entry | None], str]
"""Renders one part of a mail with the example data of its entry; the entry is None for an undeclared template."""

PREHEADER = 140
"""Characters that an inbox shows behind the subject, at most."""
INBOX_WORDS = 1000
"""Characters of a mail's words that are compared for the inbox before they are cut to PREHEADER."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<![^<>]*>", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]{0,20000})>")
_LINK_TAG = re.compile(r"<(/?)(?:a|area)(?![\w:-])([^<>]{0,20000})>", re.IGNORECASE | re.ASCII)
_IMAGE = re.compile(r"<img(?![\w:-])([^<>]{0,20000})>", re.IGNORECASE | re.ASCII)
_ATTRIBUTE = re.compile(r"""\b(href|src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_APART = frozenset({"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "table", "td", "th", "tr"})
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_APART))})(?![\w:-])[^<>]*>", re.IGNORECASE | re.ASCII)
_HIDDEN_ELEMENT = re.compile(
    r"<(style|script|title|noscript|template)(?![\w:-])[^<>]*>.*?(?:</\1(?![\w:-])[^<>]*>|\Z)",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TRACKING = re.compile(r"utm_\w+|mc_\w+|gclid|fbclid|msclkid", re.IGNORECASE)


class Target(NamedTuple):
    """A link or an image of a mail: its label (the words of a link, the alternative text of an image) and its URL."""

    label: str
    url: str


class MailVersion(NamedTuple):
    """One side of a changed mail, rendered with example data; `words` are the first visible words of its HTML."""

    subject: str
    words: str
    html: str
    text: str


class LinkChange(NamedTuple):
    """The change of a link or image: `new`, `gone`, or `changed` where the label is equal and the URL is not."""

    what: Literal["new", "gone", "changed"]
    label: str
    before: str
    after: str


def is_mail(change: Change) -> bool:
    """Return whether the change concerns a mail."""
    return "html" in change.kind.specs()


def fill_with_examples(part: str, entry: Entry | None) -> str:
    """Return a part of a mail with the example values of its entry; a tag without a value stays as it is."""
    if "{" not in part and "[[" not in part:
        return part
    from mjsync.template_language.functions import RenderContext
    from mjsync.template_language.parser import parse
    from mjsync.template_language.rendering import render

    variables = getattr(entry.model, "variables", {}) if entry else {}
    examples = {name: variable.example for name, variable in variables.items() if variable.example is not None}
    return render(parse(part), RenderContext(variables=examples)).text


def mail_versions(
    change: Change, ids: Mapping[Address, int], preview: Preview
) -> tuple[MailVersion | None, MailVersion | None]:
    """Render the mail before and after a change; None for a side that does not exist.

    Fields that the manifest does not state keep their live value on both sides.
    """
    before = dict(change.live.fields) if change.live and change.action is not Action.CREATE else None
    after = None
    if change.entry:
        stated = {
            name: format_references(resolve(read_bodies(value), ids)) for name, value in change.entry.values.items()
        }
        unstated = before if before is not None and change.action is not Action.REPLACE else {}
        after = {**unstated, **stated}
    sides = (None if values is None else _version(values, change.entry, preview) for values in (before, after))
    first, second = sides
    return first, second


def target_changes(before: str, after: str) -> tuple[list[LinkChange], list[LinkChange]]:
    """Find the links and images of an HTML part that are new, gone or changed.

    Only markup between two links that the other side does not have is read, since a report can have hundreds of mails.
    """
    # Plain text is searched for: much faster than a pattern is.
    old, new = (Counter(_COMMENT.sub("", html).replace("<A", "<a").split("<a")) for html in (before, after))
    removed, added = (_read_targets("<a".join(["", *left.elements()])) for left in (old - new, new - old))
    return link_changes(removed[0], added[0]), link_changes(removed[1], added[1])


def link_changes(before: Sequence[Target], after: Sequence[Target]) -> list[LinkChange]:
    """Match targets by label: which are gone, changed or new, in reading order."""
    removed, added = Counter(before) - Counter(after), Counter(after) - Counter(before)
    partners: dict[str, deque[Target]] = {}
    for target in added.elements():
        partners.setdefault(target.label, deque()).append(target)
    found = []
    for target in removed.elements():
        if waiting := partners.get(target.label):
            partner = waiting.popleft()
            added[partner] -= 1
            found.append(LinkChange("changed", target.label, target.url, partner.url))
        else:
            found.append(LinkChange("gone", target.label, target.url, ""))
    return [*found, *(LinkChange("new", target.label, "", target.url) for target in added.elements())]


def tracking_changes(links: Sequence[LinkChange]) -> tuple[list[LinkChange], dict[tuple[str, str, str], int]]:
    """Split links whose tracking parameters alone changed from all others.

    Returns the others, and each changed parameter (name, before, after) with its number of links.
    """
    others, parameters = list[LinkChange](), Counter[tuple[str, str, str]]()
    for link in links:
        if link.what == "changed":
            (before, old), (after, new) = _split_tracking(link.before), _split_tracking(link.after)
            if before == after:
                parameters.update((name, old.get(name, ""), new.get(name, "")) for name in {**old, **new})
                continue
        others.append(link)
    return others, {change: count for change, count in parameters.items() if change[1] != change[2]}


def _split_tracking(url: str) -> tuple[str, dict[str, str]]:
    address, _, query = url.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    tracking = {name: value for name, _, value in pairs if _TRACKING.fullmatch(name)}
    return "&".join([address, *("".join(pair) for pair in pairs if pair[0] not in tracking)]), tracking


def visible_text(html: str) -> str:
    """Return the words of an HTML part as one line, hidden preheaders included; no styles, scripts or comments."""
    text = _HIDDEN_ELEMENT.sub(" ", _COMMENT.sub("", html))
    return _words(_ANY_TAG.sub("", _BLOCK_TAG.sub(" ", text)))


def first_words(html: str) -> str:
    """Return the first INBOX_WORDS characters of the visible text; no more of the HTML is read than they need."""
    read = INBOX_WORDS * 8
    while True:
        words = visible_text(html[:read])
        # A tag that is cut off at the end is not removed: its text is beyond what is returned.
        if read >= len(html) or len(words) > INBOX_WORDS * 2:
            return words[:INBOX_WORDS]
        read *= 4


def _version(values: Mapping[str, Any], entry: Entry | None, preview: Preview) -> MailVersion:
    subject, html, text = (preview(str(values.get(name) or ""), entry) for name in ("subject", "html", "text"))
    return MailVersion(subject, first_words(html), html, text)


def _words(text: str) -> str:
    return " ".join((unescape(text) if "&" in text else text).split())


def _read_targets(markup: str) -> tuple[list[Target], list[Target]]:
    """Return the links of a piece of markup, labelled by their words and by the texts of images in them; its images."""
    shown = _HIDDEN_ELEMENT.sub("", markup)
    links = []
    _, *parts = _LINK_TAG.split(shown)
    for slash, rest, inside in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        attributes = _attributes(rest)
        if not slash and attributes.get("href"):
            label = attributes.get("alt", "") + _IMAGE.sub(lambda image: _attributes(image[1]).get("alt", ""), inside)
            label = _TAG.sub(lambda tag: " " if tag[2].lower() in _APART else "", label)
            links.append(Target(_words(label)[:200], attributes["href"]))
    images = [_attributes(image[1]) for image in _IMAGE.finditer(shown)]
    return links, [Target(_words(image.get("alt", "")), image.get("src", "")) for image in images]


def _attributes(rest: str) -> dict[str, str]:
    return {name.lower(): unescape(quoted or single or bare) for name, quoted, single, bare in _ATTRIBUTE.findall(rest)}
