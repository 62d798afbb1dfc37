"""Parts that are made from others: `text: auto` from the HTML, and the HTML from MJML."""

import json
import sys

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{var:name}}</mj-text></mj-column></mj-section></mj-body></mjml>"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A template whose text is made from its HTML, and an account."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n")
    (tmp_path / "m").mkdir()
    state(tmp_path, "{html: {file: a.html}, text: auto}")
    (tmp_path / "m/a.html").write_text(
        '<h1>Hi {{var:name:"you"}}</h1>{% if var:x %}<p>See <a href="https://e.com">it</a></p>{% endif %}'
    )
    with Emulator() as emulator:
        monkeypatch.setenv("MJSYNC_BASE_URL", emulator.base_url)
        monkeypatch.setenv("MJ_APIKEY_PUBLIC", emulator.api_key)
        monkeypatch.setenv("MJ_APIKEY_PRIVATE", emulator.secret_key)
        yield tmp_path


def state(project, entry):
    """Write a manifest with this entry."""
    (project / "m/main.yaml").write_text(f"templates:\n  a: {entry}\n")


def planned(project):
    """Return path to value of the one change of a plan."""
    (change,) = json.loads(run("plan", "--format", "json", at=project).out)["changes"]
    return {field["path"]: field["after"] for field in change["fields"]}, change["notes"]


def test_text_is_made_from_the_html(project):
    """The text is compared and sent, its tags intact; the next plan is empty."""
    fields, _ = planned(project)

    assert 'Hi {{var:name:"you"}}\n{% if var:x %}\nSee it (https://e.com)\n{% endif %}\n' == fields["text"].replace(
        "\n\n", "\n"
    )
    assert 0 == run("apply", "--yes", at=project).code
    assert 0 == run("plan", "--exit-code", at=project).code


def test_an_error_in_a_part(project):
    """A finding in a shared part is at the part's file; behind the part, at the source."""
    (project / "m/main.yaml").write_text(
        "parts: {f: {file: f.mjml}}\ntemplates: {a: {mjml: {file: a.mjml, substitute: true}}}\n"
    )
    (project / "m/a.mjml").write_text(MJML.replace("Hi", "${part.f}"))
    (project / "m/f.mjml").write_text("<b>\n <mj-nonsense/></b>\n")
    assert "m/f.mjml:2:2: template.a: <mj-nonsense>" in run("validate", at=project).out
    (project / "m/a.mjml").write_text(MJML.replace("Hi", "${part.f}\n<mj-rubbish/>"))
    (project / "m/f.mjml").write_text("<b>\n\n</b>\n")
    assert "m/a.mjml:2:1: template.a: <mj-rubbish>" in run("validate", at=project).out


def test_text_follows_the_html(project):
    """An edit of the HTML changes the text too."""
    run("apply", "--yes", at=project)
    (project / "m/a.html").write_text("<p>Bye</p>")
    fields, notes = planned(project)

    assert {"html": "<p>Bye</p>", "text": "Bye\n"} == fields
    assert [] == notes


def test_text_that_differs_alone_says_why(project):
    """A text written by hand that is generated from now on does not change the HTML."""
    state(project, "{html: {file: a.html}, text: By hand}")
    run("apply", "--yes", at=project)
    state(project, "{html: {file: a.html}, text: auto}")
    _, notes = planned(project)

    assert ["compiler: the HTML is equal, the text that is made of it is not"] == notes


def test_text_is_made_from_compiled_mjml(project):
    """MJML makes HTML and text; a finding in the text is at the MJML."""
    state(project, "{mjml: {file: a.mjml}, text: auto}")
    (project / "m/a.mjml").write_text(MJML)
    ran = run("render", "a", "--part", "text", at=project)

    assert "Hi {{var:name}}\n" == planned(project)[0]["text"]
    assert "m/a.mjml:1:51: " in ran.err


def test_text_of_no_html_is_refused(project):
    """`text: auto` without HTML in the manifest is refused: live HTML is not used."""
    state(project, "{text: auto}")
    ran = run("validate", at=project)

    assert 4 == ran.code
    assert "m/main.yaml:2:7: template.a: there is no HTML to make the text of" in ran.out


def test_a_file_may_hold_the_word(project):
    """The word `auto` in a body file is text."""
    (project / "m/a.txt").write_text("auto")
    state(project, "{html: {file: a.html}, text: {file: a.txt}}")

    assert "auto" == run("render", "a", "--part", "text", at=project).out


def found(project):
    """Return code and location of each finding of validate."""
    document = json.loads(run("validate", "--format", "json", at=project).out)
    return [(each["code"], f"{each['file']}:{each['line']}:{each['column']}") for each in document["findings"]]


def test_what_does_not_compile_is_told_once(project):
    """A source that does not compile is one finding at its field, though HTML and text are made from it."""
    state(project, "{subject: a, mjml: '<mjml><mj-body><mj-nil/></mj-body></mjml>', text: auto, from: {email: a@e.c}}")

    assert [("MJS304", "m/main.yaml:2:19")] == found(project)


def test_one_broken_entry_hides_no_finding_of_another(project):
    """Entries that can be read are checked, whatever is wrong with others."""
    state(project, "{mjml: '<mjml'}\n  b: {subject: '{{var:a', from: {email: a@e.com}}\n  c: {colour: red}")

    assert {"MJS301", "MJS101", "unknown-key"} <= {code for code, _ in found(project)}


def test_where_entries_are_missing_no_name_is_unknown(project):
    """A property whose entry is broken is not reported as undeclared."""
    manifest = "properties: {age: {type: nil}}\nsegments: {a: {expression: (age>1)}}\n"
    (project / "m/main.yaml").write_text(manifest)

    assert ["value"] == [code for code, _ in found(project)]


def install_mjml(folder, version="4.9.9"):
    """Put a command called mjml into node_modules that prints a mail of its own."""
    command = folder / "node_modules/.bin/mjml"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!{sys.executable}\nprint('<p>by node {{{{var:name}}}}</p>')\n", encoding="utf-8")
    command.chmod(0o755)
    (folder / "node_modules/mjml").mkdir()
    (folder / "node_modules/mjml/package.json").write_text(f'{{"version": "{version}"}}', encoding="utf-8")


@pytest.fixture
def node_project(project):
    """A project that compiles with its own mjml."""
    (project / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\nmjml: {compiler: node}\n")
    (project / "m/a.mjml").write_text(MJML)
    state(project, "{mjml: {file: a.mjml}}")
    return project


def test_the_mjml_of_the_project_compiles(node_project):
    """The HTML of the project's own mjml is sent, and its version is a note of the change."""
    install_mjml(node_project)
    fields, notes = planned(node_project)

    assert ("<p>by node {{var:name}}</p>\n", ["compiled by mjml 4.9.9 (node)"]) == (fields["html"], notes)
    assert 0 == run("apply", "--yes", at=node_project).code
    assert 0 == run("plan", "--exit-code", at=node_project).code


def test_an_mjml_that_is_missing_is_one_error(node_project):
    """A missing mjml is one finding at the setting, for all templates, with the command that installs it."""
    (node_project / "m/main.yaml").write_text(
        "templates:\n" + "".join(f"  {name}: {{mjml: {{file: a.mjml}}}}\n" for name in "abc")
    )
    ended = run("validate", "--format", "json", at=node_project)
    found = [each for each in json.loads(ended.out)["findings"] if each["severity"] == "error"]

    assert (4, {("mjsync.yaml", 3, True)}) == (
        ended.code,
        {(each["file"], each["line"], "npm install --save-dev mjml" in each["way_out"]) for each in found},
    )
    assert 1 == len({each["group"] for each in found})
    assert 1 == run("validate", at=node_project).out.count("npm install")
