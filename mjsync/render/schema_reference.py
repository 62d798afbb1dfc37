"""Print a JSON Schema as a reference: the keys of an object with type, default and description."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

LONGEST_TYPE = 28
"""A longer type does not widen the column of types."""

_TYPES = {"string": "text", "integer": "number", "boolean": "true or false", "null": "null"}


class SchemaReference:
    """Describes parts of one schema, by the path of their keys; references are followed in its `$defs`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def find(self, path: tuple[str, ...]) -> Schema:
        """Return the schema at a path, through maps with free keys. Raises KeyError with the keys that exist."""
        schema = self._schema
        for key in path:
            keys = self.keys(schema)
            if key not in keys:
                raise KeyError(key, tuple(keys))
            schema = keys[key]
        return schema

    def lines(self, schema: Schema) -> Iterator[str]:
        """Yield what it is, then one line for each key; the type and default of what has no keys."""
        keys = self.keys(schema)
        yield from filter(None, [self.text(schema)] if keys else [self.type_of(schema), self.text(schema)])
        types = {key: self.type_of(inner) for key, inner in keys.items()}
        width = max(map(len, keys), default=0)
        type_width = max((len(word) for word in types.values() if len(word) <= LONGEST_TYPE), default=0)
        for key, inner in keys.items():
            yield f"  {key:{width}}  {types[key]:{type_width}}  {self.text(inner)}".rstrip()

    def keys(self, schema: Schema) -> Mapping[str, Schema]:
        """Return its keys: those of an object, or of the objects that a map or a list holds."""
        for each in self._alternatives(schema):
            if "properties" in each:
                return dict(each["properties"])
        for each in self._alternatives(schema):
            inner = each.get("items", each.get("additionalProperties"))
            if isinstance(inner, Mapping) and (keys := self.keys(inner)):
                return keys
        return {}

    def type_of(self, schema: Schema) -> str:
        """Return its type in words."""
        words = [self._word(each) for each in self._alternatives(schema)]
        return " or ".join(dict.fromkeys(word for word in words if word != "null"))

    def _word(self, schema: Schema) -> str:
        if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
            return "|".join(str(value) for value in values)
        match schema.get("type"):
            case "array":
                return f"list of {self.type_of(schema.get('items', {})) or 'anything'}"
            case "object":
                return "keys" if "properties" in schema else "map"
            case word:
                return _TYPES.get(str(word), str(word or "anything"))

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        """Yield the schema with references and `anyOf` followed."""
        if "$ref" in schema:
            target: Schema = self._schema
            for word in schema["$ref"].removeprefix("#/").split("/"):
                target = target[word]
            yield from self._alternatives(target)
        elif "anyOf" in schema:
            for each in schema["anyOf"]:
                yield from self._alternatives(each)
        else:
            yield schema

    def text(self, schema: Schema) -> str:
        """Return the first paragraph of its description, or of the object it refers to, and its default."""
        alternatives = [schema, *self._alternatives(schema)]
        text = next((each["description"] for each in alternatives if "description" in each), "")
        default = next((each["default"] for each in alternatives if "default" in each), None)
        is_shown = isinstance(default, str | int | float) and default != "" and default is not False
        shown = f"Default: {str(default).lower() if default is True else default}." if is_shown else ""
        return " ".join([*text.split("\n\n")[0].split(), *shown.split()])
