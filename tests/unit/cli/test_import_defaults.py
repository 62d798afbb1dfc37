"""`mjsync import` with defaults and parts: nothing is stated twice, and the next plan is empty."""

import pytest

from mjsync.emulator import Emulator
from mjsync.manifest.loading.document import parse_document
from tests.terminal import run, written

PROJECT = "version: 1\nmanifests: [m]\ndefaults:\n  templates:\n    author: Us\n    locale: fr_FR\n"
TEMPLATE = {"Name": "t", "EditMode": 2, "Author": "Us", "Locale": "fr_FR"}


@pytest.fixture
def emulator(monkeypatch):
    """An empty account."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def imported(emulator, tmp_path):
    """Import rows of a resource twice into a project with defaults; return the manifest."""

    def take(resource, *rows, project=PROJECT, file):
        for row in rows:
            emulator.insert(resource, row)
        (tmp_path / "mjsync.yaml").write_text(project)
        ran = run("import", at=tmp_path)
        assert ran.out.endswith("The next plan is empty.\n"), ran.out + ran.err
        before = written(tmp_path)
        assert 0 == run("import", at=tmp_path).code
        assert before == written(tmp_path)
        return (tmp_path / "m" / file).read_text()

    return take


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ({}, "{}"),
        ({"Locale": "en_US"}, "{locale: en_US}"),
        ({"Author": ""}, "{author: null}"),
        ({"Author": "Them", "Copyright": "c"}, "{author: Them, copyright: c}"),
    ],
)
def test_a_new_entry(imported, live, expected):
    """A new entry does not repeat defaults; it states what differs, null for a missing value."""
    manifest = imported("template", {**TEMPLATE, **live}, file="templates/t.yaml")

    assert f"templates:\n  t: {expected}\n" == manifest


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"From": '"Shop" <s@example.com>', "X-A": "1"}, "{}"),
        ({"From": "s@example.com", "X-A": "1"}, "{from: {name: null}}"),
        ({"From": '"Shop" <other@example.com>', "X-A": "1"}, "{from: {email: other@example.com}}"),
        ({"X-A": "2", "X-B": "3"}, "{headers: {X-A: '2', X-B: '3'}, from: null}"),
    ],
)
def test_nested_values(imported, headers, expected):
    """Mappings are compared key by key."""
    project = (
        "version: 1\nmanifests: [m]\ndefaults:\n  templates:\n"
        "    from: {name: Shop, email: s@example.com}\n    headers: {X-A: '1'}\n"
    )
    row = {"Name": "t", "EditMode": 2, "detailcontent": {"Headers": headers}}
    manifest = imported("template", row, project=project, file="templates/t.yaml")

    assert {"templates": {"t": parse_document("", expected).value}} == parse_document("", manifest).value


@pytest.mark.parametrize(("datatype", "expected"), [("int", "p: {}"), ("str", "p: str")])
def test_a_short_form(imported, datatype, expected):
    """A property with the default type is empty; one of Mailjet's default type states it."""
    project = "version: 1\nmanifests: [m]\ndefaults: {properties: {type: int}}\n"
    row = {"Name": "p", "Datatype": datatype}

    assert expected in imported("contactmetadata", row, project=project, file="properties.yaml")


def test_of_the_folder_it_goes_to(imported, tmp_path):
    """Defaults of the folder that a new manifest is written to count."""
    (tmp_path / "m/templates").mkdir(parents=True)
    (tmp_path / "m/templates/defaults.yaml").write_text("defaults: {templates: {author: They}}\n")
    manifest = imported("template", {**TEMPLATE, "Author": "They"}, file="templates/t.yaml")

    assert "templates:\n  t: {}\n" == manifest


class TestKnownEntries:
    """An entry that has values from a default, and differs now."""

    @pytest.fixture
    def changed(self, emulator, tmp_path):
        """Apply a manifest, change the live template and import; return the manifest."""

        def take(entry, project=PROJECT, **row):
            (tmp_path / "mjsync.yaml").write_text(project)
            (tmp_path / "m").mkdir()
            (tmp_path / "m/main.yaml").write_text(f"templates:\n  t: {entry}\n  other: {{}}\n")
            assert 0 == run("apply", "--yes", at=tmp_path).code
            state = emulator.state()
            for each in state["template"]:
                if each["Name"] == "t":
                    each["detailcontent"] = {**each.get("detailcontent", {}), **row.pop("content", {})}
                    each.update(row)
            emulator.load(state)
            ran = run("import", at=tmp_path)
            assert ran.out.endswith("The next plan is empty.\n"), ran.out + ran.err
            assert project == (tmp_path / "mjsync.yaml").read_text()
            return (tmp_path / "m/main.yaml").read_text().removesuffix("  other: {}\n")

        return take

    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            ("{}", "\n    author: Me\n    locale: de_DE"),
            ("{subject: S}", "{subject: S, author: Me, locale: de_DE}"),
            ("{locale: it_IT}", "{locale: de_DE, author: Me}"),
        ],
    )
    def test_stated_in_the_entry(self, changed, entry, expected):
        """The live value is stated in the entry; the default is unchanged for others."""
        manifest = changed(entry, Author="Me", Locale="de_DE")

        assert f"templates:\n  t:{expected if expected[0] == chr(10) else ' ' + expected}\n" == manifest

    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            ("{subject: S}", "{subject: S, from: {email: me@example.com, name: Me}}"),
            ("{from: {name: Mine}}", "{from: {name: Me, email: me@example.com}}"),
        ],
    )
    def test_nested(self, changed, entry, expected):
        """Several changed keys of a mapping are one statement."""
        project = "version: 1\nmanifests: [m]\ndefaults: {templates: {from: {name: a, email: a@example.com}}}\n"
        headers = {"Subject": "S", "From": '"Me" <me@example.com>'}
        headers = headers if "subject" in entry else {"From": headers["From"]}

        assert f"templates:\n  t: {expected}\n" == changed(entry, project, content={"Headers": headers})

    def test_gone(self, changed):
        """A value that the live object does not have becomes null."""
        project = "version: 1\nmanifests: [m]\ndefaults: {templates: {headers: {X-A: a}}}\n"

        assert "headers: {X-A: null}" in changed("{subject: S}", project, content={"Headers": {"Subject": "S"}})


def test_a_part_stays_a_part(emulator, tmp_path):
    """An edit beside a part is taken into the body; the placeholder of the part stays."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text(
        "parts: {footer: <i>The same to all</i>}\n"
        "templates:\n  a: {html: {file: a.html, substitute: true}}\n  b: {html: '<p>b</p>${part.footer}'}\n"
    )
    (tmp_path / "m/a.html").write_text("<p>a</p>\n${part.footer}\n")
    run("apply", "--yes", at=tmp_path)
    state = emulator.state()
    for row in (row for row in state["template"] if row["Name"] in "ab"):
        row["detailcontent"]["Html-part"] = row["detailcontent"]["Html-part"].replace("p>", "b>")
    emulator.load(state)
    ran = run("import", at=tmp_path)

    assert ran.out.endswith("The next plan is empty.\n"), ran.out + ran.err
    assert "<b>a</b>\n${part.footer}\n" == (tmp_path / "m/a.html").read_text()
    assert "b: {html: '<b>b</b>${part.footer}'}" in (tmp_path / "m/main.yaml").read_text().replace('"', "'")
