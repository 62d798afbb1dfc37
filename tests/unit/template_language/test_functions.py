from datetime import datetime

import pytest

from mjsync.template_language.functions import format_date, format_number, round_half_up
from mjsync.template_language.values import EvaluationError


@pytest.mark.parametrize(
    ("mask", "value", "locale", "expected"),
    [
        ("#,##0.00", 1234567.891, "en_US", "1,234,567.89"),
        ("#,##0.00", 1234.5, "de_DE", "1.234,50"),
        ("#,##0.00", 1234.5, "fr-FR", "1\u00a0234,50"),
        ("#,##0.00", 0, "en", "0.00"),
        ("0", 2.5, "en", "3"),
        ("000", 7, "en", "007"),
        ("#.##", 0.5, "en", ".5"),
        ("0.0#", 1.25, "en", "1.25"),
        ("0.0#", 1.5, "en", "1.5"),
        ("0.##", 2, "en", "2"),
        ("€ 0.00", -3, "en", "-€ 3.00"),
        ("0 %", 12, "en", "12 %"),
    ],
)
def test_numbers_follow_their_mask(mask, value, locale, expected):
    """A mask sets digits, decimal places and thousands; the locale sets the separators."""
    assert expected == format_number(mask, value, locale)


@pytest.mark.parametrize(("mask", "locale"), [("", "en"), ("abc", "en"), ("0", "xx"), ("0.0.0", "en")])
def test_what_is_not_known_is_refused(mask, locale):
    """An unknown mask or language is an error."""
    with pytest.raises(EvaluationError):
        format_number(mask, 1, locale)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("dd.mm.yyyy", "05.03.2024"),
        ("d/m/yy", "5/3/24"),
        ("ddd, d mmm", "Tue, 5 Mar"),
        ("dddd d mmmm yyyy", "Tuesday 5 March 2024"),
        ("hh:mm", "07:08"),
        ("hh:nn:ss", "07:08:09"),
        ("h.n.s", "7.8.9"),
        ("yyyy-mm-dd'T'hh:mm", "2024-03-05T07:08"),
        ("'at' h", "at 7"),
    ],
)
def test_dates_follow_their_mask(mask, expected):
    """`mm` after hours means minutes, otherwise months."""
    assert expected == format_date(mask, datetime(2024, 3, 5, 7, 8, 9))  # noqa: DTZ001 — no zone is asked for


@pytest.mark.parametrize(
    ("value", "places", "expected"), [(2.5, 0, 3), (-2.5, 0, -3), (1.005, 2, 1.01), (1234, -2, 1200), (1.5, 3, 1.5)]
)
def test_halves_are_rounded_away_from_zero(value, places, expected):
    """Halves are rounded away from zero."""
    result = round_half_up(value, places)

    assert (expected, type(expected)) == (result, type(result))


def test_rounding_has_limits():
    """More places than a number can have are an error."""
    with pytest.raises(EvaluationError):
        round_half_up(1.5, 1000)
