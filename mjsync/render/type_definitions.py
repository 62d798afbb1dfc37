"""Write the variables of templates as types for the code that sends: Python, TypeScript or JSON Schema."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mjsync.resources.desired import Desired
from mjsync.resources.template_entry import Variable

SUFFIX = "Variables"
"""Ends the name of every type, so that no handle becomes a keyword of a language or a name of the module itself."""

NOTE = "Written by `mjsync types`; write it again instead of editing it."


class _Types(NamedTuple):
    """The types of one type of variables in each language; JSON Schema has none for a value of any type."""

    python: str
    typescript: str
    json: str | None


_TYPES = {
    "str": _Types("str", "string", "string"),
    "int": _Types("int", "number", "integer"),
    "float": _Types("float", "number", "number"),
    "bool": _Types("bool", "boolean", "boolean"),
    "date": _Types("str", "string", "string"),
    "list": _Types("list[Any]", "unknown[]", "array"),
    "object": _Types("dict[str, Any]", "Record<string, unknown>", "object"),
    "any": _Types("Any", "unknown", None),
}


class TypedTemplate(NamedTuple):
    """One template: its handle, the name of the type of its variables, and the variables by name."""

    handle: str
    type_name: str
    variables: Mapping[str, Variable]


@dataclass(frozen=True, slots=True)
class TypeModel:
    """All templates by handle, and the remote ids as environment to handle to id.

    `locales` maps the handle of an entry with several locales to the handles of its templates, by locale.
    """

    templates: tuple[TypedTemplate, ...]
    ids: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    locales: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def type_model(desired: Desired, ids: Mapping[str, Mapping[str, int]]) -> TypeModel:
    """Collect what the manifests state about templates."""
    entries = desired.of_kind("template")
    names = type_names(entry.address.handle for entry in entries)
    templates = tuple(
        TypedTemplate(handle := entry.address.handle, names[handle], getattr(entry.model, "variables", {}))
        for entry in entries
    )
    locales: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry.locale:
            locales.setdefault(entry.locale.template_handle, {})[entry.locale.key] = entry.address.handle
    return TypeModel(templates, ids, locales)


def type_names(handles: Iterable[str]) -> dict[str, str]:
    """Return name the type of each handle, uniquely; further handles do not change a name without need.

    `order-paid` becomes OrderPaidVariables. Handles that would share a name spell out their signs instead, as
    `Template_order_2dpaid_Variables`; the underscores keep these apart from all others.
    """
    names = {}
    for handle in handles:
        name = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", handle))
        names[handle] = f"{name if name[:1].isalpha() else f'Template{name}'}{SUFFIX}"
    counts = Counter(names.values())
    for handle in (handle for handle, name in names.items() if counts[name] > 1):
        spelled_out = re.sub("[^A-Za-z0-9]", lambda sign: f"_{ord(sign[0]):02x}", handle)
        names[handle] = f"Template_{spelled_out}_{SUFFIX}"
    return names


def python_types(model: TypeModel) -> str:
    """Write a Python module: a TypedDict per template, the handles, the locales, and the ids if requested."""
    lines = [f'"""What the templates of this Mailjet account take. {NOTE}"""', "", *_python_imports(model)]
    for template in model.templates:
        lines += ["", *_python_type(template)]
    handles = ", ".join(repr(template.handle) for template in model.templates)
    lines += ["", f"TemplateHandle = Literal[{handles or None}]"]
    locales = "TEMPLATE_LOCALES: Final[Mapping[str, Mapping[str, TemplateHandle]]] = {"
    ids = "TEMPLATE_IDS: Final[Mapping[str, Mapping[TemplateHandle, int]]] = {"
    lines += [*_table(locales, model.locales, "}", repr, "    "), *_table(ids, model.ids, "}", repr, "    "), ""]
    return "\n".join(lines)


def typescript_types(model: TypeModel) -> str:
    """Write a TypeScript module: an interface per template, one from handle to interface, the locales and the ids."""
    lines = [f"// What the templates of this Mailjet account take. {NOTE}"]
    for template in model.templates:
        lines += ["", *_typescript_type(template)]
    lines += ["", "export interface VariablesByTemplate {"]
    lines += [f"  {json.dumps(template.handle)}: {template.type_name};" for template in model.templates]
    lines += ["}", "", "export type TemplateHandle = keyof VariablesByTemplate;"]
    locales = "export const templateLocales = {"
    ids = "export const templateIds: Readonly<Record<string, Readonly<Partial<Record<TemplateHandle, number>>>>> = {"
    lines += _table(locales, model.locales, "} as const;", json.dumps, "  ")
    lines += [*_table(ids, model.ids, "};", json.dumps, "  "), ""]
    return "\n".join(lines)


def json_schema_types(model: TypeModel) -> str:
    """Write one JSON Schema: the variables of a template are the property of its handle.

    `x-template-locales` holds the handles of each locale, `x-template-ids` the ids if requested.
    """
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": NOTE,
        "title": "What the templates of this Mailjet account take",
        "type": "object",
        "properties": {template.handle: _schema_of_template(template) for template in model.templates},
        "additionalProperties": False,
    }
    extra = {"x-template-locales": model.locales, "x-template-ids": model.ids}
    schema |= {key: value for key, value in extra.items() if value}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _python_imports(model: TypeModel) -> Iterator[str]:
    names = {"Literal"}
    if model.ids or model.locales:
        yield "from collections.abc import Mapping"
        names.add("Final")
    variables = [variable for template in model.templates for variable in template.variables.values()]
    has_untyped = any(not template.variables for template in model.templates)
    if has_untyped or any("Any" in _TYPES[variable.type].python for variable in variables):
        names.add("Any")
    if variables:
        names.add("TypedDict")
    if not all(variable.required for variable in variables):
        names.add("NotRequired")
    yield f"from typing import {', '.join(sorted(names))}"


def _python_type(template: TypedTemplate) -> Iterator[str]:
    if not template.variables:
        yield f"{template.type_name} = dict[str, Any]"
        return
    # The functional form: any text can name a variable, and names with two underscores keep them.
    yield from (f"{template.type_name} = TypedDict(", f"    {template.type_name!r},", "    {")
    for name, variable in template.variables.items():
        if variable.description:
            yield f"        # {_on_one_line(variable.description)}"
        annotation = _TYPES[variable.type].python
        yield f"        {name!r}: {annotation if variable.required else f'NotRequired[{annotation}]'},"
    yield from ("    },", ")")


def _typescript_type(template: TypedTemplate) -> Iterator[str]:
    if not template.variables:
        yield f"export type {template.type_name} = Record<string, unknown>;"
        return
    yield f"export interface {template.type_name} {{"
    for name, variable in template.variables.items():
        if variable.description:
            yield f"  /** {_on_one_line(variable.description)} */"
        yield f"  {json.dumps(name)}{'' if variable.required else '?'}: {_TYPES[variable.type].typescript};"
    yield "}"


def _schema_of_template(template: TypedTemplate) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": template.type_name, "type": "object"}
    if not template.variables:
        return schema
    properties = {}
    for name, variable in template.variables.items():
        examples = None if variable.example is None else [variable.example]
        stated = {"type": _TYPES[variable.type].json, "description": variable.description or None, "examples": examples}
        properties[name] = {key: value for key, value in stated.items() if value is not None}
    required = [name for name, variable in template.variables.items() if variable.required]
    return {**schema, "properties": properties, "required": required, "additionalProperties": False}


def _table(
    opening: str, groups: Mapping[str, Mapping[str, Any]], closing: str, literal: Callable[[Any], str], indent: str
) -> Iterator[str]:
    """Write a mapping of mappings as literals of a language; nothing if it is empty."""
    if not groups:
        return
    yield from ("", opening)
    for name, group in groups.items():
        yield f"{indent}{literal(name)}: {{"
        yield from (f"{indent * 2}{literal(key)}: {literal(value)}," for key, value in group.items())
        yield f"{indent}}},"
    yield closing


def _on_one_line(text: str) -> str:
    """Make free text safe inside a comment: no line ends, and nothing that ends a comment."""
    return " ".join(text.split()).replace("*/", "* /")
