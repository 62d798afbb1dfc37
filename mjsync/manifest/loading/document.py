"""Parse one manifest file into values with locations, read deprecated keys, and validate values against models.

The events of the C parser are read: that is as fast as loading gets, and the only way to bound what aliases expand to.
Scalars resolve as in YAML 1.2, so `NO` and `on` are text. Keys are always text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined] # it exists, but is not exported
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest import did_you_mean
from mjsync.manifest.loading.files import BYTE_ORDER_MARK
from mjsync.manifest.loading.yaml_builder import Locations, Path, YamlBuilder
from mjsync.resources import SECTIONS
from mjsync.resources.desired import nearest_location
from mjsync.resources.entry_model import FormerKey, fields_with

_NOT_YAML = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""A character that YAML does not allow; compiled where it is needed, which takes as long as reading 50 files."""


class Node(NamedTuple):
    """One value as it was written: the value, its location, and that of everything in it by dotted path."""

    value: Any
    location: Location
    locations: Mapping[str, Location]

    def location_of(self, path: str) -> Location:
        """Return the location of the setting at a dotted path, or of the nearest one around it that has one."""
        return nearest_location(self.locations, path, self.location)

    def below(self, above: str) -> Callable[[str], Location]:
        """Return a `location_of` for paths below a path."""
        return lambda path: self.location_of(f"{above}.{path}" if path else above)


class Document(NamedTuple):
    """A parsed file: its value, and the location of every key and item."""

    file: str
    value: Any
    locations: Locations

    def location_of(self, *path: str) -> Location:
        """Return the location of a path, or of the nearest value around it that has one."""
        start = Location(self.file, 1, 1)
        if path == ("",):  # an empty key, as in `: 1`
            return self.locations.at.get("", start)
        return nearest_location(self.locations, ".".join(path), start)

    def node(self, *path: str) -> Node:
        """Return the value at a path with the location of everything below it."""
        value = self.value
        for key in path:
            value = value[key]
        return Node(value, self.location_of(*path), self.locations.inside(path))


def parse_document(file: str, text: str) -> Document:
    """Parse the one document of a file. Raises ManifestError with every problem that parsing finds."""
    document, findings = read_document(file, text)
    if findings:
        raise ManifestError(findings)
    return document


def read_document(file: str, text: str) -> tuple[Document, list[Finding]]:
    """Parse the one document of a file; of keys that are there twice, the first counts, and each is a finding.

    Raises ManifestError with every problem where there is another one: what is wanted is not known then.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    builder = YamlBuilder(file)
    try:
        for event in iter(CParser(text).get_event, None):
            builder.add(event)
    except MarkedYAMLError:
        builder = _build_in_python(file, text)
    except YAMLError as error:
        match = re.search(_NOT_YAML, text)
        before = text[: match.start()] if match else ""
        location = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = str(error).splitlines()[0]
        raise ManifestError([Finding("yaml-syntax", message, "Remove the character.", location=location)]) from None
    if any(finding.code != "duplicate-key" for finding in builder.findings):
        raise ManifestError(builder.findings)
    return Document(file, *builder.document()), builder.findings


def events(file: str, text: str) -> Iterator[Any]:
    """Return the parser's events of a text. Raises ManifestError where `parse_document` would."""
    try:
        found = list(iter(CParser(text).get_event, None))
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


Model = TypeVar("Model", bound=BaseModel)

_MESSAGES: Mapping[str, str] = {
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


def validate_model(model: type[Model], value: Any, location_of: Callable[[str], Location]) -> Model:
    """Validate a value; `location_of` locates a dotted path. Raises ManifestError with everything that is wrong."""
    valid, wrong = validate_partly(model, value, location_of)
    if valid is None or wrong:
        raise ManifestError(finding for findings in wrong.values() for finding in findings)
    return valid


def validate_partly(
    model: type[Model], value: Any, location_of: Callable[[str], Location]
) -> tuple[Model | None, dict[str, list[Finding]]]:
    """Validate a value without the keys that are wrong, and return what is wrong by key.

    What is wrong with the value as a whole has the key ''; then, and where too little is right, there is no model.
    """
    try:
        return model.model_validate(value), {}
    except ValidationError as error:
        details: list[dict[str, Any]] = [dict(detail) for detail in error.errors(include_url=False)]
    wrong: dict[str, list[Finding]] = {}
    for detail in details:
        key = str(detail["loc"][0]) if detail["loc"] else ""
        wrong.setdefault(key, []).append(_finding(model, detail, location_of))
    if not isinstance(value, Mapping):
        return None, wrong
    missing = dict.fromkeys(wrong.keys() - value.keys(), "-")  # fits every field that may not be left out
    try:
        return model.model_validate({**missing, **{key: value[key] for key in value if key not in wrong}}), wrong
    except ValidationError:
        return None, wrong


def _finding(model: type[BaseModel], detail: dict[str, Any], location_of: Callable[[str], Location]) -> Finding:
    path = [str(part) for part in detail["loc"] if part != "[key]"]
    key, where = path[-1] if path else "", ".".join(path)
    location = location_of(where)
    kind, value = detail["type"], detail.get("input", ...)
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        way_out = f"Known here: {', '.join(known)}." if known else ""
        return Finding("unknown-key", f"unknown key {key!r}{did_you_mean(key, known)}", way_out, location=location)
    if kind == "missing":
        return Finding("missing-key", f"the key {key!r} is missing", f"Add `{key}:`.", location=location)
    if value is None:
        message = f"{where or 'the entry'} has no value"
        return Finding("null", message, "Give it one, or remove the key.", location=location)
    if kind == "literal_error":
        expected = detail["ctx"]["expected"].replace("'", "")
        near = did_you_mean(str(value), [each.strip() for each in expected.replace(" or ", ", ").split(",")])
        return Finding("value", f"{where}: {value!r} is not one of {expected}{near}", "", location=location)
    message = _MESSAGES.get(kind) or str(detail["msg"]).removeprefix("Value error, ")
    names_place = not path or detail["loc"][-1] == "[key]"
    return Finding("value", message if names_place else f"{where}: {message}", "", location=location)


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    """Return the keys that the mapping at a path may have; none where it has no model."""
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    if not path:
        return list(fields)
    inner = getattr(fields.get(path[0]), "annotation", None)
    for candidate in (inner, *getattr(inner, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            is_one_of_many = getattr(inner, "__origin__", None) in (dict, tuple)
            return _known_keys(candidate, path[2:] if is_one_of_many else path[1:])
    return []


# --- deprecated keys: read as what replaced them, with a warning, until a major version removes them

FORMER_KEYS = tuple(
    (section, field, role)
    for section, kind in SECTIONS.items()
    for field, role in fields_with(kind.model, FormerKey).items()
)
"""The fields of sections that had another key before. A field that is renamed gets that role, and nothing else."""


class DeprecatedUse(NamedTuple):
    """A deprecated key in a manifest: its path, the field that has its place now, and the value of that."""

    path: Path
    field: str
    value: Any
    role: FormerKey


def uses_of_deprecated(value: Any) -> Iterator[DeprecatedUse]:
    """Find each deprecated key in the value of a manifest file."""
    for section, field, role in FORMER_KEYS:
        for path in (*((section, handle) for handle in _mapping(value, section)), ("defaults", section)):
            entry = _mapping(value, *path)
            if role.key in entry and (new := role.value_of(entry[role.key])) is not None:
                yield DeprecatedUse((*path, role.key), field, new, role)


def without_deprecated(document: Document) -> tuple[Document, list[Finding]]:
    """Return a document with the new keys in place of deprecated ones, and a warning for each use.

    Where the new key is there too, it counts.
    """
    value, findings = document.value, []
    for use in uses_of_deprecated(value):
        location = document.location_of(*use.path)
        document.locations.inside(use.path[:-1]).at.setdefault(use.field, location)
        message = f"`{use.role.key}` is deprecated since {use.role.since}; the key is `{use.field}` now"
        way_out = "`mjsync fmt --upgrade` writes it."
        findings.append(Finding("deprecated-key", message, way_out, "warning", location=location))
        section, name, former = use.path
        entry = value[section][name]
        renamed = {
            use.field if key == former else key: use.value if key == former else inner
            for key, inner in entry.items()
            if key != former or use.field not in entry
        }
        value = {**value, section: {**value[section], name: renamed}}
    return document._replace(value=value), findings


def _mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the mapping at a path, an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
