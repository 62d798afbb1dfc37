"""JSON Schemas of the documents of account reports, and of what environments own."""

from collections.abc import Mapping

from mjsync.render.schema_parts import (
    COUNT,
    COUNTS,
    FINDING,
    LINE,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    list_of,
    object_of,
)

COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}

_BLOCKED = object_of(
    {
        "state": {"enum": [17, 18, 8]},
        "reason": TEXT,
        "campaign": NUMBER,
        "campaign_name": TEXT,
        "subject": TEXT,
        "count": COUNT,
        "recipients": {**COUNT_OR_NULL, "description": "Recipients of the campaign in the time."},
        "first": TEXT,
        "last": TEXT,
        "message": {**NUMBER, "description": "The newest message; text beyond 2^53."},
        "size": {**COUNT_OR_NULL, "description": "Bytes of that message; null where it was not looked up."},
        "history": list_of(TEXT),
    }
)

_OWNED = object_of(
    {
        "address": TEXT,
        "kind": TEXT,
        "handle": TEXT,
        "name": TEXT,
        "since": {**TEXT_OR_NULL, "description": "The commit that its line is from; null where git cannot say."},
        "file": TEXT,
        "line": LINE,
    }
)

ACCOUNT_SCHEMAS: Mapping[str, Schema] = {
    "health": object_of(
        {
            "format": {"const": "mjsync-health/1"},
            "environment": TEXT,
            "since": TEXT,
            "until": TEXT,
            "template": TEXT_OR_NULL,
            "blocked": COUNT,
            "sent": {**COUNT_OR_NULL, "description": "Messages that the account sent in the time."},
            "complete": {"type": "boolean", "description": "Whether all messages were read, and not the newest only."},
            "groups": list_of(_BLOCKED),
            "per_hour": list_of(object_of({"start": TEXT, "counts": COUNTS})),
            "problems": list_of(FINDING),
            "last_apply": {**TEXT_OR_NULL, "description": "The receipt of the last apply."},
            "undo": {**TEXT_OR_NULL, "description": "That receipt, if the messages began after it."},
            "requests": COUNTS,
        }
    ),
    "verify": object_of(
        {
            "format": {"const": "mjsync-verify/1"},
            "environment": TEXT,
            "trials": list_of(
                object_of(
                    {
                        "address": TEXT,
                        "status": {"enum": ["accepted", "refused", "skipped"]},
                        "findings": list_of(FINDING),
                    }
                )
            ),
            "requests": COUNTS,
        }
    ),
    "status": object_of(
        {
            "format": {"const": "mjsync-status/1"},
            "environment": TEXT,
            "account": NUMBER,
            "kinds": list_of(object_of({"kind": TEXT, "managed": COUNT, "unmanaged": COUNT_OR_NULL})),
            "contacts": COUNT_OR_NULL,
            "active_contacts": {**COUNT_OR_NULL, "description": "Contacts with activity in the last 30 days."},
            "bounces": {**COUNT_OR_NULL, "description": "Bounces of the last 24 hours."},
            "pending": {**COUNT, "description": "Changes that apply would make."},
            "drifted": {**COUNT_OR_NULL, "description": "Objects edited in Mailjet; null without a deployed commit."},
            "blocked": {
                "type": "object",
                "additionalProperties": COUNT_OR_NULL,
                "description": "State to messages of the last 24 hours.",
            },
            "month": list_of(object_of({"day": TEXT, "sent": COUNT, "bounced": COUNT, "blocked": COUNT})),
            "problems": list_of(FINDING),
            "last_apply": {"anyOf": [object_of({"receipt": TEXT, "started": TEXT}), {"type": "null"}]},
            "requests": COUNTS,
        }
    ),
    "doctor": object_of(
        {
            "format": {"const": "mjsync-doctor/1"},
            "environment": TEXT,
            "checks": list_of(
                object_of(
                    {"check": TEXT, "status": {"enum": ["ok", "warning", "failed"]}, "message": TEXT, "way_out": TEXT}
                )
            ),
            "requests": COUNTS,
        }
    ),
    "usage": object_of(
        {
            "format": {"const": "mjsync-usage/1"},
            "environment": TEXT,
            "since": TEXT,
            "complete": {"type": "boolean"},
            "totals": COUNTS,
            "unused": list_of(
                object_of(
                    {
                        "kind": TEXT,
                        "id": NUMBER,
                        "name": TEXT,
                        "subscribers": COUNT_OR_NULL,
                        "bytes": {**COUNT_OR_NULL, "description": "Size of a template; null where it was not read."},
                        "created": TEXT,
                        "changed": TEXT,
                    }
                )
            ),
            "requests": COUNTS,
        }
    ),
    "owned": object_of(
        {
            "format": {"const": "mjsync-owned/1"},
            "environments": list_of(
                object_of(
                    {
                        "environment": TEXT,
                        "account": {**NUMBER, "description": "It was deployed to this account; null: not recorded."},
                        "deployed": {**TEXT, "description": "The deployed commit."},
                        "owned": list_of(_OWNED),
                    }
                )
            ),
        }
    ),
    "segment-diff": object_of(
        {
            "format": {"const": "mjsync-segment-diff/1"},
            "environment": TEXT,
            "address": TEXT,
            "before": {"type": "string", "description": "The expression on the account; empty where there is none."},
            "after": TEXT,
            "source": TEXT,
            "contacts": COUNT,
            "matched_before": COUNT,
            "matched_after": COUNT,
            "enter": COUNT,
            "leave": COUNT,
            "undecided": COUNT,
            "functions": {**list_of(TEXT), "description": "What cannot be evaluated offline."},
            "missing": {**list_of(TEXT), "description": "Properties that the file has no column for."},
            "requests": COUNTS,
        }
    ),
}
