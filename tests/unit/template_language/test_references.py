import pytest

from mjsync.template_language.parser import parse
from mjsync.template_language.references import references


def uses(kind, text):
    """Return the names of one kind of use, with their locations."""
    return [(use.name, use.location.line, use.location.column) for use in getattr(references(parse(text)), kind)]


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("variables", "{{var:order.total}}", "order"),
        ("properties", "{% if data:age > 4 %}{% endif %}", "age"),
        ("properties", '[[data:age:"4"]]', "age"),
        ("predefined", "{{mj:contact.email}}", "contact.email"),
        ("segments", "{% if segment:vip %}{% endif %}", "vip"),
        ("placeholders", "[[PERMALINK]]", "PERMALINK"),
        ("unknown", "{{name}}", "name"),
    ],
)
def test_each_kind_of_use_is_found(kind, text, name):
    """Each kind of use is collected."""
    assert [name] == [found for found, _, _ in uses(kind, text)]


def test_uses_know_where_they_stand():
    """A use has the location of the name, not of its tag."""
    assert [("a", 2, 4), ("b", 2, 12)] == uses("variables", "\n{{ var:a + var:b }}")


def test_the_whole_path_is_kept():
    """A use has the first key of its path as name, and the whole path."""
    assert ["order.total"] == [use.path for use in references(parse("{{var:order.total}}")).variables]


def test_a_loop_gives_its_name_to_its_body_only():
    """The name of a loop is known inside it only."""
    assert [("a", 1, 44)] == uses("unknown", "{% for a in var:b %}{{a.c}}{% endfor %}  {{a}}")


def test_a_set_name_is_known_from_there_on():
    """A name is known after it is set."""
    assert [("a", 1, 3)] == uses("unknown", "{{a}}{% set a = 1 %}{{a}}")


def test_a_loop_does_not_take_a_set_name_away():
    """A name that was set before a loop of the same name is known after it."""
    assert [] == uses("unknown", "{% set a = 1 %}{% for a in var:b %}{% endfor %}{{a}}")


def test_a_set_in_a_branch_is_known_behind_it():
    """A name that is set inside a block is known after it."""
    assert [] == uses("unknown", "{% if var:b %}{% set a = 1 %}{% endif %}{{a}}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{var:a}}", [False]),
        ('{{var:a:""}}', [True]),
        ("{% if var:a:false %}{{var:a}}{% endif %}", [True, True]),
        ("{% if var:a:false %}{% else %}{{var:a}}{% endif %}", [True, False]),
        ("{% if var:a %}{{var:a}}{% endif %}", [False, False]),
        ("{% if data:a:false %}{{var:a}}{% endif %}", [False]),
    ],
)
def test_what_may_be_missing_is_told(text, expected):
    """A default, or a condition that tests with one, allows a value to be missing."""
    assert expected == [use.has_default or use.is_guarded for use in references(parse(text)).variables]


def test_real_templates_have_no_unknown_names(real_bodies):
    """The real templates have no unknown names."""
    assert [] == [use for body in real_bodies.values() for use in references(parse(body)).unknown]
