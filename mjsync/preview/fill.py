"""Fill a template with values, as Mailjet would, with findings for what makes Mailjet block it; write .eml files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.resources.address import format_references
from mjsync.resources.body import Body, read_bodies
from mjsync.resources.desired import Entry
from mjsync.resources.template import format_mailbox
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.references import references
from mjsync.template_language.rendering import Rendered, render

PARTS = ("subject", "html", "text")
"""The parts that a reader receives."""

_PERSON = ("ID", "email", "name")


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """The rendered parts of one template by their fields; Mailjet blocks the mail if there is any finding."""

    parts: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def fill_values(
    entry: Entry,
    variables: Mapping[str, Any],
    contact: Mapping[str, Any],
    now: datetime,
    segments: Iterable[str] = (),
) -> RenderContext:
    """Combine the examples of an entry, variables that override them, and the properties of one contact.

    The email, name and ID of the contact are also the values of `mj:contact.…`; it is in the stated segments only.
    """
    stated = getattr(entry.model, "variables", {})
    examples = {name: variable.example for name, variable in stated.items() if variable.example is not None}
    person = {f"contact.{field}": contact[field] for field in _PERSON if field in contact}
    belongs = dict.fromkeys(segments, True)
    return RenderContext({**examples, **variables}, contact, predefined=person, segments=belongs, now=now)


def fill(entry: Entry, values: RenderContext, fields: Iterable[str] = PARTS) -> FilledTemplate:
    """Render these parts of a template, those that its manifest states."""
    parts, findings = {}, list[Finding]()
    for field in fields:
        if field in entry.values:
            rendered = _rendered(entry, field, values)
            parts[field] = rendered.text
            findings += _located(rendered.findings, entry, field, values)
    return FilledTemplate(parts, tuple(dict.fromkeys(findings)))


def source(entry: Entry, field: str) -> str:
    """Return the source of a part, as the manifest states it."""
    return str(format_references(read_bodies(entry.values.get(field) or "")))


def source_field(entry: Entry, field: str) -> str:
    """Return the hand-written part that a part is derived from; the part itself if it is hand-written."""
    value = entry.values.get(field)
    sources = {**entry.kind.derived_fields, **entry.kind.generated_on_auto}
    return source_field(entry, sources[field][0]) if isinstance(value, Body) and value.made_by else field


def _rendered(entry: Entry, field: str, values: RenderContext) -> Rendered:
    template = parse(source(entry, field))
    others = dict.fromkeys((use.path for use in references(template).segments), False)
    return render(template, replace(values, segments={**others, **values.segments}))


def _located(findings: Iterable[Finding], entry: Entry, field: str, values: RenderContext) -> Iterator[Finding]:
    """Locate findings of a derived part where the same tag fails in the part it is derived from."""
    written = source_field(entry, field)
    known: dict[str, Finding] = {}
    if written != field:
        known = {finding.message: finding for finding in reversed(_rendered(entry, written, values).findings)}
    for finding in findings:
        there = known.get(finding.message)
        yield entry.located(there, written) if there else entry.located(finding, field)


def read_values(file: str, text: str) -> Mapping[str, Any]:
    """Read a mapping from a file in JSON (by its name) or YAML. Raises ManifestError."""
    value = _json(file, text) if file.lower().endswith(".json") else parse_document(file, text).value
    if not isinstance(value, Mapping):
        message = f"{file} is not a mapping"
        raise ManifestError(
            [Finding("no-mapping", message, "Write `name: value`, one a line.", location=Location(file, 1))]
        )
    return value


def _json(file: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        location = Location(file, error.lineno, error.colno)
        finding = Finding("json-syntax", f"not valid JSON: {error.msg}", "Correct the line.", location=location)
        raise ManifestError([finding]) from None
    except RecursionError:
        raise ManifestError([Finding("json-syntax", f"{file} is nested too deep", location=Location(file))]) from None


# --- .eml files


READER = "reader@example.com"
"""The recipient if there is no contact."""

_NAME = re.compile(r"[!-9;-~]+")
_ENCODING_HEADERS = ("content-", "mime-version")
"""Headers that describe the encoding of this file; the mail's own are left out."""


def message(entry: Entry, mail: FilledTemplate, now: datetime, reader: str = READER) -> str:
    """Build the message in the format of .eml files, in ASCII; values from the environment are left out."""
    made = EmailMessage(policy=default.clone(cte_type="7bit"))
    made["Date"] = format_datetime(now)
    for path, name, value in _headers(entry, mail, reader):
        is_secret = any(secret == path or secret.startswith(f"{path}.") for secret in entry.secrets)
        if value and name not in made and not is_secret:
            made[name] = " ".join(str(format_references(value)).split())
    html, text = mail.parts.get("html"), mail.parts.get("text")
    if text is not None or html is None:
        made.set_content(text or "")
        if html is not None:
            made.add_alternative(html, subtype="html")
    else:
        made.set_content(html, subtype="html")
    return made.as_string()


def _headers(entry: Entry, mail: FilledTemplate, reader: str) -> Iterator[tuple[str, str, str]]:
    """Yield the path in the manifest, name and value of each header."""
    values = entry.values
    sender = values.get("from") or {}
    yield "from", "From", format_mailbox(sender) if sender.get("email") else ""
    yield "to", "To", reader
    yield "reply_to", "Reply-To", str(values.get("reply_to") or "")
    yield "subject", "Subject", mail.parts.get("subject", "")
    for name, value in (values.get("headers") or {}).items():
        if _NAME.fullmatch(name) and not name.lower().startswith(_ENCODING_HEADERS):
            yield f"headers.{name}", name, value
