"""Write a filled template as an .eml file, which mail clients open."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime

from mjsync.preview.fill import FilledTemplate
from mjsync.resources.address import format_references
from mjsync.resources.desired import Entry

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
        if value and name not in made and not _is_secret(entry, path):
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
    yield "from", "From", _mailbox(sender.get("name", ""), sender.get("email", ""))
    yield "to", "To", reader
    yield "reply_to", "Reply-To", str(values.get("reply_to") or "")
    yield "subject", "Subject", mail.parts.get("subject", "")
    for name, value in (values.get("headers") or {}).items():
        if _NAME.fullmatch(name) and not name.lower().startswith(_ENCODING_HEADERS):
            yield f"headers.{name}", name, value


def _mailbox(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if name and address else address


def _is_secret(entry: Entry, path: str) -> bool:
    return any(secret == path or secret.startswith(f"{path}.") for secret in entry.secrets)
