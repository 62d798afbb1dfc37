"""Tests beside templates: each mail made, and held against what its author expects of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.errors import Finding
from mjsync.resources.desired import Entry
from mjsync.resources.template_test import Trial, Wording
from mjsync.template_language.functions import Given
from mjsync.template_language.markup import Element, scan
from mjsync.template_language.masking import mask
from mjsync.template_language.rendering import render
from mjsync.validation.texts import Text, texts
from mjsync.validation.uses import references_of, template_of

_AROUND, _SHOWN = 30, 120
_HTTP = re.compile(r"http://[^\s\"'<>()]*", re.IGNORECASE)
_ALLOWED = re.compile(r"(https://|mailto:|tel:|sms:|#|\{\{|\[\[)", re.IGNORECASE)


def trials(entry: Entry) -> tuple[Trial, ...]:
    """Give the tests that stand beside a template."""
    found: tuple[Trial, ...] = getattr(entry.resource, "tests", ())
    return found


def trial_findings(entry: Entry) -> Iterator[Finding]:
    """Run the tests of a template; each failure says what was expected and what stood there."""
    stated = trials(entry)
    parts = [text for text in texts(entry) if text.word != "mjml"] if stated else []
    for number, trial in enumerate(stated):
        for path, message in _failures(entry, trial, parts):
            place = entry.place_of(f"tests.{number}.{path}")
            yield Finding("MJS606", f'test "{trial.name}": {message}', "", "error", str(entry.address), place)


def _failures(entry: Entry, trial: Trial, parts: list[Text]) -> Iterator[tuple[str, str]]:
    """Give the path below the test, and what is wrong."""
    variables = getattr(entry.resource, "variables", {})
    for name in trial.given:
        if variables and name not in variables:
            yield f"with.{name}", f"it gives {name}, which the template does not state under variables"
    examples = {name: variable.example for name, variable in variables.items() if variable.example is not None}
    rendered, broken = dict[str, str](), set[str]()
    for part in parts:
        made = render(template_of(part.source), _given(trial, examples, part))
        if made.findings:
            broken.add(part.word)
        else:
            rendered[part.word] = made.text
        for finding in made.findings:
            yield "name", f"the {part.word} cannot be made: {finding.message} ({part.place(finding.place)})"
    for word in ("subject", "html", "text"):
        if word not in broken and (wording := getattr(trial.expect, word)):
            failures = _misworded(word, rendered[word], wording) if word in rendered else [f"there is no {word}"]
            yield from ((f"expect.{word}", failure) for failure in failures)
    if trial.expect.links.https_only:
        yield from (("expect.links", f"the link {link} is not https") for link in _plain_links(rendered))


def _given(trial: Trial, examples: Mapping[str, Any], part: Text) -> Given:
    tested = {use.path: use.path in trial.segments for use in references_of(part.source).segments}
    return Given({**examples, **trial.given}, trial.contact, segments=tested)


def _misworded(word: str, text: str, wording: Wording) -> Iterator[str]:
    if wording.equals is not None and text != wording.equals:
        yield f'the {word} should be "{_short(wording.equals)}", and is "{_short(text)}"'
    for wanted in wording.contains:
        if wanted not in text:
            yield f'the {word} should contain "{wanted}", and is "{_short(text)}"'
    for unwanted in wording.not_contains:
        at = text.find(unwanted)
        if at != -1:
            around = text[max(at - _AROUND, 0) : at + len(unwanted) + _AROUND]
            yield f'the {word} should not contain "{unwanted}", and says "…{_short(around)}…"'


def _plain_links(rendered: Mapping[str, str]) -> Iterator[str]:
    """Give the links of a mail that are not https, nor of a kind that has no https."""
    for each in scan(mask(rendered.get("html", ""))):
        if isinstance(each, Element) and each.name in ("a", "area") and "href" in each.attributes:
            link = each.attributes["href"].value.strip()
            if not _ALLOWED.match(link):
                yield f'"{_short(link)}" of the html'
    yield from (f'"{_short(link)}" of the text' for link in _HTTP.findall(rendered.get("text", "")))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"
