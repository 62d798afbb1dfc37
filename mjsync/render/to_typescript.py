"""What senders must know, as a TypeScript module."""

import json
from collections.abc import Iterator

from mjsync.render.type_model import NOTE, TypedTemplate, TypeModel, on_one_line, table

_TYPES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "date": "string",
    "list": "unknown[]",
    "object": "Record<string, unknown>",
    "any": "unknown",
}


def typescript_types(senders: TypeModel) -> str:
    """The module: an interface a template, one that maps handles to them, the handles of each locale, and the ids."""
    lines = [f"// What the templates of this Mailjet account take. {NOTE}"]
    for template in senders.templates:
        lines += ["", *_type(template)]
    lines += ["", "export interface VariablesByTemplate {"]
    lines += [f"  {json.dumps(template.handle)}: {template.type_name};" for template in senders.templates]
    lines += ["}", "", "export type TemplateHandle = keyof VariablesByTemplate;"]
    lines += [*_tables(senders), ""]
    return "\n".join(lines)


def _type(template: TypedTemplate) -> Iterator[str]:
    if not template.variables:
        yield f"export type {template.type_name} = Record<string, unknown>;"
        return
    yield f"export interface {template.type_name} {{"
    for name, variable in template.variables.items():
        if variable.description:
            yield f"  /** {on_one_line(variable.description)} */"
        yield f"  {json.dumps(name)}{'' if variable.required else '?'}: {_TYPES[variable.type]};"
    yield "}"


def _tables(senders: TypeModel) -> Iterator[str]:
    yield from table("export const templateLocales = {", senders.locales, "} as const;", json.dumps, "  ")
    opening = (
        "export const templateIds: Readonly<Record<string, Readonly<Partial<Record<TemplateHandle, number>>>>> = {"
    )
    yield from table(opening, senders.ids, "};", json.dumps, "  ")
