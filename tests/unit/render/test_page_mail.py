"""Defects of a mail that a change adds."""

import pytest

from mjsync.render.page_mail import worsened

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
