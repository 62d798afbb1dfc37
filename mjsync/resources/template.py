"""Templates: mails in two parts, their metadata and their content with its headers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from mjsync.errors import NotFound
from mjsync.resources.base import Kind
from mjsync.resources.body import Body, ReadOnlyText, read_bodies
from mjsync.resources.live import Live, Problem, Reader, Row, Values, Writer, address_problems
from mjsync.resources.template_entry import TemplateEntry

OWNED: Mapping[str, tuple[str, ...]] = {
    "subject": ("Subject",),
    "from": ("From", "SenderName", "SenderEmail"),
    "reply_to": ("Reply-To", "ReplyEmail"),
}
"""Field of manifests to the headers it owns: the one that mails carry first, then the web editor's extra keys.

Source: mjsync/docs/mailjet-api.md, section 11.4 (both spellings of Reply-To; the editor's extra keys).
"""

OWNER: Mapping[str, str] = {header.lower(): field for field, headers in OWNED.items() for header in headers}
"""Header in lower case to the field of manifests that owns it."""

PARTS = {"html": "Html-part", "text": "Text-part", "mjml": "MJMLContent"}
"""Field of manifests to the key of the content that holds it."""

CONTENT = frozenset(PARTS) | frozenset(OWNED) | {"headers"}
"""Fields that are in the content, not in the metadata."""

EDITOR_DOCUMENT = ReadOnlyText("(a document of the web editor)")
"""Stands for MJMLContent where the web editor left an object: no text equals it."""

_ADDRESS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*<([^<>]*)>\s*', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Template(Kind):
    """A mail that senders name by its id.

    Source: mjsync/docs/mailjet-api.md, sections 10 and 11 (metadata and detailcontent are two calls; a POST of
    content replaces all of it; MJML is stored, not compiled; MJMLContent is an object where the web editor saved it).
    """

    name = "template"
    noun = "mail"
    section = "templates"
    endpoint = "template"
    order = 4
    model = TemplateEntry
    other_calls = (("GET", "template/{id}/detailcontent"), ("POST", "template/{id}/detailcontent"))
    filters: ClassVar = {"OwnerType": "apikey"}
    example: ClassVar = {
        "order-confirmation": {
            "description": "Sent when an order is paid",
            "from": {"name": "Shop", "email": "shop@example.com"},
            "subject": "Order {{var:number}}",
            "html": {"file": "../templates/order.html"},
        }
    }
    content_path = "template/{id}/detailcontent"
    similarity_fields: ClassVar = ("html",)
    derived_fields: ClassVar = {"html": ("mjml", "mjml")}
    generated_on_auto: ClassVar = {"text": ("html", "text")}
    locale_field = "locale"

    def defaults(self, stated: frozenset[str]) -> Mapping[str, Any]:
        """Return the defaults; with a source in MJML, the template opens in the editor for it."""
        return {**super().defaults(stated), "edit_mode": "mjml" if "mjml" in stated else "html"}

    # --- the wire

    def from_wire(self, row: Row, content: Row | None = None) -> Live:
        """Return the live template with the fields of manifests, its content too where it was read."""
        live = super().from_wire(row, content)
        if content is None:
            return live
        fields = {**live.fields, **fields_of(headers_of(content))}
        for field, key in PARTS.items():
            part = content.get(key)
            fields[field] = part if part is None or isinstance(part, str) else EDITOR_DOCUMENT
        return Live(live.kind, live.id, live.key, live.name, fields, row, content)

    def content_to_wire(self, values: Values, live: Row) -> dict[str, Any]:
        """Return the whole content to send: stated parts and headers, and the live value of each that is not.

        A web-editor document does not survive a write of the HTML it was the source of.
        """
        sent = {key: read_bodies(values[field]) if field in values else live.get(key) for field, key in PARTS.items()}
        if "mjml" not in values and not isinstance(sent["MJMLContent"], str):
            sent["MJMLContent"] = None
        headers = dict(headers_of(live))  # those that manifests do not state stay
        if "subject" in values:
            _put(headers, "Subject", values["subject"])
        if "from" in values:
            sender = {**fields_of(headers).get("from", {}), **values["from"]}
            _put(headers, "From", format_mailbox(sender))
            _put(headers, "SenderName", sender.get("name") or "", only_if_there=True)
            _put(headers, "SenderEmail", sender.get("email") or "", only_if_there=True)
        if "reply_to" in values:
            _put(headers, "Reply-To", values["reply_to"])
            _put(headers, "ReplyEmail", values["reply_to"], only_if_there=True)
        for name, value in values.get("headers", {}).items():
            _put(headers, name, value)
        return {**sent, "Headers": headers}

    # --- checks

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Find wrong headers and addresses, and a text part made of HTML that no manifest sets."""
        yield from super().problems(handle, values)
        yield from _header_problems(values)
        yield from address_problems("from.email", (values.get("from") or {}).get("email"))
        reply_to = values.get("reply_to")
        yield from address_problems("reply_to", parse_mailbox(reply_to)["email"] if reply_to else "")
        text = values.get("text")
        if isinstance(text, Body) and text.is_auto and not {"html", "mjml"} & values.keys():
            yield Problem("text", "there is no HTML to make the text of", "Set html or mjml, or write the text.")

    def conflict(self, live: Live, values: Values, changed: frozenset[str]) -> Problem | None:
        """Return a conflict where the source is in the web editor: a write of the content would overwrite it."""
        if live.fields.get("mjml") != EDITOR_DOCUMENT or not ("mjml" in values or changed & CONTENT):
            return None
        return Problem(
            "editor",
            "was edited in Mailjet's web editor, and writing its content would overwrite that work whole",
            "take the editor's HTML into the manifest with `mjsync adopt`, or overwrite it",
        )

    def unmanageable_fields(self, live: Live) -> Iterator[Problem]:
        """Yield the document of the web editor: its HTML, text and headers can be set, the document itself cannot."""
        if live.fields.get("mjml") == EDITOR_DOCUMENT:
            yield Problem(
                "mjml",
                "its source is a document of Mailjet's web editor, which no manifest can state",
                "Its HTML, text and headers are managed; edit the source in the editor, and adopt it.",
            )

    def notes(self, values: Values, changed: frozenset[str]) -> Iterator[str]:
        """Note a part that differs from an unchanged source because its compiler does, and the compiler of the project.

        The version of the latter decides what the HTML is.
        """
        html, text = values.get("html"), values.get("text")
        if isinstance(html, Body) and html.made_by and "html" in changed and "mjml" not in changed:
            yield f"compiler: the MJML source is equal, the HTML that {html.made_by} makes of it is not"
        if isinstance(text, Body) and text.made_by and "text" in changed and "html" not in changed:
            yield "compiler: the HTML is equal, the text that is made of it is not"
        if isinstance(html, Body) and html.made_by not in ("", "mjml"):
            yield f"compiled by {html.made_by}"

    def loss_on_delete(self, live: Live) -> str:
        """Return a note that senders use its id, and that a template created again has another."""
        return f"senders that use template id {live.id} would fail: a template created again has another id"

    # --- verbs: the content has an endpoint of its own

    def with_content(self, reader: Reader, live: Live) -> Live:
        """Return the template with its content; one that never had any is answered with 404 or nulls.

        Raises NotFound where the template itself is gone.
        """
        try:
            content = reader.get(self.content_path.format(id=live.id))
        except NotFound:
            reader.get(f"template/{live.id}")
            content = {}
        return self.from_wire(live.row, content)

    def create(self, writer: Writer, values: Values) -> Live:
        """Create the metadata, then the content; a run that dies between them is completed by the next plan."""
        mode = self.defaults(frozenset(values))["edit_mode"]
        made = self.from_wire(writer.post("template", self.to_wire({"edit_mode": mode, **values})))
        content: Row = {}
        if CONTENT & values.keys():
            content = writer.post(f"template/{made.id}/detailcontent", self.content_to_wire(values, {}))
        return self.from_wire(made.row, content)

    def update(self, writer: Writer, live: Live, values: Values, changed: frozenset[str]) -> Live | None:
        """Change the metadata, then the content, each only where something of it changed."""
        row: Row | None = None
        if meta := self.to_wire({field: value for field, value in values.items() if field in changed}):
            row = writer.put(f"template/{live.id}", meta)
        content: Row | None = None
        if changed & CONTENT:
            sent = self.content_to_wire(values, live.content or {})
            content = writer.post(f"template/{live.id}/detailcontent", sent)
        return self.from_wire({**live.row, **(row or {})}, content)


# --- headers


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


def fields_of(headers: Mapping[str, Any]) -> dict[str, Any]:
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


def _put(headers: dict[str, Any], key: str, value: str, *, only_if_there: bool = False) -> None:
    """Set a header under the spelling that is there; an empty one is not added, only emptied."""
    there = next((known for known in headers if known.lower() == key.lower()), None)
    if there is not None:
        headers[there] = value
    elif value and not only_if_there:
        headers[key] = value


def _header_problems(values: Values) -> Iterator[Problem]:
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
        if "\r" in text or "\n" in text:
            yield Problem(field, "contains a line break, which would begin another header", "Write it in one line.")
