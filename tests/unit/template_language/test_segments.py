import pytest

from mjsync.template_language.grammars import MAX_DEPTH
from mjsync.template_language.segments import (
    Chain,
    Comparison,
    Function,
    Group,
    Not,
    Property,
    Value,
    parse_expression,
)


def findings(text):
    """Return codes and columns of the findings of an expression."""
    return [(finding.code, finding.location.column) for finding in parse_expression(text).findings]


def written(node):
    """Return a condition with all its parentheses."""
    match node:
        case Group():
            return f"[{written(node.inside)}]"
        case Not():
            return f"not {written(node.inside)}"
        case Chain():
            return f"{'/'.join(node.operators)}({', '.join(map(written, node.conditions))})"
        case Comparison():
            return f"{operand(node.left)} {node.operator} {operand(node.right)}"
    return operand(node)


def operand(node):
    """Return an operand in the same notation."""
    match node:
        case Function():
            return f"{node.name}({', '.join(map(operand, node.arguments))})"
        case Property():
            return node.name
        case Value():
            return repr(node.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(age<=30)", "[age <= 30]"),
        ("(age=-1.5)", "[age = -1.5]"),
        ("(vip=true)", "[vip = True]"),
        ('(country<>"New York")', "[country <> 'New York']"),
        ('((a="x") AND (b<3)) or (c!=1)', "or([and([a = 'x'], [b < 3])], [c != 1])"),
        ("(a=1) and (b=2) and (c=3)", "and/and([a = 1], [b = 2], [c = 3])"),
        ("(a=1) XOR (b=2)", "xor([a = 1], [b = 2])"),
        ("(not IsProvided(date))", "[not IsProvided(date)]"),
        ("((NOT IsProvided(date)))", "[[not IsProvided(date)]]"),
        (
            "((not hasclickedsince(30))) OR (hasopenedsince(365))",
            "or([[not hasclickedsince(30)]], [hasopenedsince(365)])",
        ),
        ("(p<ToDate(1556658000))", "[p < ToDate(1556658000)]"),
        (
            '(FormatDateTime("yy-mm-dd",birthday)=FormatDateTime("yy-mm-dd",DateTimeNow()))',
            "[FormatDateTime('yy-mm-dd', birthday) = FormatDateTime('yy-mm-dd', DateTimeNow())]",
        ),
        ("(order=1)", "[order = 1]"),
        ("(android=1)", "[android = 1]"),
    ],
)
def test_documented_forms_are_read_without_complaint(text, expected):
    """Forms of the current guide have a tree and no finding."""
    assert (expected, []) == (written(parse_expression(text).root), findings(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age=40", [("MJS402", 1)]),
        ("gender=male", [("MJS402", 1), ("MJS402", 8)]),
        ("(a=1) and b=2", [("MJS402", 11)]),
        ("not IsProvided(date)", [("MJS402", 1)]),
        ("(country='France')", [("MJS404", 10)]),
        ("(a=1) and (b=2) or (c=3)", [("MJS405", 1)]),
    ],
)
def test_older_and_doubtful_forms_are_read_with_a_warning(text, expected):
    """Older and undocumented forms have a tree and a warning."""
    expression = parse_expression(text)

    assert (True, expected) == (expression.root is not None, findings(text))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("(a=1", 5),
        ("(a=1))", 6),
        ("(a=1)(b=2)", 6),
        ("(a=)", 4),
        ("(=1)", 2),
        ("(a==1)", 4),
        ("(a)", 3),
        ("(1=a)", 2),
        ("(a=1) and", 10),
        ("(a=1) nor (b=2)", 7),
        ('(a="x)', 4),
        ("(a=“x”)", 4),
        ("(a=1x)", 4),
    ],
)
def test_what_is_no_expression_is_unreadable(text, column):
    """An expression outside the grammar is MJS401 at its location."""
    assert [("MJS401", column)] == findings(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("(a=“x”)", 'Write the straight quote ".'), ('(a=\\"x\\")', "Write plain quotes"), ("(a=1", "missing")],
)
def test_an_unreadable_expression_says_what_to_do(text, hint):
    """Typographic quotes and the backslashes of JSON have their own way out."""
    assert hint in parse_expression(text).findings[0].way_out


def test_nodes_know_their_places():
    """Locations count lines and columns of the whole expression."""
    inside = parse_expression("(a=1)\nand (b=2)").root.conditions[1].inside

    assert [(2, 6), (2, 8)] == [(each.location.line, each.location.column) for each in (inside.left, inside.right)]


def test_a_group_starts_at_its_parenthesis():
    """The location of a group is its opening parenthesis."""
    location = parse_expression("  ( a=1)").root.location

    assert (1, 3) == (location.line, location.column)


def test_too_many_parentheses_are_refused():
    """An expression that is nested too deep is an error."""
    assert [("MJS401", 1)] == findings("(" * MAX_DEPTH + "a=1" + ")" * MAX_DEPTH)


@pytest.mark.parametrize("text", ["(" * 5_000, "(" * 5_000 + "a=1" + ")" * 5_000])
def test_nesting_that_is_too_deep_is_reported_as_such(text):
    """The error for nesting that is too deep does not suggest a missing parenthesis."""
    assert ["it nests too deep" in each.message for each in parse_expression(text).findings] == [True]


def test_all_known_expressions_are_read(shared):
    """Every expression of public code and documents has a tree and no error."""
    lines = (shared / "segments.txt").read_text("utf-8").splitlines()
    expressions = [parse_expression(line) for line in lines if not line.startswith("#")]

    assert [] == [each.text for each in expressions if any(f.severity == "error" for f in each.findings)]
