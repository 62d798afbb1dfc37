"""Properties of the template language and of segment expressions, on generated and on hostile input."""

import os
import random
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjsync.template_language.functions import RenderContext
from mjsync.template_language.lint import Mail, lint
from mjsync.template_language.markup import nesting, protect_tags, restore, scan
from mjsync.template_language.mjml_compiler import compile_mjml
from mjsync.template_language.mjml_source import MjmlSource
from mjsync.template_language.nodes import Name, all_nodes, expression_of, subexpressions
from mjsync.template_language.parser import parse
from mjsync.template_language.plain_text import text_from_html
from mjsync.template_language.references import references
from mjsync.template_language.rendering import render
from mjsync.template_language.segment_types import check_types, property_uses
from mjsync.template_language.segments import parse_expression

FUZZ_SECONDS = float(os.environ.get("MJSYNC_FUZZ_SECONDS", "3"))

blanks = st.text(" \t\r\n", max_size=2)
blank = st.sampled_from([" ", "\n", "\r\n\t"])
names = st.from_regex(r"[a-zA-Zé_][a-z0-9_]{0,5}(-[a-z]{1,3})?", fullmatch=True).filter(
    lambda name: name.lower() not in {"not", "true", "false", "and", "or", "xor", "div", "mod", "var", "data", "mj"}
)
functions = st.from_regex(r"[A-Z][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(lambda name: name.lower() != "not")
paths = st.lists(names, min_size=1, max_size=3).map(".".join)
constants = st.one_of(
    st.text("ab <>&{}%[]é“”", max_size=6).map('"{}"'.format),
    st.integers(0, 9999).map(str),
    st.decimals(0, 99, places=2).map(str),
    st.sampled_from(["true", "False"]),
).filter(lambda constant: not any(sign in constant for sign in ("{{", "{%", "}}", "%}", "[[", "]]")))
sources = st.builds(
    "{}:{}{}".format,
    st.sampled_from(["var", "data", "mj", "segment", "segmentation"]),
    paths,
    st.one_of(st.just(""), constants.map(":{}".format)),
)
atoms = st.one_of(constants, sources, paths)


def combined(inner):
    """Return expressions made of other expressions."""
    operators = st.sampled_from(["+", "-", "*", "/", "div", "mod", "AND", "or", "xor"])
    return st.one_of(
        st.tuples(inner, blank, operators, blank, inner).map("".join),
        st.tuples(st.just("("), blanks, inner, blanks, st.just(")")).map("".join),
        st.tuples(st.sampled_from(["-", "not "]), inner).map(lambda parts: f"({''.join(parts)})"),
        st.tuples(functions, st.lists(inner, max_size=2)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
    )


expressions = st.recursive(atoms, combined, max_leaves=5)
literals = st.text("ab{}%[]<> \r\n\x00\ufeffé", max_size=8).filter(
    lambda text: not any(sign in text for sign in ("{{", "{%", "[[")) and not text.endswith(("{", "["))
)
prints = st.tuples(st.just("{{"), blanks, expressions, blanks, st.just("}}")).map("".join)
sets = st.builds("{{% set {} = {} %}}".format, names, expressions)
placeholders = st.sampled_from(["[[PERMALINK]]", '[[data:name:"x"]]', "[[[UNSUB_LINK_EN]]]"])


def blocks(body):
    """Return loops and conditions around other bodies."""
    return st.one_of(
        st.lists(body, max_size=3).map("".join),
        st.builds("{{% for {} in {} %}}{}{{% endfor %}}".format, names, expressions, body),
        st.builds("{{% if {} %}}{}{{% endif %}}".format, expressions, body),
        st.builds(
            "{{% IF {} %}}{}{{% elseif {} %}}{}{{% else %}}{}{{% endif %}}".format, *[expressions, body] * 2, body
        ),
    )


bodies = st.recursive(st.one_of(literals, prints, sets, placeholders), blocks, max_leaves=8)

FRAGMENTS = [
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "[[",
        "]]",
        "{{var:a}}",
        '{{var:a:"',
        "{% if a %}",
        "{% endif %}",
        "{% for a in var:b %}",
    ),
    *("{% endfor %}", "{% else %}", "{% elseif b %}", "{% set a = ", "{{“a”}}", "{{(((", ")))", "not ", "-", "1/0"),
    *('"', "'", "<", ">", "<!--", "-->", "<![", "<a href=", '<a href="', "<style>", "</style>", "<script", "<div>"),
    *(
        "</div>",
        "<td",
        "=",
        "&amp;",
        "&#0;",
        "\x00",
        "\n",
        "\r",
        "\ufeff",
        "\U00012000",
        "é",
        " ",
        "a",
        "[[data:a",
        "&",
    ),
    *(
        "<div style='display:none'>",
        "<mj-text>",
        "mjsync: allow MJS204 x",
        "<table>",
        "<tr>",
        "<a ",
        "9" * 400,
        "<!--mjsync:",
    ),
    *("{{Round(", "{{ToDate(9999999999999999)}}", '{{FormatNumber("0","', "and", "(a=1)", '("', "IsProvided("),
]


@given(bodies)
def test_every_body_comes_back(text):
    """A parsed body can be written again unchanged, whatever it contains."""
    assert text == str(parse(text))


@given(bodies)
def test_every_body_of_the_language_is_read(text):
    """A body that follows the grammar has no findings."""
    assert () == parse(text).errors


@given(st.text())
def test_any_text_comes_back(text):
    """A text that is not a template can be written again unchanged."""
    assert text == str(parse(text))


@given(bodies)
def test_places_point_at_what_they_name(text):
    """The location of each name is its location in the text."""
    template = parse(text)
    lines = text.removeprefix("\ufeff").split("\n")
    tags = filter(None, map(expression_of, all_nodes(template.nodes)))
    names_found = [part for tag in tags for part in subexpressions(tag) if isinstance(part, Name)]

    for name in names_found:
        there = lines[name.location.line - 1][name.location.column - 1 :]
        assert there.replace("segmentation:", "segment:", 1).startswith(str(name))


@given(bodies)
def test_rendering_blocks_or_gives_no_tags(text):
    """Rendering has a finding, or replaces every tag."""
    values = dict.fromkeys("abc", "x")
    result = render(parse(text), RenderContext(values, values, values))

    assert result.findings or "{%" not in result.text


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_masks_come_off(text):
    """Protected text has the length of the original, and is restored to it."""
    protected = protect_tags(text)

    assert (len(text), text) == (len(protected.text), restore(protected.text, protected.originals))


properties = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name not in {"and", "or", "xor", "not", "true", "false"}
)
conditions = st.one_of(
    st.tuples(properties, st.sampled_from(["=", "<>", "!=", "<=", ">"]), st.integers(-9, 99).map(str)),
    st.tuples(properties, st.just("="), st.text("ab c()and", max_size=5).map('"{}"'.format)),
    st.tuples(st.just("IsProvided"), st.just("("), properties, st.just(")")),
).map(lambda parts: ["(", *parts, ")"])
segments = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "or", "XOR"]), inner).map(lambda all_: [*all_[0], all_[1], *all_[2]]),
        inner.map(lambda parts: ["(", *parts, ")"]),
        conditions.map(lambda parts: ["((", "not", *parts[1:-1], "))"]),
    ),
    max_leaves=5,
)


@given(segments)
def test_segments_by_the_rules_are_read(parts):
    """An expression that follows the grammar has a tree."""
    assert parse_expression(" ".join(parts)).root is not None


@given(st.text("()ab=<>!\"'and or not1. \\“", max_size=30))
def test_any_segment_is_parsed(text):
    """Every text is an expression or has an error, and the names that it uses can be collected."""
    expression = parse_expression(text)
    property_uses(expression)
    check_types(expression, {"a": "int", "b": "str"})

    assert (expression.root is None) == any(each.code == "MJS401" for each in expression.findings)


def read_in_every_way(text):
    """Call everything that takes a body."""
    template = parse(text)
    assert text == str(template)
    references(template)
    render(template, RenderContext({"a": 1, "b": [1, 2]}))
    list(scan(protect_tags(text)))
    lint(Mail(html=text, text=text, mjml=text, subject=text, variables={"a": True}))
    text_from_html(text)
    compile_mjml(f"<mjml><mj-body><mj-section><mj-column>{text}</mj-column></mj-section></mj-body></mjml>", str)
    check_types(parse_expression(text), {"a": "int"})


def test_nothing_crashes_or_hangs():
    """No mix of hostile fragments makes a function that takes bodies fail or hang."""
    chance = random.Random(time.time_ns())  # noqa: S311 — no secrets are made
    end = time.monotonic() + FUZZ_SECONDS
    while time.monotonic() < end:
        text = "".join(chance.choices(FRAGMENTS, k=chance.randint(1, 30)))
        try:
            read_in_every_way(text)
        except Exception as error:
            error.add_note(f"reading {text!r}")
            raise


def work(function, text):
    """Count the calls that a function makes, in Python and into C."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function(text)
    finally:
        sys.setprofile(None)
    return count


HOSTILE = [
    *("{{", "{%", "[[", "[[data:", "}}", '{{"', "{{var:a", "{{var:a}}", "{% if a %}", "{% endif %}", "{{“a”}}"),
    *("{% if a %}{% endfor %}", "{% for a in var:b %}{% endif %}{% endfor %}", "{% set a = 1 %}", "{{ a b }}"),
    *("<a", "<a b", '<a b="', "<!--", "<![", "</a", "<style>", "<div>", "</div>", "<div></p>", "&amp;", "\n"),
    *("<mj-text>", "</mj-text>", "<mj-raw><b></mj-raw>", "<!-- a -- b -->", "<mj-image a=b>", "{{((", "{{#each a}}"),
    *("<!-- mjsync: allow MJS204 x -->", "<img>", '<a href="http://a">', "<div style='display:none'>"),
]


@pytest.mark.parametrize("fragment", HOSTILE)
@pytest.mark.parametrize(
    "function",
    [
        parse,
        lambda text: references(parse(text)),
        lambda text: lint(Mail(html=text)),
        lambda text: nesting(scan(protect_tags(text))),
        lambda text: MjmlSource("mjml", text, ()),
    ],
    ids=["parse", "references", "lint", "nesting", "mjml"],
)
def test_work_grows_with_the_size(function, fragment):
    """Twice the input takes at most twice the work, whatever the input is."""
    function(fragment)
    once, twice = work(function, fragment * 200), work(function, fragment * 400)

    assert twice <= once * 2.1 + 100


@pytest.mark.parametrize("fragment", ["(", "(a=1) and ", '"', "a", "not ", "(a=1)"])
def test_the_work_of_segments_grows_with_their_size(fragment):
    """Segment expressions are parsed in linear work too."""
    parse_expression(fragment)
    once, twice = work(parse_expression, fragment * 100), work(parse_expression, fragment * 200)

    assert twice <= once * 2.1 + 100
