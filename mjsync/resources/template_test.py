"""Tests of a template: the values that a mail is rendered with, and what is expected of it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class TextExpectation(_Strict):
    """The expected text of a rendered part: the whole, or what it must and must not contain."""

    equals: str | None = None
    """The whole text."""
    contains: tuple[str, ...] = ()
    """Texts that it must contain."""
    not_contains: tuple[str, ...] = ()
    """Texts that it must not contain."""


def _written_out(value: Any) -> Any:
    return {"equals": value} if isinstance(value, str) else value


TextExpectationValue = Annotated[
    TextExpectation | None, BeforeValidator(_written_out, json_schema_input_type=str | TextExpectation)
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
