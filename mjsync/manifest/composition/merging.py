"""Values laid over one another, key by key: mappings merge, lists and scalars replace, null removes a statement."""

from collections.abc import Mapping
from typing import Any

_GONE = object()
"""Stands where null removed a statement: no default takes its place."""


def deep_merge(under: Any, over: Any) -> Any:
    """A value with another over it; `settled` takes the traces of what was removed out of the result."""
    if not isinstance(over, Mapping):
        return _GONE if over is None else over
    known = under if isinstance(under, Mapping) else {}
    return {**known, **{key: deep_merge(known.get(key), value) for key, value in over.items()}}


def with_defaults(own: Any, default: Any) -> Any:
    """A value with what it does not state itself taken from a default; null states that there is none."""
    if not isinstance(own, Mapping) or not isinstance(default, Mapping):
        return own
    said = {
        key: _GONE if value is None and key in default else with_defaults(value, default.get(key))
        for key, value in own.items()
    }
    return {**said, **{key: value for key, value in default.items() if key not in own}}


def drop_nulls(value: Any) -> Any:
    """The value without the traces of what was removed."""
    if isinstance(value, Mapping):
        return {key: drop_nulls(inner) for key, inner in value.items() if inner is not _GONE}
    return value
