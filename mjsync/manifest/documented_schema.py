"""Generate JSON Schema with the docstrings of fields as their descriptions."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from textwrap import dedent
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema


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
    return tuple(_docstrings(body))


def _docstrings(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, following in zip(node.body, node.body[1:], strict=False):
        match field, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
