import json
from datetime import UTC, datetime

import pytest

from mjsync.template_language import rendering
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.rendering import render

CONTEXT = RenderContext(
    variables={
        "name": "Ann",
        "n": 7,
        "empty": "",
        "yes": True,
        "items": [{"id": 1}, {"id": 2}],
        "order": {"total": 9.5},
    },
    properties={"age": "46"},
    predefined={"contact": {"email": "ann@example.com"}, "permalink": "https://example.com/p", "EMAIL_TO": "ann@x"},
    segments={"vip": True},
    days_since_open=3,
    now=datetime(2024, 3, 5, 7, 8, tzinfo=UTC),
)


def rendered(text, values=CONTEXT):
    """Return the rendered text of a body, which has no findings."""
    result = render(parse(text), values)
    assert () == result.findings
    return result.text


def messages(text, values=CONTEXT):
    """Return the messages of a rendered body."""
    return [finding.message for finding in render(parse(text), values).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>\r\n\x00", "<p>\r\n\x00"),
        ("{{var:name}}", "Ann"),
        ("{{var:order.total}}", "9.5"),
        ("{{var:items.1.id}}", "2"),
        ('{{var:missing:"you"}}', "you"),
        ("{{var:missing:Friend}}", "Friend"),
        ('{{var:order.missing:"-"}}', "-"),
        ('{{var:empty:"you"}}', ""),
        ("{{data:age}}", "46"),
        ('[[data:first:"you"]]', "you"),
        ("[[data:first]]", ""),
        ("{{mj:contact.email}}", "ann@example.com"),
        ("{{mj:unsub_link_fr}}", "{{mj:unsub_link_fr}}"),
        ("[[EMAIL_TO]] [[UNSUB_LINK_EN]]", "ann@x [[UNSUB_LINK_EN]]"),
        ("{{1 + 2 * 3}}", "7"),
        ("{{-var:n}}", "-7"),
        ('{{"Hello " + var:name}}', "Hello Ann"),
        ("{{Upper(var:name)}}", "ANN"),
        ("{{LOWER(var:name)}}", "ann"),
        ('{{Capitalize("ann lee")}}', "Ann lee"),
        ("{{Round(10 / 3, 2)}}", "3.33"),
        ("{{Int(-2.7)}}", "-2"),
        ('{{UrlEncode("a b/é&")}}', "a%20b%2F%C3%A9%26"),
        ("{{Escape(\"<a href='x'>\")}}", "&lt;a href=&#x27;x&#x27;&gt;"),
        ('{{FormatNumber("0.00", var:n)}}', "7.00"),
        ('{{FormatNumberLocale("#,##0.00", var:n / 2, "de_DE")}}', "3,50"),
        ('{{FormatDateTime("dd.mm.yyyy", ToDate(86400))}}', "02.01.1970"),
        ('{{FormatDateTimeTZ("hh:nn", DateTimeNow(), "+03:00")}}', "10:08"),
        ('{{FormatDateTime("yyyy", "2019-05-01T09:00:00.000Z")}}', "2019"),
        ("{% if HasOpenedSince(3) %}1{% endif %}{% if HasClickedSince(9) %}2{% endif %}", "1"),
        ("{% if segment:vip %}1{% else %}2{% endif %}", "1"),
        ("{% if var:n > 9 %}1{% elseif var:n > 6 %}2{% else %}3{% endif %}", "2"),
        ("{% if var:empty %}1{% else %}3{% endif %}", "3"),
        ("{% if var:missing:false %}1{% endif %}", ""),
        ("{% if not var:yes or var:n = 7 and data:age > 45 %}1{% endif %}", "1"),
        ("{% if var:yes xor var:n %}1{% endif %}", ""),
        ("{% if var:empty and var:missing %}1{% endif %}{% if var:yes or var:missing %}2{% endif %}", "2"),
        ("{% for i in var:items %}{{i.id}},{% endfor %}", "1,2,"),
        ("{% for v in var:order %}{{v}}{% endfor %}", "9.5"),
        ("{% for i in var:items %}{% for i in var:items %}{{i.id}}{% endfor %}{{i.id}};{% endfor %}", "121;122;"),
        ("{% set a = 1 %}{% for a in var:items %}{% endfor %}{{a}}", "1"),
        ("{% for i in var:items %}{% set a = i.id %}{% endfor %}{{a}}", "2"),
        ("{% set yo-yo = var:n - 1 %}{{yo-yo}}", "6"),
    ],
)
def test_templates_render(text, expected):
    """Every element of the language renders as documented."""
    assert expected == rendered(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{var:day}}", "expression parsing error ## Unknown identifier: var:day ## near ## {{var:day ##"),
        ("{{ data:day }}", "expression parsing error ## Unknown identifier: data:day ## near ## {{ data:day ##"),
        ("{{name}}", "expression parsing error ## Unknown identifier: name ## near ## {{name ##"),
        ("{{mj:nothing}}", "expression parsing error ## Unknown identifier: mj:nothing ## near ## {{mj:nothing ##"),
        (
            "{% if segment:new %}{% endif %}",
            "expression parsing error ## Unknown identifier: segment:new ## near ## {% if segment:new ##",
        ),
        ("{% set a = var:b %}", "expression parsing error ## Unknown identifier: var:b ## near ## {% set a = var:b ##"),
        (
            "{% for a in var:b %}{% endfor %}",
            "expression parsing error ## Unknown identifier: var:b ## near ## {% for a in var:b ##",
        ),
        ("{% for a in var:name %}{% endfor %}", '"var:name" is not an array value'),
        ('{% for a in "b" %}{% endfor %}', '"b" is not an array value'),
        ("{{1 / 0}}", "expression parsing error ## division by zero ## near ## {{1 / 0 ##"),
        ('{{Round("a", 1)}}', 'expression parsing error ## "a" is not a number ## near ## {{Round("a", 1) ##'),
        ("{{Upper(1, 2)}}", "expression parsing error ## Upper takes 1 arguments ## near ## {{Upper(1, 2) ##"),
        ("{{Reverse(1)}}", "expression parsing error ## Unknown function: Reverse ## near ## {{Reverse(1) ##"),
        ("{% if var:a %}{{y}}</html>", "not valid template ## near ## y}}</html> ##"),
    ],
)
def test_errors_are_told_as_mailjet_tells_them(text, expected):
    """Errors have the texts of Mailjet's error mails."""
    assert [expected] == messages(text)


@pytest.mark.parametrize(
    "text",
    [
        '{{FormatDateTime("yyyy", "soon")}}',
        '{{FormatDateTimeTZ("yyyy", DateTimeNow(), "Paris")}}',
        "{{ToDate(1" + "0" * 30 + ")}}",
    ],
)
def test_dates_that_are_none_are_errors(text):
    """An invalid date, offset or time is an error of its tag."""
    assert ["MJS503"] == [finding.code for finding in render(parse(text), CONTEXT).findings]


def test_the_time_has_to_be_given():
    """Without a given time, DateTimeNow is an error."""
    assert "the time of rendering is not known" in messages("{{DateTimeNow()}}", RenderContext())[0]


def test_a_tag_that_fails_stands_as_it_was():
    """A tag that fails is printed unchanged."""
    assert "a{{ var:b }}c" == render(parse("a{{ var:b }}c"), CONTEXT).text


def test_a_condition_that_fails_does_not_hold():
    """A condition that fails is false."""
    assert "2" == render(parse("{% if var:b %}1{% else %}2{% endif %}"), CONTEXT).text


def test_errors_know_their_place():
    """A finding is at its tag."""
    location = render(parse("\n  {{var:b}}"), CONTEXT).findings[0].location

    assert (2, 3) == (location.line, location.column)


def test_a_missing_value_says_what_to_give():
    """The way out of a missing value shows how a default is written."""
    assert 'Set a value, or a default: var:b:"…".' == render(parse("{{var:b}}"), CONTEXT).findings[0].way_out


def test_a_faulty_template_is_not_rendered():
    """A template with syntax errors is returned unchanged."""
    result = render(parse("{{var:name}}{% endif %}"), CONTEXT)

    assert ("{{var:name}}{% endif %}", "Endif without if. Remove it, or open the if.") == (
        result.text,
        result.findings[0].way_out,
    )


def test_loops_are_stopped_at_last():
    """The number of loop rounds is limited."""
    values = RenderContext(variables={"a": list(range(rendering.MAX_ROUNDS))})
    template = parse("{% for b in var:a %}{% for c in var:a %}{% endfor %}{% endfor %}")

    assert ["MJS505"] == [finding.code for finding in render(template, values).findings]


@pytest.mark.parametrize("name", ["tutorial-welcome", "tutorial-abandoned-cart"])
def test_real_templates_render_with_their_variables(shared, name):
    """The vendor's templates render with their variables, without any tag left."""
    folder = shared / "real-templates" / name
    template = parse((folder / "template.html").read_text("utf-8"))
    result = render(template, RenderContext(variables=json.loads((folder / "variables.json").read_text("utf-8"))))

    assert ((), False, False) == (result.findings, "{{" in result.text, "{%" in result.text)


def test_a_real_welcome_greets_its_user(shared):
    """A real welcome mail has the name in capitals, and the picture of its branch."""
    folder = shared / "real-templates" / "tutorial-welcome"
    variables = json.loads((folder / "variables.json").read_text("utf-8"))
    text = render(parse((folder / "template.html").read_text("utf-8")), RenderContext(variables=variables)).text

    assert (True, True, False) == (
        "HELLO MATTHEW" in text,
        "http://bit.ly/mj-tpl-tuto-hero" in text,
        "mj-tpl-tuto-hero-girl" in text,
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("{% if !(var:b:1 = 1) %}1{% else %}2{% endif %}", "2"), ("{{!false}}", "true")]
)
def test_an_exclamation_mark_negates(text, expected):
    """`!` renders like not."""
    assert expected == render(parse(text), RenderContext()).text


def test_a_template_with_syntax_errors_has_one_error():
    """A template with several syntax errors has one finding that counts them, as at Mailjet."""
    found = render(parse("{{ a b }}" * 50), RenderContext()).findings

    assert [("MJS504", True)] == [(each.code, "49 more syntax errors" in each.way_out) for each in found]
