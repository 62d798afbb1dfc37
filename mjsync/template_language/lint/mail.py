"""A mail as it is judged: its parts, each parsed once, and what stands around them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.markup import Comment, Element, Markup, scan
from mjsync.template_language.masking import mask
from mjsync.template_language.places import START, Lines, Place
from mjsync.template_language.references import References, references
from mjsync.template_language.template import Template, parse


@dataclass(frozen=True, slots=True)
class Mail:
    """What is known of a template, none where it is not stated.

    `variables` maps the variables it states to whether senders must give them. With `is_compiled` the HTML was
    made from the MJML, so the MJML is judged in its place, where its author can change it.
    """

    html: str | None = None
    text: str | None = None
    mjml: str | None = None
    subject: str | None = None
    from_email: str | None = None
    purposes: tuple[str, ...] = ()
    headers: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, bool] | None = None
    is_compiled: bool = False


class Part:
    """One text of a mail (html, mjml, text or subject), read in all the ways its rules need."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source

    @cached_property
    def template(self) -> Template:
        """The text in the template language."""
        return parse(self.source)

    @cached_property
    def uses(self) -> References:
        """What the text uses from outside."""
        return references(self.template)

    @cached_property
    def markup(self) -> tuple[Markup, ...]:
        """The markup of the text; none where it is plain."""
        return tuple(scan(mask(self.source))) if self.name in ("html", "mjml") else ()

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.source)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements of the text."""
        return (each for each in self.markup if isinstance(each, Element))

    @property
    def comments(self) -> Iterator[Comment]:
        """The comments of the text."""
        return (each for each in self.markup if isinstance(each, Comment))

    def place(self, offset: int) -> Place:
        """Give the place of an offset in the text."""
        return self._lines.at(offset)

    def found(self, code: str, message: str, place: Place = START, way_out: str = "") -> Finding:
        """Make a finding of this part."""
        return found(code, message, place, way_out, self.name)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail and those of its parts that are judged, in the order they are told."""

    mail: Mail
    parts: tuple[Part, ...]

    @property
    def bodies(self) -> tuple[Part, ...]:
        """The parts but the subject."""
        return tuple(part for part in self.parts if part.name != "subject")


def read_mail(mail: Mail) -> Reading:
    """Take the parts of a mail that are judged."""
    sources = {"subject": mail.subject, "html": mail.html, "mjml": mail.mjml, "text": mail.text}
    if mail.is_compiled:
        sources["html"] = None
    return Reading(mail, tuple(Part(name, source) for name, source in sources.items() if source is not None))
