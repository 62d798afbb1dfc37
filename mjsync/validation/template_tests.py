"""Run the tests of templates: render each mail and compare it with what the test expects."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import takewhile
from operator import eq

from mjsync.errors import Finding
from mjsync.resources.desired import Entry
from mjsync.resources.template_entry import TemplateTest, TextExpectation
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.markup import Element, protect_tags, scan
from mjsync.template_language.rendering import render
from mjsync.validation.usages import Text, references_of, template_of, texts

_AROUND, _MAX_SHOWN = 30, 120
_MAX_COMPARED = 1_000
"""Characters of an expected text that are searched for."""
_MIN_COMMON = 3
"""Characters that an expected text and a passage must have in common to be compared."""

_HTTP = re.compile(r"http://[^\s\"'<>()]*", re.IGNORECASE)
_ALLOWED = re.compile(r"(https://|mailto:|tel:|sms:|#|\{\{|\[\[)", re.IGNORECASE)


def failing_tests(entry: Entry) -> Iterator[Finding]:
    """Run the tests of a template; each failure has the expected and the actual text."""
    tests: tuple[TemplateTest, ...] = getattr(entry.model, "tests", ())
    parts = [text for text in texts(entry) if text.field != "mjml"] if tests else []
    for number, test in enumerate(tests):
        for path, message in _failures(entry, test, parts):
            location = entry.location_of(f"tests.{number}.{path}")
            yield Finding("MJS606", f'test "{test.name}": {message}', "", "error", str(entry.address), location)


def _failures(entry: Entry, test: TemplateTest, parts: list[Text]) -> Iterator[tuple[str, str]]:
    """Yield the path of each failed expectation below the test, and the message."""
    variables = getattr(entry.model, "variables", {})
    for name in test.data:
        if variables and name not in variables:
            yield f"with.{name}", f"it sets {name}, which the template does not declare under variables"
    examples = {name: variable.example for name, variable in variables.items() if variable.example is not None}
    rendered, failed = dict[str, str](), set[str]()
    for part in parts:
        segments = {use.path: use.path in test.segments for use in references_of(part.source).segments}
        context = RenderContext({**examples, **test.data}, test.contact, segments=segments)
        result = render(template_of(part.source), context)
        if result.findings:
            failed.add(part.field)
        else:
            rendered[part.field] = result.text
        for finding in dict.fromkeys(result.findings):
            at = part.locate(finding.location)
            yield "name", f"the {part.field} cannot be rendered: {finding.message} ({at})"
    for field in ("subject", "html", "text"):
        if field not in failed and (wording := getattr(test.expect, field)):
            messages = _differences(field, rendered[field], wording) if field in rendered else [f"there is no {field}"]
            yield from ((f"expect.{field}", message) for message in messages)
    if test.expect.links.https_only:
        yield from (("expect.links", f"the link {link} is not https") for link in _plain_links(rendered))


def _differences(field: str, text: str, wording: TextExpectation) -> Iterator[str]:
    if wording.equals is not None and text != wording.equals:
        is_short = max(len(wording.equals), len(text)) <= _MAX_SHOWN
        start = max(sum(takewhile(bool, map(eq, wording.equals, text))) - _AROUND, 0)
        sides = (side[start : start + _MAX_SHOWN] for side in (wording.equals, text))
        actual = f'and is "{_short(text)}"' if is_short else f"and differs: {_word_diff(*sides)}"
        yield f'the {field} should be "{_short(wording.equals)}", {actual}'
    for expected in wording.contains:
        if expected not in text:
            actual = f'and is "{_short(text)}"' if len(text) <= _MAX_SHOWN else _nearest_passage(expected, text)
            yield f'the {field} should contain "{_short(expected)}", {actual}'
    for unwanted in wording.not_contains:
        at = text.find(unwanted)
        if at != -1:
            around = text[max(at - _AROUND, 0) : at + len(unwanted) + _AROUND]
            yield f'the {field} should not contain "{unwanted}", and has "…{_short(around)}…"'


def _nearest_passage(expected: str, text: str) -> str:
    """Describe the passage of a text that is most like an expected one, and the difference.

    It is searched for around the longest part of the expected text that the text contains, in steps that keep the
    time short: half of it, a quarter, and so on.
    """
    expected = expected[:_MAX_COMPARED]
    best, best_ratio = "", 0.0
    for start in _anchors(expected, text):
        passage = text[max(start, 0) : start + len(expected)]
        ratio = SequenceMatcher(None, expected, passage, autojunk=False).ratio()
        if ratio > best_ratio:
            best, best_ratio = passage, ratio
    if not best:
        return "and has nothing like it"
    start = end = text.find(best)
    end += len(best)
    while start and text[start - 1 : start + 1].isalnum():
        start -= 1
    while text[end - 1 : end + 1].isalnum() and end < len(text):
        end += 1
    best, before, after = text[start:end], text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
    return f"the nearest passage is {_word_diff(expected, best, before, after)}"


def _anchors(expected: str, text: str) -> Iterator[int]:
    """Yield where the expected text would start, if its longest parts that the text contains are aligned."""
    size = len(expected)
    while (size := size // 2) >= _MIN_COMMON:
        starts = range(0, len(expected) - size + 1, max(size // 2, 1))
        found = [(part, at) for part in starts if (at := text.find(expected[part : part + size])) != -1]
        if found:
            yield from (at - part for part, at in found)
            return


def _word_diff(expected: str, actual: str, before: str = "", after: str = "") -> str:
    """Format a difference as `git diff --word-diff` does: [-expected-]{+actual+}."""
    shown = []
    one, other = (re.findall(r"\w+|\s+|.", text) for text in (expected, actual))
    for tag, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        removed, added = "".join(one[start:end]), "".join(other[other_start:other_end])
        if tag == "equal":
            shown.append(removed)
        else:
            shown += f"[-{removed}-]" if removed else "", f"{{+{added}+}}" if added else ""
    text = f"{before}{''.join(shown)}{after}".replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return f'"…{text}…" ([-expected-]{{+actual+}})'


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
    return flat if len(flat) <= _MAX_SHOWN else f"{flat[:_MAX_SHOWN]}…"
