"""Locate each value of a YAML text by character, so that one can be replaced and the rest left as it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mjsync.manifest.loading.document import events
from mjsync.manifest.loading.yaml_builder import Path

Splice = tuple[int, int, str]
"""Start and end of what is replaced, and the new text."""


@dataclass(slots=True)
class Span:
    """One value: its first character and the one behind its last, and the way it is written.

    `start` is behind an anchor, which stays where it is; `begin` is before it. `style` is a quote, `|`, `>`, `*` for an
    alias, `{` or `[` for a flow collection, and empty for a plain scalar or a block collection. `keys` are those of a
    mapping.
    """

    begin: int
    start: int
    end: int = 0
    style: str = ""
    column: int = 0
    is_scalar: bool = False
    is_mapping: bool = False
    keys: dict[str, "Pair"] = field(default_factory=dict)
    items: list["Span"] = field(default_factory=list)


class Pair(NamedTuple):
    """One key of a mapping: its first character and the one behind its last, its column, and its value."""

    start: int
    end: int
    column: int
    value: Span


class Spans:
    """The values of a text: the root, None where there is none, and start and end of every scalar, keys included."""

    def __init__(self, file: str, text: str) -> None:
        """Read the text. Raises ManifestError where it is not YAML."""
        self.text = text
        self.root: Span | None = None
        self.scalars: list[tuple[int, int]] = []
        self._open: list[Span] = []
        self._keys: list[tuple[str, int, int, int] | None] = []
        for event in events(file, text):
            self._add(event)

    def at(self, path: Path) -> Span | None:
        """Return the value that is written at a path; None for one that an alias or a merge brings."""
        span = self.root
        for key in path:
            if span is None:
                return None
            if span.is_mapping:
                span = span.keys[key].value if key in span.keys else None
            else:
                span = span.items[int(key)] if key.isdigit() and int(key) < len(span.items) else None
        return span

    def pair(self, path: Path) -> Pair | None:
        """Return the key that is written at a path, with its value."""
        parent = self.at(path[:-1])
        return parent.keys.get(path[-1]) if parent and path else None

    def _add(self, event: Any) -> None:
        match event:
            case ScalarEvent() | AliasEvent():
                self._leaf(event)
            case MappingStartEvent() | SequenceStartEvent():
                is_mapping = isinstance(event, MappingStartEvent)
                style = ("{" if is_mapping else "[") if event.flow_style else ""
                span = Span(event.start_mark.index, self._behind_anchor(event), style=style, is_mapping=is_mapping)
                span.column = event.start_mark.column
                self._put(span)
                self._open.append(span)
                self._keys.append(None)
            case MappingEndEvent() | SequenceEndEvent():
                span = self._open.pop()
                self._keys.pop()
                inner = [pair.value for pair in span.keys.values()] + span.items
                # The end mark of a block is at the next token: it ends with its last value.
                last = max((value.end for value in inner), default=span.start)
                span.end = event.end_mark.index if span.style else last

    def _leaf(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        style = "*" if isinstance(event, AliasEvent) else (event.style or "")
        first, last = start, end
        if style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
            first = self.text.find("\n", start)
            last = last if "+" in self.text[start:first].partition("#")[0] else end  # `|+` keeps its line ends
        if style != "*" and first < last:
            self.scalars.append((first, last))
        level = self._open[-1] if self._open else None
        if level and level.is_mapping and self._keys[-1] is None:
            key = event.anchor if style == "*" else event.value
            self._keys[-1] = (key, start, end, event.start_mark.column)
            return
        self._put(Span(start, self._behind_anchor(event), end, style, event.start_mark.column, is_scalar=True))

    def _put(self, span: Span) -> None:
        if not self._open:
            self.root = span
            return
        level = self._open[-1]
        if not level.is_mapping:
            level.items.append(span)
            return
        key, self._keys[-1] = self._keys[-1], None
        if key is not None:
            level.keys.setdefault(key[0], Pair(key[1], key[2], key[3], span))

    def _behind_anchor(self, event: Any) -> int:
        start: int = event.start_mark.index
        if event.anchor and not isinstance(event, AliasEvent):
            start += len(event.anchor) + 1
            while self.text[start : start + 1].isspace() and start < event.end_mark.index:
                start += 1
        return start


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with parts of it replaced, none of which overlap."""
    pieces, at = [], 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])
