"""Checks of what stands around the bodies: subject, sender, headers and the variables that are stated."""

from collections.abc import Iterator

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.lint.checks import check
from mjsync.template_language.lint.mail import Reading
from mjsync.template_language.pieces import Kind

LONGEST_SUBJECT = 255
"""In characters. Source: API sheet section 17 (mj-0006)."""


@check
def subject(reading: Reading) -> Iterator[Finding]:
    """MJS207, MJS208: a subject Mailjet refuses, or none."""
    if not (reading.mail.subject or "").strip():
        yield found("MJS208", "the subject is empty", part="subject")
    for part in reading.parts:
        if part.name == "subject":
            literal = sum(len(piece.source) for piece in part.template.pieces if piece.kind is Kind.TEXT)
            if literal > LONGEST_SUBJECT:
                message = f"the subject has {literal} characters besides its tags"
                yield part.found("MJS207", message, way_out=f"Mailjet takes {LONGEST_SUBJECT}.")


@check
def from_address(reading: Reading) -> Iterator[Finding]:
    """MJS209: a template that names no sender."""
    if not (reading.mail.from_email or "").strip():
        yield found("MJS209", "there is no from address", way_out="State from with an email.")


@check
def headers(reading: Reading) -> Iterator[Finding]:
    """MJS210: header values that are no strings. Source: API sheet sections 11.4 and 17 (send-0019)."""
    for name, value in reading.mail.headers.items():
        if not isinstance(value, str):
            message = f"the header {name} is {type(value).__name__}, not a string"
            yield found("MJS210", message, way_out=f"Put the value of {name} in quotes.", part=f"headers.{name}")


@check
def unused_variables(reading: Reading) -> Iterator[Finding]:
    """MJS116: variables that are stated and used in no part."""
    used = {use.name for part in reading.parts for use in part.uses.variables}
    for name in reading.mail.variables or ():
        if name not in used:
            yield found("MJS116", f"{name} is stated and not used", way_out="Remove it.", part=f"variables.{name}")
