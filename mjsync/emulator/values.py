"""What a property may hold: lenient input made into the type the API gives back (API sheet 5.2)."""

import re
from datetime import UTC, datetime
from typing import Any

from mjsync.emulator.answers import Refusal, invalid_property
from mjsync.emulator.endpoints import ARRAYS, DECIMALS, EMAILS, INTEGERS, Property

TRUE_WORDS = {"true": True, "1": True, "false": False, "0": False}
# Defaults that describe a computed value instead of stating one.
COMPUTED_DEFAULT = re.compile(r"time$|value|^Random|^Calculated|^Caller|^The same| if |^Depends")


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as the API writes times: RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def blank(field: Property) -> Any:
    """The value of a property nobody has set."""
    if field.type == "Boolean":
        return field.default == "true"
    if field.type in INTEGERS | DECIMALS:
        return int(field.default) if field.default.isdigit() else 0
    if field.type in ARRAYS:
        return []
    return "" if COMPUTED_DEFAULT.search(field.default) else _meant(field, field.default) or field.default


def coerce(field: Property, value: Any, *, is_strict: bool = True) -> Any:
    """The stored value for one that was sent; strings stand for booleans and numbers.

    Unless strict, a text may lie outside the allowed values, as in recorded rows (EmailType `unknown`).

    Raises:
        Refusal: the value does not fit the property's type.
    """
    if value is None:
        return blank(field)
    if field.type == "Boolean":
        return _boolean(field, value)
    if field.type in INTEGERS | DECIMALS:
        return _number(field, value)
    if field.type in ARRAYS:
        return _array(field, value)
    if isinstance(value, dict | list):
        raise invalid_property(field.name, "a single value was expected")
    return _text(field, value) if is_strict or not field.allowed else str(value)


def _boolean(field: Property, value: Any) -> bool:
    word = str(value).casefold()
    if word not in TRUE_WORDS:
        raise invalid_property(field.name, f'"{value}" is not a boolean')
    return TRUE_WORDS[word]


def _number(field: Property, value: Any) -> int | float:
    if value == "":
        return 0
    try:
        if field.type in INTEGERS:
            return int(str(value))
        number = float(str(value))
    except ValueError:
        raise invalid_property(field.name, f'"{value}" is not a number') from None
    return int(number) if number.is_integer() else number


def _array(field: Property, value: Any) -> list[Any]:
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, list) and (field.type != "TStrings" or all(isinstance(each, str) for each in value)):
        return value
    raise invalid_property(field.name, "a list was expected, of texts where it holds texts")


def _text(field: Property, value: Any) -> str:
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if field.type == "TRFC3339DateTime":
        return moment(field.name, word)
    if field.type in EMAILS and word:
        check_email(word)
    return _named(field, word)


def _named(field: Property, word: str) -> str:
    """The allowed value a word means; any word where nothing is said of what is allowed."""
    if not field.allowed or not word:
        return word
    meant = _meant(field, word)
    if meant is None:
        raise invalid_property(field.name, f'"{word}" is not one of {", ".join(field.allowed)}')
    return meant


def _meant(field: Property, word: str) -> str | None:
    """The allowed value with this spelling in any case, or at this place in the enumeration."""
    for each in field.allowed:
        if each.casefold() == word.casefold():
            return each
    return next((each for place, each in enumerate(field.allowed) if str(place) == word), None)


def check_email(word: str, *, prefix: str = "Internal error: ") -> None:
    """Refuse what is no address. Source: API sheet 3.2, recorded; the text for other faults is ours."""
    name, at, domain = word.rpartition("@")
    if not at:
        raise Refusal(400, f'{prefix}Invalid email address "{word}", reason: "No @ character in mail"')
    if not name or not domain or any(each.isspace() for each in word):
        raise Refusal(400, f'{prefix}Invalid email address "{word}", reason: "Malformed address"')


def moment(name: str, word: str) -> str:
    """A time given as RFC 3339 or as Unix seconds, in the API's spelling; empty stays empty."""
    if not word:
        return ""
    try:
        if word.lstrip("-").isdigit():
            return timestamp(int(word))
        parsed = datetime.fromisoformat(word)
    except (ValueError, OverflowError, OSError):
        raise invalid_property(name, f'"{word}" is not a valid datetime value') from None
    return timestamp((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
