"""JUnit: refused and failed changes fail, counts are right, and the XML is well-formed for any text."""

from xml.etree import ElementTree as ET

import pytest

from mjsync.errors import Finding, Location
from mjsync.render.to_junit import findings_junit, junit_document, plan_suite
from tests.unit.render.sample_plan import applied, report


def suite(text):
    """Return the one suite."""
    return ET.fromstring(text.encode("utf-8"))[0]  # noqa: S314 - our own


def test_refused_changes_fail():
    """A change with a guard fails, with the way out as its text."""
    case = suite(junit_document([plan_suite(report())])).find("testcase[@name='template.drawn-in-the-editor']")

    assert "to allow it: --approve editor:template.drawn-in-the-editor" == case.find("failure").text


def test_lifted_guards_pass():
    """A lifted guard fails nothing; other guards of the change do."""
    case = suite(junit_document([plan_suite(report())])).find("testcase[@name='template.legal']")

    assert "is protected, and would be deleted and created again" == case.find("failure").get("message")


def test_counts():
    """The counts of the suite are those of its cases."""
    found = suite(junit_document([plan_suite(applied())]))
    counted = {word: str(len(list(found.iter(word)))) for word in ("failure", "error", "skipped", "testcase")}

    assert {
        "failure": found.get("failures"),
        "error": found.get("errors"),
        "skipped": found.get("skipped"),
        "testcase": found.get("tests"),
    } == counted


def test_guards_of_no_change():
    """A guard of a whole kind has its own case."""
    assert (
        suite(junit_document([plan_suite(report())])).find("testcase[@classname='mjsync.guard'][@name='list']")
        is not None
    )


@pytest.mark.parametrize("message", ["\x00\x1b[31m", "]]>", "\ud800", "\uffff", "<&\"'"])
def test_any_text_is_well_formed(message):
    """The XML is well-formed for any message."""
    made = findings_junit([Finding("c", message), Finding("c", message, severity="warning")])

    assert "1" == suite(made).get("failures")


def test_valid_manifests_pass():
    """Without errors there is one case that passes."""
    found = suite(findings_junit([Finding("c", "m", severity="warning", location=Location("a.yaml", 1))]))

    assert ("1", "0") == (found.get("tests"), found.get("failures"))
