"""Build plain values with locations from the events of a YAML parser.

ruamel's own loaders would not do: the fast one (C) has no limit on what aliases expand to and drops the locations, and
the round-trip one, which keeps them, is 7 to 20 times slower.
"""

import math
import re
from collections.abc import Iterator, Mapping
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


class Locations(Mapping[str, Location]):
    """The locations of what is in a mapping or a list, by dotted path; of what an alias brings there are none.

    `at` has the location of each key or item, `below` those inside the ones that are collections.
    """

    __slots__ = ("at", "below")

    def __init__(self) -> None:
        self.at: dict[str, Location] = {}
        self.below: dict[str, Locations] = {}

    def __getitem__(self, path: str) -> Location:
        found: Location | None = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        for key in self.at:
            yield key
            yield from (f"{key}.{path}" for path in self.below.get(key, ()))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def inside(self, path: Path) -> "Locations":
        """Return the locations of what is inside the value at a path."""
        locations: Locations | None = self
        for key in path:
            locations = locations.below.get(key) if locations is not None else None
        return Locations() if locations is None else locations

    def get(self, path: str, otherwise: Any = None) -> Any:
        """Return the location at a path; of `a.b` and `a: {b: …}`, which are both at it, that of the later one."""
        found = self.at.get(path)
        dot = path.find(".")
        while dot >= 0:
            inner = self.below.get(path[:dot])
            other = inner.get(path[dot + 1 :]) if inner is not None else None
            if other and (found is None or (found.line or 0, found.column or 0) < (other.line or 0, other.column or 0)):
                found = other
            dot = path.find(".", dot + 1)
        return otherwise if found is None else found


class _Level:
    """A mapping or a list that is being read; `size` and `depth` count the values in it, aliases expanded.

    In a mapping, `expects_key` tells whether a key or a value comes next; `location` is that of the last key or item.
    """

    __slots__ = ("anchor", "depth", "expects_key", "key", "location", "locations", "merges", "size", "value")

    def __init__(self, value: Any, anchor: str | None = None) -> None:
        self.value = value
        self.anchor = anchor
        self.expects_key = isinstance(value, dict)
        self.key = ""
        self.location = Location("")
        self.locations = Locations()
        self.merges: list[Any] = []
        self.size = self.depth = 1


class YamlBuilder:
    """Builds the value of one file, a level at a time, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._levels = [_Level([])]  # the lowest is the list of the file's documents
        self._anchors: dict[str | None, tuple[Any, int, int]] = {}
        self._aliased = 0

    def document(self) -> tuple[Any, Locations]:
        """Return the value of the document, None where the file has none, and the locations of all that is in it."""
        documents = self._levels[0]
        return documents.value[0] if documents.value else None, documents.locations.inside(("0",))

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
                level = self._levels.pop()
                for merged in reversed(level.merges):
                    for key, value in merged.items():
                        level.value.setdefault(key, value)
                if level.anchor:
                    self._anchors[level.anchor] = level.value, level.size, level.depth
                self._put(level.value, None, level.locations, level.size, level.depth)
            case DocumentStartEvent():
                if len(self._levels[0].value) == 1:
                    self._report("several-documents", "a second document begins", "Use one file for each.", event)

    def _location(self, event: Any) -> Location:
        mark = event.start_mark
        return Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file)

    def _report(self, code: str, message: str, way_out: str, event: Any) -> None:
        self.findings.append(Finding(code, message, way_out, location=self._location(event)))

    def _add_scalar(self, event: Any) -> None:
        text = event.value
        if not text.isascii() and _SURROGATE.search(text):
            try:  # JSON's escapes spell one character as a pair
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                self._report("yaml-syntax", "half of a surrogate pair is not a character", "Remove it.", event)
                text = ""
        level = self._levels[-1]
        if level.expects_key:
            location = self._location(event)
            if text in level.locations.at and text != "<<":
                message = f"the key {text!r} is here a second time; first at {level.locations.at[text]}"
                self._report("duplicate-key", message, "Keep one of them.", event)
            level.key, level.location, level.expects_key = text, location, False
            return
        if event.tag not in _TAGS:
            self._report("yaml-tag", f"the tag {event.tag} is not known here", "Remove it.", event)
        value = text
        if event.implicit[0] and not event.tag:
            value = resolve_scalar(text)
        elif event.style in ("|", ">"):
            value = BlockText(text)
        if event.anchor:
            self._anchors[event.anchor] = value, 1, 0
        self._put(value, event)

    def _add_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._report("yaml-alias", f"there is no anchor &{event.anchor} above this alias", "Define it.", event)
            self._put(None, event)
            return
        value, size, depth = self._anchors[event.anchor]
        self._aliased += size
        self._check_depth(len(self._levels) - 1 + depth, event)
        if self._aliased > MAX_ALIASED_VALUES:
            self.findings[:] = [finding for finding in self.findings if finding.code != "alias-bomb"]
            message = f"the aliases of this file expand to more than {MAX_ALIASED_VALUES} values"
            self._report("alias-bomb", message, "Write it out, or split the file.", event)
            raise ManifestError(self.findings)
        level = self._levels[-1]
        if level.expects_key:
            self._report("yaml-key", "a key cannot be an alias", "Write it out.", event)
            level.key, level.expects_key = f"*{event.anchor}", False
            return
        self._put(value, event, size=size, depth=depth)

    def _check_depth(self, depth: int, event: Any) -> None:
        if depth > MAX_DEPTH:
            self._report("too-deep", f"nested deeper than {MAX_DEPTH} levels", "Flatten it.", event)
            raise ManifestError(self.findings)

    def _open(self, event: Any) -> None:
        self._check_depth(len(self._levels), event)
        if event.tag not in _TAGS:
            self._report("yaml-tag", f"the tag {event.tag} is not known here", "Remove it.", event)
        level = self._levels[-1]
        if level.expects_key:
            self._report("yaml-key", "a key must be a word", "Put it in quotes.", event)
            level.key, level.expects_key = "?", False
        if isinstance(level.value, list):
            level.location = self._location(event)
        self._levels.append(_Level({} if isinstance(event, MappingStartEvent) else [], event.anchor))

    def _put(self, value: Any, event: Any, locations: Locations | None = None, size: int = 1, depth: int = 0) -> None:
        """Put a value into the level that is open; `event` is None where its location is known."""
        level = self._levels[-1]
        level.size += size
        level.depth = max(level.depth, depth + 1)
        key, location = level.key, level.location
        if isinstance(level.value, list):
            key, location = str(len(level.value)), self._location(event) if event else location
            level.value.append(value)
        else:
            level.expects_key = True
            if key == "<<":
                self._merge(level, value)
            else:
                level.value.setdefault(key, value)
        if key not in level.locations.at:
            level.locations.at[key] = location
            if locations is not None:
                level.locations.below[key] = locations

    def _merge(self, level: _Level, value: Any) -> None:
        merges = value if isinstance(value, list) else [value]
        if all(isinstance(merged, dict) for merged in merges):
            level.merges += reversed(merges)
        else:
            message = "the value of << must be a mapping, or a list of mappings"
            location = level.locations.at.get("<<", level.location)
            self.findings.append(Finding("yaml-merge", message, "Use an alias of a mapping.", location=location))
