"""One template as the gallery shows it: filled with its examples, with what is wrong with it beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mjsync.errors import Finding
from mjsync.preview.fill import fill, fill_values, origin, source
from mjsync.render.frame import framed
from mjsync.render.mail import preheader
from mjsync.render.text import size
from mjsync.resources.desired import Entry

_WRITTEN = ("mjml", "html", "text")


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template on show.

    `family` is the handle that the manifest states, `locale` which one of its locales this is, if it has several.
    `frame` is the document of a sandboxed frame, `sources` the parts that somebody wrote, each under its word; a part
    that the manifest does not state is empty. `size` is that of the HTML as it is sent.
    """

    handle: str
    family: str
    locale: str
    description: str
    sender: str
    subject: str
    preheader: str
    frame: str
    text: str
    sources: tuple[tuple[str, str], ...]
    size: str
    findings: tuple[Finding, ...]


def template_view(
    entry: Entry, remarks: Iterable[Finding], now: datetime, *, with_images: bool = False
) -> TemplateView:
    """Show one template and what was remarked of it. Raises ManifestError where a body went away meanwhile."""
    mail = fill(entry, fill_values(entry, {}, {}, now))
    html = mail.parts.get("html", "")
    sender = entry.values.get("from") or {}
    written = (word for word in _WRITTEN if word in entry.values and origin(entry, word) == word)
    return TemplateView(
        handle=entry.address.handle,
        family=entry.locale.template_handle if entry.locale else entry.address.handle,
        locale=entry.locale.key if entry.locale else "",
        description=str(entry.values.get("description", "")),
        sender=" ".join(filter(None, (sender.get("name"), sender.get("email")))),
        subject=mail.parts.get("subject", ""),
        preheader=preheader(html),
        frame=framed(html, with_images=with_images) if html else "",
        text=mail.parts.get("text", ""),
        sources=tuple((word, source(entry, word)) for word in written),
        size=size(source(entry, "html")) if html else "",
        findings=(*mail.findings, *remarks),
    )
