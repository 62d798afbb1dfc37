"""Run the tests of templates: render each mail and compare it with what the test expects."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.errors import Finding, Location
from mjsync.resources.desired import Entry
from mjsync.resources.template_test import TemplateTest, TextExpectation
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.markup import Element, scan
from mjsync.template_language.protected_tags import protect_tags
from mjsync.template_language.rendering import render
from mjsync.validation.texts import Text, references_of, template_of, texts

_AROUND, _SHOWN = 30, 120
_HTTP = re.compile(r"http://[^\s\"'<>()]*", re.IGNORECASE)
_ALLOWED = re.compile(r"(https://|mailto:|tel:|sms:|#|\{\{|\[\[)", re.IGNORECASE)


def failing_tests(entry: Entry) -> Iterator[Finding]:
    """Run the tests of a template; each failure has the expected and the actual text."""
    tests: tuple[TemplateTest, ...] = getattr(entry.resource, "tests", ())
    parts = [text for text in texts(entry) if text.field != "mjml"] if tests else []
    for number, test in enumerate(tests):
        for path, message in _failures(entry, test, parts):
            location = entry.location_of(f"tests.{number}.{path}")
            yield Finding("MJS606", f'test "{test.name}": {message}', "", "error", str(entry.address), location)


def _failures(entry: Entry, test: TemplateTest, parts: list[Text]) -> Iterator[tuple[str, str]]:
    """Yield the path of each failed expectation below the test, and the message."""
    variables = getattr(entry.resource, "variables", {})
    for name in test.given:
        if variables and name not in variables:
            yield f"with.{name}", f"it sets {name}, which the template does not declare under variables"
    examples = {name: variable.example for name, variable in variables.items() if variable.example is not None}
    rendered, failed = dict[str, str](), set[str]()
    for part in parts:
        result = render(template_of(part.source), _context(test, examples, part))
        if result.findings:
            failed.add(part.field)
        else:
            rendered[part.field] = result.text
        for finding in result.findings:
            at = part.locate(finding.location or Location(""))
            yield "name", f"the {part.field} cannot be rendered: {finding.message} ({at})"
    for field in ("subject", "html", "text"):
        if field not in failed and (wording := getattr(test.expect, field)):
            messages = _differences(field, rendered[field], wording) if field in rendered else [f"there is no {field}"]
            yield from ((f"expect.{field}", message) for message in messages)
    if test.expect.links.https_only:
        yield from (("expect.links", f"the link {link} is not https") for link in _plain_links(rendered))


def _context(test: TemplateTest, examples: Mapping[str, Any], part: Text) -> RenderContext:
    segments = {use.path: use.path in test.segments for use in references_of(part.source).segments}
    return RenderContext({**examples, **test.given}, test.contact, segments=segments)


def _differences(field: str, text: str, wording: TextExpectation) -> Iterator[str]:
    if wording.equals is not None and text != wording.equals:
        yield f'the {field} should be "{_short(wording.equals)}", and is "{_short(text)}"'
    for expected in wording.contains:
        if expected not in text:
            yield f'the {field} should contain "{expected}", and is "{_short(text)}"'
    for unwanted in wording.not_contains:
        at = text.find(unwanted)
        if at != -1:
            around = text[max(at - _AROUND, 0) : at + len(unwanted) + _AROUND]
            yield f'the {field} should not contain "{unwanted}", and has "…{_short(around)}…"'


def _plain_links(rendered: Mapping[str, str]) -> Iterator[str]:
    """Yield the links of a mail that are neither https nor of a scheme without https."""
    for each in scan(protect_tags(rendered.get("html", ""))):
        if isinstance(each, Element) and each.name in ("a", "area") and "href" in each.attributes:
            link = each.attributes["href"].value.strip()
            if not _ALLOWED.match(link):
                yield f'"{_short(link)}" of the html'
    yield from (f'"{_short(link)}" of the text' for link in _HTTP.findall(rendered.get("text", "")))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"
