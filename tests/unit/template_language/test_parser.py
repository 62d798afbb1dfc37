import json

import pytest

from mjsync.template_language import grammars, parser
from mjsync.template_language.nodes import (
    Binary,
    Call,
    Constant,
    For,
    If,
    Name,
    Placeholder,
    Print,
    Set,
    Unary,
)
from mjsync.template_language.parser import parse


def value(text):
    """Return the expression of the first tag of a body."""
    return parse(text).nodes[0].expression


def errors(text):
    """Return codes and locations of the errors of a body."""
    return [(error.code, error.location.line, error.location.column) for error in parse(text).errors]


def codes(text):
    """Return the codes of the errors of a body."""
    return [code for code, _, _ in errors(text)]


def written(expression):
    """Return an expression with all its parentheses."""
    match expression:
        case Binary():
            return f"({written(expression.left)} {expression.operator} {written(expression.right)})"
        case Unary():
            return f"({expression.operator} {written(expression.operand)})"
        case Call():
            return f"{expression.function}({', '.join(map(written, expression.arguments))})"
        case Constant():
            return json.dumps(expression.value)
    return str(expression)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("var:a", "var:a"),
        ("var:order.total", "var:order.total"),
        ("segmentation:vip", "segment:vip"),
        ("segment:123", "segment:123"),
        ("item.name", "item.name"),
        ("background-url", "background-url"),
        ("a - b", "(a - b)"),
        ("a -b", "(a - b)"),
        ("a- b", "(a - b)"),
        ("var:a-var:b", "(var:a - var:b)"),
        ("5-3", "(5 - 3)"),
        ("-a", "(- a)"),
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("7 div 2 mod 2", "((7 div 2) mod 2)"),
        ("a == 1", "(a = 1)"),
        ("a === 1", "(a = 1)"),
        ("a != 1", "(a <> 1)"),
        ("a >= 1.5", "(a >= 1.5)"),
        ("a or b and not c = 1", "(a or (b and (not (c = 1))))"),
        ("a XOR b Or c", "((a xor b) or c)"),
        ('"a" + var:b', '("a" + var:b)'),
        ("Round(a / 3, 2)", "Round((a / 3), 2)"),
        ("DateTimeNow()", "DateTimeNow()"),
        ("true", "true"),
        ("or", "or"),
    ],
)
def test_expressions_bind_as_usual(inside, expected):
    """Products bind before sums, sums before comparisons, those before not, and, or and xor."""
    assert expected == written(value(f"{{{{ {inside} }}}}"))


@pytest.mark.parametrize(
    ("default", "expected"),
    [('""', ""), ('"a b"', "a b"), ("false", False), ("12", 12), ("-1.5", -1.5), ("Friend", "Friend")],
)
def test_a_default_is_a_constant(default, expected):
    """A default is a text, a number, a boolean or a bare word."""
    assert expected == value(f"{{{{var:a:{default}}}}}").default.value


def test_a_bare_default_is_known_as_such():
    """A default without quotes is marked."""
    assert value("{{data:name:Friend}}").default.is_bare


def test_the_older_brackets_print_too():
    """A bracket tag with a namespace is a print."""
    node = parse('[[data:name:"you"]]').nodes[0]

    assert (True, "data:name", "you") == (
        node.is_bracketed,
        str(node.expression),
        node.expression.default.value,
    )


def test_a_bracket_tag_without_namespace_is_a_placeholder():
    """A bracket tag without a namespace is a placeholder."""
    node = parse("[[UNSUB_LINK_EN]]").nodes[0]

    assert (Placeholder, "UNSUB_LINK_EN") == (type(node), node.name)


def test_every_node_knows_its_place():
    """Locations count lines and columns of the whole body."""
    node = parse("é\r\n {% set a = 1 + var:b %}").nodes[1]

    assert [(2, 2), (2, 13), (2, 13), (2, 17)] == [
        (part.location.line, part.location.column) for part in (node, node.value, node.value.left, node.value.right)
    ]


def test_an_if_holds_its_branches_in_order():
    """An if has branches with condition and body, and the body of its else."""
    node = parse("{% if a %}1{% elseif b %}2{% else %}3{% endif %}").nodes[0]

    assert (If, ["a", "b"], ["1", "2"], "3") == (
        type(node),
        [str(branch.condition) for branch in node.branches],
        [branch.body[0].source for branch in node.branches],
        node.otherwise[0].source,
    )


def test_a_for_holds_its_name_items_and_body():
    """A for has its name, items and body."""
    node = parse("{% for item in var:order.items %}{{item.name}}{% endfor %}").nodes[0]

    assert (For, "item", "var:order.items", "item.name") == (
        type(node),
        node.name,
        str(node.items),
        str(node.body[0].expression),
    )


def test_a_set_gives_a_name_a_value():
    """A name that is set may contain hyphens."""
    node = parse('{% set background-url = "x" %}').nodes[0]

    assert (Set, "background-url", "x") == (type(node), node.name, node.value.value)


def test_keywords_are_read_in_any_case():
    """Keywords are accepted in any case."""
    assert [] == codes("{% IF a %}{% ELSE %}{% EndIf %}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{var:a", [("MJS101", 1, 1)]),
        ("{% if a %}\n{% for b in c %}", [("MJS102", 1, 1), ("MJS102", 2, 1)]),
        ("{% if a %}{% for b in c %}{% endif %}", [("MJS102", 1, 11)]),
        ("{% endif %}", [("MJS103", 1, 1)]),
        ("{% if a %}{% endfor %}{% endif %}", [("MJS103", 1, 11)]),
        ("{% for a in b %}{% else %}{% endfor %}", [("MJS103", 1, 17)]),
        ("{% if a %}{% else %}{% elseif b %}{% endif %}", [("MJS103", 1, 21)]),
        ("{{data:firstname:”customer”}}", [("MJS104", 1, 18)]),
        ('{{"“a”" “b”}}', [("MJS104", 1, 9)]),
        ("{{ }}", [("MJS105", 1, 3)]),
        ("{{var:a var:b}}", [("MJS105", 1, 9)]),
        ("{{var:a:}}", [("MJS105", 1, 9)]),
        ("{{'a'}}", [("MJS105", 1, 3)]),
        ("{% for a %}{% endfor %}", [("MJS105", 1, 9)]),
        ("{% else if a %}", [("MJS103", 1, 1), ("MJS105", 1, 9)]),
        ("{% include a %}", [("MJS106", 1, 1)]),
        ("{%%}", [("MJS106", 1, 1)]),
    ],
)
def test_faults_have_a_code_and_a_place(text, expected):
    """Each error has a code and its location."""
    assert expected == errors(text)


def test_all_faults_come_at_once_and_in_order():
    """All errors are reported, in order."""
    assert ["MJS105", "MJS104", "MJS106", "MJS101"] == codes("{{a b}}{{“a”}}{% x %}{{")


def test_an_unreadable_opening_still_opens():
    """The end of a block whose condition cannot be parsed is no second error."""
    assert ["MJS105"] == codes("{% if a b %}1{% else %}2{% endif %}")


def test_straightened_quotes_give_a_whole_node():
    """A tag with typographic quotes is parsed with straight ones, so that its names are known."""
    node = parse("{{data:firstname:”customer”}}").nodes[0]

    assert (Print, "customer") == (type(node), node.expression.default.value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{var:a:&quot;b&quot;}}", "Write the character itself"),
        ("{% else if a %}", "Write elseif"),
        ("{% elif a %}", "Write elseif"),
        ("{% if a %}", "Close it with {% endif %}."),
        ("{{a", "Close it with }}."),
    ],
)
def test_a_fault_says_what_to_do(text, hint):
    """Each error has its own way out."""
    assert any(hint in error.way_out for error in parse(text).errors)


def test_an_invisible_character_is_named():
    """The error for an invisible character has its Unicode name."""
    assert "this tag cannot be read: NO-BREAK SPACE is not expected here" == parse("{{var:a\u00a0}}").errors[0].message


def test_blocks_that_stand_too_deep_are_refused():
    """Blocks that are nested too deep are one error."""
    assert ["MJS102"] == codes("{% if a %}" * (parser.MAX_DEPTH + 5))


def test_blocks_as_deep_as_allowed_are_read():
    """The deepest allowed nesting is parsed."""
    assert [] == codes("{% if a %}" * parser.MAX_DEPTH + "{% endif %}" * parser.MAX_DEPTH)


def test_expressions_that_nest_too_deep_are_refused():
    """An expression that is nested too deep is an error."""
    assert ["MJS105"] == codes("{{" + "-" * (grammars.MAX_DEPTH + 5) + "1}}")


def test_faulty_bodies_come_back_too():
    """A body with errors is returned unchanged."""
    text = "{% if %}{{“}}{% endfor %}{{a b}}{% x %}[[data:"

    assert text == str(parse(text))


def test_all_real_templates_parse(real_bodies):
    """The real templates have no errors."""
    assert {} == {name: parse(body).errors for name, body in real_bodies.items() if parse(body).errors}


def test_all_real_templates_come_back(real_bodies):
    """The real templates are returned byte for byte."""
    assert real_bodies == {name: str(parse(body)) for name, body in real_bodies.items()}


def test_texts_of_real_editor_trees_parse(shared):
    """The texts in documents of Mailjet's editor are parsed, though their loops span several."""
    files = (shared / "real-templates").glob("*/content.mjml.json")
    texts = [text for file in files for text in strings(json.loads(file.read_text("utf-8")))]

    assert {"MJS102", "MJS103"} == {error.code for text in texts for error in parse(text).errors}


def strings(tree):
    """Yield all texts in JSON."""
    if isinstance(tree, str):
        return [tree]
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return [text for child in children for text in strings(child)]


def test_local_names_have_no_namespace():
    """A name without a namespace is local."""
    assert "" == value("{{a}}").namespace


def test_names_with_a_namespace_come_from_outside():
    """A name with a namespace has a path."""
    node = value("{{var:a.b}}")

    assert (Name, "var", ("a", "b")) == (type(node), node.namespace, node.path)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("!HasOpenedSince(30)", "(not HasOpenedSince(30))"),
        ("!(var:a = 1)", "(not (var:a = 1))"),
        ("!var:a", "(not var:a)"),
        ("! var:a", "(not var:a)"),
        ("!!a", "(not (not a))"),
        ("not !a", "(not (not a))"),
        ("!not a", "(not (not a))"),
        ("a and !b or !c", "((a and (not b)) or (not c))"),
        ("a!=1", "(a <> 1)"),
        ("a != 1", "(a <> 1)"),
        ("!a != 1", "(not (a <> 1))"),
        ('!data:a:""', "(not data:a)"),
    ],
)
def test_an_exclamation_mark_means_not(inside, expected):
    """`!` means not, as in Mailjet's tutorial."""
    text = f"{{% if {inside} %}}a{{% endif %}}"
    template = parse(text)

    assert ((), expected, text) == (template.errors, written(template.nodes[0].branches[0].condition), str(template))


@pytest.mark.parametrize("inside", ["a ! = 1", "a !", "!", "! = 1"])
def test_an_exclamation_mark_needs_what_it_negates(inside):
    """A `!` without an operand is an error."""
    assert ["MJS105"] == codes(f"{{{{ {inside} }}}}")


@pytest.mark.parametrize(
    "inside",
    [
        "(" * 5_000,
        "(" * 5_000 + "a" + ")" * 5_000,
        "(" * 500 + "a" + ")" * 500,
        "!" * 5_000 + "a",
        "not " * 2_000 + "a",
    ],
    ids=["never closed", "too long", "too deep", "marks", "words"],
)
@pytest.mark.parametrize("end", [" }}", ""])
def test_nesting_that_is_too_deep_is_reported_as_such(inside, end):
    """The error for nesting that is too deep does not suggest a missing brace."""
    found = parse("{{ " + inside + end).errors

    assert [("MJS105", True)] == [(each.code, "it nests too deep" in each.message) for each in found]
