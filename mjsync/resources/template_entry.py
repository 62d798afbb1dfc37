"""What a manifest may state of a template: fields of its metadata and content, variables, and tests.

A test has the values that a mail is rendered with, and what is expected of it.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mjsync.resources.body import Body
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

MODES = {"builder": 1, "html": 2, "section": 3, "mjml": 4}
_MODE_NAMES = {number: name for name, number in MODES.items()}

# A literal at the start, and the boundary behind it: re looks for a literal thirty times as fast as for a boundary.
_DATA = re.compile(r"data:(?<!\wdata:)([A-Za-z_]\w*)")
_SEGMENT = re.compile(r'segment(?<!\wsegment)(?:ation)?:\s*"?((?<=")[^"]+(?=")|(?<!")[\w.-]+)')

_EMPTY_PRESETS = Normalize("'' and '{}' are both no presets", lambda presets: "" if presets == "{}" else presets)
_USES = (RefersTo("property", _DATA.findall), RefersTo("segment", _SEGMENT.findall))


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Mailbox(_Strict):
    """Who a mail comes from."""

    name: str = ""
    """The name that readers see."""
    email: str = ""
    """The address; a sender, or of a domain, that the account has validated."""


class Variable(_Strict):
    """What a sender must pass: its type, an example, and whether it may be missing."""

    type: Literal["str", "int", "float", "bool", "date", "list", "object", "any"] = "any"
    """The type of its value."""
    example: Any = None
    """The value in previews, reports and tests."""
    required: bool = False
    """Whether a send without it fails."""
    description: str = ""
    """What it is, for the code that sends."""


class TextExpectation(_Strict):
    """The expected text of a rendered part: the whole, or what it must and must not contain."""

    equals: str | None = None
    """The whole text."""
    contains: tuple[str, ...] = ()
    """Texts that it must contain."""
    not_contains: tuple[str, ...] = ()
    """Texts that it must not contain."""


TextExpectationValue = Annotated[
    TextExpectation | None,
    BeforeValidator(
        lambda value: {"equals": value} if isinstance(value, str) else value,
        json_schema_input_type=str | TextExpectation,
    ),
]
"""An expected text; a plain string is the whole of it."""


class Links(_Strict):
    """Requirements on every link."""

    https_only: bool = False
    """Whether each link must begin with https://."""


class Expectation(_Strict):
    """The expected result of a test; parts that are not named must still render."""

    subject: TextExpectationValue = None
    """The subject, as a text or as what it must contain."""
    html: TextExpectationValue = None
    """The HTML part, likewise."""
    text: TextExpectationValue = None
    """The text part, likewise."""
    links: Links = Links.model_construct()
    """Requirements on every link."""


class TemplateTest(_Strict):
    """One test: what the sender passes (`example`s stand in for the rest), who gets the mail, and what is expected."""

    name: Annotated[str, Field(min_length=1)]
    """What the test is about; reports name it."""
    data: Annotated[dict[str, Any], Field(alias="with")] = {}
    """Variables that the sender passes, over their examples."""
    contact: dict[str, Any] = {}
    """The contact's properties."""
    segments: tuple[str, ...] = ()
    """The segments the contact is in."""
    expect: Expectation = Expectation.model_construct()
    """What the parts of the mail must be."""


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
