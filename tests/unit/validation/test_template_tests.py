import textwrap

import pytest

from tests.stage import Stage
from tests.unit.validation.conftest import findings

TEMPLATE = """
templates:
  order:
    from: {email: a@example.com}
    subject: Order {{var:number}}
    html: '<p>{{var:number}} {{data:name:"you"}}{% if segment:vips %} VIP{% endif %}</p>
      <a href="http://example.com">a</a><a href="mailto:a@example.com">b</a>'
    text: Order {{var:number}}
    variables: {number: {type: str, example: A-1, required: true}}
    tests:
      - name: paid
"""


def failures(test, template=TEMPLATE):
    """Return messages and lines of the failing tests."""
    manifest = template + textwrap.indent(textwrap.dedent(test), " " * 8)
    return [
        (finding.location.line, finding.message.partition(": ")[2])
        for finding in findings(manifest)
        if finding.code == "MJS606"
    ]


@pytest.mark.parametrize(
    "test",
    [
        "",
        "expect: {subject: Order A-1}",
        "with: {number: B}\nexpect: {subject: Order B, html: {contains: [B], not_contains: [A-1, VIP]}}",
        "contact: {name: Ann}\nexpect: {html: {contains: [Ann]}}",
        "segments: [vips]\nexpect: {html: {contains: [VIP]}}",
        "expect: {links: {https_only: false}}",
    ],
)
def test_holds(test):
    """A test whose expectations are met has no finding."""
    assert [] == failures(test)


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("expect: {subject: Order}", (12, 'the subject should be "Order", and is "Order A-1"')),
        ("expect: {subject: {contains: [B]}}", (12, 'the subject should contain "B", and is "Order A-1"')),
        (
            "expect: {text: {not_contains: [A]}}",
            (12, 'the text should not contain "A", and has "…Order A-1…"'),
        ),
        ("expect: {links: {https_only: true}}", (12, 'the link "http://example.com" of the html is not https')),
        ("with: {nmber: B}", (12, "it sets nmber, which the template does not declare under variables")),
    ],
)
def test_fails(test, expected):
    """A failing test is a finding at its location, with the expected and the actual text."""
    assert [expected] == failures(test)


def test_links_of_the_text():
    """Addresses in the text part are links too."""
    template = TEMPLATE.replace('href="http:', 'href="https:')
    test = "with: {number: 'http://x.example'}\nexpect: {links: {https_only: true}}"

    assert [(13, 'the link "http://x.example" of the text is not https')] == failures(test, template)


def test_not_rendered():
    """A part that cannot be rendered fails every test."""
    template = TEMPLATE.replace("text: Order {{var:number}}", "text: '{{data:city}}'")

    assert [(11, True)] == [
        (line, "Unknown identifier: data:city" in message) for line, message in failures("", template)
    ]


def test_missing_part():
    """An expected part that does not exist is a failure."""
    template = "templates:\n  a:\n    subject: S\n    tests:\n      - name: x\n"

    assert [(6, "there is no html")] == failures("expect: {html: a}", template)


def test_unknown_key():
    """An unknown key of a test is an error with the nearest one."""
    manifest = "templates:\n  a:\n    tests:\n      - name: x\n        expect: {html: {contian: [a]}}\n"
    found = Stage(manifest).findings()

    assert [("unknown-key", True)] == [(each.code, "did you mean 'contains'?" in each.message) for each in found]
    assert "manifests/main.yaml:5:25" == str(found[0].location)


def test_tests_stay_here():
    """Tests are not sent to Mailjet."""
    stage = Stage("templates:\n  a: {subject: S}\n")
    stage.apply()
    stage.manifest = "templates:\n  a: {subject: S, tests: [{name: x}]}\n"

    assert () == stage.plan().changes


def test_what_cannot_be_made_is_held_against_nothing():
    """A broken part is reported once, and not for each expectation."""
    broken = TEMPLATE.replace("{{data:name", "{% if %}{{data:name")
    (failure,) = failures("expect: {html: {contains: [A-1, B-2]}, subject: Order A-1}", broken)

    assert failure[1].startswith("the html cannot be rendered")


ROWS = "".join(f"<tr><td class=r{number}>Row {number}</td></tr>" for number in range(900))


@pytest.mark.parametrize(
    ("expected", "passage"),
    [
        ("Total: 24.00 EUR", "Total: 24[-.-]{+,+}00 EUR"),
        ("Thank you for ordering", "Thank you[- -]{+\\n  +}for [-ordering-]{+your +}order"),
        ("Row 77 here", "Row 77"),
    ],
)
def test_the_nearest_passage_is_shown(expected, passage):
    """For a long HTML the nearest passage is shown, with the difference."""
    html = f"<table>{ROWS}</table><p>Total: 24,00 EUR</p><p>Thank you\\n  for your order</p>{ROWS}"
    template = TEMPLATE.replace("<p>{{var:number}}", html.replace("'", "''"))
    ((_, message),) = failures(f"expect: {{html: {{contains: ['{expected}']}}}}", template)

    assert passage in message
    assert "<table><tr><td class=r0>" not in message
    assert len(message) < 300


def test_nothing_like_it():
    """Without a near passage the message says so."""
    template = TEMPLATE.replace("<p>{{var:number}}", ROWS)

    assert "has nothing like it" in failures("expect: {html: {contains: ['@@@ ???']}}", template)[0][1]


def test_the_first_difference_is_shown():
    """Of two long texts that should be equal the first difference is shown."""
    template = TEMPLATE.replace("text: Order {{var:number}}", f"text: '{'a ' * 200}end'")
    ((_, message),) = failures(f"expect: {{text: '{'a ' * 200}END'}}", template)

    assert "[-END-]{+end+}" in message


def test_a_broken_part_fails_once():
    """A part with many broken tags fails a test once."""
    template = TEMPLATE.replace("{{data:name", "{{a b}}" * 20 + "{{data:name")

    assert 1 == len(failures("expect: {subject: Order A-1}", template))
