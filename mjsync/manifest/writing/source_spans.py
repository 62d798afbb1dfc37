"""Locate each value of a YAML text by character, so that one can be replaced and the rest left as it is."""

from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a mapping: its first character and the one behind its last, its column, and its value."""

    start: int
    end: int
    column: int
    value: Span


def spans(file: str, text: str) -> Span | None:
    """Return the root value of a text; None where there is none. Raises ManifestError where it is not YAML."""
    reader = _Reader(text)
    for event in events(file, text):
        reader.add(event)
    return reader.root


def span_at(root: Span | None, path: Path) -> Span | None:
    """Return the value that is written at a path; None for one that an alias or a merge brings."""
    for word in path:
        if root is None:
            return None
        if root.is_mapping:
            pair = root.keys.get(word)
            root = pair.value if pair else None
        else:
            root = root.items[int(word)] if word.isdigit() and int(word) < len(root.items) else None
    return root


class _Reader:
    """Builds spans from events, a level at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Span | None = None
        self._open: list[Span] = []
        self._keys: list[tuple[str, int, int, int] | None] = []

    def add(self, event: Any) -> None:
        """Add the next event."""
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
                span.end = event.end_mark.index if span.style else self._last_end(span)

    def _leaf(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        level = self._open[-1] if self._open else None
        if level and level.is_mapping and self._keys[-1] is None:
            word = event.anchor if isinstance(event, AliasEvent) else event.value
            self._keys[-1] = (word, start, end, event.start_mark.column)
            return
        style = "*" if isinstance(event, AliasEvent) else (event.style or "")
        span = Span(start, self._behind_anchor(event), end, style, event.start_mark.column, is_scalar=True)
        if style in ("|", ">"):
            span.end = start + len(self.text[start:end].rstrip())
        self._put(span)

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

    @staticmethod
    def _last_end(span: Span) -> int:
        """Return where a block collection ends: after its last value, since the end mark is at the next token."""
        inner = [pair.value for pair in span.keys.values()] + span.items
        return max((value.end for value in inner), default=span.start)


def texts(file: str, text: str) -> list[tuple[int, int]]:
    """Return start and end of every scalar, keys included. Raises ManifestError where the text is not YAML."""
    found = []
    for event in events(file, text):
        if isinstance(event, ScalarEvent):
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in ("|", ">"):
                header_end = text.find("\n", start)
                keeps_line_ends = "+" in text[start:header_end].partition("#")[0]
                start, end = header_end, end if keeps_line_ends else start + len(text[start:end].rstrip())
            if start < end:
                found.append((start, end))
    return found
