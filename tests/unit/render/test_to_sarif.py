"""SARIF: valid by its schema where it counts, results at manifest lines, fingerprints that survive moved lines."""

import json

from mjsync.errors import Finding, Location
from mjsync.render.to_sarif import findings_sarif, plan_sarif
from tests.unit.render.story import report


def results(text):
    """The results of the one run."""
    return json.loads(text)["runs"][0]["results"]


def test_location():
    """A result names its file as a URI from the root of the repository, with line and column."""
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
    """Every result's rule is in the table, at its index."""
    run = json.loads(plan_sarif(report()))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert [result["ruleId"] for result in run["results"]] == [rules[result["ruleIndex"]] for result in run["results"]]


def test_fingerprint_survives_a_moved_line():
    """The same complaint on another line of the same file has the same fingerprint."""
    prints = [
        results(findings_sarif([Finding("c", "m", location=Location("a.yaml", line))], "1"))[0]["partialFingerprints"]
        for line in (1, 9)
    ]

    assert prints[0] == prints[1]


def test_levels():
    """Guards are errors, warnings warnings, changes notes."""
    assert {"error", "warning", "note"} == {result["level"] for result in results(plan_sarif(report()))}


def test_no_findings():
    """Without findings the log has no results, which code scanning takes as all fixed."""
    assert [] == results(findings_sarif([], "1"))


def test_every_result_has_a_location():
    """What belongs to no manifest line, as a guard over a whole kind, stands at the project's file."""
    files = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in results(plan_sarif(report(), "mail/"))
    }

    assert files >= {"mail/mjsync.yaml", "mail/manifests/templates.yaml"}
