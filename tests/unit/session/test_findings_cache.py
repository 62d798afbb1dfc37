"""The cache of findings: which texts are checked again, and which files are not trusted."""

import json

import pytest

from mjsync.emulator import Emulator
from mjsync.errors import ManifestError
from mjsync.session.environments import validate_environments
from mjsync.session.project import open_project
from mjsync.session.session import open_session
from mjsync.validation.text_findings import TextFindings
from mjsync.validation.usages import expression_of, template_of

MANIFEST = """
properties: {orders: int}
segments:
  buyers: {expression: '(orders="x")'}
templates:
  a: {subject: Hello, html: {file: a.html}, tests: [{name: one, expect: {html: {contains: [Bye]}}}]}
  b: {subject: Hello, html: {file: b.html}}
"""


@pytest.fixture
def project(tmp_path):
    """A project with findings in a body, of types, of an unknown name and of a test."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/main.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "manifests/a.html").write_text("<p>\n{{data:nobody}}</p>", encoding="utf-8")
    (tmp_path / "manifests/b.html").write_text('<p><img src="x"></p>', encoding="utf-8")
    return tmp_path


@pytest.fixture
def looked(monkeypatch):
    """The addresses whose texts were checked."""
    addresses = []
    of = TextFindings.of

    def counted(entry, *arguments, **options):
        addresses.append(str(entry.address))
        return of(entry, *arguments, **options)

    monkeypatch.setattr(TextFindings, "of", counted)
    return addresses


def _findings(folder):
    return validate_environments(open_project(folder), ["default"])[0]


def _file(folder):
    return next((folder / ".mjsync/cache").glob("findings-*.json"))


def test_the_same_texts_are_not_looked_into_again(project, looked):
    """Unchanged texts are not checked again, and have the same findings."""
    first = _findings(project)
    assert {"segment.buyers", "template.a", "template.b"} == {*looked}
    assert {"MJS606", "MJS601"} <= {finding.code for finding in first}
    looked.clear()

    assert first == _findings(project)
    assert [] == looked


def test_a_changed_body_is_looked_into(project, looked):
    """Only a changed body is checked."""
    _findings(project)
    looked.clear()
    (project / "manifests/b.html").write_text("<p>{{var:y</p>", encoding="utf-8")

    assert "template.b" in {finding.address for finding in _findings(project)}
    assert ["template.b"] == looked


def test_the_cache_is_its_owners_alone(project):
    """A cache file that others may read, as git checks one out, is not trusted."""
    first = _findings(project)
    file = _file(project)
    assert (0o600, 0o700) == (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777)
    texts = {key: {"findings": [], "types": [], "uses": {}} for key in json.loads(file.read_text())["texts"]}
    file.write_text(json.dumps({"texts": texts}))
    file.chmod(0o644)

    assert first == _findings(project)


@pytest.mark.parametrize(
    "texts", ["[", '{"texts": []}', '{"texts": {"KEY": 1}}', '{"texts": {"KEY": {"findings": 1}}}']
)
def test_a_corrupt_cache_is_ignored(project, texts):
    """A corrupt cache is ignored."""
    first = _findings(project)
    key = next(iter(json.loads(_file(project).read_text())["texts"]))
    _file(project).write_text(texts.replace("KEY", key))

    assert first == _findings(project)


def test_texts_with_secrets_are_not_kept(project, monkeypatch):
    """Texts with secrets, and their findings, are not stored."""
    monkeypatch.setenv("TOKEN", "a-secret-value")
    headers = "headers: {X-Token: '${env.TOKEN}'}"
    text = f"templates:\n  c: {{subject: '{{{{var:x', html: <p>, {headers}}}\n"
    (project / "manifests/other.yaml").write_text(text, encoding="utf-8")
    known = len(_findings(project)) and json.loads(_file(project).read_text())["texts"]

    assert "a-secret-value" not in _file(project).read_text()
    assert 3 == len(known)


def test_old_texts_are_forgotten(project, monkeypatch):
    """The texts of this run are kept, and as many others."""
    monkeypatch.setattr("mjsync.session.checks.MIN_OTHERS", 2)
    for number in range(6):
        (project / "manifests/b.html").write_text(f"<p>{number}</p>", encoding="utf-8")
        _findings(project)

    assert 6 >= len(json.loads(_file(project).read_text())["texts"])


def test_a_plan_that_fails_keeps_what_it_found(project, monkeypatch, looked):
    """A plan that fails stores its findings, so that the next one checks the corrected body only."""
    with Emulator() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            with pytest.raises(ManifestError):
                open_session(project).plan()

    assert 3 >= len({*looked})
    assert len(looked) == len({*looked})


def test_a_plan_uses_what_validate_found(tmp_path, monkeypatch, looked):
    """A plan uses the findings of validate, and reports errors of bodies while it reads the account."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n", encoding="utf-8")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text("templates:\n  a: {subject: S, html: {file: a.html}}\n", encoding="utf-8")
    (tmp_path / "m/a.html").write_text("<p>{{var:x</p>", encoding="utf-8")
    _findings(tmp_path)
    looked.clear()
    with Emulator() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ManifestError) as error:
            open_session(tmp_path).plan()

    assert {"template.a"} == {finding.address for finding in error.value.findings}
    assert [] == looked


def test_a_plan_that_creates_parses_no_text_that_is_known(tmp_path, monkeypatch):
    """The names that its texts use come from the cache too."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [main.yaml]\n", encoding="utf-8")
    text = "properties: {orders: int}\nsegments: {buyers: {expression: '(orders>1)'}}\ntemplates: {a: {html: data}}\n"
    (tmp_path / "main.yaml").write_text(text, encoding="utf-8")
    _findings(tmp_path)
    for parse in ("template_language.segments.parse_expression", "template_language.parser.parse"):
        monkeypatch.setattr(f"mjsync.{parse}", None)
    expression_of.cache_clear()
    template_of.cache_clear()
    with Emulator() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)

        assert 3 == len(open_session(tmp_path).plan().changes)
