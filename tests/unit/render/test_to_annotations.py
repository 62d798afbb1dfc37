"""GitHub annotations at manifest lines, safe against injected commands; SARIF with stable fingerprints."""

import json

import pytest

from mjsync.errors import Finding, Location
from mjsync.render.to_annotations import findings_github, findings_sarif, plan_github, plan_sarif
from tests.unit.render.sample_plan import applied, report


def test_place_and_levels():
    """A finding is a command with its file from the root of the repository, line and column."""
    finding = Finding("unknown-field", "no such field", "Remove it.", location=Location("manifests/a.yaml", 4, 5))

    assert (
        "::error file=mail/manifests/a.yaml,line=4,col=5,title=mjsync unknown-field::no such field. Remove it.\n"
        == findings_github([finding], "mail/")
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("100% sure", "100%25 sure."),
        ("a\n::error::b", r"a\n::error::b."),
        ("%0A::warning::x", "%250A::warning::x."),
    ],
)
def test_messages_cannot_break_out(message, expected):
    """Line ends and percent signs in a message are escaped."""
    assert f"::warning title=mjsync c::{expected}\n" == findings_github([Finding("c", message, severity="warning")])


def test_file_names_cannot_add_properties():
    """Commas and colons in a file name are escaped."""
    finding = Finding("c", "m", location=Location("a,line=9:b.yaml", 1))

    assert "::error file=a%2Cline=9%3Ab.yaml,line=1,title=mjsync c::m.\n" == findings_github([finding])


def test_every_line_is_a_command():
    """Each line of a plan is one annotation."""
    lines = plan_github(report()).splitlines()

    assert [] == [line for line in lines if not line.startswith(("::error ", "::warning ", "::notice "))]


def test_failed_steps():
    """A step that failed is an error, one that was skipped because of it a warning."""
    lines = plan_github(applied()).splitlines()

    assert [("::error", "failed"), ("::warning", "skipped"), ("::error", "unknown")] == [
        (line.split()[0], word) for line in lines for word in ("failed", "skipped", "unknown") if f"::{word}: " in line
    ]


def results(text):
    """Return the results of the one run."""
    return json.loads(text)["runs"][0]["results"]


def test_location():
    """The file of a result is a URI from the root of the repository, with line and column."""
    finding = Finding("c", "m", location=Location("manifests/a b.yaml", 4, 5))
    (result,) = results(findings_sarif([finding], "1.0", "mail/"))

    assert [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "mail/manifests/a%20b.yaml"},
                "region": {"startLine": 4, "startColumn": 5},
            }
        }
    ] == result["locations"]


def test_rules():
    """The rule of every result is in the table, at its index."""
    run = json.loads(plan_sarif(report()))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert [result["ruleId"] for result in run["results"]] == [rules[result["ruleIndex"]] for result in run["results"]]


def test_fingerprint_survives_a_moved_line():
    """The same finding on another line has the same fingerprint."""
    prints = [
        results(findings_sarif([Finding("c", "m", location=Location("a.yaml", line))], "1"))[0]["partialFingerprints"]
        for line in (1, 9)
    ]

    assert prints[0] == prints[1]


def test_levels():
    """Guards are errors, warnings warnings, changes notes."""
    assert {"error", "warning", "note"} == {result["level"] for result in results(plan_sarif(report()))}


def test_no_findings():
    """Without findings the log has no results, so that code scanning closes all alerts."""
    assert [] == results(findings_sarif([], "1"))


def test_every_result_has_a_location():
    """A guard over a whole kind has the project file as location."""
    files = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in results(plan_sarif(report(), "mail/"))
    }

    assert files >= {"mail/mjsync.yaml", "mail/manifests/templates.yaml"}
