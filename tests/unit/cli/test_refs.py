"""`mjsync refs`: what uses an object, and what it uses, offline."""

import json

import pytest

from tests.terminal import run

MANIFEST = """\
properties:
  age: {type: int, name: years}
segments:
  adults: {expression: (years>17)}
templates:
  a: {html: {file: ../a.html, substitute: true}}
"""


@pytest.fixture
def project(tmp_path):
    """A template that uses a segment by name and by id, which uses a property."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests/a.yaml").write_text(MANIFEST)
    body = '{% if segment:adults %}\n {{data:city:"x"}} ${id.segment.adults}{% endif %}'
    (tmp_path / "a.html").write_text(body)
    return tmp_path


def test_text(project):
    """Each use has its file, line and column."""
    expected = """\
segment.adults (manifests/a.yaml:4:3)
used by
  template.a  a.html:1:7            segment:adults
  template.a  manifests/a.yaml:6:7  ${id.segment.adults}
uses
  property.age  manifests/a.yaml:4:12  years
"""

    assert expected == run("refs", "segment.adults", at=project).out


def test_json(project):
    """JSON has the same as the text."""
    use = {"user": "template.a", "used": "property.city", "spelling": "data:city"}
    place = {"file": "a.html", "line": 2, "column": 4}
    document = json.loads(run("refs", "property.city", "--format", "json", at=project).out)

    assert {
        "format": "mjsync-refs/1", "address": "property.city", "used_by": [use | place], "uses": [],
    } == document  # fmt: skip


def test_undeclared(project):
    """An undeclared object that is used is found by its remote name."""
    assert "property.city (not declared)\nused by\n" in run("refs", "property.city", at=project).out


def test_unknown(project):
    """An address that nothing declares or uses is wrong use."""
    ran = run("refs", "segment.adult", at=project)

    assert (2, True) == (ran.code, "did you mean 'segment.adults'?" in ran.err)
