"""Annotations: one line each, at the manifest line, with nothing that could be another command."""

import pytest

from mjsync.errors import Finding, Location
from mjsync.render.to_github import findings_github, plan_github
from tests.unit.render.story import applied, report


def test_place_and_levels():
    """A finding becomes a command with its file from the root of the repository, its line and its column."""
    finding = Finding("unknown-field", "no such field", "Remove it.", location=Location("manifests/a.yaml", 4, 5))

    assert (
        "::error file=mail/manifests/a.yaml,line=4,col=5,title=mjsync unknown-field::no such field. Remove it.\n"
        == findings_github([finding], "mail/")
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("100% sure", "100%25 sure."),
        ("a\n::error::b", r"a\n::error::b."),
        ("%0A::warning::x", "%250A::warning::x."),
    ],
)
def test_messages_cannot_break_out(message, expected):
    """A message stays in its line, and its percent signs are not taken for escapes."""
    assert f"::warning title=mjsync c::{expected}\n" == findings_github([Finding("c", message, severity="warning")])


def test_file_names_cannot_add_properties():
    """Commas and colons in a file name are escaped."""
    finding = Finding("c", "m", location=Location("a,line=9:b.yaml", 1))

    assert "::error file=a%2Cline=9%3Ab.yaml,line=1,title=mjsync c::m.\n" == findings_github([finding])


def test_every_line_is_a_command():
    """Each line of a plan is one annotation."""
    lines = plan_github(report()).splitlines()

    assert [] == [line for line in lines if not line.startswith(("::error ", "::warning ", "::notice "))]


def test_failed_steps():
    """A step that failed is an error, one that was skipped because of it a warning."""
    lines = plan_github(applied()).splitlines()

    assert [("::error", "failed"), ("::warning", "skipped"), ("::error", "unknown")] == [
        (line.split()[0], word) for line in lines for word in ("failed", "skipped", "unknown") if f"::{word}: " in line
    ]
