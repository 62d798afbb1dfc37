"""Parts that the JSON Schemas of outputs are made of."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
LINE: Schema = {"type": ["integer", "null"], "minimum": 1}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT, "description": "Status to number of steps."}
ANY: Schema = {}
DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
NUMBER: Schema = {
    "type": ["integer", "string", "null"],
    "pattern": "^-?[0-9]+$",
    "description": "A number; text beyond 2^53.",
}


def object_of(properties: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object in which the first properties are always there."""
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


def list_of(items: Schema) -> Schema:
    """Return an array of such items."""
    return {"type": "array", "items": items}


FINDING = object_of(
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "address": TEXT_OR_NULL,
        "message": TEXT,
        "file": {"type": ["string", "null"], "description": "Relative to the project."},
        "line": LINE,
        "column": LINE,
        "way_out": TEXT,
    },
    {"group": {**TEXT, "description": "The same in all findings that have one cause."}},
)
