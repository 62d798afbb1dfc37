"""The mail that is checked, with each of its parts parsed once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mjsync.errors import Location
from mjsync.template_language.lexer import LineIndex, may_have_tags
from mjsync.template_language.markup import Element, Markup, ProtectedText, protect_tags, scan
from mjsync.template_language.nodes import Expression, all_nodes, expression_of, subexpressions
from mjsync.template_language.parser import Template, parse
from mjsync.template_language.references import References, references


class Part:
    """One text of a mail (html, mjml, text or subject), parsed in each way that checks need, when they need it."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.has_tags = may_have_tags(source)

    @cached_property
    def template(self) -> Template:
        """The text parsed as template language."""
        return parse(self.source, self.name)

    @cached_property
    def uses(self) -> References:
        """The names that the text uses from outside."""
        return references(self.template)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The whole expression of each tag."""
        expressions = map(expression_of, all_nodes(self.template.nodes))
        return tuple(expression for expression in expressions if expression)

    @cached_property
    def subexpressions(self) -> tuple[Expression, ...]:
        """The expressions of the tags and all that they contain."""
        return tuple(each for expression in self.expressions for each in subexpressions(expression))

    @cached_property
    def markup(self) -> tuple[Markup, ...]:
        """The elements and comments of the text; empty for plain text."""
        if self.name not in ("html", "mjml"):
            return ()
        return tuple(scan(protect_tags(self.source) if self.has_tags else ProtectedText(self.source, ())))

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self.source, self.name)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements of the text, in order."""
        return (each for each in self.markup if isinstance(each, Element))

    def locate(self, offset: int = 0) -> Location:
        """Return the location of an offset in the text."""
        return self._lines.locate(offset)


@dataclass(frozen=True)
class Mail:
    """The fields of a template, None where they are not set.

    `variables` maps the declared variables to whether senders must pass them. `compiler` names what the HTML was made
    by from the MJML, if it was; then the MJML is checked instead of it, since that is what its author can change.
    """

    html: str | None = None
    text: str | None = None
    mjml: str | None = None
    subject: str | None = None
    from_email: str | None = None
    purposes: tuple[str, ...] = ()
    headers: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, bool] | None = None
    compiler: str = ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The texts that are checked."""
        html = None if self.compiler else self.html
        sources = {"subject": self.subject, "html": html, "mjml": self.mjml, "text": self.text}
        return tuple(Part(name, source) for name, source in sources.items() if source is not None)

    @property
    def tagged(self) -> tuple[Part, ...]:
        """The parts with tags of the template language."""
        return tuple(part for part in self.parts if part.has_tags)
