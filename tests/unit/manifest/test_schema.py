"""The JSON Schema for editors accepts and refuses what validate does."""

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from mjsync.manifest.loading.document import FORMER_KEYS, parse_document
from mjsync.manifest.schema import manifest_schema, project_schema
from mjsync.render.schema_reference import SchemaReference
from tests.properties.strategies import manifests
from tests.stage import PROJECT, Stage

MANIFEST, SETTINGS = Draft202012Validator(manifest_schema()), Draft202012Validator(project_schema())


@pytest.mark.parametrize("schema", [manifest_schema(), project_schema()], ids=["manifest", "project"])
def test_is_a_schema(schema):
    """The output is a JSON Schema of its dialect."""
    Draft202012Validator.check_schema(schema)


@given(manifests())
def test_takes_what_validate_takes(manifest):
    """Random valid manifests are valid by the schema."""
    assert MANIFEST.is_valid(manifest)


@pytest.mark.parametrize(
    "manifest",
    [
        "list: {}",
        "lists: {a: {nam: x}}",
        "lists: {a: {name: 5}}",
        "lists: {a: {name: ''}}",
        "lists: {'a b': {}}",
        "properties: {a: strr}",
        "properties: {a: {type: strr}}",
        "webhooks: {bounce: {grouped: true}}",
        "webhooks: {bounce: {url: https://a.b/c, name: x}}",
        "webhooks: {bounce: {url: https://a.b/c, version: 3}}",
        "webhooks: {bounce: {url: https://a.b/c, version: null}}",
        "templates: {t: {html: {fil: x}}}",
        "templates: {t: {html: 5}}",
        "templates: {t: {from: {emial: x}}}",
        "templates: {t: {headers: {X-A: 5}}}",
        "templates: {t: {purposes: [sales]}}",
        "removed: {list: [x]}",
        "removed: {lists: ['']}",
        "parts: {a: 5}",
        "parts: {a: {fil: x}}",
        "parts: {a b: x}",
        "defaults: {template: {}}",
        "defaults: {templates: {name: x}}",
        "defaults: {templates: {html: x}}",
        "defaults: {webhooks: {event: open}}",
        "defaults: {templates: {locale: 5}}",
        "defaults: {templates: {locales: {en: {}}}}",
        "templates: {t: {locales: {}}}",
        "templates: {t: {locales: {e.n: {}}}}",
        "templates: {t: {locales: {en: {sbject: x}}}}",
        "templates: {t: {locales: {en: {texts: {a: 5}}}}}",
        "templates: {t: {texts: {a: x}}}",
        "lists: {l: {locales: {en: {}}}}",
    ],
)
def test_refuses_what_validate_refuses(manifest):
    """Invalid manifests are invalid by the schema."""
    assert (False, True) == (MANIFEST.is_valid(parse_document("x.yaml", manifest).value), bool(Stage(manifest).codes()))


@pytest.mark.parametrize(
    "manifest",
    [
        "parts: {a: x, b: {file: b.html, substitute: true}, c: null}",
        "defaults: {templates: {locale: fr_FR, author: null, from: {name: x}}, webhooks: {grouped: true}}",
        "templates: {t: {locale: null, from: {name: null}, headers: {X-A: null}}}",
        "templates: {t: {name: x, locales: {en: {subject: a, texts: {file: x.yaml, a: b}}, fr_FR: {html: {file: x}}}}}",
        "templates: {t: {locales: {fr: null, en: {subject: null, texts: {a: {b: c}, d: null}}}}}",
    ],
)
def test_takes_what_is_more_than_settings(manifest):
    """Parts, defaults, locales and removing null are valid."""
    assert MANIFEST.is_valid(parse_document("x.yaml", manifest).value)


@pytest.mark.parametrize(
    ("settings", "is_valid"),
    [
        ("", True),
        ("environments: {a: {vars: {x: 1, y: true, z: w}, account: 5, overlays: [o]}}", True),
        ("delete: {lists: all, ignore: {lists: ['x*']}}\nguards: {max_people: 5}", True),
        ("delete: {list: all}", False),
        ("delete: {lists: sometimes}", False),
        ("environments: {a: {acount: 5}}", False),
        ("guards: {max_deleted_ratio: 2}", False),
        ("defaults: {templates: {locale: fr_FR, purposes: [marketing]}}", True),
        ("defaults: {templates: {name: x}}", False),
        ("defaults: {templats: {}}", False),
    ],
)
def test_the_project_file(settings, is_valid):
    """The project file has its own schema."""
    assert is_valid == SETTINGS.is_valid(parse_document("x.yaml", PROJECT + settings).value)


@pytest.mark.parametrize(("section", "field", "role"), FORMER_KEYS)
def test_deprecated_keys_are_known(section, field, role):
    """Deprecated keys are in the schema and in `explain`, with the new key."""
    reference = SchemaReference(manifest_schema())

    for path in ((section, role.key), ("defaults", section, role.key)):
        assert f"`{field}: true` instead of 2" in reference.text(reference.find(path))
    for value in role.values:
        assert MANIFEST.is_valid({section: {"bounce": {"url": "https://a.b/c", role.key: value}}})
        assert MANIFEST.is_valid({"defaults": {section: {role.key: value}}})


def test_deprecated_keys_are_marked():
    """Deprecated keys are marked as such."""
    assert manifest_schema()["$defs"]["Webhook"]["properties"]["version"]["deprecated"]
