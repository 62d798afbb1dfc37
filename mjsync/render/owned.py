"""What environments own, as text, Markdown, HTML or a JUnit report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from mjsync.errors import counted
from mjsync.render.text import visible

SHORT = 12
"""Digits of a commit that are shown."""


@dataclass(frozen=True, slots=True)
class OwnedRow:
    """One object: its address, the commit its line in the manifests is from, and where that line is."""

    address: str
    since: str
    location: str


@dataclass(frozen=True, slots=True)
class OwnedSection:
    """One environment, its deployed commit, and its objects."""

    environment: str
    commit: str
    rows: Sequence[OwnedRow]

    @property
    def heading(self) -> str:
        """The environment in one line."""
        return (
            f"{self.environment} owns {counted(len(self.rows), 'object')}, deployed from commit {self.commit[:SHORT]}"
        )


def owned_text(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield lines for a terminal."""
    for section in sections:
        yield section.heading
        width = max((len(visible(row.address)) for row in section.rows), default=0)
        for row in section.rows:
            yield f"  {visible(row.address):{width}}  {row.since[:SHORT]}  {row.location}"


def owned_markdown(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield a heading for each environment and a list item for each object."""
    for section in sections:
        yield f"### {section.heading}\n"
        for row in section.rows:
            yield f"- `{visible(row.address)}` since `{row.since[:SHORT]}` ({row.location})"


def owned_html(sections: Iterable[OwnedSection]) -> Iterator[str]:
    """Yield a page with a table for each environment."""
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><title>mjsync owned</title>'
    for section in sections:
        yield f"<h1>{escape(section.heading)}</h1>\n<table>\n<tr><th>address<th>since<th>declared at</tr>"
        for row in section.rows:
            cells = (visible(row.address), row.since[:SHORT], row.location)
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
            yield f"<testcase classname={name} name={quoteattr(visible(row.address))}/>"
        yield "</testsuite>"
    yield "</testsuites>"


OWNED_FORMATS = {"text": owned_text, "markdown": owned_markdown, "html": owned_html, "junit": owned_junit}
