"""What is made from texts: once for each source, in whichever run."""

import json
from collections import Counter

import pytest

from mjsync.session import converters
from mjsync.session.session import open_session
from mjsync.template_language import mjml_compiler, plain_text

MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"
MANIFEST = """
templates:
  a: {subject: S, html: {file: a.html}, text: auto}
  b: {subject: S, mjml: {file: b.mjml}, text: auto}
"""


@pytest.fixture
def project(tmp_path):
    """A project of two templates, whose texts are made of a body, and of the HTML of one in MJML."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/main.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "manifests/a.html").write_text("<p>One</p>", encoding="utf-8")
    (tmp_path / "manifests/b.mjml").write_text(MJML.format("Two"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def made(monkeypatch):
    """How often a text and an HTML were made."""
    counts = Counter()
    for module, name in ((plain_text, "text_from_html"), (mjml_compiler, "compile_mjml")):
        make = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *about, name=name, make=make: (counts.update([name]), make(*about))[1])
    return counts


def _texts(folder):
    """Validate; the HTML and the text of each template."""
    desired = open_session(folder).validate()
    assert [] == [finding for finding in desired.findings if finding.severity == "error"]
    return {
        address.handle: tuple(entry.values[word].text() for word in ("html", "text"))
        for address, entry in desired.entries.items()
    }


def test_a_text_is_made_once(project, made):
    """Whatever needs it in this run or a later one; what changed is made again, and nothing else."""
    first = _texts(project)
    assert {"text_from_html": 2, "compile_mjml": 1} == made
    assert first == _texts(project)
    assert {"text_from_html": 2, "compile_mjml": 1} == made
    (project / "manifests/a.html").write_text("<p>Three</p>", encoding="utf-8")

    assert ("<p>Three</p>", "Three\n") == _texts(project)["a"]
    assert {"text_from_html": 3, "compile_mjml": 1} == made


def test_an_html_with_includes_is_made_each_time(project):
    """A file that it includes may have changed."""
    (project / "manifests/part.mjml").write_text("<mj-text>Four</mj-text>", encoding="utf-8")
    body = MJML.replace("<mj-text>{}</mj-text>", '<mj-include path="part.mjml" />')
    (project / "manifests/b.mjml").write_text(body, encoding="utf-8")
    assert "Four" in _texts(project)["b"][0]
    (project / "manifests/part.mjml").write_text("<mj-text>Five</mj-text>", encoding="utf-8")

    assert "Five\n" == _texts(project)["b"][1]


@pytest.mark.parametrize("changed", [{"version": "2"}, {"rules_version": "2"}])
def test_other_code_makes_texts_again(project, made, monkeypatch, changed):
    """A newer version of a converter may make another text."""
    _texts(project)
    monkeypatch.setattr(converters, "_version", lambda _: changed.get("version", "1"))
    monkeypatch.setattr(converters, "rules_version", lambda: changed.get("rules_version", "1"))
    _texts(project)

    assert {"text_from_html": 4, "compile_mjml": 2} == made


def test_a_text_with_a_secret_is_not_kept(project, monkeypatch):
    """An environment variable in a body is an error, and its value stays out of the cache."""
    monkeypatch.setenv("TOKEN", "a-secret-value")
    (project / "manifests/a.html").write_text("<p>${env.TOKEN}</p>", encoding="utf-8")
    manifest = MANIFEST.replace("{file: a.html}", "{file: a.html, substitute: true}")
    (project / "manifests/main.yaml").write_text(manifest, encoding="utf-8")
    desired = open_session(project).validate()
    kept = [file.read_text() for file in (project / ".mjsync/cache").iterdir()]

    assert "hidden-mail" in {finding.code for finding in desired.findings}
    assert len(kept) > 1
    assert [] == [text for text in kept if "a-secret-value" in text]


@pytest.mark.parametrize(("text", "mode"), [("{", 0o600), ('{"text": 1}', 0o600), ('{"text": "Forged"}', 0o644)])
def test_a_cache_that_is_not_its_own_is_ignored(project, text, mode):
    """Corrupt documents, and files that others may read."""
    first = _texts(project)
    for file in (project / ".mjsync/cache").glob("made-*.json"):
        file.write_text(text)
        file.chmod(mode)

    assert first == _texts(project)


def test_old_texts_are_forgotten(project, monkeypatch):
    """Two for each template of this run stay, and as many others."""
    monkeypatch.setattr("mjsync.session.checks.MIN_OTHERS", 0)
    for number in range(9):
        (project / "manifests/a.html").write_text(f"<p>{number}</p>", encoding="utf-8")
        _texts(project)
    kept = [json.loads(file.read_text())["text"] for file in (project / ".mjsync/cache").glob("made-*.json")]

    assert "8\n" in kept
    assert "0\n" not in kept
    assert 9 >= len(kept)


@pytest.mark.parametrize(("include", "place"), [("", ":2:19"), ('<mj-include path="part.mjml" />', "")])
def test_mjml_is_checked_once(project, include, place):
    """MJML is checked at its lines; with includes its HTML is checked instead, which has their content too."""
    (project / "manifests/part.mjml").write_text("<mj-text>Six</mj-text>", encoding="utf-8")
    body = MJML.format("").replace("<mj-text>", '\n<mj-text><a href="http://a.example">A</a>')
    (project / "manifests/b.mjml").write_text(body.replace("</mj-column>", f"{include}</mj-column>"), encoding="utf-8")
    found = [each for each in open_session(project).validate().findings if each.code == "MJS205"]

    assert [f"manifests/b.mjml{place}"] == [str(each.location) for each in found]
