"""The schemas of JSON outputs: real outputs are valid, and have no key that a schema does not name."""

import json
from collections.abc import Mapping

import pytest
from jsonschema import Draft202012Validator

from mjsync.cli.commands.schema import OUTPUTS
from mjsync.errors import Finding, Location
from mjsync.redaction import Redactor
from mjsync.render.formats import RenderOptions
from mjsync.render.multi_environment import FORMS, Section
from mjsync.render.report import Report
from mjsync.render.schemas import SCHEMAS, output_schema
from mjsync.render.text import error_json
from mjsync.render.to_json import findings_json, plan_json, report_json
from tests.unit.render.sample_plan import applied, plan

FINDINGS = (Finding("c", "m", "w", "warning", "list.x", Location("a.yaml", 1, 2)), Finding("c", "m"))
DOCUMENTS = {
    "plan": plan_json(plan(), "1.2.3"),
    "apply": report_json(applied()),
    "plans": json.loads(
        FORMS["json"](
            [Section("staging", 3, Report(plan(), version="1")), Section("production", 4, findings=FINDINGS)],
            RenderOptions(Redactor.of([])),
        )
    ),
    "findings": findings_json(FINDINGS),
    "error": error_json(FINDINGS, 4),
    "ids": {"template": {"order-confirmation": 77, "big": str(2**60)}},
}


def closed(schema):
    """Return the schema without additional properties."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **inner} if isinstance(inner.get("properties"), dict) else inner


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one(name):
    """Each schema is valid by its own dialect."""
    Draft202012Validator.check_schema(output_schema(name))


def test_command_offers_all():
    """`mjsync schema --of` prints each of them."""
    assert sorted(OUTPUTS) == sorted(SCHEMAS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_outputs_keep_to_it(name):
    """A real document is valid, and has no unknown key."""
    document = json.loads(json.dumps(DOCUMENTS[name]))
    validator = Draft202012Validator(closed(output_schema("plan" if name == "apply" else name)))

    assert [] == [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize("key", ["digest", "changes", "guards", "account", "requests"])
def test_nothing_may_leave(key):
    """A plan without one of its keys is not valid."""
    document = {name: value for name, value in DOCUMENTS["plan"].items() if name != key}

    assert not Draft202012Validator(output_schema("plan")).is_valid(document)
