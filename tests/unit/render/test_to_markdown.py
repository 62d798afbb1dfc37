"""Markdown: account data is never markup, and nothing is cut silently."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mjsync.render.to_markdown import LEAST_CHARS, code, escaped, fenced, plan_markdown
from tests.unit.render.sample_plan import applied, report

SCALE = (LEAST_CHARS, 3000, 5000, 8000, 12_000, 65_536)
HTML_CODE = re.compile(r"<code[^>]*>.*?</code>", re.DOTALL)


def rendered(text):
    """Return the HTML of a renderer like GitHub's."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)


@pytest.mark.parametrize("limit", SCALE)
@pytest.mark.parametrize("story", [report, applied])
def test_limit(story, limit):
    """A comment is never longer than it may be."""
    assert len(plan_markdown(story(), limit)) <= limit


@pytest.mark.parametrize("limit", SCALE)
def test_nothing_is_cut_silently(limit):
    """The numbers of listed and of left out changes add up."""
    made = plan_markdown(report(), limit)
    listed = sum(f"<code>{escaped(sign)} " in line for line in made.splitlines() for sign in "+~-±→")
    counted = re.search(r"\*\*(\d+) further changes not listed", made)

    assert len(report().plan.changes) == listed + (int(counted[1]) if counted else 0)


def test_details_go_first():
    """Where room is short details are left out before changes, and the report says how many."""
    made = plan_markdown(report(), 9000)

    assert ("shown without details, for length" in made, "not listed" in made) == (True, False)


def test_whole():
    """Where there is room nothing is left out."""
    assert "for length" not in plan_markdown(report(), 65_536)


def test_fences_are_closed():
    """Every fence is one of ours, and is closed."""
    html = rendered(plan_markdown(report(), 65_536))
    fields = sum(bool(change.fields) for change in report().plan.changes)

    assert (fields, fields) == (html.count('<code class="language-diff">'), html.count("</code></pre>"))


def test_nothing_foreign_is_markup():
    """Account data and manifests add no element, link or image."""
    html = rendered(plan_markdown(report(), 65_536))

    assert [] == [tag for tag in ("<script", "</script>", "<img", "<b>", "<a ") if tag in html]


def test_nobody_is_pinged():
    """Outside of code there is no mention, reference or command of a platform."""
    html = rendered(plan_markdown(report(), 65_536))
    outside = HTML_CODE.sub("", html.replace("&#64;", "@"))

    assert [] == re.findall(r"(?<!&)[@#!~%$]\w+|^/\w+", outside, re.MULTILINE)


def test_no_line_is_a_quick_action():
    """No line begins with a slash, which GitLab takes as a command."""
    assert [] == [line for line in plan_markdown(report(), 65_536).splitlines() if line.lstrip().startswith("/")]


@given(st.text(max_size=60))
def test_code_stays_in_its_element(text):
    """Any text in code is one code element in one paragraph."""
    html = rendered(f"x {code(text)} y")

    assert (1, 1, 1) == (html.count("<code>"), html.count("</code>"), html.count("<p>"))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=30), max_size=5))
def test_fences_hold(lines):
    """No text can end the fence that it is in."""
    tokens = MarkdownIt("commonmark").parse(fenced([f" {line}" for line in lines], "diff"))

    assert ["fence"] == [token.type for token in tokens]
