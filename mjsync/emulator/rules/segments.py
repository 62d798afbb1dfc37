"""Segments (`contactfilter`), and a strict parser of their expressions."""

import re
from dataclasses import dataclass, field

from mjsync.emulator.responses import ApiError
from mjsync.emulator.rules.base import AccountView, Fact, Query, Rules, require_value
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import TRUE_WORDS

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
CONJUNCTIONS = frozenset({"and", "or", "xor"})
BARE_WORDS = frozenset({"true", "false"})
MAX_DEPTH = 100  # nested parentheses; Mailjet's own limit is not known
OUTSIDE_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


class InvalidExpression(Exception):
    """The text is not a segment expression; the message says what was found."""


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
            raise InvalidExpression(f'expected "{mark}", found "{self.peek()[1] or "the end"}"')


def property_names(text: str) -> set[str]:
    """Names of the contact properties an expression uses.

    Raises:
        Unparsable: the text is not an expression.
    """
    reader = _Reader(_tokens(text))
    _expression(reader)
    if reader.peek()[0] != "end":
        raise InvalidExpression(f'unexpected "{reader.peek()[1]}"')
    return reader.names


def normalized(text: str) -> str:
    """Rewrite keywords in capitals and whitespace as single spaces, as an editor might do."""
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
            raise InvalidExpression(f'unexpected "{text[place:].strip()[:10]}"')
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        place = found.end()
    return [*tokens, ("end", "")]


def _expression(reader: _Reader) -> None:
    _term(reader)
    while reader.peek()[0] == "name" and reader.peek()[1].casefold() in CONJUNCTIONS:
        reader.take()
        _term(reader)


def _term(reader: _Reader) -> None:
    reader.depth += 1
    if reader.depth > MAX_DEPTH:
        raise InvalidExpression("nested too deeply")
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
        raise InvalidExpression(f'expected an operator, found "{reader.peek()[1] or "the end"}"')


def _operand(reader: _Reader) -> bool:
    """Parse one operand; returns whether it was a function call."""
    kind, word = reader.take()
    if kind in {"number", "text"}:
        return False
    if kind != "name" or word.casefold() in CONJUNCTIONS | {"not"}:
        raise InvalidExpression(f'unexpected "{word or "end"}"')
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


class SegmentRules(Rules):
    """Segments are soft-deleted by Status; their name may stay taken."""

    unchanged_switch = "unchanged_put_is_304"
    facts = (
        Fact("contactfilter delete", "soft: Status becomes deleted", "documentation", "9"),
        Fact("contactfilter restore", "PUT Status unused", "documentation", "9"),
        Fact(
            "contactfilter Status",
            "unused becomes used when a sending uses it",
            "documentation",
            "9",
        ),
        Fact("contactfilter created as used", "accepted", "recorded", "9"),
        Fact("contactfilter Name and Expression", "refused when empty", "our choice", "9"),
    )

    def unique_keys(self, row: Row, settings: Settings) -> Keys:
        """Return the name, which is unique, among deleted segments too if the switch is on."""
        if row["Status"] == "deleted" and not settings.on("deleted_segment_blocks_name"):
            return {}
        return {"Name": (row["Name"],)}

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Normalise the expression, if the switch is on."""
        if account.settings.on("expression_normalised"):
            row["Expression"] = normalized(row["Expression"])

    def before_update(self, row: Row, account: AccountView) -> None:
        """Normalise the expression, if the switch is on."""
        self.set_defaults(row, account)

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Require a name and a valid expression."""
        is_live = before is not None and before["Status"] != "deleted"
        if is_live and account.settings.on("segment_put_only_when_deleted"):
            raise ApiError(400, "Only deleted segments can be updated, and only to unused")
        require_value(row, "Name")
        require_value(row, "Expression")
        if before is None or before["Expression"] != row["Expression"]:
            _check_expression(row["Expression"], account)

    def is_hidden(self, row: Row, query: Query, account: AccountView) -> bool:
        """Hide deleted segments unless ShowDeleted or Status is sent."""
        if row["Status"] != "deleted" or "status" in query:
            return False
        show_deleted = query.get("showdeleted")
        if show_deleted is None:
            return not account.settings.on("deleted_segments_listed")
        return not TRUE_WORDS.get(show_deleted.casefold())

    def with_runtime_changes(self, row: Row, account: AccountView) -> Row:  # noqa: ARG002
        """Set Status to used, as a sending does."""
        return {**row, "Status": "used"} if row["Status"] == "unused" else row

    def delete(self, row: Row, account: AccountView) -> None:
        """Set Status to deleted."""
        drafts = account.table("campaigndraft").rows.values()
        is_used = any(each.get("SegmentationID") == row["ID"] for each in drafts)
        if is_used and account.settings.on("used_segment_delete_refused"):
            raise ApiError(400, "The segment is used in a campaign draft")
        account.write("contactfilter", {**row, "Status": "deleted"})


def _check_expression(text: str, account: AccountView) -> None:
    """Refuse an expression with a syntax error; whether Mailjet does is unknown, the text is our choice.

    Source: mjsync/docs/mailjet-api.md, section 19, row 8.
    """
    if not account.settings.on("segment_syntax_checked"):
        return
    try:
        names = property_names(text)
    except InvalidExpression as error:
        raise ApiError(400, f"Invalid expression (emulator): {error}") from error
    known = {each["Name"].casefold() for each in account.table("contactmetadata").rows.values()}
    unknown = sorted(name for name in names if name.casefold() not in known)
    if unknown and account.settings.on("segment_properties_checked"):
        raise ApiError(400, f'Invalid expression (emulator): unknown property "{unknown[0]}"')
