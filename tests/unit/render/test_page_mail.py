"""Defects of a mail that a change adds."""

import pytest

from mjsync.render.mail import PREHEADER, MailVersion
from mjsync.render.page import _html_phrases
from mjsync.render.page_mail import _inbox, worsened

PALE = '<td bgcolor="#ffffff" style="color: #dddddd">Order now</td>'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", '<img src="a.png">', ["1 image without alternative text is new"]),
        ('<img src="a.png">', '<img src="b.png">', []),
        ('<img src="a.png">', '<img src="b.png" alt="B">', []),
        ('<html lang="en">', "<html>", ["the language of the mail is no longer stated (<html lang>)"]),
        ("<html>", "<html>", []),
        ("a", "a" * 105_000, ["the HTML has 102 kB: Gmail cuts mails at 102 kB"]),
        ("a" * 105_000, "a" * 106_000, []),
        (
            "",
            PALE,
            ['the contrast of "Order now" is 1.4, #dddddd on #ffffff; 4.5 is readable'],
        ),
        (PALE, PALE.replace("now", "today"), []),
        ("", '<p style="color:#111;background:url(x.png)">Dark</p><p style="color:#eee">unknown ground</p>', []),
    ],
)
def test_worse(before, after, expected):
    """Missing alternatives, language, size and contrast are reported if the mail did not have them before."""
    assert expected == list(worsened(before, after))


def test_preheaders_are_compared_and_then_cut():
    """An inbox shows the first words of each side, those that changed marked."""
    before, after = (MailVersion("Hello", f"{word} {'and so on ' * 40}", "", "") for word in ("One", "Two"))
    lines = list(_inbox(before, after))

    assert [PREHEADER, PREHEADER] == [sum(len(text) for text, _ in line.preheader) for line in lines]
    assert [("One", True), ("Two", True)] == [line.preheader[0] for line in lines]


def test_tags_that_are_cut_off_are_no_words():
    """Lines of HTML may begin and end within a tag."""
    lines = (('class="one">Hello <b',), ('class="two">Goodbye <b',))

    assert [("words", "Hello", "Goodbye")] == list(_html_phrases([lines], ()))
