"""Mails in frames: no element that could run, load, connect or navigate is left."""

import re

import pytest

from mjsync.render.frame import HEAD, framed
from tests.browser.trap import hostile

ACTIVE = re.compile(
    r"<\s*/?(script|link|base|iframe|object|embed|form|meta|noscript|frame|frameset)[\s/>]", re.IGNORECASE
)


@pytest.mark.parametrize(
    "html",
    ["<script>x</script>", "<LINK rel=preconnect>", "<link/href=x>", "<meta http-equiv=refresh>", "<BaSe\nhref=x>"],
)
def test_active_elements(html):
    """Whatever its spelling, an active element becomes one that means nothing."""
    assert None is ACTIVE.search(framed(html).removeprefix(HEAD))


def test_hostile_mail():
    """Nothing active is left of a mail that tries everything."""
    assert None is ACTIVE.search(framed(hostile("http://evil.example", 5000)).removeprefix(HEAD))


@pytest.mark.parametrize("html", ["<linked>", "<p>script</p>", "<form-x>", "<a href='x'>link</a>"])
def test_other_elements_stay(html):
    """Elements that only look like active ones are left as they are."""
    assert f"{HEAD}{html}" == framed(html)


def test_colour_scheme_stays():
    """A mail that knows dark mode keeps saying so, and nothing else of that element."""
    html = '<meta name="color-scheme" content="light dark"><meta name="color-scheme" content="x" http-equiv="refresh">'

    assert framed(html).startswith(f'{HEAD}<meta name="color-scheme" content="light dark"><x-meta ')
