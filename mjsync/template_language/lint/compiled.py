"""Checks of MJML that was compiled: what its author wrote and its reader will not see."""

from collections.abc import Iterator

from mjsync.template_language.findings import Finding
from mjsync.template_language.lint.checks import check
from mjsync.template_language.lint.mail import Reading
from mjsync.template_language.mjml_source import MjmlSource


@check
def lost_tags(reading: Reading) -> Iterator[Finding]:
    """MJS305: template tags that the compiler dropped, with an attribute or element that it does not know."""
    html = reading.mail.html
    if not reading.mail.is_compiled or html is None:
        return
    for part in reading.parts:
        if part.name == "mjml":
            source = MjmlSource(part.name, part.source, ())
            yield from (source.lost(tag, offset) for tag, offset in source.tags() if tag not in html)
