"""Format manifests: blanks and line ends change, nothing else; and rewrite deprecated keys.

Two blanks a level, lists set in under their key, one blank behind a colon, two before a comment, at most one empty line
in a row, LF. Order, quotes, comments and what is on one line stay as the author wrote them.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.document import parse_document, uses_of_deprecated, without_deprecated
from mjsync.manifest.loading.files import OverlayTree, Tree, glob_yaml, read_text
from mjsync.manifest.project.settings import FILE, Settings
from mjsync.manifest.writing.source_spans import Span, Spans, Splice, spliced

STEP = 2
"""Blanks a level."""

_DASHES = re.compile(r"(?:-[ \t]+)+(?=\S)")
_COMMENT = re.compile(r"(?:(?<=[ \t])|^)#.*", re.MULTILINE)
_BEFORE_COMMENT = re.compile(r"(?<=[^ \t])[ \t]+(?=#)")


def yaml_files(settings: Settings, tree: Tree) -> tuple[str, ...]:
    """Return mjsync.yaml and every manifest, overlays too, in path order."""
    patterns = {*settings.manifests, *(name for each in settings.environments.values() for name in each.overlays)}
    return tuple(sorted({FILE, *(file for pattern in patterns for file in glob_yaml(tree, pattern))}))


def format_files(files: Iterable[str], tree: OverlayTree, *, upgrade: bool) -> list[Finding]:
    """Format each file in a tree, to `upgrade` also with new keys for deprecated ones; return why others stay."""
    findings: list[Finding] = []
    for file in files:
        try:
            text = read_text(tree, file)
            if upgrade:
                text, left = upgrade_manifest(file, text)
                findings += [left] if left else []
            result = format_manifest(file, text)
        except ManifestError as error:
            findings += error.findings
            continue
        if isinstance(result, Finding):
            findings.append(result)
        else:
            tree.written[file] = result.encode()
    return findings


def format_manifest(file: str, text: str) -> str | Finding:
    """Format a text; a finding where that is not possible without changing its values.

    Raises ManifestError where it is not YAML.
    """
    value = parse_document(file, text).value
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip() + "\n"
    comments_before = comments(file, text)
    try:
        for step in (_with_spaces, _indented, _with_single_empty_lines):
            text = step(file, text)
        is_faithful = parse_document(file, text).value == value and comments(file, text) == comments_before
    except ManifestError:
        is_faithful = False
    if is_faithful:
        return text
    message = f"{file} is left as it is: this layout cannot be changed safely"
    return Finding("unfaithful", message, "Write it more plainly.", "warning", location=Location(file))


def upgrade_manifest(file: str, text: str) -> tuple[str, Finding | None]:
    """Return the text with new keys in place of deprecated ones, and a warning where some cannot be replaced.

    Raises ManifestError where it is not YAML.
    """
    document, spans = parse_document(file, text), Spans(file, text)
    edits: list[Splice] = []
    for use in uses_of_deprecated(document.value):
        pair = spans.pair(use.path)
        if pair is None or not pair.value.is_scalar or spans.pair((*use.path[:-1], use.field)):
            continue
        old = text[pair.value.start : pair.value.end]
        new = json.dumps(use.value) if use.role.values else old
        edits += [(pair.start, pair.end, use.field), (pair.value.start, pair.value.end, new)]
    upgraded = spliced(text, edits)
    after = parse_document(file, upgraded)
    is_same = without_deprecated(after)[0].value == without_deprecated(document)[0].value
    if not is_same or comments(file, upgraded) != comments(file, text):
        after, upgraded = document, text
    for use in uses_of_deprecated(after.value):
        path = ".".join(use.path)
        message = f"{path} is left as it is: it is written through an alias, or beside the new key"
        way_out = f"Write `{use.field}:` by hand."
        location = after.locations.get(path, Location(file))
        return upgraded, Finding("unfaithful", message, way_out, "warning", location=location)
    return upgraded, None


def comments(file: str, text: str) -> list[str]:
    """Return every comment, in order, without the blanks behind it."""
    return [match[0].rstrip() for match in _COMMENT.finditer(_masked(file, text))]


def _masked(file: str, text: str) -> str:
    """Return the text with an x for every character that is not layout."""
    scalars = Spans(file, text).scalars
    return spliced(text, ((start, end, re.sub(r"[^\n]", "x", text[start:end])) for start, end in scalars))


# --- inside lines


def _with_spaces(file: str, text: str) -> str:
    """Write one blank behind a colon, and format braces on one line."""
    return spliced(text, _spacings(text, Spans(file, text).root))


def _spacings(text: str, span: Span | None) -> Iterator[Splice]:
    if span is None or span.is_scalar:
        return
    if span.style:
        source = text[span.start : span.end]
        if "\n" not in source:
            yield span.begin, span.end, _flow(text, span)
        return
    for pair in span.keys.values():
        between = text[pair.end : pair.value.begin]
        if "\n" not in between:
            yield pair.end, pair.value.begin, ": " if text[pair.value.begin : pair.value.end] else ":"
        yield from _spacings(text, pair.value)
    for item in span.items:
        yield from _spacings(text, item)


def _flow(text: str, span: Span) -> str:
    """Return a value inside braces, its scalars as they were written."""
    anchor = text[span.begin : span.start].strip()
    before = f"{anchor} " if anchor else ""
    if span.is_scalar:
        return before + text[span.start : span.end]
    pairs = [f"{text[pair.start : pair.end]}: {_flow(text, pair.value)}".rstrip() for pair in span.keys.values()]
    inner = ", ".join([*pairs, *(_flow(text, item) for item in span.items)])
    return f"{before}{{{inner}}}" if span.is_mapping else f"{before}[{inner}]"


# --- the start of lines


class _Move(NamedTuple):
    """A line's column and the one it should have."""

    old: int
    new: int


def _indented(file: str, text: str) -> str:
    """Indent every line by its level; comments move with the line that they belong to."""
    lines = text.split("\n")
    spans = Spans(file, text)
    moves = _moves(text, spans.root, lines)
    below = _nearest_below(moves)
    inside = _inside(text, [*spans.scalars, *_flows(spans.root)])
    above, shift, result = _Move(-1, 0), 0, []
    for number, line in enumerate(lines):
        bare = line.lstrip(" \t")
        old = len(line) - len(bare)
        if move := moves[number]:
            above, shift = move, move.new - move.old
            bare = _DASHES.sub(lambda match: re.sub(r"[ \t]+", " ", match[0]), bare, count=1)
            result.append(" " * move.new + bare)
        elif number in inside:
            result.append(" " * max(0, old + shift) + bare if bare else line)
        else:
            neighbour = above if above.old == old and below[number].old != old else below[number]
            result.append(" " * neighbour.new + bare if bare else "")
    return "\n".join(result)


def _moves(text: str, root: Span | None, lines: list[str]) -> list[_Move | None]:
    """Return the move of each line that begins with a key or an item."""
    columns = dict(_columns(text, root, 0))
    moves: list[_Move | None] = []
    start = 0
    for line in lines:
        old = len(line) - len(line.lstrip(" \t"))
        moves.append(_Move(old, columns[start + old]) if start + old in columns else None)
        start += len(line) + 1
    return moves


def _nearest_below(moves: list[_Move | None]) -> list[_Move]:
    """Return for each line the nearest move below; after the last, one to the margin."""
    nearest, found = _Move(-1, 0), []
    for move in reversed(moves):
        found.append(nearest)
        nearest = move or nearest
    return found[::-1]


def _columns(text: str, span: Span | None, column: int) -> Iterator[tuple[int, int]]:
    """Return position and new column of each key and item of a block, and of a value that may be below its key."""
    if span is None or span.is_scalar or span.style:
        return
    for pair in span.keys.values():
        yield pair.start, column
        if pair.value.is_scalar or pair.value.style:
            yield pair.value.begin, column + STEP
        yield from _columns(text, pair.value, column + STEP)
    for item in span.items:
        start = text.rfind("\n", 0, item.begin) + 1
        dash = start + len(text[start:]) - len(text[start:].lstrip(" \t"))
        if text[dash] == "-" and dash < item.begin:
            yield dash, column
        yield from _columns(text, item, column + STEP)


def _inside(text: str, ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Return the lines that begin inside one of these ranges."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    return {
        number
        for start, end in ranges
        for number in range(bisect_left(breaks, start) + 1, bisect_left(breaks, end) + 1)
    }


def _flows(span: Span | None) -> Iterator[tuple[int, int]]:
    if span is None or span.is_scalar:
        return
    if span.style:
        yield span.start, span.end
        return
    for inner in (*(pair.value for pair in span.keys.values()), *span.items):
        yield from _flows(inner)


# --- between lines


def _with_single_empty_lines(file: str, text: str) -> str:
    """Leave at most one empty line in a row, no blanks at the end of a line, and two before a comment."""
    masked = _masked(file, text).split("\n")
    inside = _inside(text, Spans(file, text).scalars)
    result: list[str] = []
    for number, (line, mask) in enumerate(zip(text.split("\n"), masked, strict=True)):
        if not line.strip() and number not in inside and (not result or not result[-1].strip()):
            continue
        match = _BEFORE_COMMENT.search(mask)
        trimmed = f"{line[: match.start()]}  {line[match.end() :]}" if match else line
        result.append(trimmed if mask.endswith("x") or number in inside else trimmed.rstrip())
    return "\n".join(result).rstrip("\n") + "\n"
