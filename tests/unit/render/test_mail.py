"""What readers of a mail see: preheader, links and images, and their changes."""

import time

import pytest

from mjsync.engine.plan import Action
from mjsync.render.mail import (
    LinkChange,
    Target,
    fill_with_examples,
    first_words,
    is_mail,
    link_changes,
    mail_versions,
    target_changes,
    tracking_changes,
)
from tests.unit.render.sample_plan import plan


def change(address):
    """Return one change of the sample plan."""
    return next(found for found in plan().changes if str(found.address) == address)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<head><title>T</title><style>p{}</style></head><body><p>Hello  you</p>", "Hello you"),
        ("<div style='display:none'>Hidden first</div><h1>Then</h1>", "Hidden first Then"),
        ("<!doctype html><!-- no --><p>A &amp; B</p><script>x</script>", "A & B"),
        ("<h1>Hello</h1><table><tr><td>two</td><td>ca<b>kes</b></td></tr></table>", "Hello two cakes"),
        ("", ""),
    ],
)
def test_preheader(html, expected):
    """The preheader is the first words of the body, hidden ones too, as inboxes show them."""
    assert expected == first_words(html)


def test_links_and_images():
    """The label of a link is its text, or the alternative text of its image."""
    html = '<a href="https://a.example/?x=1&amp;y=2">Go <b>there</b></a><a href=/b><img src="i.png" alt=\'An "i"\'></a>'

    assert (
        [LinkChange("new", "Go there", "", "https://a.example/?x=1&y=2"), LinkChange("new", 'An "i"', "", "/b")],
        [LinkChange("new", 'An "i"', "", "i.png")],
    ) == target_changes("", html)


def test_targets_that_stay():
    """A link that did not change is not reported, wherever it moved."""
    before = '<a href="/a">A</a> one <a href="/b">B</a><img src="x.png">'
    after = '<a href="/b">B</a> two <img src="x.png"><a href="/a">A</a>'

    assert ([], []) == target_changes(before, after)


@pytest.mark.parametrize(
    "html", ["<" * 300_000, "<a href=" * 40_000, "<!--" * 100_000, '<a href="' * 40_000, "<a>" * 100_000]
)
def test_malformed_parts_take_no_time(html):
    """Malformed parts are read in linear time."""
    start = time.process_time()
    first_words(html)
    target_changes(html, f"{html}!")

    assert time.process_time() - start < 3


def test_moves():
    """Targets with the same label are one changed target; equal ones are counted."""
    before = [Target("A", "1"), Target("B", "2"), Target("C", "3"), Target("C", "3")]
    after = [Target("A", "9"), Target("C", "3"), Target("D", "4")]

    assert [
        LinkChange("changed", "A", "1", "9"),
        LinkChange("gone", "B", "2", ""),
        LinkChange("gone", "C", "3", ""),
        LinkChange("new", "D", "", "4"),
    ] == link_changes(before, after)


def test_unstated_parts_stay():
    """Parts that a manifest does not state are the live ones, on both sides."""
    before, after = mail_versions(change("template.from-mjml"), plan().ids, fill_with_examples)

    assert ("Hi", "Hello", before.html) == (before.subject, after.subject, after.html)


@pytest.mark.parametrize(
    ("address", "sides"),
    [
        ("template.welcome", (False, True)),
        ("template.Legacy welcome", (True, False)),
        ("template.legal", (True, True)),
    ],
)
def test_sides(address, sides):
    """A create has no before side, a delete no after side, a replace both."""
    before, after = mail_versions(change(address), plan().ids, fill_with_examples)

    assert sides == (before is not None, after is not None)


def test_which_changes_are_mails():
    """Changes of templates are mails, others are not."""
    assert {"template"} == {item.kind.name for item in plan().changes if is_mail(item)}


def test_examples():
    """Declared variables have their example; other tags are unchanged."""
    entry = change("template.order-confirmation").entry

    assert "A-1001 {{var:other}}" == fill_with_examples("{{var:number}} {{var:other}}", entry)


def test_replace_has_only_what_is_stated():
    """A replaced template has only what is stated."""
    replaced = change("template.legal")

    assert (Action.REPLACE, "") == (replaced.action, mail_versions(replaced, {}, fill_with_examples)[1].text)


def test_tracking_parameters():
    """Links that differ in tracking parameters only are counted by parameter; others are links."""
    links = [
        LinkChange(
            "changed", label, f"https://a.example/{label}?x=1&utm_source=old", f"https://a.example/{label}?x=1&{new}"
        )
        for label, new in (("A", "utm_source=new"), ("B", "utm_source=new"))
    ]
    other = LinkChange("changed", "C", "https://a.example/?utm_source=a", "https://b.example/?utm_source=b")

    assert ([other], {("utm_source", "old", "new"): 2}) == tracking_changes([*links, other])
