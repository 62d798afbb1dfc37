"""Segments: conditions on contacts, evaluated when a campaign is sent."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import (
    TRIMMED,
    MultilineText,
    NamedEntry,
    NoOuterBlanks,
    Normalize,
    RefersTo,
    SegmentExpression,
    Wire,
)
from mjsync.resources.live import SoftDelete

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\s+|.', re.DOTALL)
_WORD = re.compile(r"\w\w")
_KEYWORDS = frozenset({"and", "or", "not", "xor"})
_RESERVED = _KEYWORDS | {"true", "false"}


def canonical(expression: str) -> str:
    """Return the expression with blanks outside strings folded and keywords in upper case."""
    folded: list[str] = []
    is_apart = False
    for token in (match[0] for match in _TOKEN.finditer(expression)):
        if token.isspace():
            is_apart = True
            continue
        word = token.upper() if token.lower() in _KEYWORDS else token
        would_merge = is_apart and folded and _WORD.fullmatch(folded[-1][-1] + word[0])
        folded.append(f" {word}" if would_merge else word)
        is_apart = False
    return "".join(folded)


def property_names(expression: str) -> Iterator[str]:
    """Yield each property the expression names, in reading order."""
    tokens = [match[0] for match in _TOKEN.finditer(expression) if not match[0].isspace()]
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        is_word = token[:1].isidentifier() and token.lower() not in _RESERVED
        if is_word and following != "(":
            yield token


class SegmentEntry(NamedEntry):
    """What a manifest may state of a segment."""

    description: Annotated[str, Wire("Description"), TRIMMED, NoOuterBlanks()] = Field(
        default="", description="Free text.", examples=["Bought in the last 30 days"]
    )
    expression: Annotated[
        str,
        Wire("Expression"),
        Normalize("blanks outside strings and the case of and, or, not, xor do not count", canonical),
        MultilineText(),
        SegmentExpression(),
        RefersTo("property", property_names),
    ] = Field(default="", description="The condition, with Mailjet's property names.")


class Segment(Kind):
    """A condition on contacts, in Mailjet's expression language.

    Source: mjsync/docs/mailjet-api.md, section 9 (soft delete by Status; PUT as a partial update; a deleted row
    may hold its name).
    """

    name = "segment"
    section = "segments"
    endpoint = "contactfilter"
    order = 3
    model = SegmentEntry
    filters: ClassVar = {"ShowDeleted": "false"}
    example: ClassVar = {
        "recent-buyers": {"name": "Recent buyers", "expression": "(IsInPreviousDays(last_order_at,30))"}
    }
    soft_delete = SoftDelete(
        "Status", "deleted", filters={"ShowDeleted": "true"}, restore={"Status": "unused"}, keeps_name=True
    )
    similarity_fields: ClassVar = ("expression",)
