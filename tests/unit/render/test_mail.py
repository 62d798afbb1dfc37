"""What readers of a mail see: preheader, links and images, and which of them changed."""

import time

import pytest

from mjsync.cli.formats import fill_with_examples
from mjsync.engine.plan import Action
from mjsync.render.mail import (
    LinkChange,
    Target,
    is_mail,
    link_changes,
    mail_versions,
    preheader,
    target_changes,
    tracking_changes,
)
from tests.unit.render.story import plan


def change(address):
    """One change of the story."""
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
    assert expected == preheader(html)


def test_links_and_images():
    """A link's label is its words, or what its image says; entities are read."""
    html = '<a href="https://a.example/?x=1&amp;y=2">Go <b>there</b></a><a href=/b><img src="i.png" alt=\'An "i"\'></a>'

    assert (
        [LinkChange("new", "Go there", "", "https://a.example/?x=1&y=2"), LinkChange("new", 'An "i"', "", "/b")],
        [LinkChange("new", 'An "i"', "", "i.png")],
    ) == target_changes("", html)


def test_targets_that_stay():
    """What stands around a link is no part of it; a link that stays is not told, wherever it stands."""
    before = '<a href="/a">A</a> one <a href="/b">B</a><img src="x.png">'
    after = '<a href="/b">B</a> two <img src="x.png"><a href="/a">A</a>'

    assert ([], []) == target_changes(before, after)


@pytest.mark.parametrize(
    "html", ["<" * 300_000, "<a href=" * 40_000, "<!--" * 100_000, '<a href="' * 40_000, "<a>" * 100_000]
)
def test_malformed_parts_take_no_time(html):
    """However a part is broken, reading it takes a time that grows with its length alone."""
    start = time.process_time()
    preheader(html)
    target_changes(html, f"{html}!")

    assert time.process_time() - start < 3


def test_moves():
    """Targets of the same label are one that changed; of equal ones each is counted."""
    before = [Target("A", "1"), Target("B", "2"), Target("C", "3"), Target("C", "3")]
    after = [Target("A", "9"), Target("C", "3"), Target("D", "4")]

    assert [
        LinkChange("changed", "A", "1", "9"),
        LinkChange("gone", "B", "2", ""),
        LinkChange("gone", "C", "3", ""),
        LinkChange("new", "D", "", "4"),
    ] == link_changes(before, after)


def test_unstated_parts_stay():
    """What a manifest does not state is shown as it is live, on both sides."""
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
    """A create has no before, a delete no after, a replace both."""
    before, after = mail_versions(change(address), plan().ids, fill_with_examples)

    assert sides == (before is not None, after is not None)


def test_which_changes_are_mails():
    """Templates are mails, and nothing else is."""
    assert {"template"} == {item.kind.name for item in plan().changes if is_mail(item)}


def test_examples():
    """Declared variables show their example; everything else stays as it is written."""
    entry = change("template.order-confirmation").entry

    assert "A-1001 {{var:other}}" == fill_with_examples("{{var:number}} {{var:other}}", entry)


def test_replace_has_only_what_is_stated():
    """A replaced template keeps nothing of the old one."""
    replaced = change("template.legal")

    assert (Action.REPLACE, "") == (replaced.action, mail_versions(replaced, {}, fill_with_examples)[1].text)


def test_tracking_parameters():
    """Links that differ in tracking parameters alone are counted by parameter; others stay links."""
    links = [
        LinkChange(
            "changed", label, f"https://a.example/{label}?x=1&utm_source=old", f"https://a.example/{label}?x=1&{new}"
        )
        for label, new in (("A", "utm_source=new"), ("B", "utm_source=new"))
    ]
    other = LinkChange("changed", "C", "https://a.example/?utm_source=a", "https://b.example/?utm_source=b")

    assert ([other], {("utm_source", "old", "new"): 2}) == tracking_changes([*links, other])
