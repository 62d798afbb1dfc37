"""What environments own, in each format."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from mjsync.engine.deployed import OwnedObject
from mjsync.errors import counted
from mjsync.render.text import visible
from mjsync.render.to_annotations import Annotation

SHORT = 12
"""Digits of a commit that are shown."""


class OwnedSection(NamedTuple):
    """One environment, its deployed commit, the account that was applied to, and its objects."""

    environment: str
    commit: str
    account: int | None
    rows: Sequence[OwnedObject]

    @property
    def heading(self) -> str:
        """The environment in one line."""
        objects = counted(len(self.rows), "object")
        return f"{self.environment} owns {objects}, deployed from commit {self.commit[:SHORT]}"


def _since(row: OwnedObject) -> str:
    """Return the commit as it is shown."""
    return (row.since or "unknown")[:SHORT]


def owned_text(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield lines for a terminal."""
    for section in sections:
        yield section.heading
        width = max((len(visible(str(row.address))) for row in section.rows), default=0)
        for row in section.rows:
            yield f"  {visible(str(row.address)):{width}}  {_since(row)}  {row.location}"


def owned_markdown(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield a heading for each environment and a list item for each object."""
    for section in sections:
        yield f"### {section.heading}\n"
        for row in section.rows:
            yield f"- `{visible(str(row.address))}` since `{_since(row)}` ({row.location})"


def owned_html(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield a page with a table for each environment."""
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><title>mjsync owned</title>'
    for section in sections:
        yield f"<h1>{escape(section.heading)}</h1>\n<table>\n<tr><th>address<th>since<th>declared at</tr>"
        for row in section.rows:
            cells = (visible(str(row.address)), _since(row), str(row.location))
            yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        yield "</table>"
    yield "</html>"


def owned_junit(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield a test suite for each environment, with a passing test for each object."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>'
    for section in sections:
        name = quoteattr(f"mjsync owned: {section.environment}")
        yield f'<testsuite name={name} tests="{len(section.rows)}" failures="0">'
        for row in section.rows:
            yield f"<testcase classname={name} name={quoteattr(visible(str(row.address)))}/>"
        yield "</testsuite>"
    yield "</testsuites>"


def owned_json(sections: Iterable[OwnedSection]) -> dict[str, Any]:
    """Return the document `mjsync-owned/1`."""
    environments = [
        {
            "environment": section.environment,
            "account": section.account,
            "deployed": section.commit,
            "owned": [
                {
                    "address": str(row.address),
                    "kind": row.address.kind,
                    "handle": row.address.handle,
                    "name": row.name,
                    "since": row.since,
                    "file": row.location.file,
                    "line": row.location.line,
                }
                for row in section.rows
            ],
        }
        for section in sections
    ]
    return {"format": "mjsync-owned/1", "environments": environments}


def owned_annotations(sections: Iterable[OwnedSection]) -> Iterator[Annotation]:
    """Yield a note for each object, at its line."""
    for section in sections:
        for row in section.rows:
            message = f"{visible(str(row.address))}: owned by {section.environment} since {_since(row)}"
            yield Annotation("note", "owned", message, row.location)


OWNED_TEXTS = {"text": owned_text, "markdown": owned_markdown, "html": owned_html, "junit": owned_junit}
"""The formats that are made line by line."""
