"""Segment expressions, parsed as strictly as the public guides describe them (API sheet section 9.1).

expression  = term { ("AND" | "OR" | "XOR") term }
term        = "not" term | "(" expression ")" | comparison
comparison  = operand [ operator operand ]
operand     = name | name "(" [ operand { "," operand } ] ")" | number | text
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<operator><>|!=|<=|>=|=|<|>)
      | (?P<name>[^\W\d]\w*)
      | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)
JOINTS = frozenset({"and", "or", "xor"})
BARE_WORDS = frozenset({"true", "false"})
DEPTH = 100  # nested parentheses; Mailjet's own bound is not known
OUTSIDE_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


class Unparsable(Exception):
    """The text is no segment expression; says what was found where."""


@dataclass(slots=True)
class _Reader:
    tokens: list[tuple[str, str]]
    place: int = 0
    depth: int = 0
    names: set[str] = field(default_factory=set)

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place]

    def take(self) -> tuple[str, str]:
        self.place += 1
        return self.tokens[self.place - 1]

    def accept(self, mark: str) -> bool:
        if self.peek() == ("mark", mark):
            self.place += 1
            return True
        return False

    def need(self, mark: str) -> None:
        if not self.accept(mark):
            raise Unparsable(f'expected "{mark}", found "{self.peek()[1] or "the end"}"')


def properties_of(text: str) -> set[str]:
    """Names of the contact properties an expression uses.

    Raises:
        Unparsable: the text is no expression.
    """
    reader = _Reader(_tokens(text))
    _expression(reader)
    if reader.peek()[0] != "end":
        raise Unparsable(f'unexpected "{reader.peek()[1]}"')
    return reader.names


def normalised(text: str) -> str:
    """The expression with keywords in capitals and single blanks, as an editor might rewrite it."""
    parts = OUTSIDE_TEXT.split(text)
    for place in range(0, len(parts), 2):
        squeezed = re.sub(r"\s+", " ", parts[place])
        parts[place] = re.sub(r"(?i)\b(and|or|xor)\b", lambda found: found[0].upper(), squeezed)
    return "".join(parts).strip()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if found is None:
            raise Unparsable(f'unexpected "{text[place:].strip()[:10]}"')
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        place = found.end()
    return [*tokens, ("end", "")]


def _expression(reader: _Reader) -> None:
    _term(reader)
    while reader.peek()[0] == "name" and reader.peek()[1].casefold() in JOINTS:
        reader.take()
        _term(reader)


def _term(reader: _Reader) -> None:
    reader.depth += 1
    if reader.depth > DEPTH:
        raise Unparsable("nested too deeply")
    if reader.peek()[0] == "name" and reader.peek()[1].casefold() == "not":
        reader.take()
        _term(reader)
    elif reader.accept("("):
        _expression(reader)
        reader.need(")")
    else:
        _comparison(reader)
    reader.depth -= 1


def _comparison(reader: _Reader) -> None:
    is_call = _operand(reader)
    if reader.peek()[0] == "operator":
        reader.take()
        _operand(reader)
    elif not is_call:
        raise Unparsable(f'expected an operator, found "{reader.peek()[1] or "the end"}"')


def _operand(reader: _Reader) -> bool:
    """Read one operand; says whether it was a function call."""
    kind, word = reader.take()
    if kind in {"number", "text"}:
        return False
    if kind != "name" or word.casefold() in JOINTS | {"not"}:
        raise Unparsable(f'unexpected "{word or "end"}"')
    if not reader.accept("("):
        if word.casefold() not in BARE_WORDS:
            reader.names.add(word)
        return False
    if not reader.accept(")"):
        _operand(reader)
        while reader.accept(","):
            _operand(reader)
        reader.need(")")
    return True
