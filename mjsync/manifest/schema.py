"""The JSON Schema of manifests and of the project file, made from the models that check them."""

from typing import Any

from pydantic import TypeAdapter

from mjsync.manifest.handles import HANDLE
from mjsync.manifest.layers import PARTS, REMOVED
from mjsync.manifest.project import Settings
from mjsync.resources import SECTIONS
from mjsync.resources.body import Body

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_HANDLES = {"pattern": f"^{HANDLE.pattern}$"}


def manifest_schema() -> dict[str, Any]:
    """The schema of one manifest file; overlays may also hold null, which removes a statement."""
    definitions: dict[str, Any] = {}
    sections: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        model = kind.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions |= model.pop("$defs", {})
        definitions[kind.__name__] = model
        entry: dict[str, Any] = {"$ref": f"#/$defs/{kind.__name__}"}
        if short := kind.short_form:
            entry = {"anyOf": [{"$ref": f"#/$defs/{kind.__name__}/properties/{short}"}, entry]}
        sections[section] = {
            "type": "object",
            "description": (kind.__doc__ or "").splitlines()[0],
            "propertyNames": _HANDLES,
            "additionalProperties": {"anyOf": [entry, {"type": "null"}]},
        }
    sections[PARTS] = {
        "type": "object",
        "description": "Texts that bodies share: ${part.NAME} stands for one.",
        "propertyNames": _HANDLES,
        "additionalProperties": {"anyOf": [TypeAdapter(Body).json_schema(), {"type": "null"}]},
    }
    names: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
    sections[REMOVED] = {
        "type": "object",
        "description": "Tombstones: delete these remote names, wherever they still exist.",
        "properties": dict.fromkeys(SECTIONS, names),
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": "mjsync manifest",
        "type": "object",
        "properties": sections,
        "additionalProperties": False,
        "$defs": definitions,
    }


def project_schema() -> dict[str, Any]:
    """The schema of mjsync.yaml."""
    return {"$schema": DIALECT, **Settings.model_json_schema(by_alias=True), "title": "mjsync project"}
