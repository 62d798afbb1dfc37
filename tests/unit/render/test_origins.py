"""The origin of changes since the deployed commit, in each format."""

import json

from mjsync.engine.deployed import Deployed
from mjsync.render.report import Report
from mjsync.render.to_html import plan_html
from mjsync.render.to_json import plan_json
from mjsync.render.to_markdown import plan_markdown
from mjsync.render.to_text import plan_lines
from tests.stage import Stage

BASE = """
lists: {news: {name: News}}
segments:
  a: {name: A, description: Old, expression: '(IsInPreviousDays(last,30))'}
  b: {name: B, description: Old, expression: '(IsInPreviousDays(last,40))'}
"""


def edited_plan():
    """Return a plan with one change of the manifests and one edit in Mailjet."""
    stage = Stage(BASE)
    stage.apply()
    deployed = Deployed("c0ffee" * 6 + "beef", stage.load())
    with stage.writer() as writer:
        writer.put(f"contactfilter/{stage.stored('contactfilter', Name='A')['ID']}", {"Description": "Edited"})
    stage.manifest = BASE.replace("B, description: Old", "B, description: New")
    return stage.plan(deployed=deployed)


def test_json_says_who_changed_each_field():
    """Each change and each field has its origin, and the plan the deployed commit."""
    document = json.loads(json.dumps(plan_json(edited_plan(), "1")))

    expected = {"segment.b": ("yours", ["yours"]), "segment.a": ("theirs", ["theirs"])}
    found = {
        each["address"]: (each["origin"], [field["origin"] for field in each["fields"]]) for each in document["changes"]
    }
    assert expected == found
    assert "c0ffee" * 6 + "beef" == document["deployed"]


def test_json_has_no_origin_without_a_deployed_commit():
    """Without a deployed commit the keys are absent."""
    text = json.dumps(plan_json(Stage(BASE).plan(), "1"))

    assert '"origin"' not in text
    assert '"deployed"' not in text


def test_edits_made_in_mailjet_have_their_own_section():
    """In text, Markdown and HTML edits in Mailjet follow the changes of the manifests, under a heading."""
    plan = edited_plan()
    page = plan_html(Report(plan), str, lambda part, _: part)
    for text in (
        "\n".join(line for line, *_ in plan_lines(plan)),
        plan_markdown(Report(plan), 60_000),
        page[page.index('<section aria-labelledby="changes">') :],
    ):
        own, heading, theirs = text.partition("Changed in Mailjet since the deployed commit")
        assert heading
        assert ("segment.b" in own, "segment.a" in own) == (True, False)
        assert ("segment.b" in theirs, "segment.a" in theirs) == (False, True)
        assert "edited in Mailjet since the deployed commit" in theirs
