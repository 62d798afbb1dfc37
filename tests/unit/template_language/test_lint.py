import inspect
from pathlib import Path

import pytest

from mjsync.template_language.lint import Mail, content_checks, language_checks, lint
from mjsync.template_language.rules import RULES

FINE = {"subject": "Hello", "text": "Hello", "from_email": "shop@example.com"}


def codes(**parts):
    """Return the codes of an otherwise good mail."""
    return [finding.code for finding in lint(Mail(**{**FINE, **parts}))]


def places(code, **parts):
    """Return the locations of a code in an otherwise good mail."""
    found = [each for each in lint(Mail(**{**FINE, **parts})) if each.code == code]
    return [(each.location.file, each.location.line, each.location.column) for each in found]


def html(body):
    """Return a mail with an HTML part."""
    return {"html": body}


CASES = [
    ("MJS101", html("{{var:a"), html("{{var:a}}")),
    ("MJS101", {"subject": "{{var:a"}, {"subject": "{ {var:a"}),
    ("MJS102", html("{% if var:a %}"), html("{% if var:a %}{% endif %}")),
    ("MJS103", html("{% endfor %}"), html("{% for a in var:b %}{% endfor %}")),
    ("MJS104", html("{{var:a:“b”}}"), html('{{var:a:"“b”"}}')),
    ("MJS105", html("{{var:a b}}"), html("{% set b = 1 %}{{var:a - b}}")),
    ("MJS106", html("{% foo a %}"), html("{ % foo a %}")),
    ("MJS107", html("{{Reverse(var:a)}}"), html("{{UPPER(var:a)}}")),
    ("MJS108", html("{{Round(var:a)}}"), html("{{Round(var:a, 2)}}")),
    ("MJS109", html("{% if not segment:a %}{% endif %}"), html("{% if segment:a %}{% endif %}")),
    ("MJS110", html("{{mj:contact.age}}"), html("{{mj:contact.email}}{{mj:contact.data.age}}{{mj:unsub_link_fr}}")),
    ("MJS111", html("{{var:a:Friend}}"), html('{{var:a:"Friend"}}{{var:b:false}}{{var:c:3}}')),
    ("MJS112", html("[[data:a]]"), html('[[data:a:" "]]{{data:a}}')),
    ("MJS113", html("{{name}}"), html("{% for name in var:names %}{{name}}{% endfor %}")),
    ("MJS113", {"text": "{{a}}{% set a = 1 %}"}, {"text": "{% set a = 1 %}{{a}}"}),
    ("MJS114", html("[[UNSUBSCRIBE]]"), html("[[UNSUB_LINK_EN]][[PERMALINK]][[WORKFLOW_EXIT_LINK_FR]]")),
    ("MJS115", html("{{var:b}}") | {"variables": {}}, html("{{var:b}}") | {"variables": {"b": True}}),
    ("MJS115", html("{{var:b}}") | {"variables": {}}, html("{{var:b}}") | {"variables": None}),
    ("MJS116", {"variables": {"b": True}}, {"variables": {"b": True}, "subject": "{{var:b}}"}),
    ("MJS117", {"variables": {"b": False}, "text": "{{var:b}}"}, {"variables": {"b": False}, "text": '{{var:b:""}}'}),
    ("MJS117", {"variables": {"b": False}, "text": "{{var:b}}"}, {"variables": {"b": True}, "text": "{{var:b}}"}),
    ("MJS118", html("{{#if a}}b{{/if}}"), html("{% if var:a %}b{% endif %}")),
    ("MJS190", html("<!-- mjsync: allow MJS204 -->"), html("<!-- mjsync allow MJS204 -->")),
    (
        "MJS191",
        html("<!-- mjsync: allow MJS204 why --><b>"),
        html("<!-- mjsync: allow MJS204 why --><img src='https://a/b'>"),
    ),
    (
        "MJS305",
        {"mjml": '<mj-text a="{{var:b}}"/>', "html": "", "compiler": "mjml"},
        {"mjml": "<mj-text>{{var:b}}</mj-text>", "html": "{{var:b}}", "compiler": "mjml"},
    ),
    (
        "MJS201",
        html("[[PERMALINK]]") | {"purposes": ("marketing",), "text": "[[UNSUB_LINK_EN]]"},
        html("[[PERMALINK]]"),
    ),
    (
        "MJS201",
        html("[[UNSUB_LINK_EN]]") | {"purposes": ("Marketing",)},
        html("{{mj:unsub_link}}") | {"purposes": ("marketing",), "text": "[[UNSUB_LINK_FR]]"},
    ),
    ("MJS202", html("a") | {"text": " \n"}, {"text": None}),
    ("MJS203", html("é" * 52_225), html("é" * 52_224)),
    ("MJS204", html('<img src="https://a/b">'), html('<img src="https://a/b" alt="">')),
    ("MJS204", {"mjml": "<mj-image />"}, {"mjml": "<mj-image alt='{{var:a}}' />"}),
    ("MJS205", html('<a href="http://a">'), html('<a href="https://a"><link href="http://a">')),
    ("MJS205", {"mjml": '<mj-button href=" HTTP://a">'}, {"mjml": '<mj-font href="http://a">'}),
    ("MJS206", html('<a href="www.a.com">'), html('<a href="#top"><a href="{{var:a}}"><a href="[[PERMALINK]]">')),
    ("MJS206", html('<a href="/shoes">'), html('<a href="mailto:a@b"><a href="tel:1"><a name="/shoes">')),
    ("MJS206", html('<a href="">'), html("<a>")),
    ("MJS207", {"subject": "a" * 256}, {"subject": "a" * 255 + '{{var:a:"' + "b" * 99 + '"}}'}),
    ("MJS208", {"subject": " "}, {"subject": "{{var:subject}}"}),
    ("MJS208", {"subject": None}, {"subject": "a"}),
    ("MJS209", {"from_email": None}, {"from_email": "{{var:sender}}"}),
    ("MJS210", {"headers": {"X-Campaign": 3}}, {"headers": {"X-Campaign": "3"}}),
    ("MJS211", html('<img alt="" src="logo.png">'), html('<img alt="" src="https://a/logo.png">')),
    ("MJS211", html('<img alt="" src="data:image/png;base64,AAAA">'), html('<img alt="" src="cid:logo">')),
    ("MJS211", html('<td background="file:///logo.png">'), html('<td background="{{var:logo}}"><script src="a.js">')),
    ("MJS211", html("<td style=\"background: url('a.png')\">"), html('<td style="background: url(https://a/a.png)">')),
    ("MJS211", html('<td style="background: url({{var:a}}), url(data:,a)">'), html('<p style="curl(a)" src="a">')),
    ("MJS211", {"mjml": '<mj-carousel-image src="a.png">'}, {"mjml": '<mj-carousel-image src="[[var:a:x]]">'}),
    ("MJS211", {"mjml": '<mj-hero background-url="a.png">'}, {"mjml": '<mj-hero background-url="https://a/a.png">'}),
]


def test_an_image_that_cannot_be_fetched_is_pointed_at():
    """The location is that of the address, also inside a style."""
    found = next(
        each for each in lint(Mail(html='<td\n style="color: red; background: url(a.png)">')) if "MJS211" == each.code
    )

    assert (2, 37, True) == (found.location.line, found.location.column, "hosts no images" in found.way_out)


@pytest.mark.parametrize(("code", "wrong", "clean"), CASES)
def test_each_code_is_found_where_it_belongs(code, wrong, clean):
    """Each code is found in a mail with the fault, and not in one that nearly has it."""
    assert (True, False) == (code in codes(**wrong), code in codes(**clean))


def test_every_code_of_a_mail_has_a_case():
    """Every rule of the language and of mails has a case."""
    assert {code for code in RULES if code < "MJS3"} | {"MJS305"} == {code for code, _, _ in CASES}


def test_a_fine_mail_has_no_findings():
    """A good mail has no findings."""
    assert [] == codes(**html('<img src="https://a/b" alt=""><a href="https://a">a</a>{{var:a}}'))


@pytest.mark.parametrize(
    ("code", "parts", "expected"),
    [
        ("MJS105", html("<p>\n{{var:a b}}"), ("html", 2, 9)),
        ("MJS204", html("\n <img>"), ("html", 2, 2)),
        ("MJS205", html('<a\n href="http://a">'), ("html", 2, 8)),
        ("MJS113", {"subject": "Hi {{name}}"}, ("subject", 1, 6)),
        ("MJS202", html("a") | {"text": ""}, ("", 1, 1)),
        ("MJS203", html("a" * 200_000), ("html", 1, 1)),
        ("MJS204", {"mjml": "<mjml>\n<mj-image/>"}, ("mjml", 2, 1)),
    ],
)
def test_findings_name_their_part_and_place(code, parts, expected):
    """A finding has the name of its part, and the location in it."""
    assert [expected] == places(code, **parts)


def test_tags_in_attributes_hide_no_fault():
    """Markup between template tags is checked."""
    body = '<a {% if var:a > 1 %}class="b"{% endif %} href="http://{{var:host:"a>b"}}/">'

    assert ["MJS205"] == codes(**html(body))


def test_compiled_html_is_checked_by_its_source():
    """Of a compiled mail the MJML is checked, and only the size of the HTML."""
    parts = {"mjml": "<mj-image/>", "html": "<img>" + "a" * 200_000, "compiler": "mjml"}

    assert [("MJS203", "html"), ("MJS204", "mjml")] == [
        (each.code, each.location.file) for each in lint(Mail(**{**FINE, **parts}))
    ]


def test_html_beside_mjml_is_checked_too():
    """HTML that was written beside MJML is checked."""
    assert [("html", 1, 1), ("mjml", 1, 1)] == places("MJS204", mjml="<mj-image/>", html="<img>")


def test_comments_and_scripts_are_no_markup():
    """Comments and scripts are not checked as markup."""
    assert [] == codes(**html("<!-- <img> --><style>a::before { content: '<img>' }</style>"))


@pytest.mark.parametrize(
    "body",
    [
        "<!-- mjsync: allow MJS204 it decorates -->\n<img>",
        "<!--mjsync:allow MJS204 it decorates--><img>",
        "<!-- mjsync: allow MJS205, MJS204: both are old --><img><a href='http://a'>",
        "<!-- mjsync: allow MJS204 this reason\ntakes two lines -->\n<img>",
        '{% set mjsync = "allow MJS204 it decorates" %}<img>',
        "<!-- mjsync: allow MJS204 it decorates -->\n<img><img>",
    ],
)
def test_a_comment_allows_a_finding(body):
    """A comment with a reason allows its codes on its own lines and the next."""
    assert [] == codes(**html(body))


@pytest.mark.parametrize(
    "body",
    [
        "<!-- mjsync: allow MJS204 it decorates --><img>\n\n<img>",
        "<img>\n<!-- mjsync: allow MJS204 it decorates --><img>",
        "<!-- mjsync: allow MJS205 no https there --><a href='http://a'>\n<img>",
        "<!-- mjsync: allow MJS204 --><img>",
        "<!-- mjsync: allow the logo --><img>",
        "<!-- mjsync: MJS204 it decorates --><img>",
        "<!-- mjsync: allow MJS204 MJS999 it decorates --><img>",
    ],
)
def test_a_comment_allows_nothing_else(body):
    """A comment does not allow other lines and other codes, or anything without a reason."""
    assert "MJS204" in codes(**html(body))


def test_text_parts_allow_with_a_set():
    """In a text part a `set` allows a finding."""
    assert [] == codes(text='{% set mjsync = "allow MJS114 filled by our relay" %}[[OUR_LINK]]')


def test_what_is_about_the_mail_is_allowed_anywhere():
    """A finding about the whole mail is allowed by a comment in any part."""
    assert [] == codes(html="a\n\n<!-- mjsync: allow MJS202 readers want HTML -->", text=None)


def test_an_allowance_of_another_part_does_not_hold():
    """A comment in one part does not allow findings in another."""
    assert ["MJS204", "MJS191"] == codes(html="<img>", mjml="<!-- mjsync: allow MJS204 why -->")


@pytest.mark.parametrize(
    ("comment", "wrong"),
    [
        ("mjsync: allow MJS204", "it has no reason"),
        ("mjsync: allow", "it has no code"),
        ("mjsync: allow MJS999 why", "MJS999 is not a code"),
        ("mjsync: deny MJS204 why", "it has no code"),
    ],
)
def test_a_comment_that_says_too_little_is_found(comment, wrong):
    """An incomplete comment is a finding that says what is missing."""
    messages = [each.message for each in lint(Mail(html=f"<!-- {comment} -->", **FINE)) if each.code == "MJS190"]

    assert [f"nothing is allowed here: {wrong}"] == messages


def test_all_checks_are_listed():
    """The lists of checks have every public function whose docstring begins with a code."""
    listed = {*content_checks.CHECKS, *content_checks.PART_CHECKS, *language_checks.TAG_CHECKS}
    functions = [*vars(content_checks).items(), *vars(language_checks).items()]
    checks = {each for name, each in functions if name[0] != "_" and (inspect.getdoc(each) or "").startswith("MJS")}

    assert checks == listed


def test_real_templates_have_no_syntax_errors_to_tell(real_bodies):
    """The real templates have no syntax errors."""
    found = {each.code for body in real_bodies.values() for each in lint(Mail(html=body, **FINE))}

    assert {code for code in found if code < "MJS2"} <= {"MJS111"}


def test_long_addresses_are_cut_in_messages():
    """A long address is cut in messages."""
    message = lint(Mail(html=f'<a href="http://{"a" * 99}">', **FINE))[0].message

    assert f"http://{'a' * 53}… is not https" == message


COLOURS = [
    *("transparent", "red", "#fff", "#ffffff80", "rgba(0, 0, 0, 0.5)", "hsl(1.5deg 2% 3%)", "var(--a)", "inherit"),
    *("linear-gradient(to right, #fff 0.5%, red)", "{{var:colour}}", "{% if var:a %}#fff{% endif %}", "", " "),
]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("attribute", ["background", "bgcolor"])
def test_a_colour_is_not_an_address_of_an_image(colour, attribute):
    """A colour in `background`, as MJML writes it, is not an address."""
    assert [] == codes(**html(f'<td {attribute}="{colour}">'))


@pytest.mark.parametrize(
    ("value", "column"), [("a.png", 17), ("images/a.png", 17), ("url(a.png)", 21), ("#fff url('a.png') no-repeat", 27)]
)
def test_a_relative_background_is_found(value, column):
    """A relative address of a background is a warning at that address."""
    found = lint(Mail(html=f'<td background="{value}">', **FINE))

    assert [("MJS211", "warning", column)] == [(each.code, each.severity, each.location.column) for each in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<img src="" alt="">', ("MJS211", "warning", "the address of this image is empty")),
        ('<img src=" " alt="">', ("MJS211", "warning", "the address of this image is empty")),
        ('<a href="">a</a>', ("MJS206", "warning", "the address of this link is empty")),
    ],
)
def test_an_empty_address_is_reported_as_empty(body, expected):
    """An empty address is one finding."""
    assert [expected] == [(each.code, each.severity, each.message) for each in lint(Mail(html=body, **FINE))]


OTHER_LANGUAGES = {
    "Handlebars": "{{#each items}}<p>{{name}}</p>{{else}}<p>none</p>{{/each}}{{#if a}}{{b}}{{/if}}",
    "Mustache": "{{#person}}{{name}}{{/person}}{{^person}}nobody{{/person}}{{{html}}}",
    "Liquid": "{{ name | upcase }}{% unless a %}{{ price | money }}{% endunless %}{% assign b = 1 %}",
    "Jinja or Twig": "{% extends 'a' %}{% block b %}{{ c|e }}{% endblock %}{% include 'd' %}",
    "Mustache or Handlebars": "Hello {{name}}, your order {{order}} of {{date}}",
}


@pytest.mark.parametrize(("language", "body"), OTHER_LANGUAGES.items())
@pytest.mark.parametrize("part", ["html", "text", "mjml"])
def test_a_text_in_another_language_is_one_finding(language, body, part):
    """A text in another template language is one finding, with its language and Mailjet's form."""
    found = [each for each in lint(Mail(**{**FINE, "html": "a", part: body})) if each.severity == "error"]

    assert [("MJS118", part, True, True)] == [
        (each.code, each.location.file, f"looks like {language}," in each.message, "{{var:name}}" in each.way_out)
        for each in found
    ]


@pytest.mark.parametrize(("language", "body"), OTHER_LANGUAGES.items())
def test_the_tags_of_another_language_are_listed_on_demand(language, body):
    """Each tag of another language is a finding on request."""
    found = [each.code for each in lint(Mail(html=body, **FINE), each_tag=True)]

    assert "MJS118" not in found
    assert len(found) > 2


@pytest.mark.parametrize(
    "body",
    [
        "{{var:a}}{{var:b}}{{var:c}}{{#if d}}{{var:e}}",
        "Hello {{name}}",
        "{% set a = 1 %}{{a}}{{var:b}}{{c}}{{d}}",
        '{{"a | upcase"}} {{b c}}',
    ],
)
def test_a_slip_is_not_another_language(body):
    """In a text that is mostly Mailjet's language, each fault is a finding of its own."""
    assert "MJS118" not in codes(**html(body))


@pytest.mark.parametrize(
    "body", ['{{"a | b"}}{{var:c:"d|e"}}', "{{ !var:a }}", "{% if !HasOpenedSince(30) %}{% endif %}"]
)
def test_mailjets_language_is_not_taken_for_another(body):
    """Strings and ! of Mailjet's language are not taken for another language."""
    assert [] == codes(**html(body))


CORPUS = sorted((Path(__file__).resolve().parents[2] / "corpus").glob("*.*ml"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.name)
def test_mails_like_those_of_the_public_galleries_have_no_errors(file, line_end):
    """Mails like those of public galleries have no errors, only warnings."""
    body = file.read_text("utf-8").replace("\n", line_end)
    found = lint(Mail(**{**FINE, "html" if file.suffix == ".html" else "mjml": body}))

    assert [] == [str(each) for each in found if each.severity == "error"]


def test_the_doubtful_in_a_mail_is_a_warning():
    """Each warning of such a mail is reported once."""
    file = next(file for file in CORPUS if file.name == "mail.html")
    found = lint(Mail(html=file.read_text("utf-8"), **FINE))

    assert [("MJS211", "warning"), ("MJS211", "warning"), ("MJS205", "warning"), ("MJS206", "warning")] == [
        (each.code, each.severity) for each in found
    ]
