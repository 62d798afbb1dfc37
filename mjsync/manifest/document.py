"""One YAML file as plain values, each with the place it stands at.

Read through the events of the C parser: as fast as loading gets, and the only way to bound what aliases expand to.
Scalars resolve as in YAML 1.2, so `NO` and `on` stay text. Keys are always text.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined] # it is there, only not listed
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mjsync.errors import Finding, ManifestError, Place

Path = tuple[str, ...]

DEEPEST = 50
"""Levels of nesting."""
ALIASED = 20_000
"""Values that the aliases of one file may expand to, all told."""

_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")

_NO_TABS = "Indent with blanks: YAML allows no tab there."
_BROKEN = "Correct the line, or put the value in quotes."


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its value, and the place of every key and item by path."""

    file: str
    value: Any
    places: Mapping[Path, Place]


def parse(file: str, text: str) -> Document:
    """The one document of a file. Raises ManifestError with every problem that parsing can tell."""
    text = text.removeprefix("\ufeff")
    try:
        builder = _built(file, _c_events(text))
    except MarkedYAMLError:
        builder = _built_or_explained(file, text)
    except YAMLError as error:
        finding = Finding("yaml-syntax", str(error).splitlines()[0], "Remove the character.", place=Place(file))
        raise ManifestError([finding]) from None
    if builder.findings:
        raise ManifestError(builder.findings)
    return Document(file, builder.value, builder.places)


def _built(file: str, events: Iterator[Any]) -> "_Builder":
    builder = _Builder(file)
    for event in events:
        builder.take(event)
    return builder


def _built_or_explained(file: str, text: str) -> "_Builder":
    """A second reading of what the C parser refuses: it knows no `{site: https://…}`, which YAML 1.2 allows."""
    try:
        return _built(file, YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        is_tab = text.split("\n")[mark.line][mark.column :][:1] == "\t" if mark else False
        code, way_out = ("yaml-tab", _NO_TABS) if is_tab else ("yaml-syntax", _BROKEN)
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        context = f" {error.context}" if error.context else ""
        raise ManifestError(
            [Finding(code, f"not valid YAML: {error.problem}{context}", way_out, place=place)]
        ) from None


def _c_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()


@dataclass(slots=True)
class _Level:
    """A mapping or a sequence that is being read."""

    value: Any
    path: Path
    anchor: str | None
    key: str | None = None
    merges: list[Any] = field(default_factory=list)
    first: dict[str, Place] = field(default_factory=dict)


class _Builder:
    """Turns events into values, a level at a time, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.places: dict[Path, Place] = {}
        self.findings: list[Finding] = []
        self._levels: list[_Level] = []
        self._anchors: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._aliased = 0
        self._documents = 0

    def complain(self, code: str, message: str, way_out: str, mark: Any) -> None:
        place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)
        self.findings.append(Finding(code, message, way_out, place=place))

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
                    self.complain(
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
        if event.tag and event.tag != "tag:yaml.org,2002:str":
            self.complain("yaml-tag", f"the tag {event.tag} is not known here", "Remove it.", event.start_mark)
        plain = event.implicit[0] and not event.tag
        value = _resolved(event.value) if plain else event.value
        self._anchor(event.anchor, value, 1)
        self._put(value, event.start_mark)

    def _key(self, level: _Level, event: Any) -> None:
        key = event.value
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        if key in level.first and key != "<<":
            self.complain(
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
            self.complain(
                "yaml-alias",
                f"the alias *{event.anchor} names no anchor above it",
                "Define it.",
                event.start_mark,
            )
            self._put(None, event.start_mark)
            return
        self._aliased += self._sizes[event.anchor]
        if self._aliased > ALIASED:
            self.findings[:] = [finding for finding in self.findings if finding.code != "alias-bomb"]
            message = f"the aliases of this file expand to more than {ALIASED} values"
            self.complain("alias-bomb", message, "Write it out, or split the file.", event.start_mark)
            raise ManifestError(self.findings)
        if level and isinstance(level.value, dict) and level.key is None:
            self.complain("yaml-key", "a key cannot be an alias", "Write it out.", event.start_mark)
            level.key = f"*{event.anchor}"
            return
        self._put(self._anchors[event.anchor], event.start_mark)

    def _open(self, event: Any) -> None:
        if len(self._levels) >= DEEPEST:
            self.complain("too-deep", f"nested deeper than {DEEPEST} levels", "Flatten it.", event.start_mark)
            raise ManifestError(self.findings)
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        level = self._levels[-1] if self._levels else None
        if level and isinstance(level.value, dict) and level.key is None:
            self.complain("yaml-key", "a key must be a word", "Put it in quotes.", event.start_mark)
            level.key = "?"
        path = self._path(event.start_mark)
        self._levels.append(_Level(value, path, event.anchor))

    def _close(self) -> None:
        level = self._levels.pop()
        if level.merges:
            for merged in reversed(level.merges):
                for key, value in merged.items():
                    level.value.setdefault(key, value)
        if level.anchor:
            self._anchor(level.anchor, level.value, _size(level.value))
        self._put(level.value, None)

    def _path(self, mark: Any) -> Path:
        """The path of the value that comes next; items of a sequence get a place of their own."""
        if not self._levels:
            return ()
        level = self._levels[-1]
        if isinstance(level.value, dict):
            return (*level.path, level.key or "")
        path = (*level.path, str(len(level.value)))
        self.places.setdefault(path, Place(self.file, mark.line + 1, mark.column + 1))
        return path

    def _put(self, value: Any, mark: Any) -> None:
        if not self._levels:
            self.value = value
            return
        level = self._levels[-1]
        if isinstance(level.value, list):
            if mark:
                self._path(mark)
            level.value.append(value)
            return
        key, level.key = level.key or "", None
        if key == "<<":
            merges = value if isinstance(value, list) else [value]
            level.merges += [merged for merged in reversed(merges) if isinstance(merged, dict)]
        else:
            level.value.setdefault(key, value)

    def _anchor(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor:
            self._anchors[anchor] = value
            self._sizes[anchor] = size


def _size(value: Any) -> int:
    """Values in an expanded tree; bounded, since the aliases in it were."""
    if isinstance(value, dict):
        return 1 + sum(_size(inner) for inner in value.values())
    if isinstance(value, list):
        return 1 + sum(_size(inner) for inner in value)
    return 1


def _resolved(text: str) -> Any:
    """A plain scalar as YAML 1.2 reads it."""
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) or _INFINITE.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf"))
    return text
