"""Numbers and dates written by a mask, as the format functions of the template language do.

Mailjet documents no masks. Public templates use those of Delphi (`#,##0.00`, `dd.mm.yyyy hh:nn`), and these
are what is read here.
"""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from mjsync.template_language.values import NoValue, Number

_MASK = re.compile(r"(?P<before>[^#0,.]*)(?P<whole>[#0,]+)(?:\.(?P<places>[#0]+))?(?P<behind>[^#0,.]*)")
_DATE_MASK = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|nn|n|ss|s|'[^']*'|.", re.IGNORECASE | re.DOTALL)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Separators(NamedTuple):
    """The signs between thousands and before the decimal places."""

    thousands: str
    decimal: str


_POINT = Separators(",", ".")
_SEPARATORS = {
    **dict.fromkeys(("en", "he", "ja", "ko", "th", "zh"), _POINT),
    **dict.fromkeys(
        ("da", "de", "el", "es", "hr", "id", "it", "nl", "pt", "ro", "sl", "tr", "vi"), Separators(".", ",")
    ),
    **dict.fromkeys(
        ("bg", "cs", "fi", "fr", "hu", "nb", "no", "pl", "ru", "sk", "sv", "uk"), Separators("\u00a0", ",")
    ),
}


def rounded(value: Number, places: int) -> Number:
    """Round half away from zero to a number of decimal places; whole where none are asked for."""
    try:
        exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise NoValue(f"{value} cannot be rounded to {places} places") from error
    return float(exact) if places > 0 else int(exact)


def formatted_number(mask: str, value: Number, locale: str = "en_US") -> str:
    """Write a number by a mask, with the separators of a locale's language.

    Raises: NoValue for a mask or a language that is not known here.
    """
    parts = _MASK.fullmatch(mask)
    separators = _SEPARATORS.get(re.split("[_-]", locale)[0].lower())
    if not parts or not separators:
        raise NoValue(f'the mask "{mask}" with "{locale}" is not known here')
    places = parts["places"] or ""
    exact = format(Decimal(repr(rounded(abs(value), len(places)))), "f")
    whole, _, decimals = exact.partition(".")
    whole = whole.lstrip("0").rjust(parts["whole"].count("0"), "0")
    if "," in parts["whole"]:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", separators.thousands, whole)
    decimals = decimals.ljust(len(places), "0")[: len(places)]
    optional = len(places) - len(places.rstrip("#"))
    while optional and decimals.endswith("0"):
        decimals, optional = decimals[:-1], optional - 1
    sign = "-" if value < 0 else ""
    return sign + parts["before"] + whole + (separators.decimal + decimals if decimals else "") + parts["behind"]


def formatted_date(mask: str, moment: datetime) -> str:
    """Write a moment by a mask; `mm` behind hours means minutes, as `nn` always does."""
    written: list[str] = []
    is_behind_hours = False
    for sign in _DATE_MASK.findall(mask):
        name = sign.lower()
        if is_behind_hours and name in ("m", "mm"):
            name = name.replace("m", "n")
        written.append(_date_part(name, moment, otherwise=sign.strip("'") if len(sign) > 1 else sign))
        is_behind_hours = name in ("h", "hh") or (is_behind_hours and not name.isalpha())
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
