"""Build the values that the HTML report shows of a changed mail: frames, inbox lines, links, images, what got worse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from mjsync.render.mail_quality import worsened
from mjsync.render.text import visible
from mjsync.render.text_diff import Marks, changed_words
from mjsync.resources.address import Address

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


@dataclass(frozen=True, slots=True)
class Targets:
    """Links, images or tracking parameters that changed; `left_out` counts those beyond MAX_TARGETS."""

    title: str
    changes: tuple[TargetView, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class MailView:
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
    worse = tuple(visible(line) for line in worsened(before, after))
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
    first, second = (
        runs(text[:longest], _clipped(found, longest)) for text, found in zip((old, new), marks, strict=True)
    )
    return first, second


def _clipped(marks: Marks, longest: int | None) -> Marks:
    return marks if longest is None else tuple((a, min(b, longest)) for a, b in marks if a < longest)


def runs(text: str, marks: Marks = ()) -> tuple[TextRun, ...]:
    """Split a text at its marks."""
    found, end = [], 0
    for first, last in marks:
        found += [(text[end:first], False), (text[first:last], True)]
        end = last
    return tuple(run for run in (*found, (text[end:], False)) if run[0])
