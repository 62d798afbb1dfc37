import pytest

from mjsync.template_language.segment_types import check_types, property_uses
from mjsync.template_language.segments import parse_expression

TYPES = {"age": "int", "score": "float", "country": "str", "vip": "bool", "signup": "datetime"}


def findings(text, types=TYPES):
    """Return codes and columns of the type errors of an expression."""
    return [(finding.code, finding.location.column) for finding in check_types(parse_expression(text), types)]


@pytest.mark.parametrize(
    "text",
    [
        "(age=3)",
        "(age!=3)",
        "(score>=3)",
        "(score>=3.5)",
        '(country="France")',
        '(country<>"France")',
        "(country=France)",
        "(vip=true)",
        "(signup<ToDate(1556658000))",
        "(signup<DateTimeNow())",
        "(IsProvided(vip))",
        "(IsBetweenNumbers(score,1,5.5))",
        '(StartsWith(country,"F"))',
        '(Between(signup,"2019-05-01T09:00:00.000Z","2019-05-02T09:00:00+02:00"))',
        "(IsInNextDays(signup,1))",
        "(HasOpenedSince(30))",
        '(FormatDateTime("yy-mm-dd",signup)=FormatDateTime("yy-mm-dd",DateTimeNow()))',
        '(FormatDateTimeTZ("mm-dd",signup,"+03:00")="01-01")',
        '(unknown="x") and (StartsWith(unknown,"x"))',
    ],
)
def test_what_agrees_has_no_findings(text):
    """Values, operators and arguments of the property's type are accepted; unknown properties are not checked."""
    assert [] == findings(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(age="x")', ("MJS408", 6)),
        ('(age="3")', ("MJS408", 6)),
        ("(age=3.5)", ("MJS408", 6)),
        ("(age=true)", ("MJS408", 6)),
        ("(country=3)", ("MJS408", 10)),
        ('(vip="true")', ("MJS408", 6)),
        ("(vip=1)", ("MJS408", 6)),
        ('(signup<"2019-01-01")', ("MJS408", 9)),
        ("(age=ToDate(1))", ("MJS408", 6)),
        ('(FormatDateTime("yy",signup)=19)', ("MJS408", 30)),
        ('(country!="France")', ("MJS409", 2)),
        ("(age<>3)", ("MJS409", 2)),
        ("(vip!=true)", ("MJS409", 2)),
        ('(country<"F")', ("MJS409", 2)),
        ("(IsBetweenNumbers(country,1,5))", ("MJS407", 19)),
        ('(IsBetweenNumbers(age,"1",5))', ("MJS407", 23)),
        ("(IsBetweenNumbers(age,1))", ("MJS407", 2)),
        ("(StartsWith(age,1))", ("MJS407", 13)),
        ("(StartsWith(country,vip))", ("MJS407", 21)),
        ('(IsProvided("country"))', ("MJS407", 13)),
        ('(Between(signup,"yesterday","2019-05-02T09:00:00.000Z"))', ("MJS407", 17)),
        ("(IsInNextDays(signup,1.5))", ("MJS407", 22)),
        ('(FormatDateTimeTZ("mm-dd",signup,"Paris")="01-01")', ("MJS407", 34)),
        ("(hasopenedsince(age))", ("MJS407", 17)),
        ("(DateTimeNow(1)=ToDate(1))", ("MJS407", 2)),
        ("(Last(age)=3)", ("MJS403", 2)),
        ("(Nearby(country))", ("MJS406", 2)),
    ],
)
def test_what_does_not_agree_is_found_where_it_stands(text, expected):
    """Each type error has a code and its location."""
    assert expected == findings(text)[0]


def test_a_misfit_names_both_sides():
    """The message has the property's type, and the value that it is compared with."""
    assert 'age (int) is compared with "x"' == check_types(parse_expression('(age="x")'), TYPES)[0].message


def test_a_misfit_names_the_way_out():
    """The way out says what the property can be compared with."""
    assert "a whole number without quotes" in check_types(parse_expression('(age="x")'), TYPES)[0].way_out


def test_functions_are_checked_without_any_types():
    """Unknown functions and wrong counts of arguments are found without types."""
    assert [("MJS406", 2), ("MJS407", 15)] == findings("(f(a)) and (a<ToDate())", {})


def test_uses_are_in_reading_order():
    """Each use of a property has its place, also as an argument of a function that is compared."""
    uses = property_uses(parse_expression('(a=1) and (StartsWith(b,"x")) and (Count(c,d)>2)'))

    assert [("a", 2), ("b", 23), ("c", 42), ("d", 44)] == [(use.name, use.location.column) for use in uses]


def test_an_unreadable_expression_uses_nothing():
    """An expression that cannot be parsed has no uses and no type errors."""
    expression = parse_expression("(a=")

    assert ((), ()) == (property_uses(expression), check_types(expression, TYPES))
