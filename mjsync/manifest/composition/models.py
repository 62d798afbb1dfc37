"""Values against a model: every complaint with the place of the key it is about."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mjsync.errors import Finding, Location
from mjsync.manifest.suggestion import did_you_mean

Model = TypeVar("Model", bound=BaseModel)

_PLAIN: Mapping[str, str] = {
    "string_type": "must be text; put it in quotes where it looks like a number or a truth value",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}


def validate_model(model: type[Model], value: Any, at: Callable[[str], Location]) -> Model | list[Finding]:
    """The model, or everything that is wrong; `at` gives the place of a dotted path."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        return [_finding(model, dict(detail), at) for detail in error.errors(include_url=False)]


def wrong_keys(model: type[BaseModel], stated: Mapping[str, Any], at: Callable[[str], Location]) -> dict[str, Finding]:
    """What is wrong with each of these keys of a model; that others are missing is not."""
    try:
        model.model_validate(stated)
    except ValidationError as error:
        details: list[dict[str, Any]] = [dict(detail) for detail in error.errors(include_url=False)]
        return {
            str(detail["loc"][0]): _finding(model, detail, at)
            for detail in reversed(details)
            if detail["loc"] and detail["loc"][0] in stated
        }
    return {}


def _finding(model: type[BaseModel], detail: dict[str, Any], at: Callable[[str], Location]) -> Finding:
    path = [str(part) for part in detail["loc"]]
    word = path[-1] if path else ""
    place = at(".".join(path))
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _words(model, path[:-1])
        way_out = f"Known here: {', '.join(known)}." if known else ""
        return Finding("unknown-key", f"unknown key {word!r}{did_you_mean(word, known)}", way_out, location=place)
    if kind == "missing":
        return Finding("missing-key", f"the key {word!r} is missing", f"Add `{word}:`.", location=place)
    if detail.get("input", ...) is None:
        message = f"{'.'.join(path) or 'the entry'} has no value"
        return Finding("null", message, "Give it one, or remove the key.", location=place)
    if kind == "literal_error":
        expected = detail["ctx"]["expected"].replace("'", "")
        message = f"{'.'.join(path)}: {detail['input']!r} is not one of {expected}{_near(detail['input'], expected)}"
        return Finding("value", message, "", location=place)
    said = _PLAIN.get(kind) or str(detail["msg"]).removeprefix("Value error, ")
    return Finding("value", f"{'.'.join(path)}: {said}" if path else f"{said}", "", location=place)


def _near(given: Any, expected: str) -> str:
    return did_you_mean(str(given), [word.strip() for word in expected.replace(" or ", ", ").split(",")])


def _words(model: type[BaseModel], path: list[str]) -> list[str]:
    """The keys that the mapping at a path may hold; none where it is no model."""
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    if not path:
        return list(fields)
    inner = getattr(fields.get(path[0]), "annotation", None)
    for candidate in (inner, *getattr(inner, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            is_one_of_many = getattr(inner, "__origin__", None) in (dict, tuple)
            return _words(candidate, path[2:] if is_one_of_many else path[1:])
    return []
