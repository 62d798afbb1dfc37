"""Every format of one plan with every kind of change, guard and warning, compared with a stored file.

With MJSYNC_REWRITE=1 the files are written instead of compared; review them as a diff.
"""

import os
from pathlib import Path

import pytest

from mjsync.render.formats import FORMATS, RenderOptions, write_report
from tests.unit.render.sample_plan import HOOK_TOKEN, MASKER, applied, report, unpacked

SNAPSHOTS = Path(__file__).with_name("snapshots")
MANNER = RenderOptions(MASKER, "mail/")
STORIES = {"plan": report, "apply": applied}


def made_of(form, story):
    """Return a report in a format, with nothing packed."""
    made = write_report(form, story(), MANNER)
    return unpacked(made) if form == "html" else made


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("story", STORIES)
def test_snapshot(story, form):
    """The format equals the stored file."""
    made = made_of(form, STORIES[story])
    file = SNAPSHOTS / f"{story}.{form}"
    if os.environ.get("MJSYNC_REWRITE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(made, encoding="utf-8")

    assert file.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("form", FORMATS)
def test_every_change_is_there(form):
    """Every change, way out and unreadable kind is in every format."""
    made = made_of(form, report)
    unescaped = made.replace("&#45;", "-").replace("&#95;", "_").replace("&#58;", ":").replace("&#64;", "@")
    plan = report().plan
    plain = [str(change.address) for change in plan.changes if change.name.isascii() and "<" not in change.name]

    assert [] == [address for address in [*plain, "parse_route"] if address not in unescaped]


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret(form):
    """No format has a value of the environment, a password or a token."""
    made = made_of(form, report)

    assert [] == [secret for secret in (HOOK_TOKEN, "swordfish", "abc123") if secret in made]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_no_control_characters(form):
    """No format has a control character or a bidi override of the account, except JSON, which is data."""
    made = made_of(form, report)

    assert [] == [sign for sign in ("\x1b", "\u202e") if sign in made]
