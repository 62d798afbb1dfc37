"""Words that were retired for plainer ones and may not come back."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for folder in ("mjsync", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and path != Path(__file__).resolve()
)

RETIRED = {
    "veil": "redact",
    "veiled": "redacted",
    "errand": "request",
    "tour": "environments",
    "doubts": "findings",
    "judge": "validate",
    "judged": "validated",
    "weighed": "checked",
    "vouch": "verify",
    "vouches": "verifies",
    "vouched": "verified",
    "woven": "composed",
    "weave": "compose",
    "weaver": "composer",
    "sheet": "source",
    "sheets": "sources",
    "intake": "importer",
    "staged": "overlay",
    "departure": "removal",
    "stretch": "span",
    "wished": "desired",
    "makers": "converters",
    "grave": "soft-deleted",
    "graves": "soft-deleted",
    "buried": "soft-deleted",
    "revive": "undelete",
    "revives": "undeletes",
    "ailments": "warnings",
    "mishap": "fault",
    "mishaps": "faults",
    "tripwire": "forbidden call",
    "catalogue": "catalog",
    "catalogues": "catalogs",
    "overheard": "cached",
    "unspoken": "missing text",
    "hopeless": "blocked",
    "journaled": "recorded",
}
"""Retired word to the one to use. The list is short on purpose: add a word only when it came back in a review."""

RETIRED_NAMES = {
    "asked": "options",
    "told": "reported",
    "whose": "account",
    "wanted": "desired",
    "said": "text",
    "intend": "record_intent",
    "given": "params or values",
    "mood": "status",
    "doubt": "warning",
    "wish": "desired",
}
"""Words that are plain in a sentence, and say nothing as a name."""

RETIRED_PHRASES = (
    "another witness",
    "born with",
    "deleted and made again",
    "how to talk",
    "names no entry",
    "narrow waist",
    "nobody looks",
    "is told of",
    "it is one.",
    "so is one of",
    "run in a ring",
    "says which account",
    "stands at",
    "the road",
    "the story of",
    "what is asked",
    "what is to go",
    "what lies there",
    "what stands against",
    "what we did",
    "where words go",
)
"""Riddles and inverted sentences that docstrings and messages had."""

ALLOWED: dict[str, set[str]] = {
    "tests/unit/history/test_repository.py": {"staged"},  # git's word
}
"""File to retired words that it may use, because Mailjet, a standard or a documented interface uses them."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _names(tree: ast.AST):
    """Line and identifier of everything that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_retired_words_do_not_come_back(file):
    """No name, docstring, comment, help text or message uses a retired word."""
    text = file.read_text(encoding="utf-8")
    retired = {
        word: use for word, use in RETIRED.items() if word not in ALLOWED.get(file.relative_to(ROOT).as_posix(), ())
    }
    lines = [(number, word.lower()) for number, line in enumerate(text.splitlines(), 1) for word in _WORD.findall(line)]
    names = [(number, name.lower().strip("_")) for number, name in _names(ast.parse(text))]
    found = [f"line {number}: {word} (use {retired[word]})" for number, word in lines if word in retired]
    found += [f"line {number}: {name} (use {RETIRED_NAMES[name]})" for number, name in names if name in RETIRED_NAMES]
    found += [f"rewrite {phrase!r}" for phrase in RETIRED_PHRASES if phrase in " ".join(text.lower().split())]

    assert [] == found
