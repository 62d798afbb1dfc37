"""The JSON Schema of every JSON document that a command prints; new keys may join a format, none may leave it."""

from collections.abc import Mapping
from typing import Any

from mjsync.engine.plan import Action

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
LINE: Schema = {"type": ["integer", "null"], "minimum": 1}
DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
NUMBER: Schema = {
    "type": ["integer", "string", "null"],
    "pattern": "^-?[0-9]+$",
    "description": "A number; text beyond 2^53.",
}


def _object(properties: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object in which the first properties are always there."""
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


FINDING = _object(
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "address": TEXT_OR_NULL,
        "message": TEXT,
        "file": {"type": ["string", "null"], "description": "Relative to the project."},
        "line": LINE,
        "column": LINE,
        "way_out": TEXT,
    }
)

LARGE = _object({"size": {**COUNT, "description": "Bytes."}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}})

VALUE: Schema = {
    "anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, LARGE],
    "description": "In manifest words; a text beyond 64 KiB as its size and hash.",
}

FIELD = _object(
    {
        "path": {"type": "string", "description": "In manifest words: from.email."},
        "before": VALUE,
        "after": VALUE,
        "secret": {"type": "boolean", "description": "Both sides are masked; equal tags mean equal values."},
    },
    {
        "before_tag": TEXT_OR_NULL,
        "after_tag": TEXT_OR_NULL,
        "diff": {"type": "string", "description": "A unified diff, where a side is too long to be given."},
    },
)

CHANGE = _object(
    {
        "step": {"type": "integer", "minimum": 1},
        "address": TEXT,
        "kind": TEXT,
        "handle": TEXT,
        "name": TEXT,
        "id": NUMBER,
        "action": {"enum": [action.value for action in Action]},
        "digest": DIGEST,
        "needs": _list(TEXT),
        "fields": _list(FIELD),
        "risk": {"enum": ["none", "people", "irreversible"]},
        "impact": {
            "type": "object",
            "properties": {"exact": {"type": "boolean"}},
            "additionalProperties": {"type": ["integer", "null"], "minimum": 0},
            "description": "People touched, by what they are called; null where they cannot be counted.",
        },
        "notes": _list(TEXT),
    },
    {
        "marks": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
            "description": "Path to a mark of the value before and one of the value after: equal marks, equal values.",
        },
        "result": {"enum": ["applied", "failed", "skipped", "unknown"]},
        "error": {"anyOf": [FINDING, {"type": "null"}]},
    },
)

GUARD = _object(
    {
        "code": TEXT,
        "address": TEXT,
        "message": TEXT,
        "allow": {"type": "string", "description": "The flag or line that allows just this."},
        "lifted": {"type": "boolean"},
    }
)

PLAN = _object(
    {
        "format": {"const": "mjsync-plan/1"},
        "version": TEXT,
        "environment": TEXT,
        "account": NUMBER,
        "digest": DIGEST,
        "summary": _object({**{action.value: COUNT for action in Action}, "unchanged": COUNT, "unmanaged": COUNT}),
        "requests": {
            "type": "object",
            "additionalProperties": COUNT,
            "description": "Requests really sent, by method.",
        },
        "changes": _list(CHANGE),
        "guards": _list(GUARD),
        "warnings": _list(FINDING),
    },
    {"receipt": {"type": ["string", "null"], "description": "The receipt's path; after an apply only."}},
)

ERROR = _object({"format": {"const": "mjsync-error/1"}, "exit": {"type": "integer"}, "findings": _list(FINDING)})


def _of_environment(document: Schema) -> Schema:
    """The document as it stands among those of several environments."""
    named = {"environment": TEXT, "exit": {"type": "integer"}}
    return {
        **document,
        "properties": {**document["properties"], **named},
        "required": [*dict.fromkeys([*document["required"], *named])],
    }


SCHEMAS: Mapping[str, Schema] = {
    "plan": PLAN,
    "plans": _object(
        {
            "format": {"const": "mjsync-plans/1"},
            "plans": _list({"anyOf": [_of_environment(PLAN), _of_environment(ERROR)]}),
        }
    ),
    "findings": _object({"format": {"const": "mjsync-findings/1"}, "findings": _list(FINDING)}),
    "error": ERROR,
    "ids": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": NUMBER}},
}


def output_schema(name: str) -> Schema:
    """The schema of one document, by its short name."""
    return {"$schema": DIALECT, "title": f"mjsync {name}", **SCHEMAS[name]}
