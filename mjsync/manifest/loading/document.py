"""Parse one manifest file into values with locations.

The events of the C parser are read: that is as fast as loading gets, and the only way to bound what aliases expand to.
Scalars resolve as in YAML 1.2, so `NO` and `on` are text. Keys are always text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined] # it exists, but is not exported
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.files import BYTE_ORDER_MARK
from mjsync.manifest.loading.yaml_builder import Path, YamlBuilder

_NOT_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its value, and the location of every key and item by path."""

    file: str
    value: Any
    locations: Mapping[Path, Location]


def parse_document(file: str, text: str) -> Document:
    """Parse the one document of a file. Raises ManifestError with every problem that parsing finds."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    builder = YamlBuilder(file)
    try:
        for event in _c_events(text):
            builder.add(event)
    except MarkedYAMLError:
        builder = _build_in_python(file, text)
    except YAMLError as error:
        match = _NOT_YAML.search(text)
        before = text[: match.start()] if match else ""
        location = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = str(error).splitlines()[0]
        raise ManifestError([Finding("yaml-syntax", message, "Remove the character.", location=location)]) from None
    if builder.findings:
        raise ManifestError(builder.findings)
    return Document(file, builder.value, builder.locations)


def events(file: str, text: str) -> Iterator[Any]:
    """Return the parser's events of a text. Raises ManifestError where `parse_document` would."""
    try:
        found = list(_c_events(text))
    except MarkedYAMLError:
        parse_document(file, text)
        found = list(YAML(typ="safe", pure=True).parse(text))
    return iter(found)


def _build_in_python(file: str, text: str) -> YamlBuilder:
    """Parse again what the C parser refuses: it does not know `{site: https://…}`, which YAML 1.2 allows."""
    builder = YamlBuilder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.add(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and mark and not text[mark.index :].strip():
            mark = error.context_mark  # the start of an open bracket helps more than the end of the file
        code, way_out = "yaml-syntax", "Correct the line, or put the value in quotes."
        if mark and text[mark.index : mark.index + 1] == "\t":
            code, way_out = "yaml-tab", "Indent with blanks: YAML allows no tab there."
        location = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
        context = f" {error.context}" if error.context else ""
        message = f"not valid YAML: {error.problem}{context}"
        raise ManifestError([Finding(code, message, way_out, location=location)]) from None
    return builder


def _c_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()
