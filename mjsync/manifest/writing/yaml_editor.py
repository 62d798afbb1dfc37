"""Edit the text of a manifest: every other character stays as it is, or the edit is refused."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import BYTE_ORDER_MARK
from mjsync.manifest.loading.yaml_builder import Path
from mjsync.manifest.writing.source_spans import Span, Spans, Splice, spliced
from mjsync.manifest.writing.yaml_text import block, document, flow, key, literal, scalar

_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*(.*)")
_COMMENT = re.compile(r"(?:^|\s)#")


class SetValue(NamedTuple):
    """Set the value at a path; a missing key is added behind the others, with the mappings that lead to it."""

    path: Path
    value: Any


class AddValues(NamedTuple):
    """Add keys behind those of the mapping at a path."""

    path: Path
    values: Mapping[str, Any]


class RemoveValue(NamedTuple):
    """Remove the key at a path."""

    path: Path


class ReplaceKey(NamedTuple):
    """Replace the key and the value at a path."""

    path: Path
    key: str
    value: Any


Edit = SetValue | AddValues | RemoveValue | ReplaceKey


class _UnfaithfulError(Exception):
    """An edit that is not possible without changing other values or comments."""


def apply_edits(file: str, text: str, edits: Iterable[Edit]) -> str | Finding:
    """Edit the text and change nothing else; a finding where that is not possible.

    The result is parsed again: it must contain the edits, and all other values as before.
    """
    bom, text = (BYTE_ORDER_MARK, text[1:]) if text.startswith(BYTE_ORDER_MARK) else ("", text)
    edits = list(edits)
    try:
        result = _with_edits(Spans(file, text), edits)
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


def _with_edits(spans: Spans, edits: Iterable[Edit]) -> str:
    text = spans.text
    splices = sorted(_splices(spans, edits), key=lambda splice: splice[:2])
    if any(later[0] < earlier[1] for earlier, later in pairwise(splices)):
        message = "two of the changes overlap"
        raise _UnfaithfulError(message)
    return spliced(text, ((start, end, new.replace("\n", _break_at(text, end))) for start, end, new in splices))


def _splices(spans: Spans, edits: Iterable[Edit]) -> Iterator[Splice]:
    writer = _Writer(spans)
    additions: dict[Path, Mapping[str, Any]] = {}
    for edit in edits:
        match edit:
            case SetValue(path, value) if there := spans.at(path):
                yield writer.replaced(there, value, in_flow=writer.is_in_flow(path))
            case SetValue((*above, last), value):
                _add(additions, spans, tuple(above), {last: value})
            case AddValues(path, values):
                _add(additions, spans, path, values)
            case RemoveValue(path):
                yield writer.removed(path)
            case ReplaceKey(path, word, value):
                yield writer.replaced_key(path, f"{key(word)}: {flow(value)}")
    for path in sorted(additions, key=len, reverse=True):  # what ends on one line: the inner mapping first
        yield from writer.added(path, additions[path])


def _add(additions: dict[Path, Mapping[str, Any]], spans: Spans, path: Path, values: Mapping[str, Any]) -> None:
    """Join what is added to one mapping, which is the nearest that is there: only one can replace an empty mapping."""
    while path and spans.at(path) is None:
        path, values = path[:-1], {path[-1]: values}
    additions[path] = _joined(additions.get(path, {}), values)


def _joined(one: Any, other: Any) -> Any:
    """Join two values for one key: mappings are merged, else the later one wins."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other
    return {**one, **{word: _joined(one.get(word), inner) for word, inner in other.items()}}


def _break_at(text: str, at: int) -> str:
    """Return the line end used at a position; in the last line, that of the line before."""
    found = text.find("\n", at)
    found = text.rfind("\n") if found < 0 else found
    return "\r\n" if found > 0 and text[found - 1] == "\r" else "\n"


class _Writer:
    """Computes the splices of one text."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self.text = spans.text

    def replaced(self, there: Span, value: Any, *, in_flow: bool) -> Splice:
        """Replace a value that is there."""
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

    def added(self, path: Path, values: Mapping[str, Any]) -> Iterator[Splice]:
        """Add keys behind those of the mapping at a path."""
        there = self.spans.at(path)
        if there is None or not there.is_mapping:
            message = f"{'.'.join(path)} is not a mapping of its own there"
            raise _UnfaithfulError(message)
        elif there.style and (there.keys or self.is_in_flow(path[:-1])):
            last = max((pair.value.end for pair in there.keys.values()), default=there.start + 1)
            yield last, last, (", " if there.keys else "") + flow(values)[1:-1]
        elif there.style:
            pair = self.spans.pair(path)
            if self.text[there.start : there.end].strip("{} \t"):
                message = "there are comments inside an empty mapping"
                raise _UnfaithfulError(message)
            yield there.start - (self.text[there.start - 1 : there.start] == " "), there.end, ""
            yield self._lines(there.end, block(values, (pair.column if pair else 0) + 2))
        else:
            column = next(iter(there.keys.values())).column
            yield self._lines(there.end, block(values, column) if path else document(values))

    def _lines(self, end: int, lines: str) -> Splice:
        """Insert lines after the one that a value ends on."""
        stop = self._line_end(end)
        return stop, stop, "\n" + lines

    def removed(self, path: Path) -> Splice:
        """Remove a key with its value."""
        parent, pair = self.spans.at(path[:-1]), self.spans.pair(path)
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

    def replaced_key(self, path: Path, new: str) -> Splice:
        """Replace a key with its value."""
        pair = self.spans.pair(path)
        if pair is None or _COMMENT.search(self.text[pair.start : pair.value.end]):
            message = f"{'.'.join(path)} cannot be removed (line {self._line(pair.start) if pair else '?'})"
            raise _UnfaithfulError(message)
        return pair.start, pair.value.end, new

    # --- positions

    def is_in_flow(self, path: Path) -> bool:
        """Return whether the value at a path is inside braces or brackets."""
        around = (self.spans.at(path[:length]) for length in range(len(path)))
        return any(span and span.style for span in around)

    def _line_end(self, at: int) -> int:
        stop = self.text.find("\n", at)
        stop = len(self.text) if stop < 0 else stop
        return stop - (self.text[stop - 1 : stop] == "\r")

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1


def _copy(value: Any) -> Any:
    """Return a copy in which aliases no longer share, as it would be read from a file."""
    if isinstance(value, Mapping):
        return {word: _copy(inner) for word, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list | tuple) else value


def _edited(value: Any, edit: Edit) -> Any:
    """Apply one edit to a value."""
    *above, last = edit.path or ("",)
    at = value
    for word in above:
        at = at.setdefault(word, {}) if isinstance(at, dict) else at[int(word)]
    match edit:
        case SetValue(_, new):
            at[last] = _copy(new)
        case AddValues(path, values):
            target = at.setdefault(last, {}) if path else value
            target |= _copy(values)
        case RemoveValue():
            del at[last]
        case ReplaceKey(_, word, new):
            del at[last]
            at[word] = _copy(new)
    return value
