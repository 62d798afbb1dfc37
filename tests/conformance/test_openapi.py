"""The vendor's OpenAPI description against the GET answers of the six resources, its known errors corrected."""

import os
from copy import deepcopy
from functools import cache
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from ruamel.yaml import YAML
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from mjsync.emulator import Emulator
from tests.conformance.lifecycles import CONTENT, LIFECYCLES

SHARED = os.environ.get("MJSYNC_SHARED", "")
if not SHARED:
    pytest.skip("needs MJSYNC_SHARED, the folder with mailjet-openapi.yaml", allow_module_level=True)

INTEGER, TEXT, BOOLEAN = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
TEXTS, INTEGERS = {"type": "array", "items": TEXT}, {"type": "array", "items": INTEGER}
# Where a cloud queue would be called: described, and in no real answer.
QUEUE = ("AccountID", "ProjectID", "QueueName", "Region", "Resource", "SharedAccessSignature", "Topic")

# What the description gets wrong, by recorded answers: what it says of a property (None: nothing), and
# what is so. None as the truth: the property is never there.
FLAWS = {
    "contactslist": {"SubscriberCount": (TEXT, INTEGER)},
    "template": {
        "Categories": (TEXT, TEXTS),
        "EditMode": (TEXT, INTEGER),
        "OwnerId": (TEXT, INTEGER),
        "Previews": (TEXT, INTEGERS),
        "Purposes": (TEXT, TEXTS),
        "IsTextPartGenerationEnabled": (None, BOOLEAN),
        "LocaleList": (None, TEXTS),
        "CreatedAt": (None, TEXT),
        "LastUpdatedAt": (None, TEXT),
    },
    "eventcallbackurl": {
        "APIKey": (TEXT, None),
        "APIKeyID": (None, INTEGER),
        "Version": (TEXT, INTEGER),
        **dict.fromkeys(QUEUE, (TEXT, None)),
    },
    "parseroute": {"APIKey": (TEXT, None), "APIKeyID": (None, INTEGER)},
}


@cache
def described():
    """The OpenAPI description, unchanged."""
    return YAML(typ="safe").load(Path(SHARED) / "mailjet-openapi.yaml")


def row_of(description, resource):
    """The schema of one row of a resource."""
    return description["components"]["schemas"][f"{resource}Response"]["properties"]["Data"]["items"]


def mended(emulator):
    """Return the GET operations of the six resources with exact types, no other keys, and ids that exist."""
    description, paths = deepcopy(described()), {}
    for life in LIFECYCLES:
        row = row_of(description, life.resource)
        for name, (_, truth) in FLAWS.get(life.resource, {}).items():
            row["properties"].pop(name, None)
            if truth is not None:
                row["properties"][name] = truth
        row["required"], row["additionalProperties"] = list(row["properties"]), False
        one, many = f"/v3/REST/{life.resource}/{{{life.resource}_ID}}", f"/v3/REST/{life.resource}"
        paths |= {path: {"get": description["paths"][path]["get"]} for path in (one, many)}
        ids = [str(each["ID"]) for each in emulator.rows(life.resource)]
        paths[one]["get"]["parameters"][0]["schema"] = {"anyOf": [{"enum": ids}, TEXT, INTEGER]}
    return {**description, "paths": paths}


def lived_in():
    """An emulator with rows of every resource."""
    emulator = Emulator()
    for life in LIFECYCLES:
        for body in life.bodies:
            emulator.insert(life.resource, body)
    emulator.insert("template", {"Name": "T", "detailcontent": CONTENT})
    return emulator


EMULATOR = lived_in()
SCHEMA = schemathesis.openapi.from_dict(mended(EMULATOR))
SCHEMA.app = EMULATOR.app


@SCHEMA.parametrize()
@hypothesis.settings(max_examples=10, deadline=None, database=None, derandomize=True)
def test_answers_are_as_described(case):
    """Every response has a described status, and rows with exactly the described keys and types."""
    case.call_and_validate(
        checks=(
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
            ignored_auth,
        ),
        auth=(EMULATOR.api_key, EMULATOR.secret_key),
    )


@pytest.mark.parametrize("resource", FLAWS)
def test_the_flaws_are_the_description_s(resource):
    """Each known error is still in the description: a corrected one must be removed from the list."""
    properties = row_of(described(), resource)["properties"]
    described_types = {name: properties.get(name, {}).get("type") for name in FLAWS[resource]}

    assert {name: (wrong or {}).get("type") for name, (wrong, _) in FLAWS[resource].items()} == described_types
