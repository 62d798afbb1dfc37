"""The starter of `mjsync init` in an editor: what the YAML language server completes, explains and finds."""

import shutil
from pathlib import Path

import jsonschema
import pytest

from mjsync.manifest.schema import manifest_schema
from mjsync.resources import SECTIONS
from tests.editors.language_server import LanguageServer
from tests.terminal import run

PROGRAM = Path(__file__).parent / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
HEAD = "# yaml-language-server: $schema=../schema/manifest.json\n"
EVERY_KEY = [
    pytest.param(section, key, id=f"{section}.{key}") for section, kind in SECTIONS.items() for key in kind.specs()
]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A new project."""
    folder = tmp_path_factory.mktemp("editor")
    run("init", at=folder)
    return folder


@pytest.fixture(scope="module")
def server(project):
    """The language server with the project open."""
    if not shutil.which("node") or not PROGRAM.exists():
        pytest.skip("node or the language server is not installed: run `npm ci` in tests/editors")
    started = LanguageServer(PROGRAM, project)
    yield started
    started.close()


@pytest.fixture
def manifest(server, project, request):
    """Open a manifest with a text, where `|` is the cursor; return its path, and the cursor's line and column."""

    def opened(text):
        before, _, after = (HEAD + text).partition("|")
        path = project / "manifests" / f"{abs(hash(request.node.name))}.yaml"
        server.open(path, before + after)
        return path, before.count("\n"), len(before) - before.rfind("\n") - 1

    return opened


def labels(server, cursor):
    """Return the labels that are offered at the cursor."""
    offered = server.at("completion", *cursor)
    return {item["label"] for item in offered["items"]}


def test_sections_are_completed(server, manifest):
    """An empty line offers every section."""
    assert {*SECTIONS, "removed", "defaults"} <= labels(server, manifest("|"))


def test_keys_are_completed(server, manifest):
    """Inside an entry its keys are offered, and those of other kinds are not."""
    offered = labels(server, manifest("templates:\n  welcome:\n    |"))

    assert {"subject", "html", "from", "purposes"} <= offered
    assert "expression" not in offered


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("properties:\n  orders:\n    type: |", {"str", "int", "datetime", "bool", "float"}),
        ("templates:\n  welcome:\n    edit_mode: |", {"html", "mjml", "builder"}),
        ("webhooks:\n  first:\n    event: |", {"open", "bounce", "unsub"}),
    ],
    ids=["type", "edit_mode", "event"],
)
def test_values_are_completed(server, manifest, text, values):
    """The values of a key are offered where they are fixed."""
    assert values <= labels(server, manifest(text))


@pytest.mark.parametrize(("section", "key"), EVERY_KEY)
def test_every_key_is_explained(server, manifest, section, key):
    """Hovering over a key shows its description, as `mjsync explain` prints it."""
    shown = server.at("hover", *manifest(f"{section}:\n  handle:\n    {key[:1]}|{key[1:]}: x\n"))
    description = SECTIONS[section].model.model_json_schema(by_alias=True)["properties"][key]["description"]

    assert description.rstrip(".") in shown["contents"]["value"].replace("\\", "")


@pytest.mark.parametrize(("section", "key"), EVERY_KEY)
def test_every_key_has_values_or_an_example(section, key):
    """The schema of a key has fixed values, or an example that is valid."""
    schema = manifest_schema()
    field = schema["$defs"][SECTIONS[section].title]["properties"][key]
    examples = field.get("examples", [])

    assert examples or "enum" in str(field) or "boolean" in str(field)
    for example in examples:
        jsonschema.validate(example, {**field, "$defs": schema["$defs"]})


def test_examples_are_shown(server, manifest):
    """Hovering over a key shows an example of its value."""
    shown = server.at("hover", *manifest("segments:\n  s:\n    e|xpression: x\n"))["contents"]["value"]

    assert "Example:" in shown
    assert "IsInPreviousDays" in shown.replace("\\", "")


def test_a_misspelt_key_is_found(server, manifest):
    """A key that does not exist is underlined at its position."""
    path, *_ = manifest("lists:\n  news:\n    nmae: News\n")
    found = server.wait_for_diagnostics(path)

    assert [(3, "Property nmae is not allowed.")] == [
        (each["range"]["start"]["line"], each["message"]) for each in found
    ]


@pytest.mark.parametrize("file", ["manifests/main.yaml", "mjsync.yaml"])
def test_the_starter_has_no_findings(server, project, file):
    """The files that init writes have no findings in an editor."""
    server.open(project / file, (project / file).read_text())

    assert [] == server.wait_for_diagnostics(project / file)
