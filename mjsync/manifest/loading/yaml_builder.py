"""Build plain values with locations from the events of a YAML parser.

ruamel's own loaders would not do: the fast one (C) has no limit on what aliases expand to and drops the locations, and
the round-trip one, which keeps them, is 7 to 20 times slower.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mjsync.errors import Finding, Location, ManifestError

Path = tuple[str, ...]

MAX_DEPTH = 50
"""Levels of nesting."""
MAX_ALIASED_VALUES = 20_000
"""Values that all aliases of one file may expand to."""
MAX_DIGITS = 4000
"""Digits of a whole number; longer ones, which Python refuses to print, are read as infinite."""

_TAGS = (None, "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BlockText(str):
    """The text of a `|` or `>` scalar: YAML ends it with a line end that nobody typed as part of it."""

    __slots__ = ()


def resolve_scalar(text: str) -> Any:
    """Convert a scalar without quotes as YAML 1.2 does."""
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    if _INT.fullmatch(text):
        return math.inf if len(text) > MAX_DIGITS else int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) or _INFINITE.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf"))
    return text


@dataclass(slots=True)
class _Level:
    """A mapping or a sequence that is being read; `size` and `depth` count the values in it, aliases expanded."""

    value: Any
    path: Path
    anchor: str | None
    key: str | None = None
    merges: list[Any] = field(default_factory=list)
    first: dict[str, Location] = field(default_factory=dict)
    size: int = 1
    depth: int = 1


class YamlBuilder:
    """Builds the value of one file, a level at a time, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.locations: dict[Path, Location] = {}
        self.findings: list[Finding] = []
        self._levels: list[_Level] = []
        self._anchors: dict[str | None, tuple[Any, int, int]] = {}
        self._aliased = 0
        self._documents = 0

    def add(self, event: Any) -> None:
        """Add the next event. Raises ManifestError where the file is too deep, or expands to too much."""
        match event:
            case ScalarEvent():
                self._add_scalar(event)
            case AliasEvent():
                self._add_alias(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._open(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case DocumentStartEvent():
                self._documents += 1
                if self._documents == 2:  # noqa: PLR2004
                    self._report("several-documents", "a second document begins", "Use one file for each.", event)

    def _report(self, code: str, message: str, way_out: str, event: Any) -> None:
        mark = event.start_mark
        location = Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file)
        self.findings.append(Finding(code, message, way_out, location=location))

    def _expects_key(self) -> bool:
        return bool(self._levels) and isinstance(self._levels[-1].value, dict) and self._levels[-1].key is None

    def _add_scalar(self, event: Any) -> None:
        text = event.value
        if _SURROGATE.search(text):
            try:  # JSON's escapes spell one character as a pair
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                self._report("yaml-syntax", "half of a surrogate pair is not a character", "Remove it.", event)
                text = ""
        if self._expects_key():
            self._add_key(text, event)
            return
        self._check_tag(event)
        value = text
        if event.implicit[0] and not event.tag:
            value = resolve_scalar(text)
        elif event.style in ("|", ">"):
            value = BlockText(text)
        self._anchors[event.anchor] = value, 1, 0
        self._put(value, event)

    def _add_key(self, key: str, event: Any) -> None:
        level = self._levels[-1]
        location = Location(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        if key in level.first and key != "<<":
            message = f"the key {key!r} is here a second time; first at {level.first[key]}"
            self._report("duplicate-key", message, "Keep one of them.", event)
        level.first.setdefault(key, location)
        level.key = key
        self.locations.setdefault((*level.path, key), location)

    def _add_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._report("yaml-alias", f"there is no anchor &{event.anchor} above this alias", "Define it.", event)
            self._put(None, event)
            return
        value, size, depth = self._anchors[event.anchor]
        self._aliased += size
        self._check_depth(len(self._levels) + depth, event)
        if self._aliased > MAX_ALIASED_VALUES:
            self.findings[:] = [finding for finding in self.findings if finding.code != "alias-bomb"]
            message = f"the aliases of this file expand to more than {MAX_ALIASED_VALUES} values"
            self._report("alias-bomb", message, "Write it out, or split the file.", event)
            raise ManifestError(self.findings)
        if self._expects_key():
            self._report("yaml-key", "a key cannot be an alias", "Write it out.", event)
            self._levels[-1].key = f"*{event.anchor}"
            return
        self._put(value, event, size, depth)

    def _check_depth(self, depth: int, event: Any) -> None:
        if depth > MAX_DEPTH:
            self._report("too-deep", f"nested deeper than {MAX_DEPTH} levels", "Flatten it.", event)
            raise ManifestError(self.findings)

    def _check_tag(self, event: Any) -> None:
        if event.tag not in _TAGS:
            self._report("yaml-tag", f"the tag {event.tag} is not known here", "Remove it.", event)

    def _open(self, event: Any) -> None:
        self._check_depth(len(self._levels) + 1, event)
        self._check_tag(event)
        if self._expects_key():
            self._report("yaml-key", "a key must be a word", "Put it in quotes.", event)
            self._levels[-1].key = "?"
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        self._levels.append(_Level(value, self._path(event), event.anchor))

    def _close(self) -> None:
        level = self._levels.pop()
        for merged in reversed(level.merges):
            for key, value in merged.items():
                level.value.setdefault(key, value)
        self._anchors[level.anchor] = level.value, level.size, level.depth
        self._put(level.value, None, level.size, level.depth)

    def _path(self, event: Any) -> Path:
        """Return the path of the value that comes next; the location of an item in a sequence is kept."""
        if not self._levels:
            return ()
        level = self._levels[-1]
        if isinstance(level.value, dict):
            return (*level.path, level.key or "")
        path = (*level.path, str(len(level.value)))
        location = Location(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        self.locations.setdefault(path, location)
        return path

    def _put(self, value: Any, event: Any, size: int = 1, depth: int = 0) -> None:
        """Put a value into the level that is open; `event` is None where its location is known."""
        if not self._levels:
            self.value = value
            return
        level = self._levels[-1]
        level.size += size
        level.depth = max(level.depth, depth + 1)
        if isinstance(level.value, list):
            if event:
                self._path(event)
            level.value.append(value)
            return
        key, level.key = level.key or "", None
        if key != "<<":
            level.value.setdefault(key, value)
            return
        merges = value if isinstance(value, list) else [value]
        if all(isinstance(merged, dict) for merged in merges):
            level.merges += reversed(merges)
        else:
            message = "the value of << must be a mapping, or a list of mappings"
            location = self.locations[(*level.path, "<<")]
            self.findings.append(Finding("yaml-merge", message, "Use an alias of a mapping.", location=location))
