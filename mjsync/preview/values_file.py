"""Values for a template that stand in a file of their own, YAML or JSON."""

import json
from collections.abc import Mapping
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document


def values_in(file: str, text: str) -> Mapping[str, Any]:
    """The mapping that a file holds; its name says which of the two it is. Raises ManifestError."""
    value = _json(file, text) if file.lower().endswith(".json") else parse_document(file, text).value
    if not isinstance(value, Mapping):
        message = f"{file} holds no mapping"
        raise ManifestError(
            [Finding("no-mapping", message, "Write `name: value`, one a line.", location=Location(file, 1))]
        )
    return value


def _json(file: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = Location(file, error.lineno, error.colno)
        finding = Finding("json-syntax", f"not valid JSON: {error.msg}", "Correct the line.", location=place)
        raise ManifestError([finding]) from None
    except RecursionError:
        raise ManifestError([Finding("json-syntax", f"{file} is nested too deep", location=Location(file))]) from None
