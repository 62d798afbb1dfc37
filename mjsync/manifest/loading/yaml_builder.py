"""Turns what a YAML parser sees, event by event, into plain values with their places."""

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
"""Values that the aliases of one file may expand to, all told."""

_TAGS = (None, "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much a value holds, aliases expanded: values all told, and levels of nesting."""

    size: int = 1
    depth: int = 0


@dataclass(slots=True)
class _Level:
    """A mapping or a sequence that is being read."""

    value: Any
    path: Path
    anchor: str | None
    key: str | None = None
    merges: list[Any] = field(default_factory=list)
    first: dict[str, Location] = field(default_factory=dict)
    size: int = 1
    depth: int = 1

    def hold(self, extent: _Extent) -> None:
        """Count a value that was put inside."""
        self.size += extent.size
        self.depth = max(self.depth, extent.depth + 1)


class YamlBuilder:
    """Turns events into values, a level at a time, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.places: dict[Path, Location] = {}
        self.findings: list[Finding] = []
        self._levels: list[_Level] = []
        self._anchors: dict[str, tuple[Any, _Extent]] = {}
        self._aliased = 0
        self._documents = 0

    def add_finding(self, code: str, message: str, way_out: str, mark: Any) -> None:
        """Keep what is wrong at a place of the text."""
        place = Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file)
        self.findings.append(Finding(code, message, way_out, location=place))

    def take(self, event: Any) -> None:
        """Take in the next event."""
        match event:
            case ScalarEvent():
                self._scalar(event)
            case AliasEvent():
                self._alias(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._open(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case DocumentStartEvent():
                self._documents += 1
                if self._documents == 2:  # noqa: PLR2004
                    self.add_finding(
                        "several-documents",
                        "a second document begins",
                        "Use one file for each.",
                        event.start_mark,
                    )

    def _scalar(self, event: Any) -> None:
        level = self._levels[-1] if self._levels else None
        if level and isinstance(level.value, dict) and level.key is None:
            self._key(level, event)
            return
        self._tag(event)
        plain = event.implicit[0] and not event.tag
        text = self._text(event)
        value = resolve_scalar(text) if plain else text
        self._anchor(event.anchor, value, _Extent())
        self._put(value, event.start_mark)

    def _text(self, event: Any) -> str:
        text = join_surrogates(event.value)
        if text is None:
            self.add_finding("yaml-syntax", "half of a surrogate pair is no character", "Remove it.", event.start_mark)
        return text or ""

    def _tag(self, event: Any) -> None:
        if event.tag not in _TAGS:
            self.add_finding("yaml-tag", f"the tag {event.tag} is not known here", "Remove it.", event.start_mark)

    def _key(self, level: _Level, event: Any) -> None:
        key = self._text(event)
        place = Location(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        if key in level.first and key != "<<":
            self.add_finding(
                "duplicate-key",
                f"the key {key!r} stands here a second time; first at {level.first[key]}",
                "Keep one of them.",
                event.start_mark,
            )
        level.first.setdefault(key, place)
        level.key = key
        self.places.setdefault((*level.path, key), place)

    def _alias(self, event: Any) -> None:
        level = self._levels[-1] if self._levels else None
        if event.anchor not in self._anchors:
            self.add_finding(
                "yaml-alias",
                f"the alias *{event.anchor} names no anchor above it",
                "Define it.",
                event.start_mark,
            )
            self._put(None, event.start_mark)
            return
        value, extent = self._anchors[event.anchor]
        self._aliased += extent.size
        self._bound(len(self._levels) + extent.depth, event.start_mark)
        if self._aliased > MAX_ALIASED_VALUES:
            self.findings[:] = [finding for finding in self.findings if finding.code != "alias-bomb"]
            message = f"the aliases of this file expand to more than {MAX_ALIASED_VALUES} values"
            self.add_finding("alias-bomb", message, "Write it out, or split the file.", event.start_mark)
            raise ManifestError(self.findings)
        if level and isinstance(level.value, dict) and level.key is None:
            self.add_finding("yaml-key", "a key cannot be an alias", "Write it out.", event.start_mark)
            level.key = f"*{event.anchor}"
            return
        self._put(value, event.start_mark, extent)

    def _bound(self, depth: int, mark: Any) -> None:
        """Raises ManifestError where nesting, aliases expanded, goes too deep."""
        if depth > MAX_DEPTH:
            self.add_finding("too-deep", f"nested deeper than {MAX_DEPTH} levels", "Flatten it.", mark)
            raise ManifestError(self.findings)

    def _open(self, event: Any) -> None:
        self._bound(len(self._levels) + 1, event.start_mark)
        self._tag(event)
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        level = self._levels[-1] if self._levels else None
        if level and isinstance(level.value, dict) and level.key is None:
            self.add_finding("yaml-key", "a key must be a word", "Put it in quotes.", event.start_mark)
            level.key = "?"
        path = self._path(event.start_mark)
        self._levels.append(_Level(value, path, event.anchor))

    def _close(self) -> None:
        level = self._levels.pop()
        if level.merges:
            for merged in reversed(level.merges):
                for key, value in merged.items():
                    level.value.setdefault(key, value)
        extent = _Extent(level.size, level.depth)
        self._anchor(level.anchor, level.value, extent)
        self._put(level.value, None, extent)

    def _path(self, mark: Any) -> Path:
        """The path of the value that comes next; items of a sequence get a place of their own."""
        if not self._levels:
            return ()
        level = self._levels[-1]
        if isinstance(level.value, dict):
            return (*level.path, level.key or "")
        path = (*level.path, str(len(level.value)))
        self.places.setdefault(path, Location(self.file, mark.line + 1, mark.column + 1))
        return path

    def _put(self, value: Any, mark: Any, extent: _Extent = _Extent()) -> None:
        if not self._levels:
            self.value = value
            return
        level = self._levels[-1]
        level.hold(extent)
        if isinstance(level.value, list):
            if mark:
                self._path(mark)
            level.value.append(value)
            return
        key, level.key = level.key or "", None
        if key == "<<":
            self._merge(level, value if isinstance(value, list) else [value])
        else:
            level.value.setdefault(key, value)

    def _merge(self, level: _Level, merges: list[Any]) -> None:
        if not all(isinstance(merged, dict) for merged in merges):
            place = self.places[(*level.path, "<<")]
            message = "what << merges must be a mapping, or a list of mappings"
            self.findings.append(Finding("yaml-merge", message, "Name an anchor of one.", location=place))
            return
        level.merges += reversed(merges)

    def _anchor(self, anchor: str | None, value: Any, extent: _Extent) -> None:
        if anchor:
            self._anchors[anchor] = value, extent


# --- scalars without quotes, as YAML 1.2 reads them

MOST_DIGITS = 4000
"""Digits of a whole number; longer ones, which Python refuses to spell, stand as infinite."""

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


def join_surrogates(text: str) -> str | None:
    """The text with surrogate pairs joined, as JSON's escapes spell them; None where one stands alone."""
    if not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None


def resolve_scalar(text: str) -> Any:
    """A plain scalar as YAML 1.2 reads it."""
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    if _INT.fullmatch(text):
        return math.inf if len(text) > MOST_DIGITS else int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) or _INFINITE.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf"))
    return text
