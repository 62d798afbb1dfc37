"""Foreign text inside Markdown: shown as it is, never taken for markup, a mention, a reference or a command.

Signs stand as entities inside a code element: GitHub and GitLab look for mentions, issue numbers and links in rendered
text, and leave code alone. Inside a fence the fence is longer than any run of backticks.
"""

import re
from collections.abc import Iterable

from mjsync.render.text import cut

_SIGN = re.compile(r"[^\w\s.,-]|_")
_TICKS = re.compile("`+")


def code(text: str, longest: int = 200) -> str:
    """Foreign text in one line, as code."""
    return f"<code>{escaped(cut(text, longest))}</code>"


def escaped(text: str) -> str:
    """Every sign that could mean something, as a numeric entity."""
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", text)


def fenced(lines: Iterable[str], language: str) -> str:
    """A block of lines that nothing in them can close."""
    body = list(lines)
    longest = max((len(ticks) for line in body for ticks in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *body, fence])
