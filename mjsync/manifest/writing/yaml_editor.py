"""Edit the text of a manifest: every other character stays as it is, or the edit is refused."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import BYTE_ORDER_MARK
from mjsync.manifest.loading.yaml_builder import Path
from mjsync.manifest.writing.source_spans import Span, span_at, spans
from mjsync.manifest.writing.yaml_text import block, document, flow, key, literal, scalar

_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*(.*)")
_COMMENT = re.compile(r"(?:^|\s)#")


@dataclass(frozen=True, slots=True)
class SetValue:
    """Set the value at a path; a missing key is added."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class AddValues:
    """Add keys behind those of the mapping at a path."""

    path: Path
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveValue:
    """Remove the key at a path."""

    path: Path


@dataclass(frozen=True, slots=True)
class ReplaceKey:
    """Replace the key and the value at a path."""

    path: Path
    key: str
    value: Any


Edit = SetValue | AddValues | RemoveValue | ReplaceKey
Splice = tuple[int, int, str]


class _UnfaithfulError(Exception):
    """An edit that is not possible without changing other values or comments."""


def apply_edits(file: str, text: str, edits: Iterable[Edit]) -> str | Finding:
    """Edit the text and change nothing else; a finding where that is not possible.

    The result is parsed again: it must contain the edits, and all other values as before.
    """
    bom, text = (BYTE_ORDER_MARK, text[1:]) if text.startswith(BYTE_ORDER_MARK) else ("", text)
    edits = list(edits)
    try:
        result = _spliced(text, _splices(file, text, edits))
        _check(file, text, result, edits)
    except _UnfaithfulError as error:
        message = f"{file} is left as it is: {error}"
        return Finding(
            "unfaithful", message, "Change it by hand, then import again.", "warning", location=Location(file)
        )
    return bom + result


def _check(file: str, before: str, after: str, edits: Iterable[Edit]) -> None:
    """Check that the new text has the values of the old one with exactly these edits."""
    expected = _copy(parse_document(file, before).value)
    for edit in edits:
        expected = _edited(expected, edit)
    try:
        is_expected = parse_document(file, after).value == expected
    except ManifestError as error:
        message = f"the change would break it ({error.findings[0].message})"
        raise _UnfaithfulError(message) from None
    if not is_expected:
        message = "an anchor shares the value with another entry, or its notation has no room for the change"
        raise _UnfaithfulError(message)


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    pieces, at = [], 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        if start < at:
            message = "two of the changes overlap"
            raise _UnfaithfulError(message)
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def _splices(file: str, text: str, edits: Iterable[Edit]) -> Iterator[Splice]:
    root = spans(file, text)
    writer = _Writer(text, root)
    for edit in _joined(root, edits):
        for start, end, new in writer.splices(edit):
            yield start, end, new.replace("\n", _break_at(text, end))


def _break_at(text: str, at: int) -> str:
    """Return the line end used at a position; in the last line, that of the line before."""
    found = text.find("\n", at)
    found = text.rfind("\n") if found < 0 else found
    return "\r\n" if found > 0 and text[found - 1] == "\r" else "\n"


def _joined(root: Span | None, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits, with all additions to one mapping joined: only one can replace an empty mapping."""
    new: dict[Path, dict[str, Any]] = {}
    for edit in edits:
        match edit:
            case SetValue(path, value) if span_at(root, path) is None:
                where, values = path[:-1], {path[-1]: value}
            case AddValues(path, added):
                where, values = path, dict(added)
            case _:
                yield edit
                continue
        while where and span_at(root, where) is None:
            where, values = where[:-1], {where[-1]: values}
        new[where] = _join_values(new.get(where, {}), values)
    yield from (AddValues(where, values) for where, values in new.items())


def _join_values(one: Any, other: Any) -> Any:
    """Join two values for one key: mappings are merged, else the later one wins."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    return {**one, **{word: _join_values(one.get(word), inner) for word, inner in other.items()}}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Computes the splices of one text."""

    text: str
    root: Span | None

    def splices(self, edit: Edit) -> Iterator[Splice]:
        match edit:
            case SetValue(path, value):
                if there := span_at(self.root, path):
                    yield self._replaced(there, value, in_flow=self._in_flow(path))
            case AddValues(path, values):
                yield from self._added(path, values)
            case RemoveValue(path):
                yield self._removed(path)
            case ReplaceKey(path, word, value):
                yield self._replaced_key(path, f"{key(word)}: {flow(value)}")

    # --- replace a value

    def _replaced(self, there: Span, value: Any, *, in_flow: bool) -> Splice:
        old = self.text[there.start : there.end]
        if there.style in ("|", ">"):
            return there.start, there.end, self._block_scalar(old, value, there)
        if not there.is_scalar and _COMMENT.search(old):
            message = f"there are comments inside the value to replace (line {self._line(there.start)})"
            raise _UnfaithfulError(message)
        if isinstance(value, list | tuple):
            is_block = not there.is_scalar and not there.style and value
            between = "\n" + " " * there.column
            new = between.join(f"- {scalar(item)}" for item in value) if is_block else flow(value)
        elif isinstance(value, Mapping):
            new = flow(value)
        else:
            new = scalar(value, there.style if there.style in ("'", '"') else "", in_flow=in_flow)
        return there.start, there.end, new

    def _block_scalar(self, old: str, value: Any, there: Span) -> str:
        header, _, content = old.partition("\n")
        match = _BLOCK_HEADER.match(header.rstrip("\r"))
        comment = match[1] if match else ""
        indent = len(content) - len(content.lstrip(" ")) if content else there.column + 2
        text = literal(value, indent) if isinstance(value, str) else ""
        if text:
            head, _, rest = text.partition("\n")
            return f"{head}{comment}\n{rest}"
        return f"{flow(value) if isinstance(value, list | Mapping) else scalar(value)}{comment}"

    # --- add keys

    def _added(self, path: Path, values: Mapping[str, Any]) -> Iterator[Splice]:
        there = span_at(self.root, path)
        if there is None or not there.is_mapping:
            message = f"{'.'.join(path)} is not a mapping of its own there"
            raise _UnfaithfulError(message)
        elif there.style and (there.keys or self._in_flow(path[:-1])):
            last = max((pair.value.end for pair in there.keys.values()), default=there.start + 1)
            yield last, last, (", " if there.keys else "") + flow(values)[1:-1]
        elif there.style:
            if self.text[there.start : there.end].strip("{} \t"):
                message = "there are comments inside an empty mapping"
                raise _UnfaithfulError(message)
            yield there.start - (self.text[there.start - 1 : there.start] == " "), there.end, ""
            yield self._lines(there.end, block(values, self._column(path) + 2))
        else:
            column = next(iter(there.keys.values())).column
            yield self._lines(there.end, block(values, column) if path else document(values))

    def _lines(self, end: int, lines: str) -> Splice:
        """Insert lines after the one that a value ends on."""
        stop = self._line_end(end)
        return stop, stop, "\n" + lines

    def _column(self, path: Path) -> int:
        """Return the column of the key at a path."""
        parent = span_at(self.root, path[:-1])
        return parent.keys[path[-1]].column if parent and path else 0

    # --- remove keys

    def _removed(self, path: Path) -> Splice:
        parent = span_at(self.root, path[:-1])
        pair = parent.keys.get(path[-1]) if parent else None
        if parent is None or pair is None or len(parent.keys) == 1:
            message = f"{'.'.join(path)} cannot be removed"
            raise _UnfaithfulError(message)
        if parent.style:
            before = [other.value.end for other in parent.keys.values() if other.start < pair.start]
            after = [other.start for other in parent.keys.values() if other.start > pair.start]
            start, end = (max(before), pair.value.end) if before else (pair.start, min(after))
        else:
            start = self.text.rfind("\n", 0, pair.start) + 1
            end = min(self._line_end(pair.value.end) + 1, len(self.text))
            end += self.text[end - 1 : end + 1] == "\r\n"
        if _COMMENT.search(self.text[start:end]):
            message = f"there is a comment at what would be removed (line {self._line(pair.start)})"
            raise _UnfaithfulError(message)
        return start, end, ""

    def _replaced_key(self, path: Path, new: str) -> Splice:
        parent = span_at(self.root, path[:-1])
        pair = parent.keys.get(path[-1]) if parent else None
        if pair is None or _COMMENT.search(self.text[pair.start : pair.value.end]):
            message = f"{'.'.join(path)} cannot be removed (line {self._line(pair.start) if pair else '?'})"
            raise _UnfaithfulError(message)
        return pair.start, pair.value.end, new

    # --- positions

    def _in_flow(self, path: Path) -> bool:
        """Return whether the value at a path is inside braces or brackets."""
        around = (span_at(self.root, path[:length]) for length in range(len(path)))
        return any(span and span.style for span in around)

    def _line_end(self, at: int) -> int:
        stop = self.text.find("\n", at)
        stop = len(self.text) if stop < 0 else stop
        return stop - (self.text[stop - 1 : stop] == "\r")

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def _copy(value: Any) -> Any:
    """Return a copy in which aliases no longer share."""
    if isinstance(value, dict):
        return {word: _copy(inner) for word, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _edited(value: Any, edit: Edit) -> Any:
    """Apply one edit to a value."""
    *above, last = edit.path or ("",)
    at = value
    for word in above:
        at = at.setdefault(word, {}) if isinstance(at, dict) else at[int(word)]
    match edit:
        case SetValue(_, new):
            at[last] = list(new) if isinstance(new, tuple) else new
        case AddValues(path, values):
            target = at.setdefault(last, {}) if path else value
            target |= {word: _copy(inner) for word, inner in values.items()}
        case RemoveValue():
            del at[last]
        case ReplaceKey(_, word, new):
            del at[last]
            at[word] = new
    return value
