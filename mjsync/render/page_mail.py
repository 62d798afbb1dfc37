"""Build the values that the HTML report shows of a changed mail: frames, inbox lines, links, images, what got worse.

What gets worse is how readable a mail is: alternative texts, its language, contrast and size.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mjsync.engine.plan import Change
from mjsync.errors import counted
from mjsync.redaction import redact_links
from mjsync.render.frame import framed
from mjsync.render.mail import (
    INBOX_WORDS,
    PREHEADER,
    LinkChange,
    MailVersion,
    Preview,
    mail_versions,
    target_changes,
    tracking_changes,
)
from mjsync.render.text import visible
from mjsync.render.text_diff import Marks, changed_words
from mjsync.resources.address import Address
from mjsync.template_language.markup import GMAIL_CLIPS_AT

MAX_TARGETS = 200
"""Links, or images, of one mail on the page."""

TextRun = tuple[str, bool]
"""A piece of text, and whether it is marked as changed."""


class TargetView(NamedTuple):
    """A link or an image that is new, gone or changed, the changed parts of its URLs marked."""

    what: str
    label: str
    before: tuple[TextRun, ...]
    after: tuple[TextRun, ...]


class InboxLine(NamedTuple):
    """What an inbox shows of one side: its subject and its preheader, changed words marked."""

    side: str
    subject: tuple[TextRun, ...]
    preheader: tuple[TextRun, ...]


class Targets(NamedTuple):
    """Links, images or tracking parameters that changed; `left_out` counts those beyond MAX_TARGETS."""

    title: str
    changes: tuple[TargetView, ...]
    left_out: int


class MailView(NamedTuple):
    """A mail on both sides: its frames, its inbox lines, its changed links and images, and what got worse."""

    before: MailVersion | None
    after: MailVersion | None
    frames: Mapping[str, str]
    inbox: tuple[InboxLine, ...]
    targets: tuple[Targets, ...]
    worse: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The subject after the change; of a deleted mail the one before it."""
        version = self.after or self.before
        return visible(version.subject) if version else ""


def mail_view(change: Change, ids: Mapping[Address, int], preview: Preview) -> MailView:
    """Render both sides of a changed mail and compare them."""
    before, after = mail_versions(change, ids, preview)
    frames = {side: framed(mail.html) for side, mail in (("before", before), ("after", after)) if mail and mail.html}
    links, images = target_changes(*(mail.html if mail else "" for mail in (before, after)))
    links, tracking = tracking_changes(links)
    parameters = [
        LinkChange(
            "changed" if old and new else "new" if new else "gone", f"{name}, {counted(count, 'link')}", old, new
        )
        for (name, old, new), count in tracking.items()
    ]
    targets = (_targets("Links", links), _targets("Tracking parameters", parameters), _targets("Images", images))
    worse = tuple(map(visible, worsened(before.html if before else "", after.html))) if after else ()
    return MailView(before, after, frames, tuple(_inbox(before, after)), targets, worse)


def _inbox(before: MailVersion | None, after: MailVersion | None) -> Iterator[InboxLine]:
    """Yield a line for each side, or one for both if an inbox shows the same; compared before it is cut."""
    words = [mail.words[:INBOX_WORDS] if mail else "" for mail in (before, after)]
    if before and after and (before.subject, words[0][:PREHEADER]) != (after.subject, words[1][:PREHEADER]):
        subjects = _compared(before.subject, after.subject)
        preheaders = _compared(words[0], words[1], PREHEADER)
        for side, subject, preheader in zip(("before", "after"), subjects, preheaders, strict=True):
            yield InboxLine(side, subject, preheader)
        return
    if mail := after or before:
        side = "both" if before and after else "after" if after else "before"
        yield InboxLine(side, runs(visible(mail.subject)), runs(visible(mail.words[:PREHEADER])))


def _targets(title: str, found: Sequence[LinkChange]) -> Targets:
    shown = tuple(
        TargetView(each.what, visible(each.label), *_compared(redact_links(each.before), redact_links(each.after)))
        for each in found[:MAX_TARGETS]
    )
    return Targets(title, shown, max(len(found) - MAX_TARGETS, 0))


def _compared(before: str, after: str, longest: int | None = None) -> tuple[tuple[TextRun, ...], tuple[TextRun, ...]]:
    """Return both texts in pieces, changed words marked, cut to `longest`; no marks if one of them is empty."""
    old, new = visible(before), visible(after)
    marks = changed_words(old, new) if old and new else ((), ())
    return runs(old[:longest], marks[0]), runs(new[:longest], marks[1])


def runs(text: str, marks: Marks = ()) -> tuple[TextRun, ...]:
    """Split a text at its marks; those beyond its end are left out."""
    found, end = [], 0
    for first, last in marks:
        found += [(text[end:first], False), (text[first:last], True)]
        end = last
    return tuple(run for run in (*found, (text[end:], False)) if run[0])


# --- what got worse


MIN_CONTRAST = 4.5
"""Contrast of text on its background that is readable. Source: WCAG 2.1, success criterion 1.4.3."""

_IMAGE = re.compile(r"<img(?![\w:-])([^<>]*)>", re.IGNORECASE | re.ASCII)
_ALT = re.compile(r"\salt\s*=", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html(?![\w:-])[^<>]*\slang\s*=\s*[\"']?\w", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]{0,20000})>")
_STATED_COLOR = re.compile(
    r"(?<![\w-])(color|background(?:-color)?|bgcolor)\s*[:=]\s*[\"']?\s*(#[0-9a-f]{3,8}\b|rgb\([\d\s,]+\)|white\b|black\b)?",
    re.IGNORECASE,
)
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0)}
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_NOT_SHOWN = frozenset({"style", "script", "title", "head"})

Color = tuple[int, int, int]


def worsened(before: str, after: str) -> Iterator[str]:
    """Say in words what is worse in the HTML after the change than in that before it."""
    missing, had_missing = _without_alt(after), _without_alt(before)
    if missing > had_missing:
        new = missing - had_missing
        yield f"{counted(new, 'image')} without alternative text {'is' if new == 1 else 'are'} new"
    if before and _LANGUAGE.search(before) and not _LANGUAGE.search(after):
        yield "the language of the mail is no longer stated (<html lang>)"
    size, old_size = (len(html.encode("utf-8", "surrogatepass")) for html in (after, before))
    if size > GMAIL_CLIPS_AT >= old_size:
        yield f"the HTML has {size // 1024} kB: Gmail cuts mails at {GMAIL_CLIPS_AT // 1024} kB"
    if "color" not in after and "background" not in after:
        return
    if sorted(_STATED_COLOR.findall(before)) == sorted(_STATED_COLOR.findall(after)):
        return
    known = {colors for colors, _ in _unreadable(before)}
    for (text, ground), words in dict(_unreadable(after)).items():
        if (text, ground) not in known:
            found = f"{_contrast(text, ground):.1f}, #{bytes(text).hex()} on #{bytes(ground).hex()}"
            yield f'the contrast of "{words}" is {found}; {MIN_CONTRAST} is readable'


def _without_alt(html: str) -> int:
    return sum(not _ALT.search(match[1]) for match in _IMAGE.finditer(html))


def _unreadable(html: str) -> Iterator[tuple[tuple[Color, Color], str]]:
    """Yield pairs of text and background colour with too little contrast, stated in attributes and inline styles."""
    if "color" not in html.lower():
        return
    open_tags: list[tuple[str, Color | None, Color | None]] = [("", None, None)]
    end = 0
    for tag in _TAG.finditer(html):
        name, text, ground = open_tags[-1]
        words = html[end : tag.start()].strip()
        end = tag.end()
        if words and text and ground and name not in _NOT_SHOWN and _contrast(text, ground) < MIN_CONTRAST:
            yield (text, ground), " ".join(words.split())[:40]
        tag_name = tag[2].lower()
        if tag[1]:
            depth = next((at for at in range(len(open_tags) - 1, 0, -1) if open_tags[at][0] == tag_name), 0)
            del open_tags[depth or len(open_tags) :]
        elif tag_name not in _VOID and not tag[3].endswith("/") and len(open_tags) < 500:  # noqa: PLR2004 - levels
            open_tags.append((tag_name, *_colors(tag[3], text, ground)))


def _colors(attributes: str, text: Color | None, ground: Color | None) -> tuple[Color | None, Color | None]:
    """Return the colours inside an element: its own, else those around it; None for what cannot be computed."""
    for match in _STATED_COLOR.finditer(attributes):
        color = _color(match[2]) if match[2] else None
        if match[1].lower() == "color":
            text = color
        else:
            ground = color
    return text, ground


def _color(value: str) -> Color | None:
    value = value.lower()
    if value in _NAMED:
        return _NAMED[value]
    if value.startswith("rgb"):
        numbers = [min(int(number), 255) for number in re.findall(r"\d+", value)]
    else:
        digits = value[1:] if len(value) > 4 else "".join(sign * 2 for sign in value[1:])  # noqa: PLR2004 - #rgb
        numbers = [int(digits[at : at + 2], 16) for at in (0, 2, 4) if digits[at : at + 2]]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None  # noqa: PLR2004 - red, green, blue


def _contrast(first: Color, second: Color) -> float:
    """Return the contrast of two colours, 1 to 21. Source: WCAG 2.1, contrast ratio and relative luminance."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    shares = [value / 255 for value in color]
    red, green, blue = (share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
