"""What senders must know, as one JSON Schema: each template's variables are the property of its handle."""

import json
from typing import Any

from mjsync.render.type_model import NOTE, TypedTemplate, TypeModel
from mjsync.resources.template import Variable

_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "any": {},
}


def json_schema_types(senders: TypeModel) -> str:
    """The schema; `x-template-locales` has the handles of each locale, `x-template-ids` the ids that were asked for."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": NOTE,
        "title": "What the templates of this Mailjet account take",
        "type": "object",
        "properties": {template.handle: _variables(template) for template in senders.templates},
        "additionalProperties": False,
    }
    if senders.locales:
        schema["x-template-locales"] = senders.locales
    if senders.ids:
        schema["x-template-ids"] = senders.ids
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _variables(template: TypedTemplate) -> dict[str, Any]:
    if not template.variables:
        return {"title": template.type_name, "type": "object"}
    return {
        "title": template.type_name,
        "type": "object",
        "properties": {name: _variable(variable) for name, variable in template.variables.items()},
        "required": [name for name, variable in template.variables.items() if variable.required],
        "additionalProperties": False,
    }


def _variable(variable: Variable) -> dict[str, Any]:
    described = {"description": variable.description} if variable.description else {}
    example = {"examples": [variable.example]} if variable.example is not None else {}
    return {**_TYPES[variable.type], **described, **example}
