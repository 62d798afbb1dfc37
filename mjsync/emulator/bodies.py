"""From a request's body to a row's values: names in any case, types made right, references resolved."""

import contextlib
from collections.abc import Mapping
from typing import Any

from mjsync.emulator.answers import Refusal
from mjsync.emulator.endpoints import Endpoint, Property, endpoints
from mjsync.emulator.rules import Rules, Surroundings, rules_of
from mjsync.emulator.store import Row
from mjsync.emulator.values import coerce

TRIMMED = frozenset({"Name", "Description"})


def read_body(world: Surroundings, rules: Rules, body: Mapping[str, Any], *, is_new: bool) -> Row:
    """Wire names and typed values of what a body sets; read-only properties are left out.

    Raises:
        Refusal: an unknown property, or a value that does not fit.
    """
    row: Row = {}
    for name, value in body.items():
        field = rules.endpoint.by_input_name.get(name.casefold())
        if field is None:
            row |= _by_alternate_key(world, rules.endpoint, name, value)
        elif not field.read_only or (is_new and field.name in rules.creation_only):
            row[field.wire] = _trimmed(world, field, coerce(field, value))
        elif world.settings.on("read_only_refused"):
            text = f'Internal error: MJ19 Setting a value for property "{field.name}" is not allowed'
            raise Refusal(401, text)
    return row


def _trimmed(world: Surroundings, field: Property, value: Any) -> Any:
    if field.name in TRIMMED and isinstance(value, str) and world.settings.on("values_trimmed"):
        return value.strip()
    return value


def _by_alternate_key(world: Surroundings, endpoint: Endpoint, name: str, value: Any) -> Row:
    """A reference given as `<Name>Alt`, the other object's unique key (API sheet 5.2)."""
    field = endpoint.by_input_name.get(name.casefold().removesuffix("alt"))
    if field is None or not field.is_reference or not name.casefold().endswith("alt"):
        if world.settings.on("unknown_property_ignored"):
            return {}
        raise Refusal(400, f'Invalid json input: object ""->"T{endpoint.singular}" has no property "{name}"')
    targets = [each for each in endpoints().values() if f"T{each.singular}" == field.type]
    for target in targets:
        with contextlib.suppress(Refusal):
            return {field.wire: rules_of(target).addressed(str(value), world)}
    text = f'Property "{field.name}", alternate key value "{value}" could not be resolved to an ID'
    raise Refusal(400, text)
