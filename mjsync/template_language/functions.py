"""The functions of the template language: how many arguments each takes and what it makes of them.

Source: API sheet section 13; the arguments of the format functions are those that public templates use.
"""

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from mjsync.template_language.formats import formatted_date, formatted_number, rounded
from mjsync.template_language.values import NoValue, Number, number, printed


@dataclass(frozen=True, slots=True)
class Given:
    """What a mail is rendered with.

    `variables` come with the message, `properties` are the contact's, `predefined` the mj: values and bracket
    placeholders, `segments` say by name or id whether the contact is in one. Times since the contact's last
    open and click count in days; none means never. `now` is the time that DateTimeNow gives.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    predefined: Mapping[str, Any] = field(default_factory=dict)
    segments: Mapping[str, bool] = field(default_factory=dict)
    days_since_open: float | None = None
    days_since_click: float | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateFunction:
    """A function by its documented name, its number of arguments, and what it gives for what was given."""

    name: str
    arguments: int
    apply: Callable[..., Any]


def called(name: str, given: Given, arguments: tuple[Any, ...]) -> Any:
    """Apply a function.

    Raises: NoValue where there is no such function or it cannot take these arguments.
    """
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise NoValue(f"Unknown function: {name}")
    if len(arguments) != function.arguments:
        raise NoValue(f"{function.name} takes {function.arguments} arguments")
    return function.apply(given, *arguments)


def _plain(function: Callable[[str], Any]) -> Callable[[Given, Any], Any]:
    return lambda _, value: function(printed(value))


def _number(value: Any) -> Number:
    read = number(value)
    if read is None or not math.isfinite(read):
        raise NoValue(f'"{printed(value)}" is not a number')
    return read


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(printed(value))
    except ValueError as error:
        raise NoValue(f'"{printed(value)}" is not a date') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_unix(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(_number(value), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise NoValue(f'"{printed(value)}" is not a Unix time') from error


def _now(given: Given) -> datetime:
    if given.now is None:
        raise NoValue("the time of rendering was not given")
    return given.now


def _in_zone(value: Any, offset: Any) -> datetime:
    try:
        zone = datetime.strptime(printed(offset), "%z").tzinfo or timezone(timedelta())
    except ValueError as error:
        raise NoValue(f'"{printed(offset)}" is not an offset like "+03:00"') from error
    return _moment(value).astimezone(zone)


def _since(days_ago: float | None, days: Any) -> bool:
    return days_ago is not None and days_ago <= _number(days)


_DOCUMENTED = (
    TemplateFunction("Upper", 1, _plain(str.upper)),
    TemplateFunction("Lower", 1, _plain(str.lower)),
    TemplateFunction("Capitalize", 1, _plain(lambda text: text[:1].upper() + text[1:])),
    TemplateFunction("UrlEncode", 1, _plain(lambda text: quote(text, safe=""))),
    TemplateFunction("Escape", 1, _plain(html.escape)),
    TemplateFunction("Int", 1, lambda _, value: math.trunc(_number(value))),
    TemplateFunction("Round", 2, lambda _, value, places: rounded(_number(value), int(_number(places)))),
    TemplateFunction("FormatNumber", 2, lambda _, mask, value: formatted_number(printed(mask), _number(value))),
    TemplateFunction(
        "FormatNumberLocale",
        3,
        lambda _, mask, value, locale: formatted_number(printed(mask), _number(value), printed(locale)),
    ),
    TemplateFunction("ToDate", 1, lambda _, value: _from_unix(value)),
    TemplateFunction("DateTimeNow", 0, _now),
    TemplateFunction("FormatDateTime", 2, lambda _, mask, value: formatted_date(printed(mask), _moment(value))),
    TemplateFunction(
        "FormatDateTimeTZ",
        3,
        lambda _, mask, value, offset: formatted_date(printed(mask), _in_zone(value, offset)),
    ),
    TemplateFunction("HasOpenedSince", 1, lambda given, days: _since(given.days_since_open, days)),
    TemplateFunction("HasClickedSince", 1, lambda given, days: _since(given.days_since_click, days)),
)

FUNCTIONS = {function.name.lower(): function for function in _DOCUMENTED}
