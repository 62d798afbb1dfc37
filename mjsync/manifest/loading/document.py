"""One YAML file as plain values, each with the place it stands at.

Read through the events of the C parser: as fast as loading gets, and the only way to bound what aliases expand to.
Scalars resolve as in YAML 1.2, so `NO` and `on` stay text. Keys are always text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined] # it is there, only not listed
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.yaml_builder import Path, YamlBuilder

_NOT_YAML = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_NO_TABS = "Indent with blanks: YAML allows no tab there."
_BROKEN = "Correct the line, or put the value in quotes."


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its value, and the place of every key and item by path."""

    file: str
    value: Any
    locations: Mapping[Path, Location]


def parse_document(file: str, text: str) -> Document:
    """The one document of a file. Raises ManifestError with every problem that parsing can tell."""
    text = text.removeprefix("\ufeff")
    try:
        builder = _built(file, _c_events(text))
    except MarkedYAMLError:
        builder = _built_or_explained(file, text)
    except YAMLError as error:
        message, place = str(error).splitlines()[0], _unprintable(file, text)
        raise ManifestError([Finding("yaml-syntax", message, "Remove the character.", location=place)]) from None
    if builder.findings:
        raise ManifestError(builder.findings)
    return Document(file, builder.value, builder.places)


def _built(file: str, events: Iterator[Any]) -> YamlBuilder:
    builder = YamlBuilder(file)
    for event in events:
        builder.take(event)
    return builder


def _built_or_explained(file: str, text: str) -> YamlBuilder:
    """A second reading of what the C parser refuses: it knows no `{site: https://…}`, which YAML 1.2 allows."""
    try:
        return _built(file, YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and mark and not text[mark.index :].strip():
            mark = error.context_mark  # where it begins says more than where the file ends
        is_tab = text[mark.index : mark.index + 1] == "\t" if mark else False
        code, way_out = ("yaml-tab", _NO_TABS) if is_tab else ("yaml-syntax", _BROKEN)
        place = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
        context = f" {error.context}" if error.context else ""
        raise ManifestError(
            [Finding(code, f"not valid YAML: {error.problem}{context}", way_out, location=place)]
        ) from None


def _unprintable(file: str, text: str) -> Location:
    """Where the first character stands that YAML does not allow."""
    match = _NOT_YAML.search(text)
    before = text[: match.start()] if match else ""
    return Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def events(file: str, text: str) -> Iterator[Any]:
    """What the parser sees, event by event, of a text that `parse` takes."""
    try:
        seen = list(_c_events(text))
    except MarkedYAMLError:
        parse_document(file, text)
        seen = list(YAML(typ="safe", pure=True).parse(text))
    return iter(seen)


def _c_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()
