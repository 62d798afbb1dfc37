"""Generate the JSON Schema of manifests and of the project file from the models that validate them."""

import ast
import inspect
import json
from functools import cache
from inspect import cleandoc
from itertools import pairwise
from textwrap import dedent
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from mjsync.manifest.composition.checks import ApprovalModel
from mjsync.manifest.composition.inheritance import LOCALE_KEY, TEXTS, fields_without_defaults
from mjsync.manifest.loading.layers import APPROVE, DEFAULTS, HANDLE, LOCALES, PARTS, REMOVED
from mjsync.manifest.project.settings import Settings
from mjsync.resources import DELETABLE_SECTIONS, SECTIONS
from mjsync.resources.base import Kind
from mjsync.resources.body import Body
from mjsync.resources.entry_model import FormerKey, fields_with


class DocumentedSchema(GenerateJsonSchema):
    """Takes the descriptions of fields from the strings behind them.

    Pydantic's `use_attribute_docstrings` does that for each class when it is made, which reads the source of all
    models at every start.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Return the schema of a model, with descriptions."""
        generated = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _field_docstrings(model):
            info = model.model_fields[name]
            generated["properties"][info.alias or name].setdefault("description", text)
        return generated


@cache
def _field_docstrings(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Return each field of a model that has a docstring, with it; models without source have none."""
    try:
        body = ast.parse(dedent(inspect.getsource(model))).body[0]
    except (OSError, TypeError):
        return ()
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class
    documented: list[tuple[str, str]] = []
    for pair in pairwise(body.body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                documented.append((name, cleandoc(text)))
    return tuple(documented)


DIALECT = "https://json-schema.org/draft/2020-12/schema"

_HANDLES = {"pattern": f"^{HANDLE.pattern}$"}


def manifest_schema() -> dict[str, Any]:
    """Return the schema of one manifest file; null removes a default or, in an overlay, any statement."""
    names: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
    texts = "Texts that bodies share, as ${part.NAME}."
    sections = {}
    for section, kind in SECTIONS.items():
        entry: dict[str, Any] = {"$ref": f"#/$defs/{kind.title}"}
        if short := kind.shorthand:
            entry = {"anyOf": [{"$ref": f"#/$defs/{kind.title}/properties/{short}"}, entry]}
        sections[section] = _map((kind.__doc__ or "").splitlines()[0], entry, _HANDLES)
    return {
        "$schema": DIALECT,
        "title": "mjsync manifest",
        "type": "object",
        "properties": {
            **sections,
            PARTS: _map(texts, TypeAdapter(Body).json_schema(), _HANDLES),
            DEFAULTS: _defaults("Default values of the entries in this folder and below."),
            REMOVED: {
                "type": "object",
                "description": "Tombstones: delete these remote names, wherever they still exist.",
                "properties": dict.fromkeys(DELETABLE_SECTIONS, names),
                "additionalProperties": False,
            },
            APPROVE: {
                "type": "array",
                "description": "What a guard would refuse and is allowed until the next deploy.",
                "items": {"$ref": f"#/$defs/{ApprovalModel.__name__}"},
            },
        },
        "additionalProperties": False,
        "$defs": {
            **_definitions(),
            ApprovalModel.__name__: ApprovalModel.model_json_schema(schema_generator=DocumentedSchema),
        },
    }


def project_schema() -> dict[str, Any]:
    """Return the schema of mjsync.yaml."""
    schema = Settings.model_json_schema(schema_generator=DocumentedSchema)
    definitions = schema["$defs"]
    definitions["Defaults"] = _defaults(definitions["Defaults"]["description"])
    return {"$schema": DIALECT, **schema, "title": "mjsync project", "$defs": {**_definitions(), **definitions}}


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as the text of a file for editors."""
    return f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n"


def _definitions() -> dict[str, Any]:
    """Return the models of all kinds, and those inside them, by name."""
    definitions: dict[str, Any] = {}
    for kind in SECTIONS.values():
        model = kind.model.model_json_schema(schema_generator=DocumentedSchema)
        model |= {
            "title": kind.title,
            "description": cleandoc(kind.__doc__ or ""),
            "examples": [*kind.example.values()],
        }
        for entry in kind.example.values():
            for name in model["properties"].keys() & entry.keys():
                model["properties"][name].setdefault("examples", [entry[name]])
        definitions |= {**model.pop("$defs", {}), kind.title: model}
    for model in definitions.values():
        model["properties"] = {name: _or_null(field) for name, field in model["properties"].items()}
    for kind in SECTIONS.values():
        if kind.locale_field:
            definitions[kind.title]["properties"][LOCALES] = _or_null(_locales(kind))
        for name, role in fields_with(kind.model, FormerKey).items():
            definitions[kind.title]["properties"][role.key] = _deprecated(role, name, kind)
    texts = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Texts"}]}
    definitions["Texts"] = _map("Texts by name; names inside names are joined by dots.", texts, {"minLength": 1})
    return definitions


def _locales(kind: Kind) -> dict[str, Any]:
    """Return the schema of what each locale of an entry states of its own."""
    texts = "The texts of ${text.NAME}, or `file:` with the file that contains them."
    own = {name: {"$ref": f"#/$defs/{kind.title}/properties/{name}"} for name in kind.specs()}
    return {
        "type": "object",
        "description": "Settings by locale; they override those beside `locales`.",
        "propertyNames": {"pattern": f"^{LOCALE_KEY.pattern}$"},
        "minProperties": 1,
        "additionalProperties": {
            "type": "object",
            "properties": {**own, TEXTS: _or_null({"description": texts, "$ref": "#/$defs/Texts"})},
            "additionalProperties": False,
        },
    }


def _deprecated(role: FormerKey, new: str, kind: Kind) -> dict[str, Any]:
    """Return the schema of a key that was replaced; its description says by what."""
    instead = [f"`{new}: {json.dumps(value)}` instead of {old}" for old, value in role.values.items()]
    return {
        "description": f"Deprecated since {role.since}: write {', '.join(instead) or f'`{new}`'}.",
        "deprecated": True,
        **({"enum": [*role.values]} if instead else {"$ref": f"#/$defs/{kind.title}/properties/{new}"}),
    }


def _map(description: str, value: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a mapping with any keys of a form."""
    return {
        "type": "object",
        "description": description,
        "propertyNames": names,
        "additionalProperties": _or_null(value),
    }


def _defaults(description: str) -> dict[str, Any]:
    sections = {
        section: {
            "type": "object",
            "properties": {
                name: {"$ref": f"#/$defs/{kind.title}/properties/{name}"}
                for name in (*kind.specs(), *(role.key for role in fields_with(kind.model, FormerKey).values()))
                if name not in fields_without_defaults(kind)
            },
            "additionalProperties": False,
        }
        for section, kind in SECTIONS.items()
    }
    return {"type": "object", "description": description, "properties": sections, "additionalProperties": False}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, or null; what editors show beside a key stays at the top."""
    if isinstance(values := schema.get("additionalProperties"), dict):
        schema = {**schema, "additionalProperties": _or_null(values)}
    outer: dict[str, Any] = {
        name: schema[name] for name in ("title", "description", "default", "examples") if name in schema
    }
    return {**outer, "anyOf": [schema, {"type": "null"}]}
