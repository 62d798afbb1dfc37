"""What the code that sends must know of the templates: names for their types, and their ids on each environment."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.resources.desired import Desired
from mjsync.resources.template import Variable

SUFFIX = "Variables"
"""Ends every type's name: no handle can then make a keyword of any language, or a name of the module itself."""

NOTE = "Written by `mjsync types`; write it again instead of editing it."


@dataclass(frozen=True, slots=True)
class TypedTemplate:
    """One template: its handle, the name of the type of its variables, and these, by name; none where unstated."""

    handle: str
    type_name: str
    variables: Mapping[str, Variable]


@dataclass(frozen=True, slots=True)
class TypeModel:
    """All templates by handle; environment to handle to id, for the environments that were asked.

    `locales` maps the handle of an entry with several locales to those of its templates, by locale.
    """

    templates: tuple[TypedTemplate, ...]
    ids: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    locales: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def type_model(desired: Desired, ids: Mapping[str, Mapping[str, int]]) -> TypeModel:
    """What the manifests say to senders."""
    entries = desired.of_kind("template")
    names = type_names(entry.address.handle for entry in entries)
    templates = tuple(
        TypedTemplate(handle := entry.address.handle, names[handle], getattr(entry.resource, "variables", {}))
        for entry in entries
    )
    locales: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry.locale:
            locales.setdefault(entry.locale.template_handle, {})[entry.locale.key] = entry.address.handle
    return TypeModel(templates, ids, locales)


def type_names(handles: Iterable[str]) -> dict[str, str]:
    """A name for the type of each handle, one no other has and that further handles do not change without need.

    `order-paid` gives OrderPaidVariables. Handles that would share a name each spell their signs out instead, as
    `Template_order_2dpaid_Variables`: underscores tell these from all others.
    """
    short = {handle: _short(handle) for handle in handles}
    taken = list(short.values())
    return {handle: name if taken.count(name) == 1 else _spelled_out(handle) for handle, name in short.items()}


def table(
    opening: str, groups: Mapping[str, Mapping[str, Any]], closing: str, spell: Callable[[Any], str], indent: str
) -> Iterator[str]:
    """The lines of a table of tables, spelled as a language does; nothing where it is empty."""
    if not groups:
        return
    yield ""
    yield opening
    for name, group in groups.items():
        yield f"{indent}{spell(name)}: {{"
        yield from (f"{indent * 2}{spell(key)}: {spell(value)}," for key, value in group.items())
        yield f"{indent}}},"
    yield closing


def on_one_line(text: str) -> str:
    """Free text for a comment: no line ends, and nothing that ends a comment."""
    return " ".join(text.split()).replace("*/", "* /")


def _short(handle: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", handle)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return f"{name if name[:1].isalpha() else f'Template{name}'}{SUFFIX}"


def _spelled_out(handle: str) -> str:
    return f"Template_{re.sub('[^A-Za-z0-9]', lambda sign: f'_{ord(sign[0]):02x}', handle)}_{SUFFIX}"
