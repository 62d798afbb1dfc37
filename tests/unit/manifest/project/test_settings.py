"""The project file: versions, environments, base URLs, policies."""

import pytest

from mjsync.errors import ManifestError
from mjsync.manifest.project.settings import find_root, read_project
from tests.stage import PROJECT, Memory, Stage


def codes(project):
    """Return the codes of the findings of a project file."""
    try:
        read_project(Memory({"mjsync.yaml": project}))
    except ManifestError as error:
        return [finding.code for finding in error.findings]
    return []


class TestSettings:
    """Settings of mjsync.yaml."""

    @pytest.mark.parametrize(
        ("project", "expected"),
        [
            (PROJECT, []),
            ("manifests: [m]\n", ["missing-key"]),
            ("version: 1\n", ["missing-key"]),
            ("version: 2\nmanifests: [m]\n", ["value"]),
            ("version: '1'\nmanifests: [m]\n", ["value"]),
            ("version: true\nmanifests: [m]\n", ["value"]),
            ("version:\nmanifests: [m]\n", ["null"]),
            ("version: 1\nmanifests: []\n", ["value"]),
            ("version: 1\nmanifests: m\n", ["value"]),
            ("version: 1\nmanifests: [m]\nmanifests: [n]\n", ["duplicate-key"]),
            ("", ["empty-manifest"]),
            ("[]\n", ["empty-manifest"]),
            ("version: [\n", ["yaml-syntax"]),
            (PROJECT + "delete: {lists: sometimes}\n", ["value"]),
            (PROJECT + "delete: {lists: all, ignore: {lists: ['x*']}}\n", []),
            (PROJECT + "delete: {ignore: {lists: 'x*'}}\n", ["value"]),
            (PROJECT + "guards: {max_deleted_ratio: 1.5}\n", ["value"]),
            (PROJECT + "guards: {max_deleted_ratio: .nan}\n", ["value"]),
            (PROJECT + "guards: {max_people: -1}\n", ["value"]),
            (PROJECT + "guards: {max_poeple: 1}\n", ["unknown-key"]),
            (PROJECT + "environments: {a: {account: x}}\n", ["value"]),
            (PROJECT + "environments: {a: {account: true}}\n", ["value"]),
            (PROJECT + "environments: {a: {vars: {x: [1]}}}\n", ["value"]),
            (PROJECT + "environments: {a: , b: {}}\n", []),
            (PROJECT + "environments:\n", ["null"]),
        ],
    )
    def test_checked(self, project, expected):
        """Wrong values in a project file are errors, null and truth values included."""
        assert expected == codes(project)

    @pytest.mark.parametrize("key", ["unknwon", "a.b", ""])
    def test_an_unknown_key_is_found_where_it_is(self, key):
        """Also one with a dot, and an empty one."""
        with pytest.raises(ManifestError) as raised:
            read_project(Memory({"mjsync.yaml": f"version: 1\nmanifests: [m]\n  \n'{key}': 3\n"}))

        assert [("unknown-key", 4)] == [(each.code, each.location.line) for each in raised.value.findings]

    @pytest.mark.parametrize("name", ["a", "prod-eu1", "0"])
    def test_an_environment_name(self, name):
        """Names of environments have lower-case letters, digits and dashes."""
        assert [] == codes(PROJECT + f"environments: {{'{name}': {{}}}}\n")

    @pytest.mark.parametrize("name", ["A", "a_b", "-a", "a b", "", "ä"])
    def test_no_environment_name(self, name):
        """Other names are refused, since they are used in git refs and file names."""
        assert ["value"] == codes(PROJECT + f"environments: {{'{name}': {{}}}}\n")

    def test_every_problem_has_a_place(self):
        """Findings of the project file have line and column."""
        with pytest.raises(ManifestError) as caught:
            read_project(Memory({"mjsync.yaml": "version: 3\nmanifests: [m]\nguards:\n  max_people: x\n"}))

        assert ["mjsync.yaml:1:1", "mjsync.yaml:4:3"] == [str(each.location) for each in caught.value.findings]


class TestEnvironments:
    """The environments of a project."""

    def test_those_of_the_file(self):
        """Environments have the order of mjsync.yaml."""
        project = read_project(Memory({"mjsync.yaml": PROJECT + "environments: {live: {account: 5}, a: {}}\n"}))

        assert {"live": 5, "a": None} == {name: each.account for name, each in project.environments.items()}

    def test_one_of_defaults(self):
        """A project without environments has one of defaults."""
        ((name, environment),) = read_project(Memory({"mjsync.yaml": PROJECT})).environments.items()

        assert ("default", "${env.MJ_APIKEY_PUBLIC}", "https://api.mailjet.com") == (
            name,
            environment.api_key,
            environment.base_url,
        )


class TestAccounts:
    """Environments that are rows of a table."""

    @pytest.mark.parametrize(
        ("row", "location"),
        [("A,b c,shop", "2:3"), ('"A\nB",S,shop', "2:1"), ('A,"b\nc",shop', "2:3"), ('"A\nB",S,Shop', "2:1")],
        ids=["a cell", "a line end in quotes", "a line end in the second cell", "the name is hidden by a line end"],
    )
    def test_locations(self, row, location):
        """A problem has the location of its cell, or of the row where a line end in quotes hides the cell."""
        files = {
            "mjsync.yaml": PROJECT + "accounts: {file: a.csv}\n",
            "a.csv": f"api_key,secret_key,name\n{row}\n",
        }
        with pytest.raises(ManifestError) as caught:
            read_project(Memory(files))

        assert {f"a.csv:{location}"} == {str(finding.location) for finding in caught.value.findings}


def test_the_root_is_the_nearest_folder_above(tmp_path):
    """The project is found from a folder inside it."""
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    (tmp_path / "mjsync.yaml").write_text(PROJECT)

    assert (tmp_path, None) == (find_root(inside), find_root(tmp_path.parent / "nowhere"))


def test_the_project_file_is_no_manifest():
    """mjsync.yaml in a folder of manifests is not read as a manifest."""
    stage = Stage("lists: {}", project="version: 1\nmanifests: ['.']\n")

    assert [] == stage.codes()
