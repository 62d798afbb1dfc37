"""`mjsync explain`: the reference of kinds and fields, from the models."""

import pytest

from mjsync.manifest.schema import manifest_schema, project_schema
from mjsync.render.schema_reference import SchemaReference
from mjsync.resources import SECTIONS
from tests.terminal import run


@pytest.fixture
def explained(tmp_path):
    """Return what the command prints for a path."""
    return lambda *path: run("explain", *path, at=tmp_path)


def test_sections_are_listed_without_a_path(explained):
    """Without a path each section has a line with its meaning."""
    lines = explained().out.splitlines()

    assert set(SECTIONS) <= {line.split()[0] for line in lines}
    assert all("  " in line.strip() for line in lines)


@pytest.mark.parametrize(("section", "kind"), SECTIONS.items())
def test_every_field_of_a_kind_is_explained(section, kind, explained):
    """Each field has a line with its type and a description; section and address mean the same."""
    ran = explained(kind.name)
    lines = {line.split()[0]: line for line in ran.out.splitlines()[1:]}

    assert ran == explained(section)
    assert set(kind.specs()) <= set(lines)
    assert all(len(line.split()) > 3 for line in lines.values())


def test_a_default_of_zero_is_shown(explained):
    """It is a limit; empty texts, and what is off, are no defaults worth a word."""
    limits = explained("project.guards").out

    assert limits.endswith("without approval. Default: 0.\n")
    assert "Default" not in explained("template.protect").out


def test_a_field_shows_what_is_inside_it(explained):
    """The keys of a map's values are listed, and can be explained too."""
    assert "str|int|float|bool|date|list|object|any" in explained("template.variables").out
    assert explained("template.variables.type").out.startswith("str|int|float|bool|date|list|object|any")
    assert explained("template.edit_mode").out.startswith("html|mjml|builder|section")


def test_the_project_file_is_explained_too(explained):
    """`project` explains mjsync.yaml."""
    assert "max_people" in explained("project.guards").out


@pytest.mark.parametrize("schema", [manifest_schema(), project_schema()], ids=["manifest", "project"])
def test_every_key_has_a_description(schema):
    """Each key has a sentence for editors and `explain`."""
    reference = SchemaReference(schema)
    by_section = {"Defaults", "Delete", "Drift", "Ignore"}
    models = {name: model for name, model in schema["$defs"].items() if name not in by_section and name != "Texts"}

    assert [] == [
        f"{name}.{key}"
        for name, model in {"": schema, **models}.items()
        for key, field in reference.keys(model).items()
        if reference.text(field).startswith("Default:") or not reference.text(field)
    ]


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("templat", "did you mean 'templates'?"),
        ("list.nmae", "did you mean 'name'?"),
        ("template.variables.exampel", "did you mean 'example'?"),
    ],
)
def test_a_typo_gets_a_suggestion(path, suggestion, explained):
    """A path that does not exist is wrong use, with a suggestion."""
    ran = explained(path)

    assert 2 == ran.code
    assert suggestion in ran.err
