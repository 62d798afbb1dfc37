"""Several environments in one report: the worst first where space is short, and nothing is left out silently."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from mjsync.errors import Finding
from mjsync.redaction import Redactor
from mjsync.render.formats import RenderOptions
from mjsync.render.multi_environment import FORMS, Section
from mjsync.render.report import Report
from mjsync.render.to_json import plan_json
from tests.unit.render.sample_plan import plan

LIMIT = 5_000
FAILED = Finding("bad-answer", "no\nroute", "Try again.")


def written(form, *sections, max_chars=LIMIT, secrets=()):
    """Return the report of these sections."""
    return FORMS[form](sections, RenderOptions(Redactor.of(secrets), max_chars=max_chars))


def failed(name, message="no route", code=1):
    """Return a section without a plan."""
    return Section(name, code, findings=(Finding("bad-answer", message),))


def many(count, size, codes=None):
    """Return sections of about so many characters, each with an exit code."""
    return [failed(f"shop-{number:03}", "x" * size, (codes or {}).get(number, 0)) for number in range(count)]


def test_markdown_is_whole_while_it_fits():
    """If there is room every section is complete, and the last line counts the outcomes."""
    text = written("markdown", *many(3, 100))

    assert 3 == text.count("## shop-")
    assert text.endswith("\n3 environments, 3 done.\n")


@pytest.mark.parametrize("count", [10, 200, 3000])
def test_markdown_keeps_to_its_limit(count):
    """The limit is kept for any number of environments."""
    assert LIMIT >= len(written("markdown", *many(count, 900, {count - 1: 1})))


def test_what_markdown_leaves_out_is_named():
    """Environments that do not fit are named as far as possible, then counted."""
    text = written("markdown", *many(200, 900))
    shown = text.count("## shop-")
    named = text.count(" (done)")

    assert f"Left out to keep this short: {200 - shown} environments." in text
    assert f" and {200 - shown - named} more." in text


def test_the_worst_are_shown_first():
    """Failed environments are shown before others."""
    text = written("markdown", *many(200, 900, {150: 1, 151: 4}))

    assert "## shop-150" in text
    assert "## shop-151" in text


def test_a_finding_is_not_markup():
    """The findings of an environment that failed are in a fence."""
    text = written("markdown", failed("a", "<b>@team</b>\n```"))

    assert "````\nerror: <b>@team</b>\\n```" in text
    assert text.count("````") == 2


def test_github_gets_an_annotation_of_what_failed():
    """An environment without a plan has an annotation that names it."""
    text = written("github", Section("b", 1, findings=(FAILED,)))

    assert "::error title=mjsync bad-answer::b: no\\nroute. Try again.\n" == text


def test_text_names_what_failed():
    """Each environment has a section; the last line counts them and names those that failed."""
    text = written("text", Section("a", 3, Report(plan())), failed("b"))

    assert ["── a", "── b"] == [line for line in text.splitlines() if line.startswith("──")]
    assert "error: no route.\n" in text
    assert text.endswith("2 environments, 1 failed, 1 refused: b.\n")


def test_json_has_a_document_for_each():
    """Each plan is as it is alone, with the environment and its exit code; a failure is an error document."""
    document = json.loads(written("json", Section("a", 3, Report(plan(), version="1")), failed("b", code=4)))
    first, second = document["plans"]

    assert {**json.loads(json.dumps(plan_json(plan(), "1"))), "environment": "a", "exit": 3} == first
    assert ("mjsync-error/1", "b", 4, "no route") == (
        second["format"],
        second["environment"],
        second["exit"],
        second["findings"][0]["message"],
    )


def test_junit_has_a_suite_for_each():
    """The suite of a plan has the environment's name in front; one without a plan has one error."""
    root = ET.fromstring(written("junit", Section("a", 3, Report(plan())), failed("b")))  # noqa: S314 - our own output
    suites = list(root.iter("testsuite"))

    assert [True, False] == [suite.get("name", "").startswith("a: ") for suite in suites]
    assert ("b", "1", "1") == tuple(suites[1].get(key) for key in ("name", "tests", "errors"))


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github", "junit"])
def test_no_secret_is_shown(form):
    """Secrets are masked in plans and in findings."""
    secret = "a-secret-of-the-environment"
    warned = replace(plan(), warnings=(Finding("c", f"says {secret}", severity="warning"),))
    text = written(form, Section("a", 3, Report(warned)), failed("b", secret), secrets=[secret])

    assert secret not in text
    assert "***" in text
