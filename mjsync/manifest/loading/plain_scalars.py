"""Plain scalars, those without quotes, as YAML 1.2 reads them."""

import math
import re
from collections.abc import Mapping
from typing import Any

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
