"""Tests beside a template: what a mail is made with, and what must come of it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextExpectation(_Strict):
    """What a rendered part must say: all of it, or what it must and must not contain."""

    equals: str | None = None
    contains: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()


def _written_out(value: Any) -> Any:
    return {"equals": value} if isinstance(value, str) else value


TextExpectationValue = Annotated[
    TextExpectation | None, BeforeValidator(_written_out, json_schema_input_type=str | TextExpectation)
]
"""A wording; a text alone is the whole of it."""


class Links(_Strict):
    """What must hold of every link."""

    https_only: bool = False


class Expectation(_Strict):
    """What must come of a test; parts that are not named must still render."""

    subject: TextExpectationValue = None
    html: TextExpectationValue = None
    text: TextExpectationValue = None
    links: Links = Links()


class TemplateTest(_Strict):
    """One test: what the sender passes (`example`s stand in for the rest), who gets the mail, what must come of it."""

    name: Annotated[str, Field(min_length=1)]
    given: Annotated[dict[str, Any], Field(alias="with")] = {}
    contact: Annotated[dict[str, Any], Field(description="The contact's properties.")] = {}
    segments: Annotated[tuple[str, ...], Field(description="The segments the contact is in.")] = ()
    expect: Expectation = Expectation()
