"""Text for people: what may not reach a terminal made visible, long values cut, long texts as a short diff."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

CONTEXT = 2
"""Equal lines shown around a difference."""
LONGEST_LINE = 160
"""Characters of one line shown."""
MOST_LINES = 40
"""Lines of one diff shown."""
COMPARED = 4000
"""Lines on each side beyond which a diff is not looked for."""
MOST_PAIRS = 1_000_000
"""Pairs of equal lines, one on each side, beyond which lines that stand all over begin no stretch."""

# C0 and C1 controls but tab, line ends included; bidi marks and overrides; separators that break lines elsewhere;
# lone surrogates and noncharacters, which UTF-8 or XML cannot hold.
_HIDDEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ufdd0\ufdd1\ud800-\udfff\ufffe\uffff]"
)


_COMMAND = re.compile(r"\A(\s*)(:(?=:)|#(?=#\[))")
"""What begins a line that CI engines obey: `::add-mask::x`, `##[set-output]x`."""


def visible(text: str) -> str:
    r"""One line in which what a terminal or a CI engine obeys stands as escapes: `\x1b`, `\u202e`, `\x3a:command`."""
    shown = _HIDDEN.sub(lambda match: _escape(match[0]), text)
    return _COMMAND.sub(lambda match: match[1] + _escape(match[2]), shown)


def json_text(value: Any) -> str:
    """The value as JSON in which what a terminal obeys stands as escapes; the document is the same."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _HIDDEN.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def cut(text: str, longest: int = LONGEST_LINE) -> str:
    """One visible line, cut with its size where it is longer."""
    shown = visible(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({size(text)})"


def padded(text: str, width: int) -> str:
    """The text with blanks behind it up to a number of terminal columns; wide characters take two."""
    return text + " " * max(width - columns(text), 0)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)


def size(text: str) -> str:
    """The text's size in UTF-8: `312 B`, `14.2 kB`, `1.1 MB`."""
    count = float(len(text.encode("utf-8", "surrogatepass")))
    if count < 1000:  # noqa: PLR2004 - kilo
        return f"{count:.0f} B"
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 1000 or unit == "MB":  # noqa: PLR2004
            break
    return f"{count:.1f} {unit}"


def counted(number: int, word: str) -> str:
    """A number of things: `1 error`, `2 errors`."""
    return f"{number} {word}{'s'[: number != 1]}"


def unified(before: str, after: str, context: int = CONTEXT) -> Iterator[str]:
    """The lines of a short unified diff, each with its sign; LF and CRLF are equal, a line end more is a line more.

    The equal head and tail are cut first: comparing costs the square of what is left.
    """
    old, new = _lines(before), _lines(after)
    if not any(lines and lines[-1] for lines in (old, new)):
        old, new = old[:-1], new[:-1]
    head, tail = common(old, new)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    first = max(0, head - context)
    left = old[first:head] + left + old[len(old) - tail :][:context]
    right = new[first:head] + right + new[len(new) - tail :][:context]
    if max(len(left), len(right)) > COMPARED:
        yield f"@@ {len(left)} lines become {len(right)} @@"
        return
    matcher = SequenceMatcher(None, left, right, autojunk=equal_pairs(left, right) > MOST_PAIRS)
    for group in matcher.get_grouped_opcodes(context):
        (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
        yield f"@@ -{first + a + 1},{b - a} +{first + c + 1},{d - c} @@"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (f" {line}" for line in left[a:b])
                continue
            yield from (f"-{line}" for line in left[a:b])
            yield from (f"+{line}" for line in right[c:d])


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def common(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """How many items of the head, and then of the tail, two sequences have in common."""
    shorter = min(len(left), len(right))
    head = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    most = shorter - head
    tail = next((at for at in range(most) if left[-1 - at] != right[-1 - at]), most)
    return head, tail


def equal_pairs(left: Iterable[str], right: Iterable[str]) -> int:
    """How many pairs of equal items there are, one on each side: what comparing costs, for each stretch it finds."""
    counts = Counter(right)
    return sum(count * counts[item] for item, count in Counter(left).items())


def _escape(character: str) -> str:
    code = ord(character)
    return {"\n": "\\n", "\r": "\\r"}.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004
