"""Segment expressions for reviewers: one condition a line, in words, nested as the parentheses are.

The order of operators is left as it is written: nothing here says which of AND and OR binds first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LONGEST = 20_000
"""Characters of an expression that is looked at; a longer one is shown as it is."""
DEEPEST = 50
"""Levels of nesting that are told apart; deeper expressions are shown as they are."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|[<>=!]+|\d+(?:\.\d+)?|\S', re.DOTALL)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CONNECTORS = frozenset({"and", "or", "xor"})
_SIGNS = {"=": "is", "<>": "is not", "!=": "is not", "<": "is below", ">": "is above", "<=": "≤", ">=": "≥"}
_PHRASES = {
    ("isinpreviousdays", 2): "{} is in the previous {} days",
    ("isinnextdays", 2): "{} is in the next {} days",
    ("isbetweennumbers", 3): "{} is between {} and {}",
    ("hasopenedsince", 1): "has opened a mail in the last {} days",
    ("hasclickedsince", 1): "has clicked a link in the last {} days",
    ("todate", 1): "the date {}",
}
"""Function in lower case and number of arguments to words; others are worded from their names."""


@dataclass(slots=True)
class _Group:
    """Conditions and groups in parentheses, each behind the connector and the NOT before it."""

    members: "list[tuple[str, str | _Group]]" = field(default_factory=list)


def segment_lines(expression: str) -> list[str]:
    """The lines of an expression, each indented by two blanks a level."""
    tokens: list[str] = _TOKEN.findall(expression)
    if len(expression) > LONGEST or _depth(tokens) > DEEPEST:
        return [expression]
    reading, whole = _Reading(tokens), _Group()
    while not reading.is_done:
        whole.members += reading.group().members
    return list(_lines(whole, 0))


def _depth(tokens: Sequence[str]) -> int:
    deepest = depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")  # noqa: S105 - a token of a language
        deepest = max(deepest, depth)
    return deepest


def _lines(group: _Group, level: int) -> Iterator[str]:
    for member in group.members:
        leads, inner = [member[0]], member[1]
        while isinstance(inner, _Group) and len(inner.members) == 1:
            leads.append(inner.members[0][0])
            inner = inner.members[0][1]
        lead = " ".join(filter(None, leads))
        if isinstance(inner, str):
            yield "  " * level + " ".join(filter(None, (lead, inner)))
            continue
        if lead:
            yield "  " * level + lead
        yield from _lines(inner, level + bool(lead or len(group.members) > 1))


class _Reading:
    """Goes through the tokens of one expression; what is malformed is worded all the same."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def is_done(self) -> bool:
        """Whether all was read."""
        return self._place >= len(self._tokens)

    def group(self) -> _Group:
        """All up to the parenthesis that closes, or the end."""
        group, lead, words = _Group(), list[str](), list[str]()

        def end() -> None:
            if words:
                group.members.append((" ".join(lead), " ".join(words)))
                lead.clear()
                words.clear()

        while (token := self._next()) not in ("", ")"):
            if token == "(":  # noqa: S105 - a token of a language
                end()
                group.members.append((" ".join(lead), self.group()))
                lead.clear()
            elif token.lower() in _CONNECTORS | {"not"}:
                end()
                lead.append(token.upper())
            elif token[0].isalpha() and self._peek() == "(":
                words.append(self._call(token))
            else:
                words.append(_SIGNS.get(token, token))
        end()
        return group

    def _call(self, name: str) -> str:
        self._next()
        arguments = [""]
        while (token := self._next()) not in ("", ")"):
            if token == ",":  # noqa: S105 - a token of a language
                arguments.append("")
            else:
                arguments[-1] += self._call(token) if token[0].isalpha() and self._peek() == "(" else token
        if phrase := _PHRASES.get((name.lower(), len(arguments))):
            return phrase.format(*arguments)
        words = _HUMP.sub(" ", name).lower()
        return " ".join(part for part in (arguments[0], words, ", ".join(arguments[1:])) if part)

    def _next(self) -> str:
        token = self._peek()
        self._place += 1
        return token

    def _peek(self) -> str:
        return "" if self.is_done else self._tokens[self._place]
