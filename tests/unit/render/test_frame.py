"""Mails in frames: no element that could run, load, connect or navigate is left."""

import re

import pytest

from mjsync.render.frame import HEAD, framed
from tests.browser.hostile_server import hostile

ACTIVE = re.compile(
    r"<\s*/?(script|link|base|iframe|object|embed|form|meta|noscript|frame|frameset)[\s/>]", re.IGNORECASE
)


@pytest.mark.parametrize(
    "html",
    ["<script>x</script>", "<LINK rel=preconnect>", "<link/href=x>", "<meta http-equiv=refresh>", "<BaSe\nhref=x>"],
)
def test_active_elements(html):
    """Active elements are renamed, whatever their spelling."""
    assert None is ACTIVE.search(framed(html).removeprefix(HEAD))


def test_hostile_mail():
    """No active element is left of a hostile mail."""
    assert None is ACTIVE.search(framed(hostile("http://evil.example", 5000)).removeprefix(HEAD))


@pytest.mark.parametrize("html", ["<linked>", "<p>script</p>", "<form-x>", "<a href='x'>link</a>"])
def test_other_elements_stay(html):
    """Elements that only resemble active ones are kept."""
    assert f"{HEAD}{html}" == framed(html)


def test_colour_scheme_stays():
    """The colour-scheme of a mail is kept, and nothing else of that element."""
    html = '<meta name="color-scheme" content="light dark"><meta name="color-scheme" content="x" http-equiv="refresh">'

    assert framed(html).startswith(f'{HEAD}<meta name="color-scheme" content="light dark"><x-meta ')
