"""What senders must know, as a Python module that type checkers read."""

from collections.abc import Iterator

from mjsync.render.type_model import NOTE, TypedTemplate, TypeModel, on_one_line, table
from mjsync.resources.template import Variable

_TYPES = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "date": "str",
    "list": "list[Any]",
    "object": "dict[str, Any]",
    "any": "Any",
}


def python_types(senders: TypeModel) -> str:
    """The module: a TypedDict a template, the handles, those of each locale, and the ids where they were asked for."""
    return "\n".join([*_head(senders), *_types(senders), *_handles(senders), *_tables(senders), ""])


def _head(senders: TypeModel) -> Iterator[str]:
    yield f'"""What the templates of this Mailjet account take. {NOTE}"""'
    yield ""
    names = {"Literal"}
    if senders.ids or senders.locales:
        yield "from collections.abc import Mapping"
        names.add("Final")
    stated = [variable for template in senders.templates for variable in template.variables.values()]
    if any("Any" in _TYPES[variable.type] for variable in stated) or any(not t.variables for t in senders.templates):
        names.add("Any")
    if stated:
        names.add("TypedDict")
    if not all(variable.required for variable in stated):
        names.add("NotRequired")
    yield f"from typing import {', '.join(sorted(names))}"


def _types(senders: TypeModel) -> Iterator[str]:
    for template in senders.templates:
        yield ""
        yield from _type(template)


def _type(template: TypedTemplate) -> Iterator[str]:
    if not template.variables:
        yield f"{template.type_name} = dict[str, Any]"
        return
    # The functional form: any text may name a variable, and names with two underscores keep them.
    yield f"{template.type_name} = TypedDict("
    yield f"    {template.type_name!r},"
    yield "    {"
    for name, variable in template.variables.items():
        if variable.description:
            yield f"        # {on_one_line(variable.description)}"
        yield f"        {name!r}: {_annotation(variable)},"
    yield "    },"
    yield ")"


def _annotation(variable: Variable) -> str:
    written = _TYPES[variable.type]
    return written if variable.required else f"NotRequired[{written}]"


def _handles(senders: TypeModel) -> Iterator[str]:
    yield ""
    handles = ", ".join(repr(template.handle) for template in senders.templates)
    yield f"TemplateHandle = Literal[{handles}]" if handles else "TemplateHandle = Literal[None]"


def _tables(senders: TypeModel) -> Iterator[str]:
    opening = "TEMPLATE_LOCALES: Final[Mapping[str, Mapping[str, TemplateHandle]]] = {"
    yield from table(opening, senders.locales, "}", repr, "    ")
    opening = "TEMPLATE_IDS: Final[Mapping[str, Mapping[TemplateHandle, int]]] = {"
    yield from table(opening, senders.ids, "}", repr, "    ")
