"""The functions of the template language, and the formatting of numbers and dates by masks.

Source: mjsync/docs/mailjet-api.md, section 13. Mailjet documents neither the masks nor the arguments of the
format functions; public templates use the masks of Delphi (`#,##0.00`, `dd.mm.yyyy hh:nn`), which are supported.
"""

import html
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import quote

from mjsync.template_language.values import EvaluationError, Number, to_number, to_text


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The data a mail is rendered with.

    `variables` come with the message, `properties` are the contact's, `predefined` the mj: values and bracket
    placeholders, `segments` tell by name or id whether the contact is in one. The times since the contact's last open
    and click are in days; None means never. `now` is the result of DateTimeNow.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    predefined: Mapping[str, Any] = field(default_factory=dict)
    segments: Mapping[str, bool] = field(default_factory=dict)
    days_since_open: float | None = None
    days_since_click: float | None = None
    now: datetime | None = None


class TemplateFunction(NamedTuple):
    """A function: its documented name, its number of arguments, and its implementation."""

    name: str
    arguments: int
    apply: Callable[..., Any]


def call_function(name: str, context: RenderContext, arguments: tuple[Any, ...]) -> Any:
    """Call a function by its name, in any case. Raises EvaluationError if it does not take these arguments."""
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise EvaluationError(f"Unknown function: {name}")
    if len(arguments) != function.arguments:
        raise EvaluationError(f"{function.name} takes {function.arguments} arguments")
    return function.apply(context, *arguments)


def _of_text(function: Callable[[str], Any]) -> Callable[[RenderContext, Any], Any]:
    return lambda _, value: function(to_text(value))


def _number(value: Any) -> Number:
    number = to_number(value)
    if number is None or not math.isfinite(number):
        raise EvaluationError(f'"{to_text(value)}" is not a number')
    return number


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(to_text(value))
    except ValueError as error:
        raise EvaluationError(f'"{to_text(value)}" is not a date') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_unix(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(_number(value), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise EvaluationError(f'"{to_text(value)}" is not a Unix time') from error


def _now(context: RenderContext) -> datetime:
    if context.now is None:
        raise EvaluationError("the time of rendering is not known")
    return context.now


def _in_zone(value: Any, offset: Any) -> datetime:
    try:
        zone = datetime.strptime(to_text(offset), "%z").tzinfo or timezone(timedelta())
    except ValueError as error:
        raise EvaluationError(f'"{to_text(offset)}" is not an offset like "+03:00"') from error
    return _moment(value).astimezone(zone)


def _since(days_ago: float | None, days: Any) -> bool:
    return days_ago is not None and days_ago <= _number(days)


_DOCUMENTED = (
    TemplateFunction("Upper", 1, _of_text(str.upper)),
    TemplateFunction("Lower", 1, _of_text(str.lower)),
    TemplateFunction("Capitalize", 1, _of_text(lambda text: text[:1].upper() + text[1:])),
    TemplateFunction("UrlEncode", 1, _of_text(lambda text: quote(text, safe=""))),
    TemplateFunction("Escape", 1, _of_text(html.escape)),
    TemplateFunction("Int", 1, lambda _, value: math.trunc(_number(value))),
    TemplateFunction("Round", 2, lambda _, value, places: round_half_up(_number(value), int(_number(places)))),
    TemplateFunction("FormatNumber", 2, lambda _, mask, value: format_number(to_text(mask), _number(value))),
    TemplateFunction(
        "FormatNumberLocale",
        3,
        lambda _, mask, value, locale: format_number(to_text(mask), _number(value), to_text(locale)),
    ),
    TemplateFunction("ToDate", 1, lambda _, value: _from_unix(value)),
    TemplateFunction("DateTimeNow", 0, _now),
    TemplateFunction("FormatDateTime", 2, lambda _, mask, value: format_date(to_text(mask), _moment(value))),
    TemplateFunction(
        "FormatDateTimeTZ",
        3,
        lambda _, mask, value, offset: format_date(to_text(mask), _in_zone(value, offset)),
    ),
    TemplateFunction("HasOpenedSince", 1, lambda context, days: _since(context.days_since_open, days)),
    TemplateFunction("HasClickedSince", 1, lambda context, days: _since(context.days_since_click, days)),
)

FUNCTIONS = {function.name.lower(): function for function in _DOCUMENTED}

_MASK = re.compile(r"(?P<before>[^#0,.]*)(?P<whole>[#0,]+)(?:\.(?P<places>[#0]+))?(?P<after>[^#0,.]*)")
_DATE_MASK = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|nn|n|ss|s|'[^']*'|.", re.IGNORECASE | re.DOTALL)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SEPARATORS = {
    **dict.fromkeys(("en", "he", "ja", "ko", "th", "zh"), (",", ".")),
    **dict.fromkeys(("da", "de", "el", "es", "hr", "id", "it", "nl", "pt", "ro", "sl", "tr", "vi"), (".", ",")),
    **dict.fromkeys(("bg", "cs", "fi", "fr", "hu", "nb", "no", "pl", "ru", "sk", "sv", "uk"), ("\u00a0", ",")),
}
"""Language to the characters between thousands and before the decimal places."""


def round_half_up(value: Number, places: int) -> Number:
    """Round half away from zero to a number of decimal places; to an integer for 0 places."""
    try:
        exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise EvaluationError(f"{value} cannot be rounded to {places} places") from error
    return float(exact) if places > 0 else int(exact)


def format_number(mask: str, value: Number, locale: str = "en_US") -> str:
    """Format a number by a mask, with the separators of a locale's language. Raises EvaluationError if not known."""
    parts = _MASK.fullmatch(mask)
    separators = _SEPARATORS.get(re.split("[_-]", locale)[0].lower())
    if not parts or not separators:
        raise EvaluationError(f'the mask "{mask}" with "{locale}" is not known here')
    thousands, decimal = separators
    places = parts["places"] or ""
    exact = format(Decimal(repr(round_half_up(abs(value), len(places)))), "f")
    whole, _, decimals = exact.partition(".")
    whole = whole.lstrip("0").rjust(parts["whole"].count("0"), "0")
    if "," in parts["whole"]:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", thousands, whole)
    decimals = decimals.ljust(len(places), "0")[: len(places)]
    optional = len(places) - len(places.rstrip("#"))
    while optional and decimals.endswith("0"):
        decimals, optional = decimals[:-1], optional - 1
    sign = "-" if value < 0 else ""
    return sign + parts["before"] + whole + (decimal + decimals if decimals else "") + parts["after"]


def format_date(mask: str, moment: datetime) -> str:
    """Format a time by a mask; `mm` after hours means minutes, as `nn` always does."""
    written: list[str] = []
    is_after_hours = False
    for part in _DATE_MASK.findall(mask):
        name = part.lower()
        if is_after_hours and name in ("m", "mm"):
            name = name.replace("m", "n")
        written.append(_date_part(name, moment, otherwise=part.strip("'") if len(part) > 1 else part))
        is_after_hours = name in ("h", "hh") or (is_after_hours and not name.isalpha())
    return "".join(written)


def _date_part(name: str, moment: datetime, *, otherwise: str) -> str:
    numbers = {"m": moment.month, "d": moment.day, "h": moment.hour, "n": moment.minute, "s": moment.second}
    words = {
        "yyyy": f"{moment.year:04}",
        "yy": f"{moment.year % 100:02}",
        "mmmm": _MONTHS[moment.month - 1],
        "mmm": _MONTHS[moment.month - 1][:3],
        "dddd": _DAYS[moment.weekday()],
        "ddd": _DAYS[moment.weekday()][:3],
    }
    if name in words:
        return words[name]
    return str(numbers[name[0]]).rjust(len(name), "0") if name[0] in numbers and name.isalpha() else otherwise
