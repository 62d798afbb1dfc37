"""JSON Schemas of the JSON documents that commands print; keys may be added to a format, never removed."""

from collections.abc import Mapping

from mjsync.render.plan_schemas import (
    BOOLEAN,
    COUNT,
    COUNT_OR_NULL,
    COUNTS,
    ERROR,
    FINDINGS,
    INTEGER,
    LINE,
    NUMBER,
    PLAN,
    RECEIPT,
    RUN,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    described,
    document,
    keys,
    list_of,
    object_of,
    or_null,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_LINKS = list_of(object_of({**keys(TEXT, "user", "used", "spelling", "file"), **keys(LINE, "line", "column")}))

_ACCOUNT = object_of(
    {
        "environment": TEXT,
        "key": described(TEXT_OR_NULL, "Masked; null where none is set."),
        "base_url": TEXT_OR_NULL,
        "account": NUMBER,
        "answers": BOOLEAN,
        "error": TEXT_OR_NULL,
        "exit": INTEGER,
    }
)

_DIFFERENCE: Schema = {
    "anyOf": [
        object_of({"address": TEXT, "only": described(TEXT, "The environment that has it.")}),
        object_of({**keys(TEXT, "address", "path"), **keys({}, "left", "right")}),
    ]
}

_BLOCKED = object_of(
    {
        "state": {"enum": [17, 18, 8]},
        "reason": TEXT,
        "campaign": NUMBER,
        **keys(TEXT, "campaign_name", "subject"),
        "count": COUNT,
        "recipients": described(COUNT_OR_NULL, "Recipients of the campaign in the time."),
        **keys(TEXT, "first", "last"),
        "message": described(NUMBER, "The newest message; text beyond 2^53."),
        "size": described(COUNT_OR_NULL, "Bytes of that message; null where it was not looked up."),
        "history": list_of(TEXT),
    }
)

_TRIAL = object_of(
    {"address": TEXT, "status": {"enum": ["accepted", "refused", "skipped"]}, "findings": FINDINGS},
)

_CHECK = object_of(
    {"check": TEXT, "status": {"enum": ["ok", "warning", "failed"]}, **keys(TEXT, "message", "way_out")},
)

_UNUSED = object_of(
    {
        "kind": TEXT,
        "id": NUMBER,
        "name": TEXT,
        "subscribers": COUNT_OR_NULL,
        "bytes": described(COUNT_OR_NULL, "Size of a template; null where it was not read."),
        **keys(TEXT, "created", "changed"),
    }
)

_OWNED = object_of(
    {
        **keys(TEXT, "address", "kind", "handle", "name"),
        "since": described(TEXT_OR_NULL, "The commit that its line is from; null where git cannot say."),
        "file": TEXT,
        "line": LINE,
    }
)

_OWNER = object_of(
    {
        "environment": TEXT,
        "account": described(NUMBER, "It was deployed to this account; null: not recorded."),
        "deployed": described(TEXT, "The deployed commit."),
        "owned": list_of(_OWNED),
    }
)


def _of_environment(one: Schema) -> Schema:
    """Return the document as part of a document of several environments."""
    named = {"environment": TEXT, "exit": INTEGER}
    return {
        **one,
        "properties": {**one["properties"], **named},
        "required": [*dict.fromkeys([*one["required"], *named])],
    }


_DOCUMENTS: Mapping[str, dict[str, Schema]] = {
    "plans": {"plans": list_of({"anyOf": [_of_environment(PLAN), _of_environment(ERROR)]})},
    "findings": {"findings": FINDINGS},
    "accounts": {"accounts": list_of(_ACCOUNT)},
    "environments": {
        "environments": list_of(
            object_of({"name": TEXT, "account": described(NUMBER, "The pin; null where there is none.")})
        ),
    },
    "diff": {
        **keys(TEXT, "left", "right"),
        "aside": described(COUNT, "Differences that the manifests bind to an account."),
        "differences": list_of(_DIFFERENCE),
    },
    "runs": {"runs": list_of(RUN)},
    "refs": {"address": TEXT, **keys(_LINKS, "used_by", "uses")},
    "health": {
        **keys(TEXT, "environment", "since", "until"),
        "template": TEXT_OR_NULL,
        "blocked": COUNT,
        "sent": described(COUNT_OR_NULL, "Messages that the account sent in the time."),
        "complete": described(BOOLEAN, "Whether all messages were read, and not the newest only."),
        "groups": list_of(_BLOCKED),
        "per_hour": list_of(object_of({"start": TEXT, "counts": COUNTS})),
        "problems": FINDINGS,
        "last_apply": described(TEXT_OR_NULL, "The receipt of the last apply."),
        "undo": described(TEXT_OR_NULL, "That receipt, if the messages began after it."),
        "requests": COUNTS,
    },
    "verify": {"environment": TEXT, "trials": list_of(_TRIAL), "requests": COUNTS},
    "status": {
        "environment": TEXT,
        "account": NUMBER,
        "kinds": list_of(object_of({"kind": TEXT, "managed": COUNT, "unmanaged": COUNT_OR_NULL})),
        "contacts": COUNT_OR_NULL,
        "active_contacts": described(COUNT_OR_NULL, "Contacts with activity in the last 30 days."),
        "bounces": described(COUNT_OR_NULL, "Bounces of the last 24 hours."),
        "pending": described(COUNT, "Changes that apply would make."),
        "drifted": described(COUNT_OR_NULL, "Objects edited in Mailjet; null without a deployed commit."),
        "blocked": {
            "type": "object",
            "additionalProperties": COUNT_OR_NULL,
            "description": "State to messages of the last 24 hours.",
        },
        "month": list_of(object_of({"day": TEXT, **keys(COUNT, "sent", "bounced", "blocked")})),
        "problems": FINDINGS,
        "last_apply": or_null(object_of(keys(TEXT, "receipt", "started"))),
        "requests": COUNTS,
    },
    "doctor": {"environment": TEXT, "checks": list_of(_CHECK), "requests": COUNTS},
    "usage": {
        **keys(TEXT, "environment", "since"),
        "complete": BOOLEAN,
        "totals": COUNTS,
        "unused": list_of(_UNUSED),
        "requests": COUNTS,
    },
    "owned": {"environments": list_of(_OWNER)},
    "segment-diff": {
        **keys(TEXT, "environment", "address"),
        "before": described(TEXT, "The expression on the account; empty where there is none."),
        **keys(TEXT, "after", "source"),
        **keys(COUNT, "contacts", "matched_before", "matched_after", "enter", "leave", "undecided"),
        "functions": described(list_of(TEXT), "What cannot be evaluated offline."),
        "missing": described(list_of(TEXT), "Properties that the file has no column for."),
        "requests": COUNTS,
    },
}

SCHEMAS: Mapping[str, Schema] = {
    "plan": PLAN,
    "error": ERROR,
    "receipt": RECEIPT,
    "ids": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": NUMBER}},
    "render": document("render", {"address": TEXT}, keys(TEXT, "subject", "html", "text")),
    **{name: document(name, properties) for name, properties in _DOCUMENTS.items()},
}
"""Name of a document, as `mjsync schema --of` takes it, to its schema."""


def output_schema(name: str) -> Schema:
    """Return the schema of one document, by its short name."""
    return {"$schema": DIALECT, "title": f"mjsync {name}", **SCHEMAS[name]}
