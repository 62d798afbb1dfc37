"""Templates: mails in two parts, their metadata and their content."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from mjsync.errors import NotFound
from mjsync.resources import mail_headers
from mjsync.resources.base import Kind
from mjsync.resources.body import Body, ReadOnlyText, read_bodies
from mjsync.resources.entry_model import (
    LINE_ENDS,
    TRIMMED,
    UNORDERED,
    CreateOnly,
    MultilineText,
    NamedEntry,
    NoOuterBlanks,
    Normalize,
    NotSent,
    RefersTo,
    ShownInMail,
    VerifiedBy,
    Wire,
)
from mjsync.resources.live import Live, Problem, Reader, Row, Values, Writer, address_problems
from mjsync.resources.template_test import TemplateTest

MODES = {"builder": 1, "html": 2, "section": 3, "mjml": 4}
_MODE_NAMES = {number: name for name, number in MODES.items()}

PARTS = {"html": "Html-part", "text": "Text-part", "mjml": "MJMLContent"}
"""Field of manifests to the key of the content that holds it."""

CONTENT = frozenset(PARTS) | frozenset(mail_headers.OWNED) | {"headers"}
"""Fields that are in the content, not in the metadata."""

EDITOR_DOCUMENT = ReadOnlyText("(a document of the web editor)")
"""Stands for MJMLContent where the web editor left an object: no text equals it."""

# A literal at the start, and the boundary behind it: re looks for a literal thirty times as fast as for a boundary.
_DATA = re.compile(r"data:(?<!\wdata:)([A-Za-z_]\w*)")
_SEGMENT = re.compile(r"segment(?<!\wsegment)(?:ation)?:\s*(?:\"([^\"]+)\"|([\w.-]+))")


def _segment_names(text: str) -> Iterator[str]:
    return (match[1] or match[2] for match in _SEGMENT.finditer(text))


def _no_presets(value: Any) -> Any:
    return "" if value == "{}" else value


_EMPTY_PRESETS = Normalize("'' and '{}' are both no presets", _no_presets)
_USES = (RefersTo("property", _DATA.findall), RefersTo("segment", _segment_names))


class Mailbox(BaseModel):
    """Who a mail comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = ""
    """The name that readers see."""
    email: str = ""
    """The address; a sender, or of a domain, that the account has validated."""


class Variable(BaseModel):
    """What a sender must pass: its type, an example, and whether it may be missing."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: Literal["str", "int", "float", "bool", "date", "list", "object", "any"] = "any"
    """The type of its value."""
    example: Any = None
    """The value in previews, reports and tests."""
    required: bool = False
    """Whether a send without it fails."""
    description: str = ""
    """What it is, for the code that sends."""


class TemplateEntry(NamedEntry):
    """What a manifest may state of a template."""

    description: Annotated[str, Wire("Description"), TRIMMED, NoOuterBlanks()] = Field(
        default="", description="Free text."
    )
    author: Annotated[str, Wire("Author"), TRIMMED] = Field(default="", description="Who wrote it.", examples=["Ada"])
    copyright: Annotated[str, Wire("Copyright"), TRIMMED] = Field(
        default="", description="Its owner.", examples=["Shop"]
    )
    locale: Annotated[str, Wire("Locale")] = Field(
        default="en_US", description="Language and country, en_US.", examples=["fr_FR"]
    )
    purposes: Annotated[
        tuple[Literal["marketing", "transactional", "automation"], ...], Wire("Purposes", list), UNORDERED
    ] = Field(default=(), description="Where the app offers it.")
    categories: Annotated[tuple[str, ...], Wire("Categories", list), UNORDERED] = Field(
        default=(), description="Mailjet's categories, newsletter or e-commerce.", examples=[["e-commerce"]]
    )
    edit_mode: Annotated[
        Literal["html", "mjml", "builder", "section"],
        Wire("EditMode", MODES.get, _MODE_NAMES.get),
        CreateOnly("it is not known what Mailjet does to the content of a template whose editor changes"),
    ] = Field(default="html", description="The editor it opens in; set at creation only.")
    starred: Annotated[bool, Wire("IsStarred")] = Field(default=False, description="Marked in the app.")
    text_generation: Annotated[bool, Wire("IsTextPartGenerationEnabled")] = Field(
        default=True, description="Whether Mailjet makes the text part."
    )
    presets: Annotated[str, Wire("Presets"), _EMPTY_PRESETS] = Field(
        default="", description="Style presets of the builder, JSON text.", examples=['{"h1": {"fontFamily": "Arial"}}']
    )
    sender: Annotated[Mailbox, VerifiedBy("sender", "email")] = Field(
        default=Mailbox(), alias="from", description="The From header."
    )
    reply_to: str = Field(default="", description="The Reply-To header.", examples=["help@example.com"])
    subject: Annotated[str, ShownInMail(), *_USES] = Field(
        default="", description="The subject; may hold template language."
    )
    headers: dict[str, str] = Field(
        default={}, description="Any further header; values are strings.", examples=[{"X-Campaign": "orders"}]
    )
    html: Annotated[Body | None, LINE_ENDS, MultilineText(), ShownInMail(), *_USES] = Field(
        default=None, description="The HTML part."
    )
    text: Annotated[Body | None, LINE_ENDS, MultilineText(), ShownInMail(), *_USES] = Field(
        default=None, description="The text part; `auto` makes it from the HTML.", examples=["auto"]
    )
    mjml: Annotated[Body | None, LINE_ENDS, MultilineText(), ShownInMail(), *_USES] = Field(
        default=None, description="MJML; compiled to the HTML part where html is unstated.", examples=["<mjml/>"]
    )
    variables: Annotated[dict[str, Variable], NotSent()] = Field(
        default={}, description="What senders must pass.", examples=[{"number": {"type": "str", "example": "A-1"}}]
    )
    tests: Annotated[tuple[TemplateTest, ...], NotSent()] = Field(
        default=(),
        description="Mails made of it, and what must come of them.",
        examples=[[{"name": "paid order", "with": {"number": "A-7"}, "expect": {"subject": "Order A-7"}}]],
    )


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
        fields = {**live.fields, **mail_headers.to_fields(mail_headers.headers_of(content))}
        for field, key in PARTS.items():
            part = content.get(key)
            fields[field] = part if part is None or isinstance(part, str) else EDITOR_DOCUMENT
        return Live(live.kind, live.id, live.key, live.name, fields, row, content)

    def content_to_wire(self, values: Values, live: Row) -> dict[str, Any]:
        """Return the whole content to send: stated parts, and the live value of every part that is not.

        A web-editor document does not survive a write of the HTML it was the source of.
        """
        sent = {key: read_bodies(values[field]) if field in values else live.get(key) for field, key in PARTS.items()}
        if "mjml" not in values and not isinstance(sent["MJMLContent"], str):
            sent["MJMLContent"] = None
        return {**sent, "Headers": mail_headers.merged(mail_headers.headers_of(live), values)}

    # --- checks

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Find wrong headers and addresses, and a text part made of HTML that no manifest sets."""
        yield from super().problems(handle, values)
        yield from mail_headers.problems(values)
        yield from address_problems("from.email", (values.get("from") or {}).get("email"))
        reply_to = values.get("reply_to")
        yield from address_problems("reply_to", mail_headers.parse_mailbox(reply_to)["email"] if reply_to else "")
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
