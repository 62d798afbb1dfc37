"""The headers of a template: which of them belong to fields of manifests, and how they are spelled.

Source: mjsync/docs/mailjet-api.md, section 11.4 (both spellings of Reply-To; the editor's extra keys).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.resources.live import Problem, Values

OWNED: Mapping[str, tuple[str, ...]] = {
    "subject": ("Subject",),
    "from": ("From", "SenderName", "SenderEmail"),
    "reply_to": ("Reply-To", "ReplyEmail"),
}
"""Field of manifests to the headers it owns: the one that mails carry first, then the web editor's extra keys."""

OWNER: Mapping[str, str] = {header.lower(): field for field, headers in OWNED.items() for header in headers}
"""Header in lower case to the field of manifests that owns it."""

_ADDRESS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^<>]*)>\s*', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse_mailbox(text: str) -> dict[str, str]:
    r"""Return name and address of `"Name" <a@b>`, `Name <a@b>`, `<a@b>` or `a@b`."""
    match = _ADDRESS.fullmatch(text)
    if not match:
        return {"name": "", "email": text.strip()}
    quoted, plain, email = match.groups()
    name = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain
    return {"name": name, "email": email.strip()}


def format_mailbox(sender: Mapping[str, str]) -> str:
    """Return a From header: `"Name" <a@b>`, or the bare address where there is no name."""
    name, email = sender.get("name") or "", sender.get("email") or ""
    if not name:
        return email
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{email}>'


def headers_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the headers of live content, an object or, as some clients sent them, JSON in a string."""
    headers = content.get("Headers") or {}
    if isinstance(headers, str):
        try:
            headers = json.loads(headers)
        except ValueError:
            headers = {}
    return headers if isinstance(headers, Mapping) else {}


def to_fields(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return live headers as fields of manifests: subject, from, reply_to, and the rest under `headers`."""
    lower = {key.lower(): value for key, value in headers.items()}
    found: dict[str, Any] = {
        "subject": lower.get("subject"),
        "reply_to": lower.get("reply-to") or lower.get("replyemail"),
    }
    if sender := lower.get("from"):
        found["from"] = parse_mailbox(str(sender))
    elif lower.get("senderemail"):
        found["from"] = {"name": lower.get("sendername") or "", "email": lower["senderemail"]}
    found["headers"] = {key: value for key, value in headers.items() if key.lower() not in OWNER}
    return found


def merged(live: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers to send: what manifests state, then every live header they do not."""
    sent = dict(live)
    if "subject" in values:
        _put(sent, "Subject", values["subject"])
    if "from" in values:
        sender = {**to_fields(live).get("from", {}), **values["from"]}
        _put(sent, "From", format_mailbox(sender))
        _put(sent, "SenderName", sender.get("name") or "", only_if_there=True)
        _put(sent, "SenderEmail", sender.get("email") or "", only_if_there=True)
    if "reply_to" in values:
        _put(sent, "Reply-To", values["reply_to"])
        _put(sent, "ReplyEmail", values["reply_to"], only_if_there=True)
    for key, value in values.get("headers", {}).items():
        _put(sent, key, value)
    return sent


def _put(headers: dict[str, Any], key: str, value: str, *, only_if_there: bool = False) -> None:
    """Set a header under the spelling that is there; an empty one is not added, only emptied."""
    there = next((known for known in headers if known.lower() == key.lower()), None)
    if there is not None:
        headers[there] = value
    elif value and not only_if_there:
        headers[key] = value


def problems(values: Values) -> Iterator[Problem]:
    """Find headers that other fields own or that are stated twice, and line breaks, which begin another header."""
    headers = values.get("headers") or {}
    first: dict[str, str] = {}
    for name in headers:
        if owner := OWNER.get(name.lower()):
            message = f"the header {name} belongs to `{owner}:`"
            yield Problem(f"headers.{name}", message, f"Set it there, as `{owner}:`.")
        if (other := first.setdefault(name.lower(), name)) != name:
            message = f"the headers {other} and {name} differ in case alone, and are one header"
            yield Problem(f"headers.{name}", message, "Keep one of them.")
    texts = {f"headers.{name}": f"{name}{value}" for name, value in headers.items()}
    texts |= {"from.name": (values.get("from") or {}).get("name") or "", "reply_to": values.get("reply_to") or ""}
    for field, text in texts.items():
        if {"\r", "\n"} & set(text):
            yield Problem(field, "contains a line break, which would begin another header", "Write it in one line.")
