import pytest

from tests.unit.validation.conftest import PROPERTIES, only

CLEAN = "from: {email: a@example.com}, subject: S, text: T"


def test_body_file(found_by):
    """A finding in a body file has its line and column there."""
    manifest = f"templates:\n  a: {{{CLEAN}, html: {{file: ../a.html}}}}\n"

    assert [("MJS102", "error", "a.html:2:3")] == found_by(manifest, files={"a.html": "<p>\n  {% if var:a %}</p>\n"})


def test_inline(found_by):
    """A finding in an inline text is at its field."""
    manifest = "templates:\n  a:\n    from: {email: a@example.com}\n    subject: 'S {{var:}}'\n"

    assert [("MJS105", "error", "manifests/main.yaml:4:5")] == found_by(manifest)


def test_inline_says_where_inside():
    """The message has line and column inside the text."""
    assert "(line 1, column 9)" in only("segments:\n  a: {expression: '(age=1) ('}\n", "MJS401").message


def test_substituted_id(found_by):
    """A reference is checked as the number that is sent."""
    manifest = PROPERTIES + (
        "segments:\n  s: {expression: '(age=1)'}\n"
        f"templates:\n  a: {{{CLEAN}, html: {{file: ../a.html, substitute: true}}}}\n"
    )

    assert [] == found_by(manifest, files={"a.html": "{% if segment:${id.segment.s} %}a{% endif %}"})


def test_unused_variable(found_by):
    """A variable that no part uses is a finding at its line."""
    manifest = f"templates:\n  a:\n    {{{CLEAN},\n    variables: {{n: {{type: str}}}}}}\n"

    assert [("MJS116", "warning", "manifests/main.yaml:4:17")] == found_by(manifest)


def test_no_variables_stated(found_by):
    """A template that states no variables may use any."""
    assert [] == found_by("templates:\n  a: {from: {email: a@example.com}, subject: '{{var:x}}'}\n")


def test_undeclared_variable(found_by):
    """A variable that a template with variables does not state is an error."""
    manifest = "templates:\n  a: {from: {email: a@example.com}, subject: '{{var:x}}', variables: {}}\n"

    assert [("MJS115", "error", "manifests/main.yaml:2:37")] == found_by(manifest)


@pytest.mark.parametrize(
    ("weight", "expected"), [("off", []), ("warning", ["warning"]), ("error", ["error"]), (None, ["warning"])]
)
def test_weights(found_by, weight, expected):
    """`lint:` sets the severity of a code; off removes it."""
    manifest = "templates:\n  a: {subject: S}\n"
    weights = {"MJS209": weight} if weight else {}

    assert expected == [severity for _, severity, _ in found_by(manifest, "MJS209", weights=weights)]


def test_literal_of_another_type():
    """A value of another type is a finding that names the line of the property."""
    message = only(PROPERTIES + "segments:\n  a: {expression: '(age=\"x\")'}\n", "MJS408").message

    assert "property.age is of type int (manifests/main.yaml:3:3)" in message


def test_purposes(found_by):
    """The purposes of a mail decide what it must contain."""
    body = f"templates:\n  a: {{{CLEAN}, purposes: [%s]}}\n"

    assert [] == found_by(body % "transactional", "MJS201")
    assert [("MJS201", "warning", "manifests/main.yaml:2:49")] == found_by(body % "marketing", "MJS201")
