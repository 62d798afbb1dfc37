"""Body files: where they may be, and what they may contain."""

import pytest

from mjsync.manifest.loading.files import MAX_FILE_BYTES
from mjsync.resources.address import Address
from tests.stage import MAIN, Stage

MANIFEST = "templates:\n  t:\n    html: {file: %s}\n"


@pytest.mark.parametrize(
    ("file", "stored"),
    [
        ("../templates/t.html", "templates/t.html"),
        ("t.html", "manifests/t.html"),
        ("./x/../t.html", "manifests/t.html"),
    ],
)
def test_relative_to_the_manifest(file, stored):
    """A body's path is relative to the manifest that names it."""
    stage = Stage(MANIFEST % file, files={stored: "<p>"})

    assert "<p>" == stage.load().entries[Address("template", "t")].values["html"].text()


@pytest.mark.parametrize(
    "file", ["../../t.html", "/etc/passwd", "../../../etc/passwd", "C:/t.html", "..\\\\..\\\\t.html"]
)
def test_outside_the_project(file):
    """A path that leads out of the project is an error at the path."""
    finding = Stage(f'templates:\n  t:\n    html: {{file: "{file}"}}\n').findings()[0]

    assert ("outside-project", f"{MAIN}:3:12", "template.t") == (finding.code, str(finding.location), finding.address)


def test_missing():
    """A body file that does not exist is an error at its line."""
    finding = Stage("templates:\n  t:\n    html: {file: x.html}\n").findings()[0]

    assert ("missing-file", f"{MAIN}:3:12", "template.t") == (finding.code, str(finding.location), finding.address)


def test_not_utf_8():
    """A body that is not UTF-8 is an error with the position of the byte."""
    files = {"manifests/x.html": b"<p>\n\xff"}
    finding = Stage("templates: {t: {html: {file: x.html}}}", files=files).findings()[0]

    assert ("not-utf-8", "manifests/x.html:2:1") == (finding.code, str(finding.location))


def test_every_missing_body_is_named():
    """All missing files are reported at once."""
    stage = Stage("templates:\n  a: {html: {file: a.html}, text: {file: a.txt}}\n  b: {mjml: {file: b.mjml}}\n")

    assert ["missing-file"] * 3 == stage.codes()


def test_an_empty_body_is_a_statement():
    """An empty file clears the part."""
    stage = Stage("templates: {t: {html: {file: x.html}}}", files={"manifests/x.html": ""})

    assert [] == stage.codes()


def test_bytes_are_kept():
    """CRLF, a byte order mark and trailing blanks are kept."""
    text = "\ufeff<p>\r\n  x \r\n\n"
    stage = Stage("templates: {t: {html: {file: x.html}}}", files={"manifests/x.html": text})

    assert text == stage.load().entries[Address("template", "t")].values["html"].text()


def test_the_limit_is_ten_mebibytes():
    """A body file may have 10 MiB."""
    assert 10 * 1024 * 1024 == MAX_FILE_BYTES
