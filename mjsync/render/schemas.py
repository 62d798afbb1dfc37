"""JSON Schemas of the JSON documents that commands print; keys may be added to a format, never removed."""

from collections.abc import Mapping

from mjsync.engine.plan import Action
from mjsync.render.account_schemas import ACCOUNT_SCHEMAS
from mjsync.render.schema_parts import (
    ANY,
    COUNT,
    COUNTS,
    DIGEST,
    FINDING,
    LINE,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
)
from mjsync.render.schema_parts import list_of as _list
from mjsync.render.schema_parts import object_of as _object

DIALECT = "https://json-schema.org/draft/2020-12/schema"

LARGE = _object({"size": {**COUNT, "description": "Bytes."}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}})

VALUE: Schema = {
    "anyOf": [{"type": ["string", "number", "boolean", "array", "null"]}, LARGE],
    "description": "In manifest words; a text beyond 64 KiB as its size and hash.",
}

ORIGIN: Schema = {
    "enum": ["yours", "theirs", "conflict"],
    "description": "Who changed it since the deployed commit: the manifests, somebody in Mailjet, both differently.",
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
        "diff": {"type": "string", "description": "A unified diff, where a side is too long to be written."},
        "group": {"type": "string", "description": "The common cause of this field's change."},
        "origin": ORIGIN,
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
        "group": {"type": ["string", "null"], "description": "The common cause that it shares with other changes."},
        "fields": _list(FIELD),
        "risk": {"enum": ["none", "people", "irreversible"]},
        "impact": {
            "type": "object",
            "properties": {"exact": {"type": "boolean"}},
            "additionalProperties": {"type": ["integer", "null"], "minimum": 0},
            "description": "People touched, and what else names the object; null where it cannot be counted.",
        },
        "notes": _list(TEXT),
    },
    {
        "marks": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
            "description": "Path to a mark of the value before and one of the value after: equal marks, equal values.",
        },
        "origin": ORIGIN,
        "result": {"enum": ["applied", "failed", "skipped", "unknown"]},
        "error": {"anyOf": [FINDING, {"type": "null"}]},
    },
)

GROUP = _object(
    {
        "group": {"type": "string", "description": "The common cause: part.footer, var.site, default.from.email."},
        "message": TEXT,
        "path": {"type": "string", "description": "The fields that it changes."},
        "diff": {"type": "string", "description": "Its lines, each with its sign."},
        "addresses": _list(TEXT),
    }
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
        "requests": {**COUNTS, "description": "Requests really sent, by method."},
        "groups": _list(GROUP),
        "changes": _list(CHANGE),
        "guards": _list(GUARD),
        "warnings": _list(FINDING),
    },
    {
        "deployed": {"type": "string", "description": "The commit that was applied last, where that is known."},
        "rehearsed": {"type": "boolean", "description": "Whether it was carried out on an emulator first."},
        "receipt": {"type": ["string", "null"], "description": "The receipt's path; after an apply only."},
    },
)

_ANSWERED = {"command": TEXT, "environment": TEXT, "account": NUMBER, "outcome": TEXT, "who": TEXT}
_TIMES = {"started": TEXT, "ended": TEXT_OR_NULL}

RUN = _object(
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

IMAGE: Schema = {
    "anyOf": [
        _object({"id": NUMBER, "fields": {"type": "object"}, "masked": {"type": "object"}}),
        {"type": "null"},
    ],
    "description": "An object in manifest words; what is masked cannot be restored.",
}

STEP = _object(
    {
        "step": {"type": "integer", "minimum": 1},
        "address": TEXT,
        "kind": TEXT,
        "name": TEXT,
        "action": {"enum": [action.value for action in Action]},
        "status": {"enum": ["applied", "failed", "skipped", "unknown"]},
        "digest": DIGEST,
        "marks": {"type": "object"},
        "people": {"type": ["object", "null"]},
        "id": NUMBER,
        "planned_id": NUMBER,
        "found": {"type": "boolean", "description": "Found after an unclear answer, and adopted as the one to create."},
        "started": TEXT_OR_NULL,
        "ended": TEXT_OR_NULL,
        "error": {"anyOf": [FINDING, {"type": "null"}]},
        "warnings": _list(FINDING),
        "before": IMAGE,
        "after": IMAGE,
        "calls": _list(_object({"method": TEXT, "path": TEXT, "status": {"type": ["integer", "null"]}, "ms": COUNT})),
    },
    {"content": {"type": ["object", "null"]}},
)

RECEIPT = _object(
    {
        "format": {"const": "mjsync-receipt/1"},
        "id": TEXT,
        **_ANSWERED,
        **_TIMES,
        "version": TEXT,
        "base_url": TEXT,
        "digest": DIGEST,
        "approved": TEXT,
        "undoes": TEXT_OR_NULL,
        "pid": COUNT,
        "counts": COUNTS,
        "known": {"type": "array", "description": "Kind and id of each object that the run made or changed."},
        "steps": _list(STEP),
    },
    {"seal": {**TEXT_OR_NULL, "description": "Shows that a run with the account's keys wrote what was approved."}},
)

LINK = _object({"user": TEXT, "used": TEXT, "spelling": TEXT, "file": TEXT, "line": LINE, "column": LINE})

ERROR = _object({"format": {"const": "mjsync-error/1"}, "exit": {"type": "integer"}, "findings": _list(FINDING)})


def _of_environment(document: Schema) -> Schema:
    """Return the document as part of a document of several environments."""
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
    "accounts": _object(
        {
            "format": {"const": "mjsync-accounts/1"},
            "accounts": _list(
                _object(
                    {
                        "environment": TEXT,
                        "key": {"type": ["string", "null"], "description": "Masked; null where none is set."},
                        "base_url": TEXT_OR_NULL,
                        "account": NUMBER,
                        "answers": {"type": "boolean"},
                        "error": TEXT_OR_NULL,
                        "exit": {"type": "integer"},
                    }
                )
            ),
        }
    ),
    "environments": _object(
        {
            "format": {"const": "mjsync-environments/1"},
            "environments": _list(
                _object({"name": TEXT, "account": {**NUMBER, "description": "The pin; null where there is none."}})
            ),
        }
    ),
    "diff": _object(
        {
            "format": {"const": "mjsync-diff/1"},
            "left": TEXT,
            "right": TEXT,
            "aside": {**COUNT, "description": "Differences that the manifests bind to an account."},
            "differences": _list(
                {
                    "anyOf": [
                        _object({"address": TEXT, "only": {**TEXT, "description": "The environment that has it."}}),
                        _object({"address": TEXT, "path": TEXT, "left": ANY, "right": ANY}),
                    ]
                }
            ),
        }
    ),
    "runs": _object({"format": {"const": "mjsync-runs/1"}, "runs": _list(RUN)}),
    "receipt": RECEIPT,
    "refs": _object(
        {"format": {"const": "mjsync-refs/1"}, "address": TEXT, "used_by": _list(LINK), "uses": _list(LINK)}
    ),
    "render": _object(
        {"format": {"const": "mjsync-render/1"}, "address": TEXT}, {"subject": TEXT, "html": TEXT, "text": TEXT}
    ),
    **ACCOUNT_SCHEMAS,
}


def output_schema(name: str) -> Schema:
    """Return the schema of one document, by its short name."""
    return {"$schema": DIALECT, "title": f"mjsync {name}", **SCHEMAS[name]}
