"""JSON Schemas of plans, receipts and errors, and the parts that all schemas of outputs are made of."""

from typing import Any, get_args

from mjsync.engine.plan import Action, Origin, Risk, Status
from mjsync.errors import Severity

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
LINE: Schema = {"type": ["integer", "null"], "minimum": 1}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT, "description": "Status to number of steps."}
DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
NUMBER: Schema = {
    "type": ["integer", "string", "null"],
    "pattern": "^-?[0-9]+$",
    "description": "A number; text beyond 2^53.",
}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
OBJECT_OR_NULL: Schema = {"type": ["object", "null"]}
STEP_NUMBER: Schema = {"type": "integer", "minimum": 1}
ACTION: Schema = {"enum": [action.value for action in Action]}
STATUS: Schema = {"enum": [*get_args(Status)]}


def keys(schema: Schema, *names: str) -> dict[str, Schema]:
    """Return properties with the same schema."""
    return dict.fromkeys(names, schema)


def object_of(properties: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return an object in which the first properties are always there."""
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


def list_of(items: Schema) -> Schema:
    """Return an array of such items."""
    return {"type": "array", "items": items}


def described(schema: Schema, description: str) -> Schema:
    """Return the schema with a description."""
    return {**schema, "description": description}


def or_null(schema: Schema) -> Schema:
    """Return a schema that null fits too."""
    return {"anyOf": [schema, {"type": "null"}]}


def document(name: str, properties: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of a document whose format is `mjsync-NAME/1`."""
    return object_of({"format": {"const": f"mjsync-{name}/1"}, **properties}, optional)


FINDING = object_of(
    {
        "code": TEXT,
        "severity": {"enum": [*get_args(Severity)]},
        "address": TEXT_OR_NULL,
        "message": TEXT,
        "file": described(TEXT_OR_NULL, "Relative to the project."),
        **keys(LINE, "line", "column"),
        "way_out": TEXT,
    },
    {"group": described(TEXT, "The same in all findings that have one cause.")},
)
FINDINGS = list_of(FINDING)

LARGE = object_of(
    {"size": described(COUNT, "Bytes."), "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
)

VALUE: Schema = {
    "anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, LARGE],
    "description": "In manifest words; a text beyond 64 KiB as its size and hash.",
}

ORIGIN: Schema = {
    "enum": [*get_args(Origin)],
    "description": "Who changed it since the deployed commit: the manifests, somebody in Mailjet, both differently.",
}

FIELD = object_of(
    {
        "path": described(TEXT, "In manifest words: from.email."),
        **keys(VALUE, "before", "after"),
        "secret": described(BOOLEAN, "Both sides are masked; equal tags mean equal values."),
    },
    {
        **keys(TEXT_OR_NULL, "before_tag", "after_tag"),
        "diff": described(TEXT, "A unified diff, where a side is too long to be written."),
        "group": described(TEXT, "The common cause of this field's change."),
        "origin": ORIGIN,
    },
)

CHANGE = object_of(
    {
        "step": STEP_NUMBER,
        **keys(TEXT, "address", "kind", "handle", "name"),
        "id": NUMBER,
        "action": ACTION,
        "digest": DIGEST,
        "needs": list_of(TEXT),
        "group": described(TEXT_OR_NULL, "The common cause that it shares with other changes."),
        "fields": list_of(FIELD),
        "risk": {"enum": [*get_args(Risk)]},
        "impact": {
            "type": "object",
            "properties": {"exact": BOOLEAN},
            "additionalProperties": COUNT_OR_NULL,
            "description": "People touched, and what else names the object; null where it cannot be counted.",
        },
        "notes": list_of(TEXT),
    },
    {
        "marks": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
            "description": "Path to a mark of the value before and one of the value after: equal marks, equal values.",
        },
        "origin": ORIGIN,
        "result": STATUS,
        "error": or_null(FINDING),
    },
)

GROUP = object_of(
    {
        "group": described(TEXT, "The common cause: part.footer, var.site, default.from.email."),
        "message": TEXT,
        "path": described(TEXT, "The fields that it changes."),
        "diff": described(TEXT, "Its lines, each with its sign."),
        "addresses": list_of(TEXT),
    }
)

GUARD = object_of(
    {
        **keys(TEXT, "code", "address", "message"),
        "allow": described(TEXT, "The flag or line that allows just this."),
        "lifted": BOOLEAN,
    }
)

PLAN = document(
    "plan",
    {
        **keys(TEXT, "version", "environment"),
        "account": NUMBER,
        "digest": DIGEST,
        "summary": object_of(keys(COUNT, *(action.value for action in Action), "unchanged", "unmanaged")),
        "requests": described(COUNTS, "Requests really sent, by method."),
        "groups": list_of(GROUP),
        "changes": list_of(CHANGE),
        "guards": list_of(GUARD),
        "warnings": FINDINGS,
    },
    {
        "deployed": described(TEXT, "The commit that was applied last, where that is known."),
        "rehearsed": described(BOOLEAN, "Whether it was carried out on an emulator first."),
        "receipt": described(TEXT_OR_NULL, "The receipt's path; after an apply only."),
    },
)

_ANSWERED = {**keys(TEXT, "command", "environment"), "account": NUMBER, **keys(TEXT, "outcome", "who")}
_TIMES = {"started": TEXT, "ended": TEXT_OR_NULL}

RUN = object_of(
    {
        "id": TEXT,
        **_ANSWERED,
        **_TIMES,
        "digest": DIGEST,
        "undoes": TEXT_OR_NULL,
        "steps": COUNTS,
        "path": TEXT,
    }
)

IMAGE = described(
    or_null(object_of({"id": NUMBER, **keys(OBJECT, "fields", "masked")})),
    "An object in manifest words; what is masked cannot be restored.",
)

STEP = object_of(
    {
        "step": STEP_NUMBER,
        **keys(TEXT, "address", "kind", "name"),
        "action": ACTION,
        "status": STATUS,
        "digest": DIGEST,
        "marks": OBJECT,
        "people": OBJECT_OR_NULL,
        **keys(NUMBER, "id", "planned_id"),
        "found": described(BOOLEAN, "Whether it was so already when the step began; undo leaves it alone."),
        **keys(TEXT_OR_NULL, "started", "ended"),
        "error": or_null(FINDING),
        "warnings": FINDINGS,
        **keys(IMAGE, "before", "after"),
        "calls": list_of(
            object_of({**keys(TEXT, "method", "path"), "status": {"type": ["integer", "null"]}, "ms": COUNT})
        ),
    },
    {"content": OBJECT_OR_NULL},
)

RECEIPT = document(
    "receipt",
    {
        "id": TEXT,
        **_ANSWERED,
        **_TIMES,
        **keys(TEXT, "version", "base_url"),
        "digest": DIGEST,
        "approved": TEXT,
        "undoes": TEXT_OR_NULL,
        "pid": COUNT,
        "counts": COUNTS,
        "known": {"type": "array", "description": "Kind and id of each object that the run made or changed."},
        "steps": list_of(STEP),
    },
    {"seal": described(TEXT_OR_NULL, "Shows that a run with the account's keys wrote what was approved.")},
)

ERROR = document("error", {"exit": INTEGER, "findings": FINDINGS})
