"""The HTML report: one file that loads nothing, with account data escaped and secrets masked."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from mjsync import redaction
from mjsync.engine.plan import FieldChange, Result
from mjsync.render import text_diff
from mjsync.render.formats import RenderOptions, write_report
from mjsync.render.mail import fill_with_examples
from mjsync.render.report import Report
from mjsync.render.text_diff import _different_words
from mjsync.render.to_html import plan_html
from tests.unit.render.sample_plan import HOOK_TOKEN, MASKER, applied, plan, report, unpacked
from tests.unit.render.shared_causes import grouped_plan


@pytest.fixture(scope="module")
def page():
    """Return the report of the sample plan with nothing packed."""
    return unpacked(write_report("html", report(), RenderOptions(MASKER)))


def outside_frames(page):
    """Return the page without its mails."""
    return re.sub(r'srcdoc="[^"]*"', "", page)


def test_loads_nothing(page):
    """The page refers only to its own changes."""
    assert [] == re.findall(r'<[^>]*\s(?:src|href|action|data|poster)="(?!#step-|#group-)[^"]*"', outside_frames(page))


def test_only_our_script_runs(page):
    """The page has one script that can run, and its policy allows no other."""
    assert (1, 1) == (len(re.findall(r"<script>", page)), page.count("script-src &#39;sha256-"))


def test_policy_comes_first(page):
    """The policy is before anything that it restricts."""
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script>")


def test_frames_are_sandboxed(page):
    """Every frame has a sandbox without permissions, and its own policy."""
    frames = re.findall(r"<iframe[^>]*", page)

    assert [] == [frame for frame in frames if ' sandbox="" ' not in frame or "default-src &#39;none&#39;" not in frame]


def test_foreign_text_is_escaped(page):
    """Names of the account are escaped."""
    assert [] == re.findall(r"<img|<b>|onerror=(?!alert\(1\)&gt;)", outside_frames(page))


@pytest.mark.parametrize(
    "words",
    [
        "last_order_at is in the previous 60 days",
        "1840 subscribers",
        "touches 512 subscribers",
        "host hooks.example.com",
        "NOT has opened a mail in the last 90 days",
        "Two parcels, with you on Friday.",
        "https://shop.example.com/track?order=A-1001",
        "--approve editor:template.drawn-in-the-editor",
        "irreversible",
    ],
)
def test_what_reviewers_need(page, words):
    """Conditions in words, people, hosts, preheaders, links, ways out and risks are on the page."""
    assert words in page


def test_a_secret_host_is_not_shown(monkeypatch):
    """A host with a secret is not shown."""
    monkeypatch.setattr(redaction, "KNOWN_SECRETS", {"hooks.example.com"})
    made = unpacked(plan_html(report(), MASKER.text, fill_with_examples))

    assert "host hooks" not in made


def test_secrets_in_mails_are_masked():
    """A secret in the body of a mail is masked, also where the body is escaped."""
    secret = "first&<second>"
    mask = type(MASKER).of([secret])
    made = unpacked(plan_html(report(), mask.text, lambda part, _: f"{part} {secret}"))

    assert (False, True) == ("first&amp;&lt;second" in made, "***" in made)


@pytest.mark.parametrize("path", ["subject", "html"])
def test_a_mark_inside_a_secret(path):
    """A secret of which a part changed is masked."""
    before, after = f"your key is {HOOK_TOKEN} today", f"your key is {HOOK_TOKEN.removesuffix('story')}tale today"
    change = next(each for each in plan().changes if str(each.address) == "template.order-confirmation")
    change = replace(
        change,
        fields=(FieldChange(path, before, after, is_text=path == "html"),),
        live=replace(change.live, fields={**change.live.fields, path: before}),
        entry=replace(change.entry, values={**change.entry.values, path: after}),
    )
    shown = Report(replace(plan(), changes=(change,)))
    text = re.sub(r"<[^>]*>", "", unpacked(plan_html(shown, MASKER.text, fill_with_examples)))

    assert [] == re.findall(r"hook-token-of-the-story", text)


def test_nothing_to_do():
    """A plan without changes has a page with that sentence."""
    empty = report().__class__(type(plan())("staging", None), version="1")

    assert "Nothing to do." in plan_html(empty, MASKER.text, fill_with_examples)


def test_no_token(page):
    """The token of the sample plan is nowhere in the page."""
    assert HOOK_TOKEN not in page


def test_mood():
    """Refused and partial runs have the status bad, done and in sync good, pending changes open."""
    pending = replace(report().plan, guards=())
    done = tuple(Result(change, "applied") for change in pending.changes)
    moods = [report(), applied(), Report(pending), Report(pending, done), Report(replace(pending, changes=()))]

    assert ["bad", "bad", "open", "good", "good"] == [each.status for each in moods]


def test_each_part_is_rendered_once(tmp_path, monkeypatch):
    """Every part of a mail is rendered once per side; two texts, and two lines, are compared once."""
    rendered, compared = [], []
    made = grouped_plan(tmp_path, handles=("bye", "order"))
    match = text_diff.line_matcher
    monkeypatch.setattr(text_diff, "line_matcher", lambda *lines: compared.append(lines) or match(*lines))
    _different_words.cache_clear()
    plan_html(Report(made), MASKER.text, lambda part, entry: rendered.append((entry.address, part)) or part)

    assert {1} == set(Counter(each for each in rendered if "<html" in each[1]).values())
    assert 4 == sum("<html" in part for _, part in rendered)
    assert 2 == len(compared)
    assert 4 == _different_words.cache_info().hits
