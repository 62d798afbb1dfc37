"""Write values as YAML text, in the plainest notation that is read back as the same value."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.errors import ManifestError
from mjsync.manifest.loading.document import Node, parse_document
from mjsync.manifest.loading.layers import PARTS, REMOVED, Layer
from mjsync.resources import SECTIONS

MAX_FLAT_LENGTH = 60
"""Characters up to which a flat mapping is written on one line."""

_PLAIN = re.compile(r"[A-Za-z_][\w./@+-]*(?: [\w./@+-]+)*", re.ASCII)
"""Texts that need no quotes for sure, except the words in `_WORDS`."""
_WORDS = frozenset({"null", "true", "false"})

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_INDENTED = re.compile(r"^(?=.)", re.MULTILINE)


def scalar(value: Any, style: str = "", *, in_flow: bool = False) -> str:
    """Return one scalar on one line, in the quotes of `style` where that is possible."""
    if not isinstance(value, str):
        return json.dumps(value)
    if not style and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if not style and "\t" in value:
        return _double_quoted(value)
    single = "'" + value.replace("'", "''") + "'"
    plain = [] if value.startswith(":") else [value]  # the two parsers disagree on a colon that comes first
    candidates = [single] if style == "'" else [] if style == '"' else [*plain, single]
    return next((text for text in candidates if _reads_as(text, value, in_flow=in_flow)), _double_quoted(value))


def key(word: str) -> str:
    """Return a key; keys are always text, so that few need quotes."""
    if _PLAIN.fullmatch(word):
        return word
    return word if _value(f"{word}: 1") == {word: 1} and _value(f"{{{word}: 1}}") == {word: 1} else _double_quoted(word)


def flow(value: Any) -> str:
    """Return any value on one line: `{name: Weekly, purposes: [marketing]}`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(word)}: {flow(inner)}" for word, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return scalar(value, in_flow=True)


def block(value: Mapping[str, Any], indent: int = 0) -> str:
    """Return a mapping over as many lines as it needs, lists in brackets; no line end behind the last line."""
    lines: list[str] = []
    for word, inner in value.items():
        if isinstance(inner, Mapping) and inner and not _is_small(inner):
            lines += [f"{key(word)}:", block(inner, 2)]
        elif isinstance(inner, str) and (text := literal(inner, 2)):
            lines.append(f"{key(word)}: {text}")
        else:
            lines.append(f"{key(word)}: {flow(inner) if isinstance(inner, Mapping | list | tuple) else scalar(inner)}")
    return indented("\n".join(lines), indent)


def document(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Write sections of a manifest, an entry on each line or more; no line end behind the last."""
    lines = (
        f"{key(word)}:\n{block(entries, 2)}" if entries else f"{key(word)}: {{}}" for word, entries in sections.items()
    )
    return "\n".join(lines)


def literal(text: str, indent: int) -> str:
    """Return a text of several lines as a `|` block; empty where it needs quotes."""
    is_plain = "\n" in text.strip("\n") and "\r" not in text and not text.endswith("\n\n") and not text[:1].isspace()
    if not is_plain:
        return ""
    block_text = ("|\n" if text.endswith("\n") else "|-\n") + indented(text.removesuffix("\n"), indent)
    return block_text if _value(f"k: {block_text}\n") == {"k": text} and indent else ""


def indented(text: str, columns: int) -> str:
    """Return the text with each line that is not empty indented."""
    return _INDENTED.sub(" " * columns, text) if columns else text


def _is_small(value: Mapping[str, Any]) -> bool:
    """Return whether a mapping reads best on one line: a body's file, a sender."""
    is_flat = not any(isinstance(inner, Mapping) or "\n" in str(inner) for inner in value.values())
    return is_flat and len(flow(value)) <= MAX_FLAT_LENGTH


def _reads_as(text: str, value: str, *, in_flow: bool) -> bool:
    """Return whether a notation is read as the value, in a block or in braces."""
    if "\n" in text or "\r" in text:
        return False
    if in_flow:
        braces, expected = f"{{k: {text}, l: [{text}]}}", {"k": value, "l": [value]}
        return bool(_value(braces) == expected and _value(f"k: {braces}") == {"k": expected})
    return bool(_value(f"k: {text}") == {"k": value})


def _value(text: str) -> Any:
    try:
        return parse_document("", text).value
    except ManifestError:
        return None


def _double_quoted(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# --- merged manifests


def merged_manifests(layer: Layer, *, origins: bool = False) -> str:
    """Return the merged manifests as one file; placeholders stay as they were written."""
    sections = {section: layer.entries.get(section, {}) for section in (PARTS, *SECTIONS) if section in layer.present}
    sections |= {REMOVED: layer.removed} if layer.removed else {}
    if not origins:
        values = {section: {handle: nodes[handle].value for handle in nodes} for section, nodes in sections.items()}
        return document(values) + "\n"
    lines: list[str] = []
    for section, nodes in sections.items():
        lines.append(f"{section}:" if nodes else f"{section}: {{}}")
        for handle, node in nodes.items():
            lines += _lines(handle, node.value, node, "", 2)
    return "\n".join(lines) + "\n"


def _lines(word: str, value: Any, node: Node, path: str, column: int) -> Iterator[str]:
    """Yield one key and what is below it, each value with its place."""
    if isinstance(value, Mapping) and value:
        yield f"{' ' * column}{key(word)}:"
        for inner, below in value.items():
            yield from _lines(inner, below, node, f"{path}.{inner}" if path else inner, column + 2)
    else:
        yield f"{' ' * column}{key(word)}: {flow(value)}  # {node.locations.get(path, node.location)}"
