"""Convert lenient input to the typed values that the API returns.

Source: mjsync/docs/mailjet-api.md, section 5.2.
"""

import hashlib
import re
import string
from datetime import UTC, datetime
from typing import Any

from mjsync.emulator.endpoints import ARRAYS, DECIMALS, EMAILS, INTEGERS, Property
from mjsync.emulator.responses import ApiError, invalid_property

TRUE_WORDS = {"true": True, "1": True, "false": False, "0": False}
# Defaults in the metadata that describe a computed value.
COMPUTED_DEFAULT = re.compile(r"time$|value|^Random|^Calculated|^Caller|^The same| if |^Depends")


def timestamp(seconds: float) -> str:
    """Write Unix seconds as the API writes times: RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def default_value(field: Property) -> Any:
    """Return the value of a property that was not set."""
    if field.type == "Boolean":
        return field.default == "true"
    if field.type in INTEGERS | DECIMALS:
        return int(field.default) if field.default.isdigit() else 0
    if field.type in ARRAYS:
        return []
    return "" if COMPUTED_DEFAULT.search(field.default) else _allowed_value(field, field.default) or field.default


def coerce(field: Property, value: Any, *, is_strict: bool = True) -> Any:
    """Convert a value that was sent to the stored one; strings are accepted for booleans and numbers.

    Unless strict, a text may be outside the allowed values, as in recorded rows (EmailType `unknown`).

    Raises:
        ApiError: the value does not fit the property's type.
    """
    if value is None:
        return default_value(field)
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
    raise invalid_property(field.name, "a list was expected")


def _text(field: Property, value: Any) -> str:
    word = str(value).lower() if isinstance(value, bool) else str(value)
    if field.type == "TRFC3339DateTime":
        return parse_time(field.name, word)
    if field.type in EMAILS and word:
        check_email(word)
    return _enum_value(field, word)


def _enum_value(field: Property, word: str) -> str:
    """Return the allowed value for a text; any text where the metadata lists no allowed values."""
    if not field.allowed or not word:
        return word
    allowed = _allowed_value(field, word)
    if allowed is None:
        raise invalid_property(field.name, f'"{word}" is not one of {", ".join(field.allowed)}')
    return allowed


def _allowed_value(field: Property, word: str) -> str | None:
    """Return the allowed value with this spelling in any case, or at this index."""
    for each in field.allowed:
        if each.casefold() == word.casefold():
            return each
    return next((each for place, each in enumerate(field.allowed) if str(place) == word), None)


def check_email(address: str, *, prefix: str = "Internal error: ") -> None:
    """Raise ApiError for an invalid email address; the text for all but a missing @ is our choice.

    Source: mjsync/docs/mailjet-api.md, section 3.2.
    """
    name, at, domain = address.rpartition("@")
    if not at:
        raise ApiError(400, f'{prefix}Invalid email address "{address}", reason: "No @ character in mail"')
    has_empty_part = any(not each for part in (name, domain) for each in part.split("."))
    if has_empty_part or any(each.isspace() for each in address):
        raise ApiError(400, f'{prefix}Invalid email address "{address}", reason: "Malformed address"')


def parse_time(name: str, text: str) -> str:
    """Parse RFC 3339 or Unix seconds into the API's format; an empty text stays empty."""
    if not text:
        return ""
    try:
        if text.lstrip("-").isdigit():
            return timestamp(int(text))
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise invalid_property(name, f'"{text}" is not a valid datetime value') from None
    return timestamp((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def deterministic_text(seed: str, length: int, *, capitals: bool = False) -> str:
    """Return letters and digits that look random, the same in every run with the same seed."""
    alphabet = string.ascii_lowercase + string.digits + (string.ascii_uppercase if capitals else "")
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.sha256(seed.encode()).digest()[:length])
